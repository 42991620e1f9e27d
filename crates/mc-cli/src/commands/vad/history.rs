//! What a detector said frame by frame: the numbers of `--stats`, the lines of `--plot`.

use std::path::Path;

use mc_dsp::{VoiceActivity, rms_dbfs};
use serde::Serialize;

use crate::audio::{Audio, FRAME_MS};
use crate::failure::Failure;
use crate::plot::{Line, Series, TimePlot};

/// Lowest level of the picture, in dBFS.
const LEVEL_FLOOR_DBFS: f64 = -90.0;
/// Pieces in which the waveform is drawn, each from its lowest to its highest sample.
const WAVEFORM_PIECES: usize = 3_000;

/// One opinion per frame of 10 ms.
pub(super) struct History {
    opinions: Vec<VoiceActivity>,
}

/// The detector's account of the file.
#[derive(Serialize)]
pub(super) struct Summary {
    /// Length of the opinions in seconds.
    seconds: f64,
    /// Share of the frames that were called speech.
    speech_pct: f64,
    /// How often speech began.
    segments: usize,
    /// When speech first began, in seconds to the end of that frame; absent where there is none.
    first_speech_s: Option<f64>,
    /// Mean probability of speech.
    mean_probability: f64,
    /// Level of the frames that were called speech, in dBFS; absent where there are none.
    speech_dbfs: Option<f32>,
    /// Level of the other frames, in dBFS; absent where there are none.
    other_dbfs: Option<f32>,
}

impl History {
    pub(super) fn for_frames(frames: usize) -> Self {
        Self { opinions: Vec::with_capacity(frames) }
    }

    pub(super) fn add(&mut self, opinion: VoiceActivity) {
        self.opinions.push(opinion);
    }

    pub(super) fn opinions(&self) -> &[VoiceActivity] {
        &self.opinions
    }

    pub(super) fn summary(&self, input: &Audio) -> Summary {
        let frames = self.opinions.len();
        let speech = self.opinions.iter().filter(|opinion| opinion.is_speech).count();
        let before = std::iter::once(false).chain(self.opinions.iter().map(|opinion| opinion.is_speech));
        let segments = self.opinions.iter().zip(before).filter(|(now, before)| now.is_speech && !before);
        let probabilities: f64 = self.opinions.iter().map(|opinion| f64::from(opinion.probability)).sum();
        Summary {
            seconds: frames as f64 * f64::from(FRAME_MS) / 1_000.0,
            speech_pct: 100.0 * speech as f64 / frames.max(1) as f64,
            segments: segments.count(),
            first_speech_s: self.opinions.iter().position(|opinion| opinion.is_speech).map(seconds),
            mean_probability: probabilities / frames.max(1) as f64,
            speech_dbfs: self.level(input, true),
            other_dbfs: self.level(input, false),
        }
    }

    /// Level of all frames that were called speech, or of all others.
    fn level(&self, input: &Audio, is_speech: bool) -> Option<f32> {
        let frames = input.samples.chunks_exact(input.frame_samples()).zip(&self.opinions);
        let chosen: Vec<f32> = frames
            .filter(|(_, opinion)| opinion.is_speech == is_speech)
            .flat_map(|(frame, _)| frame)
            .copied()
            .collect();
        (!chosen.is_empty()).then(|| rms_dbfs(&chosen))
    }

    /// Draws waveform, level, probability and decision over time as a PNG at `path`.
    ///
    /// # Errors
    /// [`Failure::Run`] when the file cannot be written.
    pub(super) fn draw(&self, path: &Path, input: &Audio) -> Result<(), Failure> {
        let line = |name, value: fn(&VoiceActivity) -> f64| Line {
            name,
            points: self
                .opinions
                .iter()
                .enumerate()
                .map(|(index, opinion)| (seconds(index), value(opinion)))
                .collect(),
        };
        let opinions = vec![
            line("probability", |opinion| f64::from(opinion.probability)),
            line("decision", |opinion| f64::from(u8::from(opinion.is_speech))),
        ];
        let panels = vec![
            Series { title: "waveform", unit: "", values: -0.1..0.1, lines: vec![waveform(input)] },
            Series { title: "level", unit: "dBFS", values: -80.0..-10.0, lines: vec![levels(input)] },
            Series { title: "speech", unit: "", values: 0.0..1.0, lines: opinions },
        ];
        let duration = input.samples.len() as f64 / f64::from(input.rate.hz());
        let subtitle = format!("{duration:.1} s at {} Hz", input.rate.hz());
        TimePlot { title: "Voice activity", subtitle: &subtitle, seconds: duration, panels }.write(path)
    }
}

/// End of the frame `index`, in seconds.
fn seconds(index: usize) -> f64 {
    (index + 1) as f64 * f64::from(FRAME_MS) / 1_000.0
}

fn waveform(input: &Audio) -> Line<'static> {
    let piece = input.samples.len().div_ceil(WAVEFORM_PIECES).max(1);
    let extremes = |(index, samples): (usize, &[f32])| {
        let second = (index * piece) as f64 / f64::from(input.rate.hz());
        let low = samples.iter().copied().fold(f32::MAX, f32::min);
        let high = samples.iter().copied().fold(f32::MIN, f32::max);
        [(second, f64::from(low)), (second, f64::from(high))]
    };
    Line { name: "", points: input.samples.chunks(piece).enumerate().flat_map(extremes).collect() }
}

fn levels(input: &Audio) -> Line<'static> {
    let frames = input.samples.chunks_exact(input.frame_samples()).enumerate();
    let level = |frame: &[f32]| f64::from(rms_dbfs(frame)).max(LEVEL_FLOOR_DBFS);
    Line { name: "", points: frames.map(|(index, frame)| (seconds(index), level(frame))).collect() }
}
