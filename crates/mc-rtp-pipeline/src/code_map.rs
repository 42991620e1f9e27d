//! What becomes of codes that nobody decodes.

use mc_g711::{G711, LawMap};

/// From code to code: one law to the other, and louder or quieter by a constant.
#[derive(Debug)]
pub(crate) struct CodeMap {
    decoder: G711,
    encoder: G711,
    gain: f32,
    /// Whether the map is not needed.
    is_identity: bool,
    map: LawMap,
}

impl CodeMap {
    /// From codes of `decoder` to codes of `encoder`, as loud as they are.
    pub(crate) fn new(decoder: G711, encoder: G711) -> Self {
        let is_identity = decoder.law() == encoder.law();
        Self { decoder, encoder, gain: 1.0, is_identity, map: LawMap::transcode(decoder, encoder) }
    }

    /// Makes them `gain` times as loud from now on. What differs from the last gain costs a new map.
    #[inline]
    pub(crate) fn set_gain(&mut self, gain: f32) {
        // By its bits: a gain that is not a number is a map like any other, made once.
        if gain.to_bits() != self.gain.to_bits() {
            self.rebuild(gain);
        }
    }

    #[cold]
    fn rebuild(&mut self, gain: f32) {
        self.gain = gain;
        self.is_identity = gain == 1.0 && self.decoder.law() == self.encoder.law();
        self.map = LawMap::gain(self.decoder, self.encoder, gain);
    }

    /// Whether nothing would change. The two zeros of mu-law stay apart then, which the map would make one.
    #[inline]
    pub(crate) const fn is_identity(&self) -> bool {
        self.is_identity
    }

    /// Maps the codes in place.
    #[inline]
    pub(crate) fn apply(&self, codes: &mut [u8]) {
        self.map.apply(codes);
    }

    /// As [`apply`](Self::apply); returns the energy of the codes as they were.
    #[inline]
    pub(crate) fn apply_metered(&self, codes: &mut [u8]) -> u64 {
        self.map.apply_metered(codes)
    }
}
