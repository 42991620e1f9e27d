//! One egress stream from whatever arrives: own SSRC, and sequence numbers and timestamps that run on
//! when the sender changes or restarts; or the sender's own, once they have been looked at.

use crate::header::{EgressHeader, RtpHeader};
use crate::sequence::{Arrival, SequenceHistory};
use crate::{PacketError, StreamIdentity};

/// Maps ingress numbers to egress numbers.
#[derive(Clone, Debug)]
pub(crate) struct EgressStream {
    identity: StreamIdentity,
    ssrc: u32,
    payload_type: u8,
    /// What follows the newest packet sent.
    next_sequence: u16,
    next_timestamp: u32,
    source: Option<Source>,
}

/// Whom we are hearing, and how far its numbers lie from ours.
#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    sequence_offset: u16,
    timestamp_offset: u32,
    history: SequenceHistory,
}

/// How an admitted packet relates to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    InOrder,
    Reordered,
    /// First packet of a source, or of a source that has restarted.
    NewSource,
}

impl EgressStream {
    /// A stream that will start with `next_sequence` and `next_timestamp`.
    pub(crate) fn new(
        identity: StreamIdentity,
        ssrc: u32,
        payload_type: u8,
        next_sequence: u16,
        next_timestamp: u32,
    ) -> Self {
        Self { identity, ssrc, payload_type, next_sequence, next_timestamp, source: None }
    }

    /// Gives the packet with header `ingress` and `samples` of audio its place in the stream.
    ///
    /// A late packet gets the number it would have had in time. The first packet of a source follows
    /// the newest one sent, at the timestamp where that one's audio ends, and carries the marker:
    /// receivers may then adjust their playout delay (RFC 3551 §4.1).
    ///
    /// # Errors
    /// [`PacketError::Duplicate`] and [`PacketError::SequenceJump`].
    #[inline]
    pub(crate) fn admit(
        &mut self,
        ingress: &RtpHeader,
        samples: u32,
    ) -> Result<(EgressHeader, Admission), PacketError> {
        // Nearly every packet.
        if let Some(source) = &mut self.source
            && source.ssrc == ingress.ssrc
            && source.history.follow(ingress.sequence)
        {
            let egress = source.number(self.ssrc, self.payload_type, ingress);
            self.advance(&egress, samples);
            return Ok((egress, Admission::InOrder));
        }
        // Cloned, so that where nothing is special the header stays in registers.
        self.admit_other(&ingress.clone(), samples)
    }

    /// A packet that is not the next one.
    #[cold]
    fn admit_other(
        &mut self,
        ingress: &RtpHeader,
        samples: u32,
    ) -> Result<(EgressHeader, Admission), PacketError> {
        let arrival = match &mut self.source {
            Some(source) if source.ssrc == ingress.ssrc => source.history.note(ingress.sequence),
            _ => Arrival::Restart,
        };
        let admission = match arrival {
            Arrival::Newest => Admission::InOrder,
            Arrival::Late => Admission::Reordered,
            Arrival::Restart => Admission::NewSource,
            Arrival::Duplicate => return Err(PacketError::Duplicate),
            // Without numbers of our own there is nothing that a stray packet could derail.
            Arrival::Jump if self.identity == StreamIdentity::Sender => Admission::NewSource,
            Arrival::Jump => return Err(PacketError::SequenceJump),
        };
        let source = match &mut self.source {
            Some(source) if admission != Admission::NewSource => source,
            slot => {
                if self.identity == StreamIdentity::Sender {
                    (self.ssrc, self.next_sequence, self.next_timestamp) =
                        (ingress.ssrc, ingress.sequence, ingress.timestamp);
                }
                slot.insert(Source {
                    ssrc: ingress.ssrc,
                    sequence_offset: self.next_sequence.wrapping_sub(ingress.sequence),
                    timestamp_offset: self.next_timestamp.wrapping_sub(ingress.timestamp),
                    history: SequenceHistory::starting_at(ingress.sequence),
                })
            }
        };
        let mut egress = source.number(self.ssrc, self.payload_type, ingress);
        egress.marker |= admission == Admission::NewSource && self.identity == StreamIdentity::Own;
        if admission != Admission::Reordered {
            self.advance(&egress, samples);
        }
        Ok((egress, admission))
    }

    /// Goes on behind the packet of `egress`, the newest one sent.
    #[inline]
    fn advance(&mut self, egress: &EgressHeader, samples: u32) {
        self.next_sequence = egress.sequence.wrapping_add(1);
        self.next_timestamp = egress.timestamp.wrapping_add(samples);
    }
}

impl Source {
    /// The header with which a packet of this source leaves.
    #[inline]
    fn number(&self, ssrc: u32, payload_type: u8, ingress: &RtpHeader) -> EgressHeader {
        EgressHeader {
            payload_type,
            marker: ingress.marker,
            sequence: ingress.sequence.wrapping_add(self.sequence_offset),
            timestamp: ingress.timestamp.wrapping_add(self.timestamp_offset),
            ssrc,
        }
    }
}
