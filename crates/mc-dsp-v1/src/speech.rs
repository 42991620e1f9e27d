//! Is this speech? From energy above the noise floor and from zero crossings, 10 ms at a time.
//!
//! The two features are those of Rabiner and Sambur: "An Algorithm for Determining the Endpoints of
//! Isolated Utterances", Bell System Technical Journal 54 (1975).

use mc_dsp::{HighPass, SampleRate, power_to_dbfs};

use crate::floor::NoiseFloor;

/// Length of one block: decisions fall every 10 ms of audio, wherever the frames begin.
pub(crate) const BLOCK_MS: u32 = 10;

/// What one block of audio looked like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpeechBlock {
    /// Probability of speech, 0 to 1.
    pub(crate) probability: f32,
    /// Level of the block without its lowest frequencies, in dBFS.
    pub(crate) dbfs: f32,
}

/// Hears samples and gives its opinion at the end of every block.
#[derive(Clone, Debug)]
pub(crate) struct SpeechMeter {
    block_samples: usize,
    high_pass: HighPass,
    floor: NoiseFloor,
    /// Crossings per second that the noise alone has.
    noise_crossings_hz: f32,
    samples: usize,
    energy: f32,
    crossings: u32,
    negative: bool,
}

impl SpeechMeter {
    /// Corner of the high-pass: hum and rumble are below, speech is above.
    const CORNER_HZ: f32 = 150.0;
    /// Level above the noise floor at which speech is as likely as not, in dB, and how far around it the
    /// probability goes from a quarter to three quarters.
    const EVEN_DB: f32 = 10.0;
    const SLOPE_DB: f32 = 3.0;
    /// What a whole step of zero crossings (from voiced to hiss) is worth, in dB: speech crosses more or
    /// less often than its background.
    const CROSSINGS_DB: f32 = 6.0;
    const CROSSINGS_STEP_HZ: f32 = 2_000.0;

    pub(crate) fn new(rate: SampleRate) -> Self {
        Self {
            block_samples: rate.samples_in_ms(BLOCK_MS),
            high_pass: HighPass::new(Self::CORNER_HZ, rate),
            floor: NoiseFloor::new(),
            noise_crossings_hz: 0.0,
            samples: 0,
            energy: 0.0,
            crossings: 0,
            negative: false,
        }
    }

    pub(crate) fn push(&mut self, sample: f32) -> Option<SpeechBlock> {
        let sample = self.high_pass.run(sample);
        self.energy += sample * sample;
        // Exact zeros are neither: digital silence does not cross.
        if sample != 0.0 && (sample < 0.0) != self.negative {
            self.negative = !self.negative;
            self.crossings += 1;
        }
        self.samples += 1;
        (self.samples == self.block_samples).then(|| self.end_block())
    }

    fn end_block(&mut self) -> SpeechBlock {
        let dbfs = power_to_dbfs(self.energy / self.samples as f32);
        let crossings_hz = self.crossings as f32 * 1_000.0 / BLOCK_MS as f32;
        (self.samples, self.energy, self.crossings) = (0, 0.0, 0);

        let above_db = dbfs - self.floor.follow(dbfs);
        let unlike = ((crossings_hz - self.noise_crossings_hz).abs() / Self::CROSSINGS_STEP_HZ).min(1.0);
        // Crossings alone prove nothing: they count as far as there is something above the noise.
        let evidence_db = above_db + Self::CROSSINGS_DB * unlike * (above_db / Self::EVEN_DB).clamp(0.0, 1.0);
        let probability = 1.0 / (1.0 + ((Self::EVEN_DB - evidence_db) / Self::SLOPE_DB).exp());
        if above_db < Self::EVEN_DB / 2.0 {
            self.noise_crossings_hz += 0.05 * (crossings_hz - self.noise_crossings_hz);
        }
        SpeechBlock { probability, dbfs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::{sine, white_noise};

    fn probabilities(signal: &[f32]) -> Vec<f32> {
        let mut meter = SpeechMeter::new(SampleRate::Hz8000);
        signal.iter().filter_map(|s| meter.push(*s)).map(|b| b.probability).collect()
    }

    #[test]
    fn a_tone_that_starts_in_noise_is_likely_and_the_noise_is_not() {
        let mut signal = white_noise(1, -60.0, 16_000);
        for (sample, tone) in signal[8_000..].iter_mut().zip(sine(8_000, 300.0, 0.1, 8_000)) {
            *sample += tone;
        }
        let probabilities = probabilities(&signal);
        assert_eq!(probabilities.len(), 200);
        assert!(probabilities[20..100].iter().all(|p| *p < 0.3));
        assert!(probabilities[102..150].iter().all(|p| *p > 0.9));
    }

    #[test]
    fn steady_hum_silence_and_dc_are_unlikely() {
        for signal in [sine(8_000, 50.0, 0.3, 16_000), vec![0.0; 16_000], vec![0.5; 16_000]] {
            assert!(probabilities(&signal)[20..].iter().all(|p| *p < 0.3));
        }
    }
}
