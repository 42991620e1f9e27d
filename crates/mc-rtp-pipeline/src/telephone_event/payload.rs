//! The four bytes of an event.

/// Payload of a telephone event packet (RFC 4733 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPayload {
    /// Which event; 0 to 15 are the keys `0` to `9`, `*`, `#` and `A` to `D`.
    pub event: u8,
    /// Whether the event is over.
    pub end: bool,
    /// Power level, 0 to 63 dB below 0 dBm0.
    pub volume: u8,
    /// How long the event has lasted, in ticks of the timestamps.
    pub duration: u16,
}

/// Bytes of the payload.
const BYTES: usize = 4;
const END: u8 = 0x80;
const VOLUME: u8 = 0x3F;

impl EventPayload {
    /// Reads a payload; further events behind the first (RFC 4733 §2.5.1.5, rarely used) are passed over.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let &[event, flags, high, low] = payload.first_chunk::<BYTES>()?;
        let duration = u16::from_be_bytes([high, low]);
        Some(Self { event, end: flags & END != 0, volume: flags & VOLUME, duration })
    }

    /// The bytes of the payload.
    #[must_use]
    pub fn bytes(self) -> [u8; BYTES] {
        let [high, low] = self.duration.to_be_bytes();
        [self.event, self.volume & VOLUME | if self.end { END } else { 0 }, high, low]
    }
}
