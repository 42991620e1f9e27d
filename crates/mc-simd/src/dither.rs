//! Noise that makes the rounding error of a conversion independent of the signal.

/// Generators that run side by side, one per place in a vector.
pub(crate) const STREAMS: usize = 16;

/// Triangular dither noise of ±1 step of 16 bits (TPDF; Lipshitz, Wannamaker and Vanderkooy, "Quantization and
/// dither: a theoretical survey", J. Audio Eng. Soc. 40(5), 1992), the same for the same seed at every level.
///
/// The state belongs to one signal: pass it to each of its conversions in turn. A conversion of n samples draws
/// for n rounded up to a multiple of 16.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dither {
    streams: [u32; STREAMS],
}

impl Dither {
    /// Noise that is determined by `seed`; each value is allowed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        Self {
            streams: std::array::from_fn(|_| {
                // SplitMix64 (Steele, Lea and Flood, 2014) spreads seeds that are close to each other.
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                // A xorshift generator never leaves 0.
                ((mixed >> 32) as u32).max(1)
            }),
        }
    }

    /// One value per stream, in steps: the difference of two uniform values, each half of a random word.
    #[inline(always)]
    pub(crate) fn next_steps(&mut self) -> [f32; STREAMS] {
        for word in &mut self.streams {
            // Xorshift (Marsaglia, 2003), which needs nothing that a vector unit lacks.
            *word ^= *word << 13;
            *word ^= *word >> 17;
            *word ^= *word << 5;
        }
        self.streams.map(|word| ((word >> 16) as i32 - (word & 0xFFFF) as i32) as f32 * (1.0 / 65_536.0))
    }
}
