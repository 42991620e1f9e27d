//! Either generation of the echo canceller, with what only the second one knows about itself.

use mc_dsp::{EchoCanceller, SampleRate};
use mc_dsp_v1::{AcousticEchoCanceller, AecConfig};
use mc_dsp_v2::aec::AecStatus;
use mc_dsp_v2::{AdvancedAcousticEchoCanceller, AdvancedAecConfig};

use crate::failure::Failure;
use crate::version::Version;

pub(super) enum Canceller {
    First(Box<AcousticEchoCanceller>),
    Second(Box<AdvancedAcousticEchoCanceller>),
}

impl Canceller {
    pub(super) fn new(version: Version, rate: SampleRate) -> Result<Self, Failure> {
        Ok(match version {
            Version::V1 => Self::First(Box::new(AcousticEchoCanceller::new(AecConfig::default(), rate)?)),
            Version::V2 => Self::Second(Box::new(AdvancedAcousticEchoCanceller::new(
                AdvancedAecConfig::default(),
                rate,
            )?)),
        })
    }

    pub(super) fn as_dyn(&self) -> &dyn EchoCanceller {
        match self {
            Self::First(canceller) => canceller.as_ref(),
            Self::Second(canceller) => canceller.as_ref(),
        }
    }

    pub(super) fn as_dyn_mut(&mut self) -> &mut dyn EchoCanceller {
        match self {
            Self::First(canceller) => canceller.as_mut(),
            Self::Second(canceller) => canceller.as_mut(),
        }
    }

    /// What the second generation found out; `None` of the first.
    pub(super) fn status(&self) -> Option<AecStatus> {
        match self {
            Self::First(_) => None,
            Self::Second(canceller) => Some(canceller.status()),
        }
    }
}
