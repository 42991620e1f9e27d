//! The gain control.

use mc_dsp::{
    ConfigError, GainControl, GainReport, ProcessError, Processor, SampleGuard, SampleRate, check_frame,
    gain_to_db, rms_dbfs,
};

use super::AdvancedAgcConfig;
use super::activity::SpeechDetector;
use super::crossover::BandSplit;
use super::gain::GainCurve;
use super::level::SpeechLevel;
use super::limiter::Limiter;
use super::meter::Meter;
use super::noise::Background;
use super::tilt::Tilt;

/// Brings speech to its target level, leaves pauses alone and keeps true peaks below a ceiling.
///
/// Levels are taken on blocks of 10 ms, wherever the frames begin: how the audio is cut into frames changes nothing,
/// as long as the probabilities given for a block's last sample are the same. Samples that are not finite count as
/// 0, larger ones than 4.0 as 4.0.
#[derive(Clone, Debug)]
pub struct AdvancedAutomaticGainControl {
    rate: SampleRate,
    config: AdvancedAgcConfig,
    guard: SampleGuard,
    split: BandSplit,
    tilt: Tilt,
    meter: Meter,
    activity: SpeechDetector,
    background: Background,
    level: SpeechLevel,
    curve: GainCurve,
    limiter: Limiter,
    probability: f32,
}

impl AdvancedAutomaticGainControl {
    /// Probability from which on a block counts as speech.
    const SPEECH: f32 = 0.5;
    /// What even the most gain leaves this far below the target is no speech, in dB.
    const OUT_OF_REACH_DB: f32 = 6.0;
    /// Largest magnitude that enters: 12 dB above full scale.
    const LARGEST: f32 = 4.0;

    /// A gain control for one voice stream at `rate`.
    ///
    /// # Errors
    /// [`ConfigError`] as of [`AdvancedAgcConfig::validate`].
    pub fn new(config: AdvancedAgcConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        config.validate()?;
        let split = BandSplit::new(config.bands, rate)
            .map_err(|_| ConfigError::new("bands", config.bands, "1 to 4"))?;
        // The delay of the crossovers is part of what the look-ahead may take.
        let ahead_ms = (config.look_ahead_ms - BandSplit::delay_ms(config.bands)).max(0.0);
        Ok(Self {
            rate,
            guard: SampleGuard::new(Self::LARGEST),
            split,
            tilt: Tilt::new(config.bands, config.tilt_db, rate),
            meter: Meter::new(rate),
            activity: SpeechDetector::new(),
            background: Background::new(),
            level: SpeechLevel::new(),
            curve: GainCurve::new(config.target_dbfs, config.gate_db),
            limiter: Limiter::new(config.ceiling_dbfs, ahead_ms, rate),
            probability: 0.0,
            config,
        })
    }

    /// The configuration it was made with.
    #[must_use]
    pub const fn config(&self) -> &AdvancedAgcConfig {
        &self.config
    }

    /// Probability of speech that the gain was last moved by, 0 to 1: the caller's, or its own detector's.
    #[must_use]
    pub const fn speech_probability(&self) -> f32 {
        self.probability
    }

    /// Active speech level of the input, in dBFS; `None` before there was enough speech.
    #[must_use]
    pub fn speech_level_dbfs(&self) -> Option<f32> {
        self.level.dbfs()
    }

    /// Samples replaced because they were not finite or larger than 4.0.
    #[must_use]
    pub const fn replaced_samples(&self) -> u64 {
        self.guard.replaced()
    }

    /// Learns from a whole block and chooses the gain that the next one glides to.
    fn end_block(&mut self, given: Option<f32>) {
        let block = self.meter.take();
        let heard = self.activity.follow(&block);
        self.background.follow(heard.lowest_dbfs);
        self.probability = given.unwrap_or(heard.probability);
        let faintest = self.config.target_dbfs - self.config.max_gain_db - Self::OUT_OF_REACH_DB;
        let within_reach = block.dbfs > faintest && self.background.is_below(block.dbfs);
        let speech = within_reach && self.probability >= Self::SPEECH;
        // Its own detector needs a few syllables to be sure; the level is there by then.
        let maybe = speech || given.is_none() && within_reach && heard.syllable;
        if maybe {
            self.level.follow(block.dbfs, speech);
        }
        if speech {
            self.tilt.hear_speech(&block);
        } else if !heard.syllable {
            self.tilt.hear_noise(&block);
        }
        if let Some(level) = self.level.dbfs() {
            let bearable = self.background.most_gain_db(level, self.config.noise_ceiling_dbfs);
            let most = bearable.min(self.config.max_gain_db);
            if speech {
                let goal = (self.config.target_dbfs - level).clamp(-self.config.max_attenuation_db, most);
                self.curve.speech(goal);
            } else {
                self.curve.pause(most);
            }
            self.curve.gate(maybe);
        }
        self.curve.glide(block.dbfs, self.meter.block_samples());
        self.split.flush();
    }
}

impl Processor for AdvancedAutomaticGainControl {
    fn sample_rate(&self) -> SampleRate {
        self.rate
    }

    /// The look-ahead, or the delay of the crossovers where that is longer (0.4 to 1.5 ms, none with one band).
    fn latency_samples(&self) -> usize {
        let crossovers = BandSplit::delay_ms(self.config.bands) * self.rate.hz() as f32 / 1_000.0;
        self.limiter.delay() + crossovers.round() as usize
    }

    fn state_bytes(&self) -> usize {
        size_of::<Self>() + self.split.heap_bytes() + self.limiter.heap_bytes()
    }

    fn reset(&mut self) {
        self.guard.reset();
        self.split.reset();
        self.tilt = Tilt::new(self.config.bands, self.config.tilt_db, self.rate);
        self.meter = Meter::new(self.rate);
        self.activity = SpeechDetector::new();
        self.background = Background::new();
        self.level = SpeechLevel::new();
        self.curve = GainCurve::new(self.config.target_dbfs, self.config.gate_db);
        self.limiter.reset(self.rate);
        self.probability = 0.0;
    }
}

impl GainControl for AdvancedAutomaticGainControl {
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
        let mut rest = &mut *frame;
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(rest.len().min(self.meter.missing()));
            let tilt = *self.tilt.gains();
            for sample in now {
                let bands = self.split.run(*sample);
                let corrected = bands.iter().zip(tilt).map(|(band, gain)| band * gain).sum();
                self.meter.push(corrected, &bands);
                *sample = self.limiter.run(corrected * self.curve.step());
                least_limiter_gain = least_limiter_gain.min(self.limiter.gain());
            }
            if self.meter.missing() == 0 {
                self.end_block(speech_probability);
            }
            rest = later;
        }
        Ok(GainReport::new(
            gain_to_db(self.curve.gain()),
            (-gain_to_db(least_limiter_gain)).max(0.0),
            input_dbfs,
            rms_dbfs(frame),
        ))
    }
}
