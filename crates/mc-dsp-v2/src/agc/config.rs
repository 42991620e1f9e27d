//! What can be chosen about the gain control.

use mc_dsp::{ConfigError, check_range};

use super::crossover::MAX_BANDS;

/// Configuration of an [`AdvancedAutomaticGainControl`](crate::AdvancedAutomaticGainControl).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AdvancedAgcConfig {
    /// Active speech level to which speech is brought, -40 to -6 dBFS. Default -18.
    pub target_dbfs: f32,
    /// Most gain, 0 to 60 dB. Default 36.
    pub max_gain_db: f32,
    /// Most attenuation, 0 to 60 dB. Default 20.
    pub max_attenuation_db: f32,
    /// Bands whose tilt is corrected, 1 to 4; with 1 the spectrum stays as it is. Default 3.
    pub bands: usize,
    /// Most that the tilt correction gives or takes in a band, 0 to 4 dB. Default 4.
    pub tilt_db: f32,
    /// Delay in which the limiter sees peaks coming, 0 to 10 ms. Peaks between the samples are kept below the
    /// ceiling from 4 ms on, those of the samples always. Default 5.
    pub look_ahead_ms: f32,
    /// Largest true peak of the output, -20 to 0 dBFS. Default -1.
    pub ceiling_dbfs: f32,
    /// Level above which no gain lifts the noise, -70 to -20 dBFS. Default -35.
    pub noise_ceiling_dbfs: f32,
    /// How far the noise gate closes in the pauses of a talker, 0 (no gate) to 20 dB. Default 3.
    pub gate_db: f32,
}

impl Default for AdvancedAgcConfig {
    fn default() -> Self {
        Self {
            target_dbfs: -18.0,
            max_gain_db: 36.0,
            max_attenuation_db: 20.0,
            bands: 3,
            tilt_db: 4.0,
            look_ahead_ms: 5.0,
            ceiling_dbfs: -1.0,
            noise_ceiling_dbfs: -35.0,
            gate_db: 3.0,
        }
    }
}

impl AdvancedAgcConfig {
    /// With another target.
    #[must_use]
    pub const fn with_target_dbfs(mut self, target_dbfs: f32) -> Self {
        self.target_dbfs = target_dbfs;
        self
    }

    /// With other limits of the gain: most gain, most attenuation.
    #[must_use]
    pub const fn with_gain_range_db(mut self, max_gain_db: f32, max_attenuation_db: f32) -> Self {
        self.max_gain_db = max_gain_db;
        self.max_attenuation_db = max_attenuation_db;
        self
    }

    /// With another number of bands, each corrected by at most `tilt_db`.
    #[must_use]
    pub const fn with_tilt(mut self, bands: usize, tilt_db: f32) -> Self {
        self.bands = bands;
        self.tilt_db = tilt_db;
        self
    }

    /// With another look-ahead.
    #[must_use]
    pub const fn with_look_ahead_ms(mut self, look_ahead_ms: f32) -> Self {
        self.look_ahead_ms = look_ahead_ms;
        self
    }

    /// With another ceiling.
    #[must_use]
    pub const fn with_ceiling_dbfs(mut self, ceiling_dbfs: f32) -> Self {
        self.ceiling_dbfs = ceiling_dbfs;
        self
    }

    /// With another highest level of lifted noise.
    #[must_use]
    pub const fn with_noise_ceiling_dbfs(mut self, noise_ceiling_dbfs: f32) -> Self {
        self.noise_ceiling_dbfs = noise_ceiling_dbfs;
        self
    }

    /// With another depth of the noise gate.
    #[must_use]
    pub const fn with_gate_db(mut self, gate_db: f32) -> Self {
        self.gate_db = gate_db;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field out of its range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        check_range("target_dbfs", self.target_dbfs, -40.0..=-6.0, "-40 to -6 dBFS")?;
        check_range("max_gain_db", self.max_gain_db, 0.0..=60.0, "0 to 60 dB")?;
        check_range("max_attenuation_db", self.max_attenuation_db, 0.0..=60.0, "0 to 60 dB")?;
        if !(1..=MAX_BANDS).contains(&self.bands) {
            return Err(ConfigError::new("bands", self.bands, "1 to 4"));
        }
        check_range("tilt_db", self.tilt_db, 0.0..=4.0, "0 to 4 dB")?;
        check_range("look_ahead_ms", self.look_ahead_ms, 0.0..=10.0, "0 to 10 ms")?;
        check_range("ceiling_dbfs", self.ceiling_dbfs, -20.0..=0.0, "-20 to 0 dBFS")?;
        check_range("noise_ceiling_dbfs", self.noise_ceiling_dbfs, -70.0..=-20.0, "-70 to -20 dBFS")?;
        check_range("gate_db", self.gate_db, 0.0..=20.0, "0 to 20 dB")
    }
}
