//! How many packets are lost together.

/// Longest burst that is told from longer ones, in packets.
const LONGEST: u16 = 4;

/// How much a burst changes the expectation.
const LEARNED: f32 = 0.25;

/// What of the expectation is forgotten with each packet: half of it in 1,400, half a minute at 20 ms.
const FORGOTTEN: f32 = 5e-4;

/// Expects bursts as long as the recent ones: single losses at first, and when there have been none for long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BurstLength {
    /// Expected length beyond 1.
    beyond_one: f32,
}

impl BurstLength {
    /// Notes that a packet was taken, `missing` ones before it.
    #[inline]
    pub(crate) fn note(&mut self, missing: u16) {
        self.beyond_one -= self.beyond_one * FORGOTTEN;
        if missing > 0 {
            let beyond_one = f32::from(missing.min(LONGEST) - 1);
            self.beyond_one += (beyond_one - self.beyond_one) * LEARNED;
        }
    }

    /// The length to be expected, in packets.
    pub(crate) fn packets(self) -> u8 {
        // At most LONGEST.
        1 + self.beyond_one.round() as u8
    }
}
