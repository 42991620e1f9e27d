//! What is sent under one key.

use crate::packet::{RtpHeader, rtcp_sender};
use crate::sources::Sources;
use crate::transform::{self, ENCRYPTED, PacketId, Transform};
use crate::{MasterKey, SrtpError, Suite};

/// Protects the packets that are sent under one master key. After construction nothing allocates.
///
/// Never for two directions, and never for two calls: an index must not be used twice under a key.
#[derive(Debug)]
pub struct Outbound {
    suite: Suite,
    transform: Box<dyn Transform>,
    rtp: Sources,
    /// Index of the next SRTCP packet, of all sources together.
    next_rtcp: u32,
}

impl Outbound {
    /// Sends under `key` from now on.
    #[must_use]
    pub fn new(key: &MasterKey) -> Self {
        Self { suite: key.suite(), transform: transform::of(key), rtp: Sources::default(), next_rtcp: 0 }
    }

    /// Protects the RTP packet of `length` bytes that `buffer` begins with, in place. Returns the length of what is to
    /// be sent: [`Suite::rtp_overhead`] more.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`]; [`SrtpError::NoRoom`] in the buffer; [`SrtpError::Repeated`] and
    /// [`SrtpError::TooOld`] for a packet whose number has been used, which must not be protected again: who knew one of
    /// the two could read the other; [`SrtpError::Exhausted`].
    pub fn protect_rtp(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let header = RtpHeader::read(buffer.get(..length).ok_or(SrtpError::NoRoom)?)?;
        let protected = length + self.suite.rtp_overhead();
        let buffer = buffer.get_mut(..protected).ok_or(SrtpError::NoRoom)?;
        if !self.rtp.has_room_for(header.ssrc) {
            return Err(SrtpError::Exhausted);
        }
        let mut window = self.rtp.window(header.ssrc);
        let index = window.index_of(header.sequence)?;
        window.check(index)?;
        window.mark(index);
        self.rtp.keep(header.ssrc, window);
        self.transform.seal_rtp(buffer, header.length, PacketId { ssrc: header.ssrc, index });
        Ok(protected)
    }

    /// Protects the compound RTCP packet of `length` bytes that `buffer` begins with, in place. Returns the length of
    /// what is to be sent: [`Suite::rtcp_overhead`] more.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`]; [`SrtpError::NoRoom`] in the buffer; [`SrtpError::Exhausted`].
    pub fn protect_rtcp(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let ssrc = rtcp_sender(buffer.get(..length).ok_or(SrtpError::NoRoom)?)?;
        let protected = length + self.suite.rtcp_overhead();
        let buffer = buffer.get_mut(..protected).ok_or(SrtpError::NoRoom)?;
        let index = self.next_rtcp;
        if index >= ENCRYPTED {
            return Err(SrtpError::Exhausted);
        }
        self.next_rtcp += 1;
        self.transform.seal_rtcp(buffer, PacketId { ssrc, index: index.into() });
        Ok(protected)
    }
}
