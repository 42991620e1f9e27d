//! Either generation of the gain control, with what only the second one knows about itself.

use mc_dsp::{GainControl, SampleRate};
use mc_dsp_v1::{AgcConfig, AutomaticGainControl};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};

use crate::failure::Failure;
use crate::version::Version;

pub(super) enum Control {
    First(Box<AutomaticGainControl>),
    Second(Box<AdvancedAutomaticGainControl>),
}

impl Control {
    pub(super) fn new(version: Version, rate: SampleRate, target_dbfs: f32) -> Result<Self, Failure> {
        Ok(match version {
            Version::V1 => {
                let config = AgcConfig::default().with_target_dbfs(target_dbfs);
                Self::First(Box::new(AutomaticGainControl::new(config, rate)?))
            }
            Version::V2 => {
                let config = AdvancedAgcConfig::default().with_target_dbfs(target_dbfs);
                Self::Second(Box::new(AdvancedAutomaticGainControl::new(config, rate)?))
            }
        })
    }

    pub(super) fn as_dyn(&self) -> &dyn GainControl {
        match self {
            Self::First(control) => control.as_ref(),
            Self::Second(control) => control.as_ref(),
        }
    }

    pub(super) fn as_dyn_mut(&mut self) -> &mut dyn GainControl {
        match self {
            Self::First(control) => control.as_mut(),
            Self::Second(control) => control.as_mut(),
        }
    }

    /// Probability of speech that the second generation went by; `None` of the first.
    pub(super) fn speech_probability(&self) -> Option<f32> {
        match self {
            Self::First(_) => None,
            Self::Second(control) => Some(control.speech_probability()),
        }
    }

    /// Active speech level of the input, of the second generation, once it knows it.
    pub(super) fn speech_level_dbfs(&self) -> Option<f32> {
        match self {
            Self::First(_) => None,
            Self::Second(control) => control.speech_level_dbfs(),
        }
    }
}
