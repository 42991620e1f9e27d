//! Voice activity detection.

mod config;

pub use config::VadConfig;

use mc_dsp::{ConfigError, ProcessError, Processor, SampleRate, VoiceActivity, VoiceDetector, check_frame};

use crate::sample::SampleGuard;
use crate::speech::{BLOCK_MS, SpeechMeter};

/// Voice detector: energy above a tracked noise floor and zero crossings, with hangover.
///
/// It decides on blocks of 10 ms, wherever the frames begin; a frame's opinion is that on the last block
/// that it completed. Steady sounds become background within two seconds.
#[derive(Clone, Debug)]
pub struct VoiceActivityDetector {
    rate: SampleRate,
    config: VadConfig,
    guard: SampleGuard,
    meter: SpeechMeter,
    probability: f32,
    /// Blocks for which the decision stays on without further evidence.
    held_blocks: u32,
}

impl VoiceActivityDetector {
    /// A detector for one voice stream.
    ///
    /// # Errors
    /// [`ConfigError`] naming the field of `config` that is out of range.
    pub fn new(config: VadConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            rate,
            config,
            guard: SampleGuard::default(),
            meter: SpeechMeter::new(rate),
            probability: 0.0,
            held_blocks: 0,
        })
    }

    /// The configuration it was made with.
    #[must_use]
    pub const fn config(&self) -> &VadConfig {
        &self.config
    }

    /// Samples taken as 0 because they were not finite or beyond any audio scale.
    #[must_use]
    pub const fn replaced_samples(&self) -> u64 {
        self.guard.replaced()
    }
}

impl Processor for VoiceActivityDetector {
    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    fn latency_samples(&self) -> usize {
        0
    }

    fn state_bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn reset(&mut self) {
        self.guard = SampleGuard::default();
        self.meter = SpeechMeter::new(self.rate);
        self.probability = 0.0;
        self.held_blocks = 0;
    }
}

impl VoiceDetector for VoiceActivityDetector {
    fn process(&mut self, frame: &[f32]) -> Result<VoiceActivity, ProcessError> {
        check_frame(self.rate, frame.len())?;
        for sample in frame {
            let Some(block) = self.meter.push(self.guard.pass(*sample)) else { continue };
            self.probability = block.probability;
            self.held_blocks = if block.probability >= self.config.threshold {
                // This block and those after it.
                1 + self.config.hangover_ms / BLOCK_MS
            } else {
                self.held_blocks.saturating_sub(1)
            };
        }
        Ok(VoiceActivity::new(self.probability, self.held_blocks > 0))
    }
}
