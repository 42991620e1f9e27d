//! What is received under one key.

use crate::packet::{RTCP_CLEAR, RtpHeader, rtcp_sender};
use crate::sources::Sources;
use crate::transform::{self, ENCRYPTED, PacketId, Transform};
use crate::{MasterKey, SrtpError, Suite};

/// Checks and opens the packets that are received under one master key. After construction nothing allocates.
#[derive(Debug)]
pub struct Inbound {
    suite: Suite,
    transform: Box<dyn Transform>,
    rtp: Sources,
    rtcp: Sources,
}

impl Inbound {
    /// Receives under `key` from now on.
    #[must_use]
    pub fn new(key: &MasterKey) -> Self {
        let (rtp, rtcp) = (Sources::default(), Sources::default());
        Self { suite: key.suite(), transform: transform::of(key), rtp, rtcp }
    }

    /// Turns the SRTP packet in `packet` (exactly the bytes received) into the RTP packet that it begins with, and
    /// returns the length of that.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`], [`SrtpError::Unauthenticated`], [`SrtpError::Repeated`], [`SrtpError::TooOld`],
    /// [`SrtpError::Exhausted`]. The packet's content is of no use then.
    pub fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let plain = packet.len().checked_sub(self.suite.rtp_overhead()).ok_or(SrtpError::Malformed)?;
        let header = RtpHeader::read(&packet[..plain])?;
        let mut window = self.rtp.window(header.ssrc);
        let index = window.index_of(header.sequence)?;
        window.check(index)?;
        self.transform.open_rtp(packet, header.length, PacketId { ssrc: header.ssrc, index })?;
        window.mark(index);
        self.rtp.keep(header.ssrc, window);
        Ok(plain)
    }

    /// Turns the SRTCP packet in `packet` (exactly the bytes received) into the RTCP packet that it begins with, and
    /// returns the length of that.
    ///
    /// # Errors
    /// As [`unprotect_rtp`](Self::unprotect_rtp), and [`SrtpError::Plain`] for one that is not encrypted.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let plain = packet.len().checked_sub(self.suite.rtcp_overhead()).ok_or(SrtpError::Malformed)?;
        if plain < RTCP_CLEAR {
            return Err(SrtpError::Malformed);
        }
        let ssrc = rtcp_sender(packet)?;
        let word = self.suite.rtcp_word(packet).ok_or(SrtpError::Malformed)?;
        if word & ENCRYPTED == 0 {
            return Err(SrtpError::Plain);
        }
        let index = u64::from(word & !ENCRYPTED);
        let mut window = self.rtcp.window(ssrc);
        window.check(index)?;
        self.transform.open_rtcp(packet, PacketId { ssrc, index })?;
        window.mark(index);
        self.rtcp.keep(ssrc, window);
        Ok(plain)
    }
}
