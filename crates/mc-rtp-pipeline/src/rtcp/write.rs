//! Writing compound packets.

use std::fmt;

use super::report::BLOCK_BYTES;
use super::{
    GOODBYE, ITEM_CNAME, RECEIVER_REPORT, ReportBlock, SENDER_REPORT, SOURCE_DESCRIPTION, SenderInfo, VERSION,
};

/// The buffer is too short for the packet, or the packet has more than its count or length can say: 31 report
/// blocks, 255 bytes of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the packet does not fit")
    }
}

impl std::error::Error for NoRoom {}

/// Writes a compound packet into a buffer of the caller's, packet by packet: a report first, then the source
/// description, then perhaps a goodbye (RFC 3550 §6.1). A packet that does not fit leaves nothing behind.
#[derive(Debug)]
pub struct RtcpWriter<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

impl<'a> RtcpWriter<'a> {
    /// Starts at the front of `buffer`.
    #[must_use]
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// What has been written.
    #[must_use]
    pub fn packet(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// A report of one who sends.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn sender_report(
        &mut self,
        ssrc: u32,
        sent: &SenderInfo,
        received: &[ReportBlock],
    ) -> Result<&mut Self, NoRoom> {
        let length = 24 + BLOCK_BYTES * received.len();
        let body = self.start(SENDER_REPORT, received.len(), length)?;
        body[..4].copy_from_slice(&ssrc.to_be_bytes());
        body[4..12].copy_from_slice(&sent.ntp.0.to_be_bytes());
        body[12..16].copy_from_slice(&sent.timestamp.to_be_bytes());
        body[16..20].copy_from_slice(&sent.packets.to_be_bytes());
        body[20..24].copy_from_slice(&sent.payload_bytes.to_be_bytes());
        write_blocks(&mut body[24..], received);
        Ok(self)
    }

    /// A report of one who only receives.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn receiver_report(&mut self, ssrc: u32, received: &[ReportBlock]) -> Result<&mut Self, NoRoom> {
        let length = 4 + BLOCK_BYTES * received.len();
        let body = self.start(RECEIVER_REPORT, received.len(), length)?;
        body[..4].copy_from_slice(&ssrc.to_be_bytes());
        write_blocks(&mut body[4..], received);
        Ok(self)
    }

    /// The source's canonical name (RFC 3550 §6.5.1).
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn cname(&mut self, ssrc: u32, cname: &str) -> Result<&mut Self, NoRoom> {
        let text_length = u8::try_from(cname.len()).map_err(|_| NoRoom)?;
        // The items end with at least one zero, and on a word's boundary.
        let length = (4 + 2 + cname.len() + 1).next_multiple_of(4);
        let body = self.start(SOURCE_DESCRIPTION, 1, length)?;
        body[..4].copy_from_slice(&ssrc.to_be_bytes());
        body[4] = ITEM_CNAME;
        body[5] = text_length;
        body[6..6 + cname.len()].copy_from_slice(cname.as_bytes());
        Ok(self)
    }

    /// The source leaves, for `reason` (may be empty).
    ///
    /// # Errors
    /// [`NoRoom`].
    pub fn goodbye(&mut self, ssrc: u32, reason: &str) -> Result<&mut Self, NoRoom> {
        let text_length = u8::try_from(reason.len()).map_err(|_| NoRoom)?;
        let text_bytes = if reason.is_empty() { 0 } else { (1 + reason.len()).next_multiple_of(4) };
        let body = self.start(GOODBYE, 1, 4 + text_bytes)?;
        body[..4].copy_from_slice(&ssrc.to_be_bytes());
        if let Some((length, text)) = body[4..].split_first_mut() {
            *length = text_length;
            text[..reason.len()].copy_from_slice(reason.as_bytes());
        }
        Ok(self)
    }

    /// Writes a header and returns the zeroed body of `length` bytes, a multiple of 4.
    fn start(&mut self, packet_type: u8, count: usize, length: usize) -> Result<&mut [u8], NoRoom> {
        if count > usize::from(super::COUNT) {
            return Err(NoRoom);
        }
        let words = u16::try_from(length / 4).map_err(|_| NoRoom)?;
        let room = self.buffer.get_mut(self.length..self.length + 4 + length).ok_or(NoRoom)?;
        self.length += 4 + length;
        let (header, body) = room.split_at_mut(4);
        header[0] = VERSION | count as u8;
        header[1] = packet_type;
        header[2..].copy_from_slice(&words.to_be_bytes());
        body.fill(0);
        Ok(body)
    }
}

fn write_blocks(bytes: &mut [u8], blocks: &[ReportBlock]) {
    for (bytes, block) in bytes.as_chunks_mut().0.iter_mut().zip(blocks) {
        block.write(bytes);
    }
}
