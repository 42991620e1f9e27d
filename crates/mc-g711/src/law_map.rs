use core::fmt;

use crate::arch::MapBytes;
use crate::codec::G711;

/// Any operation on coded audio that looks at one sample at a time, as a map from code to code.
///
/// Gain, mute and transcoding need no decoding, for there are only 256 codes: the map is computed once
/// and gives exactly what decoding, multiplying in f32 and encoding again would. Computing it takes a
/// fraction of a microsecond, so it may follow a gain that changes from packet to packet.
#[derive(Clone, Copy)]
pub struct LawMap {
    codes: Table,
    input: G711,
    map: MapBytes,
}

/// A cache line holds a quarter of it, and vectors load it whole.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Table([u8; 256]);

impl LawMap {
    /// From codes of `input` to codes of `output`, by the instruction set of `input`.
    ///
    /// Where both are one law, every code maps to itself but mu-law 0x7F, negative zero, which becomes 0xFF.
    #[must_use]
    pub fn transcode(input: G711, output: G711) -> Self {
        Self::gain(input, output, 1.0)
    }

    /// As [`Self::transcode`], with samples multiplied by `gain` (linear, not dB) on the way. They saturate;
    /// a product that is not a number is silence.
    #[must_use]
    pub fn gain(input: G711, output: G711, gain: f32) -> Self {
        let mut samples = [0.0; 256];
        let mut codes = [0; 256];
        let mut code = 0..=u8::MAX;
        codes.fill_with(|| code.next().unwrap_or_default());
        // Both slices have 256 values, so neither call can fail.
        let _ = input.decode_f32(&codes, &mut samples);
        for sample in &mut samples {
            *sample *= gain;
        }
        let _ = output.encode_f32(&samples, &mut codes);
        Self { codes: Table(codes), input, map: input.kernels().map }
    }

    /// Silence of the output's law for every code of the input.
    #[must_use]
    pub fn mute(input: G711, output: G711) -> Self {
        Self { codes: Table([output.law().silence(); 256]), input, map: input.kernels().map }
    }

    /// What a code becomes.
    #[must_use]
    #[inline]
    pub fn map_code(&self, code: u8) -> u8 {
        self.codes.0[usize::from(code)]
    }

    /// Replaces codes of the input by codes of the output.
    #[inline]
    pub fn apply(&self, codes: &mut [u8]) {
        // SAFETY: the function is of the level of `input`, which this CPU has.
        unsafe { (self.map)(&self.codes.0, codes) }
    }

    /// As [`Self::apply`]; returns what [`G711::energy`] says of the codes as they came in.
    #[inline]
    pub fn apply_metered(&self, codes: &mut [u8]) -> u64 {
        // SAFETY: the function is of the level of `input`, which this CPU has.
        unsafe { (self.input.codec().map_metered)(&self.codes.0, codes) }
    }
}

impl fmt::Debug for LawMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LawMap").field("input", &self.input).field("codes", &self.codes.0).finish()
    }
}
