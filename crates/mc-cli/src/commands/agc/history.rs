//! What a gain control did frame by frame: the numbers of `--stats`, the lines of `--plot`.

use std::path::Path;

use mc_dsp::GainReport;
use mc_engine::BenchmarkResults;
use serde::Serialize;

use crate::audio::{Audio, FRAME_MS};
use crate::failure::Failure;
use crate::plot::{Line, Series, TimePlot};

/// Time of which the picture shows the lowest and the highest sample, in milliseconds.
const OUTLINE_MS: u32 = 5;

/// One entry per frame of 10 ms.
#[derive(Default)]
pub(super) struct History {
    frames: Vec<Frame>,
}

struct Frame {
    report: GainReport,
    speech_probability: Option<f32>,
    speech_level_dbfs: Option<f32>,
}

/// The gain control's own account. What only the second generation knows is absent of the first.
#[derive(Serialize)]
pub(super) struct Summary {
    /// Median gain, in dB.
    gain_db: Option<f64>,
    /// Lowest and highest gain, in dB.
    gain_range_db: (f32, f32),
    /// Share of the frames in which the limiter took something off.
    limited_pct: f64,
    /// Most that it took off, in dB.
    most_limited_db: f32,
    /// Share of the frames that counted as speech.
    speech_pct: Option<f64>,
    /// Active speech level of the input at the end, in dBFS.
    speech_level_dbfs: Option<f32>,
}

impl History {
    pub(super) fn for_frames(frames: usize) -> Self {
        Self { frames: Vec::with_capacity(frames) }
    }

    pub(super) fn add(
        &mut self,
        report: GainReport,
        speech_probability: Option<f32>,
        speech_level_dbfs: Option<f32>,
    ) {
        self.frames.push(Frame { report, speech_probability, speech_level_dbfs });
    }

    pub(super) fn summary(&self) -> Summary {
        let share = |count: usize| 100.0 * count as f64 / self.frames.len().max(1) as f64;
        let gains = || self.frames.iter().map(|frame| frame.report.gain_db);
        let gain_samples: Vec<f64> = gains().map(f64::from).collect();
        let limited = || self.frames.iter().map(|frame| frame.report.limited_db);
        let probabilities: Option<Vec<f32>> =
            self.frames.iter().map(|frame| frame.speech_probability).collect();
        Summary {
            gain_db: BenchmarkResults::from_samples(&gain_samples).ok().map(|gain| gain.median),
            gain_range_db: (gains().reduce(f32::min).unwrap_or(0.0), gains().reduce(f32::max).unwrap_or(0.0)),
            limited_pct: share(limited().filter(|db| *db > 0.0).count()),
            most_limited_db: limited().fold(0.0, f32::max),
            speech_pct: probabilities.map(|all| share(all.iter().filter(|p| **p >= 0.5).count())),
            speech_level_dbfs: self.frames.last().and_then(|frame| frame.speech_level_dbfs),
        }
    }

    /// Draws the audio before and after, gain, limiter and probability of speech over time as a PNG at `path`.
    ///
    /// # Errors
    /// [`Failure::Run`] when the file cannot be written.
    pub(super) fn draw(&self, path: &Path, input: &Audio, output: &[f32]) -> Result<(), Failure> {
        let line = |name, value: fn(&Frame) -> Option<f32>| Line {
            name,
            points: self
                .frames
                .iter()
                .enumerate()
                .map(|(index, frame)| (seconds(index + 1), value(frame).map_or(f64::NAN, f64::from)))
                .collect(),
        };
        let audio = |title, samples: &[f32]| Series {
            title,
            unit: "",
            values: -1.0..1.0,
            lines: vec![outline(input, samples)],
        };
        let gains =
            vec![line("gain", |f| Some(f.report.gain_db)), line("limiter", |f| Some(-f.report.limited_db))];
        let panels = vec![
            audio("input", &input.samples),
            audio("output", output),
            Series { title: "gain", unit: "dB", values: -6.0..12.0, lines: gains },
            Series {
                title: "probability of speech",
                unit: "",
                values: 0.0..1.0,
                lines: vec![line("", |frame| frame.speech_probability)],
            },
        ];
        let duration = input.samples.len() as f64 / f64::from(input.rate.hz());
        let subtitle = format!("{duration:.1} s at {} Hz", input.rate.hz());
        TimePlot { title: "Gain control", subtitle: &subtitle, seconds: duration, panels }.write(path)
    }
}

/// Time of so many frames, in seconds.
fn seconds(frames: usize) -> f64 {
    frames as f64 * f64::from(FRAME_MS) / 1_000.0
}

/// The waveform: lowest and highest sample in turn.
fn outline(audio: &Audio, samples: &[f32]) -> Line<'static> {
    let piece = audio.rate.samples_in_ms(OUTLINE_MS);
    let points = samples.chunks(piece).enumerate().flat_map(|(index, samples)| {
        let second = (index * piece) as f64 / f64::from(audio.rate.hz());
        let extreme = |pick: fn(f32, f32) -> f32| f64::from(samples.iter().copied().fold(0.0, pick));
        [(second, extreme(f32::min)), (second, extreme(f32::max))]
    });
    Line { name: "", points: points.collect() }
}
