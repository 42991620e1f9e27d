//! What the demo measures on the audio of a direction.

use mc_dsp::{db_to_gain, rms_dbfs};
use mc_testkit::measure::{active_dbfs, erle_db};
use serde::Serialize;

use super::dialogue::{RATE, spans, spoken};
use super::direction::Direction;
use super::endpoint::{PACKET_MS, PACKET_SAMPLES};
use crate::plot::Span;

/// Seconds in one packet.
const PACKET_S: f64 = PACKET_MS as f64 / 1_000.0;
/// Pauses in speech that the detector's segments are not broken by, in seconds.
const PAUSE_S: f64 = 0.2;
/// How far from the near end's speech the far end counts as alone, in seconds: its room answers too.
const APART_S: f64 = 0.1;
/// Echo below this is no echo to be measured: the noise at the microphone is not far.
const ECHO_FLOOR_DBFS: f32 = -50.0;

/// Echo while the far end talks alone.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Echo {
    /// Power of the microphone over power of what was left of it, in dB, the gain taken off again.
    pub(super) erle_db: f32,
    /// The same of the later half of that time, when the canceller has had time to learn.
    pub(super) settled_erle_db: f32,
    /// Level of the microphone, in dBFS.
    pub(super) before_dbfs: f32,
    /// Level that arrived, in dBFS, the gain taken off again.
    pub(super) after_dbfs: f32,
    /// How long that was, in seconds.
    pub(super) seconds: f64,
}

/// Active speech level while one talks alone, in dBFS; absent where nobody did.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Levels {
    pub(super) before_dbfs: Option<f32>,
    pub(super) after_dbfs: Option<f32>,
}

/// A stretch in which the voice detector heard speech.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Segment {
    pub(super) start_s: f64,
    pub(super) end_s: f64,
}

/// Echo in `direction`, whose microphone heard `echo` (sample by sample) and `speech`; `None` where the
/// far end never talked alone.
pub(super) fn echo(direction: &Direction, speech: &[f32], echo: &[f32]) -> Option<Echo> {
    let near: Vec<Span> = spoken(speech).into_iter().map(|s| s.start - APART_S..s.end + APART_S).collect();
    let frames = echo.chunks_exact(PACKET_SAMPLES).enumerate();
    let alone = frames.filter(|(index, frame)| {
        let middle = (*index as f64 + 0.5) * PACKET_S;
        rms_dbfs(frame) > ECHO_FLOOR_DBFS && !near.iter().any(|span| span.contains(&middle))
    });
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (index, _) in alone {
        let frame = index * PACKET_SAMPLES..(index + 1) * PACKET_SAMPLES;
        let gain = direction.status[index].gain_db.map_or(1.0, db_to_gain);
        before.extend_from_slice(&direction.before[frame.clone()]);
        after.extend(direction.after[frame].iter().map(|sample| sample / gain));
    }
    let half = before.len() / 2;
    (!before.is_empty()).then(|| Echo {
        erle_db: erle_db(&before, &after),
        settled_erle_db: erle_db(&before[half..], &after[half..]),
        before_dbfs: rms_dbfs(&before),
        after_dbfs: rms_dbfs(&after),
        seconds: before.len() as f64 / f64::from(RATE.hz()),
    })
}

/// Levels of `speech` in `direction`, where `other` is silent.
pub(super) fn levels(direction: &Direction, speech: &[f32], other: &[f32]) -> Levels {
    let other = spoken(other);
    let own = spoken(speech);
    let within = |spans: &[Span], second: f64| spans.iter().any(|span| span.contains(&second));
    let alone: Vec<bool> = (0..direction.sent())
        .map(|index| (index as f64 + 0.5) * PACKET_S)
        .map(|middle| within(&own, middle) && !within(&other, middle))
        .collect();
    let level = |audio: &[f32]| alone.contains(&true).then(|| active_dbfs(audio, &alone, PACKET_SAMPLES));
    Levels { before_dbfs: level(&direction.before), after_dbfs: level(&direction.after) }
}

/// Where the voice detector heard speech, in seconds.
pub(super) fn speech(direction: &Direction) -> Vec<Span> {
    spans(direction.status.iter().map(|status| status.is_speech == Some(true)), PACKET_S, PAUSE_S)
}

/// The gain over time: second, dB.
pub(super) fn gain(direction: &Direction) -> Vec<(f64, f64)> {
    let statuses = direction.status.iter().enumerate();
    statuses.filter_map(|(n, status)| Some((n as f64 * PACKET_S, status.gain_db?.into()))).collect()
}

/// Segments as the report writes them.
pub(super) fn segments(spans: &[Span]) -> Vec<Segment> {
    let hundredths = |seconds: f64| (seconds * 100.0).round() / 100.0;
    let segment = |span: &Span| Segment { start_s: hundredths(span.start), end_s: hundredths(span.end) };
    spans.iter().map(segment).collect()
}
