//! Automatic gain control: multi-band, with look-ahead, moved by speech alone.

mod activity;
mod config;
mod control;
mod crossover;
mod gain;
mod level;
mod limiter;
mod meter;
mod noise;
mod tilt;
mod true_peak;

pub use config::AdvancedAgcConfig;
pub use control::AdvancedAutomaticGainControl;
