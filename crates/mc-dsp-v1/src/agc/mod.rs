//! Automatic gain control.

mod config;
mod level;

pub use config::AgcConfig;

use mc_dsp::{
    ConfigError, GainControl, GainReport, PeakLimiter, ProcessError, Processor, SampleRate, check_frame,
    db_to_gain, gain_to_db, rms_dbfs,
};

use crate::sample::SampleGuard;
use crate::speech::{BLOCK_MS, SpeechBlock, SpeechMeter};
use level::SpeechLevel;

/// Probability from which on a block counts as speech.
const SPEECH: f32 = 0.5;

/// Gain control: brings the RMS level of speech to a target, holds the gain in pauses, limits peaks.
///
/// The level is measured on blocks of 10 ms, wherever the frames begin, and only where there is speech:
/// by the caller's probability where one is given, else by its own energy detector. Without delay.
#[derive(Clone, Debug)]
pub struct AutomaticGainControl {
    rate: SampleRate,
    config: AgcConfig,
    guard: SampleGuard,
    meter: SpeechMeter,
    level: SpeechLevel,
    limiter: PeakLimiter,
    goal_db: f32,
    gain: f32,
    /// Change of the gain per sample until the end of this block.
    slope: f32,
}

impl AutomaticGainControl {
    /// A gain control for one voice stream.
    ///
    /// # Errors
    /// [`ConfigError`] naming the field of `config` that is out of range.
    pub fn new(config: AgcConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            rate,
            config,
            guard: SampleGuard::default(),
            meter: SpeechMeter::new(rate),
            level: SpeechLevel::new(config.attack_ms, config.release_ms),
            limiter: PeakLimiter::new(db_to_gain(config.ceiling_dbfs), rate),
            goal_db: 0.0,
            gain: 1.0,
            slope: 0.0,
        })
    }

    /// The configuration it was made with.
    #[must_use]
    pub const fn config(&self) -> &AgcConfig {
        &self.config
    }

    /// Samples replaced by 0 because they were not finite or beyond any audio scale.
    #[must_use]
    pub const fn replaced_samples(&self) -> u64 {
        self.guard.replaced()
    }

    /// The next block glides to the gain that this one asks for.
    fn end_block(&mut self, block: SpeechBlock, speech_probability: Option<f32>) {
        if speech_probability.unwrap_or(block.probability) >= SPEECH {
            self.level.follow(block.dbfs);
        }
        if let Some(level) = self.level.dbfs() {
            let wanted = self.config.target_dbfs - level;
            self.goal_db = wanted.clamp(-self.config.max_attenuation_db, self.config.max_gain_db);
        }
        let block_samples = self.rate.samples_in_ms(BLOCK_MS) as f32;
        self.slope = (db_to_gain(self.goal_db) - self.gain) / block_samples;
    }
}

impl Processor for AutomaticGainControl {
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
        self.level = SpeechLevel::new(self.config.attack_ms, self.config.release_ms);
        self.limiter = PeakLimiter::new(db_to_gain(self.config.ceiling_dbfs), self.rate);
        (self.goal_db, self.gain, self.slope) = (0.0, 1.0, 0.0);
    }
}

impl GainControl for AutomaticGainControl {
    fn process(
        &mut self,
        frame: &mut [f32],
        speech_probability: Option<f32>,
    ) -> Result<GainReport, ProcessError> {
        check_frame(self.rate, frame.len())?;
        for sample in frame.iter_mut() {
            *sample = self.guard.pass(*sample);
        }
        let input_dbfs = rms_dbfs(frame);
        let mut least_limiter_gain = 1.0f32;
        for sample in frame.iter_mut() {
            self.gain += self.slope;
            let block = self.meter.push(*sample);
            *sample = self.limiter.run(*sample * self.gain);
            least_limiter_gain = least_limiter_gain.min(self.limiter.gain());
            if let Some(block) = block {
                self.end_block(block, speech_probability);
            }
        }
        Ok(GainReport::new(
            gain_to_db(self.gain),
            (-gain_to_db(least_limiter_gain)).max(0.0),
            input_dbfs,
            rms_dbfs(frame),
        ))
    }
}
