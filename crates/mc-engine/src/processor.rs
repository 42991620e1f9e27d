//! The voice processors of one leg, in their order.

use std::sync::Arc;

use mc_dsp::{
    ConfigError, EchoCanceller, EchoReport, GainControl, GainReport, ProcessError, Processor, SampleRate,
    VoiceActivity, VoiceDetector,
};
use mc_dsp_v1::{AcousticEchoCanceller, AutomaticGainControl, VoiceActivityDetector};
use mc_metrics::{Counter, Stage};

use crate::faults::FaultCounters;
use crate::{AudioProcessingConfig, ProcessorFaults};

/// What the processors did to one frame; `None` for one that is off or was bypassed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CaptureReport {
    /// The echo canceller's report.
    pub echo: Option<EchoReport>,
    /// The voice detector's opinion, on the frame without echo and before its level was changed.
    pub voice: Option<VoiceActivity>,
    /// The gain control's report.
    pub gain: Option<GainReport>,
}

/// Echo canceller, voice detector and gain control of one leg, each of them optional.
///
/// They work in this order. The echo canceller comes first, because it models a linear path, which a
/// changing gain in front of it would make a moving target. The voice detector hears the audio without
/// echo, so that the far end does not pass for the near end, and before the gain control, so that its
/// noise floor does not ride on the gain and the gain control can use its opinion of the same frame.
///
/// A processor that returns an error is bypassed for that frame and counted in [`faults`](Self::faults);
/// one whose state is no longer finite starts over with the next frame.
#[derive(Debug)]
pub struct AudioProcessor {
    echo: Option<AcousticEchoCanceller>,
    voice: Option<VoiceActivityDetector>,
    gain: Option<AutomaticGainControl>,
    faults: Arc<FaultCounters>,
}

impl AudioProcessor {
    /// The processors that `config` switches on, for audio at `rate`.
    ///
    /// # Errors
    /// [`ConfigError`] of the first processor that refuses its configuration.
    pub fn new(config: &AudioProcessingConfig, rate: SampleRate) -> Result<Self, ConfigError> {
        let AudioProcessingConfig { echo_cancellation, voice_detection, gain_control } = config.clone();
        Ok(Self {
            echo: echo_cancellation.map(|config| AcousticEchoCanceller::new(config, rate)).transpose()?,
            voice: voice_detection.map(|config| VoiceActivityDetector::new(config, rate)).transpose()?,
            gain: gain_control.map(|config| AutomaticGainControl::new(config, rate)).transpose()?,
            faults: Arc::default(),
        })
    }

    /// Takes what is about to be played to the leg (f32 mono, ±1.0, 2.5 to 60 ms), as the echo
    /// canceller's reference. Nothing happens without one.
    pub fn render_audio(&mut self, far_end: &[f32]) {
        if let Some(echo) = &mut self.echo {
            guard(echo, &self.faults.echo_cancellation, |echo| echo.render(far_end));
        }
    }

    /// Processes what comes from the leg (f32 mono, ±1.0, 2.5 to 60 ms), in place.
    pub fn process_capture_audio(&mut self, frame: &mut [f32]) -> CaptureReport {
        self.capture(frame, |_| ())
    }

    /// Frames for which a processor was bypassed so far.
    #[must_use]
    pub fn faults(&self) -> ProcessorFaults {
        self.faults.snapshot()
    }

    /// Delay that the processors add to the audio, in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        // The voice detector only listens: its latency is the decision's, not the audio's.
        self.echo.as_ref().map_or(0, Processor::latency_samples)
            + self.gain.as_ref().map_or(0, Processor::latency_samples)
    }

    /// Back to the state after construction; faults stay counted.
    pub fn reset(&mut self) {
        self.echo.iter_mut().for_each(Processor::reset);
        self.voice.iter_mut().for_each(Processor::reset);
        self.gain.iter_mut().for_each(Processor::reset);
    }

    /// Processes a frame and calls `lap` at the end of each processor's part.
    pub(crate) fn capture(&mut self, frame: &mut [f32], mut lap: impl FnMut(Stage)) -> CaptureReport {
        let mut report = CaptureReport::default();
        if let Some(echo) = &mut self.echo {
            report.echo = guard(echo, &self.faults.echo_cancellation, |echo| echo.process(frame));
            lap(Stage::EchoCancel);
        }
        if let Some(voice) = &mut self.voice {
            report.voice = guard(voice, &self.faults.voice_detection, |voice| voice.process(frame));
            lap(Stage::VoiceDetect);
        }
        if let Some(gain) = &mut self.gain {
            let speech = report.voice.map(|voice| voice.probability);
            report.gain = guard(gain, &self.faults.gain_control, |gain| gain.process(frame, speech));
            lap(Stage::GainControl);
        }
        report
    }

    /// Whether any processor changes the audio.
    pub(crate) const fn changes_audio(&self) -> bool {
        self.echo.is_some() || self.gain.is_some()
    }

    /// Whether any processor needs the audio at all.
    pub(crate) const fn needs_audio(&self) -> bool {
        self.changes_audio() || self.voice.is_some()
    }

    /// Whether there is an echo canceller to render for.
    pub(crate) const fn needs_reference(&self) -> bool {
        self.echo.is_some()
    }

    pub(crate) const fn fault_counters(&self) -> &Arc<FaultCounters> {
        &self.faults
    }
}

/// Runs one processor. An error is counted instead of passed on, and where it says that the state is
/// lost, the processor starts over.
fn guard<P: Processor, T>(
    processor: &mut P,
    faults: &Counter,
    run: impl FnOnce(&mut P) -> Result<T, ProcessError>,
) -> Option<T> {
    match run(processor) {
        Ok(report) => Some(report),
        Err(error) => {
            faults.add(1);
            if error == ProcessError::NonFiniteState {
                processor.reset();
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loses its state when told to; counts how often it started over.
    struct Fragile {
        resets: u32,
    }

    impl Processor for Fragile {
        fn sample_rate(&self) -> SampleRate {
            SampleRate::Hz8000
        }
        fn latency_samples(&self) -> usize {
            0
        }
        fn state_bytes(&self) -> usize {
            size_of::<Self>()
        }
        fn reset(&mut self) {
            self.resets += 1;
        }
    }

    #[test]
    fn an_error_is_counted_and_only_a_lost_state_is_reset() {
        let faults = Counter::new();
        let mut processor = Fragile { resets: 0 };
        let mut run = |result: Result<u8, ProcessError>| {
            let report = guard(&mut processor, &faults, |_| result);
            (report, faults.get(), processor.resets)
        };
        assert_eq!(run(Ok(7)), (Some(7), 0, 0));
        let too_short = ProcessError::FrameLength { samples: 1, min: 20, max: 480 };
        assert_eq!(run(Err(too_short)), (None, 1, 0));
        assert_eq!(run(Err(ProcessError::NonFiniteState)), (None, 2, 1));
        assert_eq!(run(Ok(8)), (Some(8), 2, 1));
    }
}
