#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod decibel;
mod echo;
mod error;
mod format;
mod gain;
mod guard;
mod high_pass;
mod limiter;
mod near_end;
mod pcm;
mod processor;
mod reference;
mod voice;

pub use decibel::{SILENCE_DBFS, db_to_gain, gain_to_db, power_to_dbfs, rms_dbfs};
pub use echo::{EchoCanceller, EchoReport};
pub use error::{ConfigError, ProcessError, check_range};
pub use format::{FrameFormat, MAX_FRAME_MS, MIN_FRAME_US, SampleRate};
pub use gain::{GainControl, GainReport};
pub use guard::SampleGuard;
pub use high_pass::HighPass;
pub use limiter::PeakLimiter;
pub use near_end::NearEndGate;
pub use pcm::{sample_from_i16, sample_to_i16};
pub use processor::{Processor, check_frame};
pub use reference::ReferenceQueue;
pub use voice::{VoiceActivity, VoiceDetector};
