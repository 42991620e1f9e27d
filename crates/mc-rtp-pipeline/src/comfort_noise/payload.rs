//! The bytes of a description.

/// Most reflection coefficients that are kept: what a telephone's spectrum needs. RFC 3389 sets no limit.
pub const MAX_ORDER: usize = 10;

/// Coefficient 0 as a byte, and the width of a step (RFC 3389 §3.2: 258 of 32,768, so that bytes 0 to 254 stay
/// within ±1).
const ZERO: f32 = 127.0;
const STEP: f32 = 258.0 / 32_768.0;

/// Nearest to ±1 that a coefficient comes, so that whatever arrives makes a stable filter.
const LARGEST: f32 = 127.0 * STEP;

/// Quietest level that can be said, in dB below overload.
const MAX_LEVEL: u8 = 127;

/// A stationary noise: its level, and its spectrum as an all-pole filter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoiseDescription {
    /// Level in -dBov: 0 is the mean square of a full-scale square wave, 127 the quietest.
    pub level: u8,
    /// Reflection coefficients of the filter, -1 to 1; those behind the model's order are 0: none for white noise.
    pub reflections: [f32; MAX_ORDER],
}

impl NoiseDescription {
    /// Reads a comfort noise payload; `None` if it is empty. Of a longer model than [`MAX_ORDER`], the rest is left out.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (&level, coefficients) = payload.split_first()?;
        let mut reflections = [0.0; MAX_ORDER];
        for (reflection, &byte) in reflections.iter_mut().zip(coefficients) {
            *reflection = ((f32::from(byte) - ZERO) * STEP).clamp(-LARGEST, LARGEST);
        }
        // The highest bit has no meaning.
        Some(Self { level: level & MAX_LEVEL, reflections })
    }

    /// Writes the payload to the front of `payload` and returns its length: 1 to 11 bytes, as far as there is room.
    pub fn write(&self, payload: &mut [u8]) -> usize {
        let bytes = self
            .reflections
            .iter()
            .map(|reflection| (reflection / STEP + ZERO).round().clamp(0.0, 254.0) as u8);
        let bytes = std::iter::once(self.level.min(MAX_LEVEL)).chain(bytes);
        payload.iter_mut().zip(bytes).map(|(place, byte)| *place = byte).count()
    }

    /// The level as an amplitude (root mean square, ±1.0 is full scale); the quietest level is silence.
    #[must_use]
    pub fn amplitude(&self) -> f32 {
        if self.level >= MAX_LEVEL { 0.0 } else { 10f32.powf(-f32::from(self.level) / 20.0) }
    }

    /// The level of a mean square.
    pub(super) fn level_of(mean_square: f32) -> u8 {
        (-10.0 * mean_square.max(1e-13).log10()).round().clamp(0.0, f32::from(MAX_LEVEL)) as u8
    }
}
