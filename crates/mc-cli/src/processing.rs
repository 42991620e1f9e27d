//! `--process`: which voice processors work, in the generation that `--version` names.

use clap::ValueEnum;
use mc_engine::{AecConfig, AgcConfig, AudioProcessingConfig, VadConfig};
use serde::Deserialize;

use crate::version::Version;

/// A voice processor, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
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

/// The configuration with the processors `names` switched on in `version`, each with its defaults.
pub(crate) fn processing(names: &[ProcessorName], version: Version) -> AudioProcessingConfig {
    let on = |name| names.iter().any(|&listed| listed == name || listed == ProcessorName::All);
    let processing = AudioProcessingConfig::default()
        .with_echo_cancellation(on(ProcessorName::Aec).then(AecConfig::default))
        .with_voice_detection(on(ProcessorName::Vad).then(VadConfig::default))
        .with_gain_control(on(ProcessorName::Agc).then(AgcConfig::default));
    in_version(processing, version)
}

/// The processors that `processing` has switched on, in `version`.
pub(crate) fn in_version(processing: AudioProcessingConfig, version: Version) -> AudioProcessingConfig {
    let advanced = version == Version::V2;
    let (echo, voice) = (processing.echo_cancellation.is_some(), processing.voice_detection.is_some());
    let gain = processing.gain_control.is_some();
    processing
        .with_use_advanced_aec(advanced && echo)
        .with_use_advanced_vad(advanced && voice)
        .with_use_advanced_agc(advanced && gain)
}
