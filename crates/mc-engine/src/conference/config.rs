//! What can be chosen about a conference and its parties.

use mc_dsp::{ConfigError, SampleRate};
use mc_dsp_v2::AdvancedVadConfig;

/// Configuration of a [`Conference`](super::Conference).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConferenceConfig {
    /// Rate at which voices are added. Parties of another rate are resampled. Default: 8 kHz.
    pub rate: SampleRate,
    /// Length of a tick, in milliseconds, 5 to 60. Default: 20.
    pub tick_ms: u32,
    /// How many of the loudest talkers are heard; `None`, the default, for all.
    pub loudest: Option<usize>,
    /// Finds out who speaks by a voice detector for each party. `None`, the default: what
    /// [`Conference::set_speech`](super::Conference::set_speech) says counts, and whoever sends audio speaks where
    /// nobody says anything.
    pub speech_detection: Option<AdvancedVadConfig>,
    /// Most parties at a time, 1 to 65,536. Default: 1024.
    pub max_parties: usize,
}

impl Default for ConferenceConfig {
    fn default() -> Self {
        Self {
            rate: SampleRate::Hz8000,
            tick_ms: 20,
            loudest: None,
            speech_detection: None,
            max_parties: 1_024,
        }
    }
}

impl ConferenceConfig {
    /// Sets the rate at which voices are added.
    #[must_use]
    pub const fn with_rate(mut self, rate: SampleRate) -> Self {
        self.rate = rate;
        self
    }

    /// Sets the length of a tick.
    #[must_use]
    pub const fn with_tick_ms(mut self, tick_ms: u32) -> Self {
        self.tick_ms = tick_ms;
        self
    }

    /// Sets how many of the loudest talkers are heard.
    #[must_use]
    pub fn with_loudest(mut self, loudest: impl Into<Option<usize>>) -> Self {
        self.loudest = loudest.into();
        self
    }

    /// Sets the voice detector of each party.
    #[must_use]
    pub fn with_speech_detection(mut self, config: impl Into<Option<AdvancedVadConfig>>) -> Self {
        self.speech_detection = config.into();
        self
    }

    /// Sets how many parties there may be.
    #[must_use]
    pub const fn with_max_parties(mut self, parties: usize) -> Self {
        self.max_parties = parties;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !(5..=60).contains(&self.tick_ms) {
            return Err(ConfigError::new("tick_ms", self.tick_ms, "5 to 60 ms"));
        }
        if self.loudest == Some(0) {
            return Err(ConfigError::new("loudest", 0, "at least 1"));
        }
        if !(1..=65_536).contains(&self.max_parties) {
            return Err(ConfigError::new("max_parties", self.max_parties, "1 to 65536"));
        }
        self.speech_detection.as_ref().map_or(Ok(()), AdvancedVadConfig::validate)
    }

    /// Samples in a tick at the conference's rate.
    pub(super) const fn samples(&self) -> usize {
        self.rate.samples_in_ms(self.tick_ms)
    }
}
