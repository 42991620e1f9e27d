//! `--process`: which voice processors work.

use clap::ValueEnum;
use mc_engine::{AecConfig, AgcConfig, AudioProcessingConfig, VadConfig};

/// A voice processor, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProcessorName {
    /// Echo canceller
    Aec,
    /// Voice activity detector
    Vad,
    /// Automatic gain control
    Agc,
    /// All three
    All,
}

/// The configuration with the processors `names` switched on, each with its defaults.
pub(crate) fn processing(names: &[ProcessorName]) -> AudioProcessingConfig {
    let on = |name| names.iter().any(|&listed| listed == name || listed == ProcessorName::All);
    AudioProcessingConfig::default()
        .with_echo_cancellation(on(ProcessorName::Aec).then(AecConfig::default))
        .with_voice_detection(on(ProcessorName::Vad).then(VadConfig::default))
        .with_gain_control(on(ProcessorName::Agc).then(AgcConfig::default))
}
