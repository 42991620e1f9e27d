//! What a canceller said about itself frame by frame: the numbers of `--stats`, the lines of `--plot`.

use std::path::Path;

use mc_dsp::{EchoReport, rms_dbfs};
use mc_dsp_v2::aec::{AecStatus, FilterState};
use mc_engine::BenchmarkResults;
use serde::Serialize;

use crate::audio::{Audio, FRAME_MS};
use crate::failure::Failure;
use crate::plot::{Line, Series, TimePlot};

/// Time that a level of the picture is taken over, in frames.
const LEVEL_FRAMES: usize = 5;
/// Lowest level of the picture, in dBFS.
const LEVEL_FLOOR_DBFS: f64 = -90.0;

/// One entry per frame of 10 ms.
#[derive(Default)]
pub(super) struct History {
    frames: Vec<Frame>,
}

struct Frame {
    report: EchoReport,
    status: Option<AecStatus>,
}

/// The canceller's own account. What only the second generation knows is absent of the first.
#[derive(Serialize)]
pub(super) struct Summary {
    /// Share of the frames in which the far end was heard.
    far_end_active_pct: f64,
    /// Share of the frames in which the near end was taken to talk.
    near_end_active_pct: f64,
    /// Share of the frames in which the canceller stood by, because nothing came back.
    standby_pct: f64,
    /// Median over the file of the canceller's own measure; absent where the far end was never alone.
    erle_db: Option<f64>,
    /// The same of the filters without the suppressor.
    linear_erle_db: Option<f64>,
    /// Delay of the echo at the end, in milliseconds; absent where it was not found.
    delay_ms: Option<f32>,
    /// When the filters first lowered the echo by 10 dB, in seconds; absent where they never did.
    converged_s: Option<f64>,
}

impl History {
    pub(super) fn for_frames(frames: usize) -> Self {
        Self { frames: Vec::with_capacity(frames) }
    }

    pub(super) fn add(&mut self, report: EchoReport, status: Option<AecStatus>) {
        self.frames.push(Frame { report, status });
    }

    pub(super) fn summary(&self) -> Summary {
        let count = |predicate: fn(&EchoReport) -> bool| {
            let frames = self.frames.iter().filter(|frame| predicate(&frame.report)).count();
            100.0 * frames as f64 / self.frames.len().max(1) as f64
        };
        let median = |values: Vec<f64>| BenchmarkResults::from_samples(&values).ok().map(|erle| erle.median);
        let converged = |status: &AecStatus| status.filter == FilterState::Converged;
        let first = self.frames.iter().position(|frame| frame.status.as_ref().is_some_and(converged));
        Summary {
            far_end_active_pct: count(|report| report.far_end_active),
            near_end_active_pct: count(|report| report.near_end_active),
            standby_pct: count(|report| report.standby),
            erle_db: median(self.frames.iter().filter_map(Frame::erle).collect()),
            linear_erle_db: median(self.frames.iter().filter_map(Frame::linear_erle).collect()),
            delay_ms: self.frames.last().and_then(Frame::delay_ms),
            converged_s: first.map(seconds),
        }
    }

    /// Draws levels, ERLE, delay and double talk over time as a PNG at `path`.
    ///
    /// # Errors
    /// [`Failure::Run`] when the file cannot be written.
    pub(super) fn draw(&self, path: &Path, mic: &Audio, output: &[f32]) -> Result<(), Failure> {
        let line = |name, value: fn(&Frame) -> Option<f64>| Line {
            name,
            points: self
                .frames
                .iter()
                .enumerate()
                .map(|(index, frame)| (seconds(index), value(frame).unwrap_or(f64::NAN)))
                .collect(),
        };
        let levels = vec![levels("microphone", mic, &mic.samples), levels("output", mic, output)];
        let erles = vec![line("in all", Frame::erle), line("filters alone", Frame::linear_erle)];
        let panels = vec![
            Series { title: "level", unit: "dBFS", values: -80.0..-10.0, lines: levels },
            Series { title: "ERLE of the last second", unit: "dB", values: 0.0..40.0, lines: erles },
            Series {
                title: "delay of the echo",
                unit: "ms",
                values: 0.0..50.0,
                lines: vec![line("", |frame| frame.delay_ms().map(f64::from))],
            },
            Series {
                title: "probability that the near end talks",
                unit: "",
                values: 0.0..1.0,
                lines: vec![line("", Frame::near_end)],
            },
        ];
        let duration = mic.samples.len() as f64 / f64::from(mic.rate.hz());
        let subtitle = format!("{duration:.1} s at {} Hz", mic.rate.hz());
        TimePlot { title: "Echo cancellation", subtitle: &subtitle, seconds: duration, panels }.write(path)
    }
}

impl Frame {
    fn erle(&self) -> Option<f64> {
        self.report.erle_db.map(f64::from)
    }

    fn linear_erle(&self) -> Option<f64> {
        self.status?.linear_erle_db.map(f64::from)
    }

    fn delay_ms(&self) -> Option<f32> {
        self.status?.delay_ms
    }

    fn near_end(&self) -> Option<f64> {
        Some(f64::from(self.status?.near_end_probability))
    }
}

/// End of the frame `index`, in seconds.
fn seconds(index: usize) -> f64 {
    (index + 1) as f64 * f64::from(FRAME_MS) / 1_000.0
}

fn levels<'a>(name: &'a str, mic: &Audio, samples: &[f32]) -> Line<'a> {
    let pieces = samples.chunks(LEVEL_FRAMES * mic.frame_samples()).enumerate();
    let level = |piece: &[f32]| f64::from(rms_dbfs(piece)).max(LEVEL_FLOOR_DBFS);
    let points = pieces.map(|(index, piece)| (seconds(index * LEVEL_FRAMES), level(piece))).collect();
    Line { name, points }
}
