//! Other packet times: payloads of any length in, payloads of one length out.

use mc_dsp::ConfigError;

use crate::MAX_PAYLOAD_SAMPLES;

/// A payload as it is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repacketized<'a> {
    /// The timestamp of its first sample.
    pub timestamp: u32,
    /// The marker: the payload with which a talkspurt began is its front.
    pub marker: bool,
    /// One code per sample.
    pub payload: &'a [u8],
}

/// Cuts and joins payloads of G.711, or of another codec with one byte and one timestamp tick per sample, to packets of
/// one length. Sequence numbers are the sender's: packets leave in order.
#[derive(Clone, Debug)]
pub struct Repacketizer {
    packet_samples: usize,
    /// What waits for the rest of its packet, in the first `waiting` bytes.
    codes: Box<[u8]>,
    waiting: usize,
    /// Timestamp behind what waits.
    next: u32,
    marker: bool,
}

impl Repacketizer {
    /// A repacketizer to packets of `packet_samples` samples, 80 to 480 (10 to 60 ms).
    ///
    /// # Errors
    /// [`ConfigError`] naming `packet_samples`.
    pub fn new(packet_samples: usize) -> Result<Self, ConfigError> {
        if !(80..=MAX_PAYLOAD_SAMPLES).contains(&packet_samples) {
            return Err(ConfigError::new("packet_samples", packet_samples, "80 to 480"));
        }
        let codes = vec![0; packet_samples].into();
        Ok(Self { packet_samples, codes, waiting: 0, next: 0, marker: false })
    }

    /// Takes in a payload and gives every packet that is full to `send`. Where timestamps jump or a talkspurt begins,
    /// what waits is sent as it is, shorter than the others: nothing is played late for the sake of a full packet.
    pub fn push(
        &mut self,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
        mut send: impl FnMut(Repacketized<'_>),
    ) {
        if timestamp != self.next || marker {
            self.flush(&mut send);
            self.next = timestamp;
            self.marker = marker;
        }
        let mut rest = payload;
        while self.waiting + rest.len() >= self.packet_samples {
            let (taken, after) = rest.split_at(self.packet_samples - self.waiting);
            rest = after;
            let payload = if self.waiting == 0 {
                taken
            } else {
                self.codes[self.waiting..].copy_from_slice(taken);
                &self.codes
            };
            let timestamp = self.next.wrapping_sub(self.waiting as u32);
            send(Repacketized { timestamp, marker: std::mem::take(&mut self.marker), payload });
            self.next = self.next.wrapping_add(taken.len() as u32);
            self.waiting = 0;
        }
        self.codes[self.waiting..self.waiting + rest.len()].copy_from_slice(rest);
        self.waiting += rest.len();
        self.next = self.next.wrapping_add(rest.len() as u32);
    }

    /// Gives up what waits.
    pub(crate) const fn forget(&mut self) {
        self.waiting = 0;
    }

    /// Sends what waits, if anything does: at the end of a talkspurt.
    pub fn flush(&mut self, mut send: impl FnMut(Repacketized<'_>)) {
        if self.waiting > 0 {
            let timestamp = self.next.wrapping_sub(self.waiting as u32);
            let payload = &self.codes[..self.waiting];
            send(Repacketized { timestamp, marker: std::mem::take(&mut self.marker), payload });
            self.waiting = 0;
        }
    }
}
