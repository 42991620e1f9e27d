//! Packets that no sender sent: an announcement, music for somebody on hold.

use crate::header::{FIXED_BYTES, RtpHeader};

/// The numbers of one [originated](crate::RtpPipeline::originate) packet, as if a sender of its own had sent it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The source: another one than any sender's.
    pub ssrc: u32,
    /// Sequence number: one more for each packet of the source.
    pub sequence: u16,
    /// RTP timestamp, in samples.
    pub timestamp: u32,
    /// Whether the packet is the first after a pause.
    pub marker: bool,
}

impl Origin {
    /// The header of a packet of `samples` codes.
    pub(crate) fn header(&self, payload_type: u8, samples: usize) -> RtpHeader {
        let Self { ssrc, sequence, timestamp, marker } = *self;
        RtpHeader {
            payload_type,
            marker,
            sequence,
            timestamp,
            ssrc,
            payload: FIXED_BYTES..FIXED_BYTES + samples,
        }
    }
}
