//! What can be chosen about the gain control.

use mc_dsp::{ConfigError, check_range};

/// Configuration of [`AutomaticGainControl`](crate::AutomaticGainControl).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct AgcConfig {
    /// RMS level to which active speech is brought, -40 to -6 dBFS. Default -18.
    pub target_dbfs: f32,
    /// Most gain, 0 to 60 dB. Default 30.
    pub max_gain_db: f32,
    /// Most attenuation, 0 to 60 dB. Default 20.
    pub max_attenuation_db: f32,
    /// Time constant with which the gain falls for a talker who got clearly louder, 10 to 5000 ms of speech.
    /// Default 150.
    pub attack_ms: f32,
    /// Time constant with which the gain rises for a talker who got clearly fainter, 50 to 10000 ms of
    /// speech. Default 500.
    pub release_ms: f32,
    /// Largest magnitude of an output sample, -20 to 0 dBFS. Default -3.
    pub ceiling_dbfs: f32,
}

impl Default for AgcConfig {
    fn default() -> Self {
        Self {
            target_dbfs: -18.0,
            max_gain_db: 30.0,
            max_attenuation_db: 20.0,
            attack_ms: 150.0,
            release_ms: 500.0,
            ceiling_dbfs: -3.0,
        }
    }
}

impl AgcConfig {
    /// Sets [`target_dbfs`](Self::target_dbfs).
    #[must_use]
    pub const fn with_target_dbfs(mut self, target_dbfs: f32) -> Self {
        self.target_dbfs = target_dbfs;
        self
    }

    /// Sets [`max_gain_db`](Self::max_gain_db).
    #[must_use]
    pub const fn with_max_gain_db(mut self, max_gain_db: f32) -> Self {
        self.max_gain_db = max_gain_db;
        self
    }

    /// Sets [`max_attenuation_db`](Self::max_attenuation_db).
    #[must_use]
    pub const fn with_max_attenuation_db(mut self, max_attenuation_db: f32) -> Self {
        self.max_attenuation_db = max_attenuation_db;
        self
    }

    /// Sets [`attack_ms`](Self::attack_ms).
    #[must_use]
    pub const fn with_attack_ms(mut self, attack_ms: f32) -> Self {
        self.attack_ms = attack_ms;
        self
    }

    /// Sets [`release_ms`](Self::release_ms).
    #[must_use]
    pub const fn with_release_ms(mut self, release_ms: f32) -> Self {
        self.release_ms = release_ms;
        self
    }

    /// Sets [`ceiling_dbfs`](Self::ceiling_dbfs).
    #[must_use]
    pub const fn with_ceiling_dbfs(mut self, ceiling_dbfs: f32) -> Self {
        self.ceiling_dbfs = ceiling_dbfs;
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        check_range("target_dbfs", self.target_dbfs, -40.0..=-6.0, "-40 to -6 dBFS")?;
        check_range("max_gain_db", self.max_gain_db, 0.0..=60.0, "0 to 60 dB")?;
        check_range("max_attenuation_db", self.max_attenuation_db, 0.0..=60.0, "0 to 60 dB")?;
        check_range("attack_ms", self.attack_ms, 10.0..=5_000.0, "10 to 5000 ms")?;
        check_range("release_ms", self.release_ms, 50.0..=10_000.0, "50 to 10000 ms")?;
        check_range("ceiling_dbfs", self.ceiling_dbfs, -20.0..=0.0, "-20 to 0 dBFS")
    }
}
