//! Seeded scenes with their truth: what processors are tested and their quality is gated on.
//!
//! A seed gives the same scene at a rate; another rate is another draw. Levels are those of a call: far end
//! and near end speak at -26 dBFS, echo comes back [`RETURN_LOSS_DB`] lower than the far end.

use crate::room::{Room, delayed, drifting};
use crate::signal::{FRAME_MS, Speech, Talker, add, set_rms_dbfs, white_noise};

/// Loss of the echo path for white noise, in dB.
pub const RETURN_LOSS_DB: f32 = 6.0;
/// Length of the echo path, in milliseconds.
pub const ROOM_MS: f32 = 32.0;
/// Background noise of every microphone, in dBFS.
pub const NOISE_DBFS: f32 = -75.0;
const SPEECH_DBFS: f32 = -26.0;
const SECONDS: f64 = 12.0;

/// A call seen from the near end's device. All signals are equally long and `microphone` is the sum of
/// `near_end`, `echo` and noise.
#[derive(Clone, Debug)]
pub struct EchoScene {
    /// Samples per second.
    pub rate_hz: u32,
    /// What is played.
    pub far_end: Vec<f32>,
    /// What is recorded.
    pub microphone: Vec<f32>,
    /// The near-end talker's part of it.
    pub near_end: Vec<f32>,
    /// The far end's part of it.
    pub echo: Vec<f32>,
    /// Sample from which the near end talks; the length when it never does.
    pub near_end_from: usize,
    /// Sample at which the echo path changes, if it does.
    pub change_at: Option<usize>,
}

impl EchoScene {
    fn new(seed: u64, rate_hz: u32, far_end: Vec<f32>, echo: Vec<f32>, near_end: Option<Vec<f32>>) -> Self {
        let samples = far_end.len();
        let near_end_from =
            near_end.as_ref().map_or(samples, |n| n.iter().position(|s| *s != 0.0).unwrap_or(samples));
        let near_end = near_end.unwrap_or_else(|| vec![0.0; samples]);
        let mut microphone = white_noise(seed ^ 0xF100, NOISE_DBFS, samples);
        add(&mut microphone, &echo);
        add(&mut microphone, &near_end);
        Self { rate_hz, far_end, microphone, near_end, echo, near_end_from, change_at: None }
    }
}

fn talk(seed: u64, rate_hz: u32) -> Speech {
    Talker::new(seed, rate_hz).say(SECONDS, SPEECH_DBFS)
}

fn room(seed: u64, rate_hz: u32) -> Room {
    Room::new(seed, rate_hz, ROOM_MS, RETURN_LOSS_DB)
}

/// 12 s of far-end speech and its echo.
#[must_use]
pub fn single_talk(seed: u64, rate_hz: u32) -> EchoScene {
    let far_end = talk(seed, rate_hz).samples;
    let echo = room(seed, rate_hz).echo_of(&far_end);
    EchoScene::new(seed, rate_hz, far_end, echo, None)
}

/// 12 s of far-end white noise and its echo: what an adaptive filter finds easiest.
#[must_use]
pub fn noise_far_end(seed: u64, rate_hz: u32) -> EchoScene {
    let far_end = white_noise(seed, SPEECH_DBFS, (SECONDS * f64::from(rate_hz)) as usize);
    let echo = room(seed, rate_hz).echo_of(&far_end);
    EchoScene::new(seed, rate_hz, far_end, echo, None)
}

/// 12 s of far-end speech and its echo; after half of it another talker joins at the near end.
#[must_use]
pub fn double_talk(seed: u64, rate_hz: u32) -> EchoScene {
    let far_end = talk(seed, rate_hz).samples;
    let echo = room(seed, rate_hz).echo_of(&far_end);
    let mut near_end = talk(seed + 1_000, rate_hz).samples;
    let half = near_end.len() / 2;
    near_end[..half].fill(0.0);
    EchoScene::new(seed, rate_hz, far_end, echo, Some(near_end))
}

/// 12 s of near-end speech while the far end is silent.
#[must_use]
pub fn near_end_only(seed: u64, rate_hz: u32) -> EchoScene {
    let near_end = talk(seed + 1_000, rate_hz).samples;
    let silence = vec![0.0; near_end.len()];
    EchoScene::new(seed, rate_hz, silence.clone(), silence, Some(near_end))
}

/// As [`single_talk`], but the room changes after half of it.
#[must_use]
pub fn path_change(seed: u64, rate_hz: u32) -> EchoScene {
    let far_end = talk(seed, rate_hz).samples;
    let half = far_end.len() / 2;
    let mut echo = room(seed, rate_hz).echo_of(&far_end);
    let after = room(seed + 500, rate_hz).echo_of(&far_end);
    echo[half..].copy_from_slice(&after[half..]);
    let mut scene = EchoScene::new(seed, rate_hz, far_end, echo, None);
    scene.change_at = Some(half);
    scene
}

/// As [`single_talk`], but the echo comes another `delay_ms` later, as through a jitter buffer and a
/// sound card.
#[must_use]
pub fn delayed_echo(seed: u64, rate_hz: u32, delay_ms: u32) -> EchoScene {
    let far_end = talk(seed, rate_hz).samples;
    let echo = delayed(&room(seed, rate_hz).echo_of(&far_end), (rate_hz / 1_000 * delay_ms) as usize);
    EchoScene::new(seed, rate_hz, far_end, echo, None)
}

/// As [`delayed_echo`] by `before_ms`, but by `after_ms` from half of it on: a jitter buffer was set anew.
#[must_use]
pub fn delay_jump(seed: u64, rate_hz: u32, before_ms: u32, after_ms: u32) -> EchoScene {
    let far_end = talk(seed, rate_hz).samples;
    let half = far_end.len() / 2;
    let echo = room(seed, rate_hz).echo_of(&far_end);
    let late = |ms: u32| delayed(&echo, (rate_hz / 1_000 * ms) as usize);
    let mut jumping = late(before_ms);
    jumping[half..].copy_from_slice(&late(after_ms)[half..]);
    let mut scene = EchoScene::new(seed, rate_hz, far_end, jumping, None);
    scene.change_at = Some(half);
    scene
}

/// As [`delayed_echo`] by 40 ms, but the clocks of loudspeaker and microphone differ: the echo gets later by `ppm`
/// microseconds each second.
#[must_use]
pub fn drifting_echo(seed: u64, rate_hz: u32, ppm: f64) -> EchoScene {
    let far_end = talk(seed, rate_hz).samples;
    let echo = delayed(&room(seed, rate_hz).echo_of(&far_end), rate_hz as usize / 25);
    EchoScene::new(seed, rate_hz, far_end, drifting(&echo, ppm), None)
}

/// As [`single_talk`], but the loudspeaker is overdriven: what is above its limit of -12 dBFS bends, and
/// negative half waves come out weaker than positive ones.
#[must_use]
pub fn overdriven(seed: u64, rate_hz: u32) -> EchoScene {
    let far_end = talk(seed, rate_hz).samples;
    let bent = |x: f32| if x > 0.0 { 0.25 * (x / 0.25).tanh() } else { 0.5 * x };
    let played: Vec<f32> = far_end.iter().map(|x| bent(*x)).collect();
    let echo = room(seed, rate_hz).echo_of(&played);
    EchoScene::new(seed, rate_hz, far_end, echo, None)
}

/// As [`double_talk`], but nothing of the far end comes back: a headset.
#[must_use]
pub fn no_echo(seed: u64, rate_hz: u32) -> EchoScene {
    let EchoScene { far_end, near_end, .. } = double_talk(seed, rate_hz);
    let silence = vec![0.0; far_end.len()];
    EchoScene::new(seed, rate_hz, far_end, silence, Some(near_end))
}

/// One talker's audio with its truth.
#[derive(Clone, Debug)]
pub struct VoiceScene {
    /// Samples per second.
    pub rate_hz: u32,
    /// The audio.
    pub samples: Vec<f32>,
    /// For each [`FRAME_MS`]: whether there is speech.
    pub speech: Vec<bool>,
}

impl VoiceScene {
    /// Samples that one label of `speech` covers.
    #[must_use]
    pub const fn frame_samples(&self) -> usize {
        self.rate_hz as usize * FRAME_MS / 1_000
    }
}

/// 20 s of speech at `active_dbfs` over noise 40 dB below it: what a gain control is to bring to its target.
#[must_use]
pub fn levels(seed: u64, rate_hz: u32, active_dbfs: f32) -> VoiceScene {
    let Speech { mut samples, active } = Talker::new(seed, rate_hz).say(20.0, active_dbfs);
    let noise = white_noise(seed, (active_dbfs - 40.0).max(-78.0), samples.len());
    add(&mut samples, &noise);
    VoiceScene { rate_hz, samples, speech: active }
}

/// 20 s of speech with pauses in white noise, `snr_db` below the active speech level of -26 dBFS, after 2 s
/// of noise alone.
#[must_use]
pub fn speech_in_noise(seed: u64, rate_hz: u32, snr_db: f32) -> VoiceScene {
    let lead = 2 * rate_hz as usize;
    let speech = Talker::new(seed, rate_hz).say(18.0, SPEECH_DBFS);
    let mut samples = vec![0.0; lead];
    samples.extend(&speech.samples);
    let mut noise = white_noise(seed, 0.0, samples.len());
    set_rms_dbfs(&mut noise, SPEECH_DBFS - snr_db);
    add(&mut samples, &noise);
    let mut active = vec![false; 2_000 / FRAME_MS];
    active.extend(speech.active);
    VoiceScene { rate_hz, samples, speech: active }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{active_dbfs, rms_dbfs};

    #[test]
    fn the_microphone_is_the_sum_of_its_parts() {
        for scene in [
            single_talk(1, 8_000),
            double_talk(1, 8_000),
            near_end_only(1, 8_000),
            path_change(1, 8_000),
            noise_far_end(1, 8_000),
            delayed_echo(1, 8_000, 20),
            delay_jump(1, 8_000, 20, 50),
            drifting_echo(1, 8_000, 100.0),
            overdriven(1, 8_000),
            no_echo(1, 8_000),
        ] {
            let samples = scene.far_end.len();
            assert_eq!(samples, 96_000);
            assert_eq!([scene.microphone.len(), scene.near_end.len(), scene.echo.len()], [samples; 3]);
            let noise: Vec<f32> =
                (0..samples).map(|n| scene.microphone[n] - scene.near_end[n] - scene.echo[n]).collect();
            assert!((rms_dbfs(&noise) - NOISE_DBFS).abs() < 0.2);
        }
    }

    #[test]
    fn the_near_end_talks_from_half_time_on() {
        let scene = double_talk(2, 8_000);
        assert!((48_000..64_000).contains(&scene.near_end_from), "{}", scene.near_end_from);
        assert_eq!(single_talk(2, 8_000).near_end_from, 96_000);
    }

    #[test]
    fn voice_scenes_have_the_levels_they_name() {
        let scene = levels(3, 8_000, -40.0);
        assert!((active_dbfs(&scene.samples, &scene.speech, scene.frame_samples()) + 40.0).abs() < 0.5);
        let scene = speech_in_noise(3, 16_000, 10.0);
        assert_eq!(scene.speech.len(), scene.samples.len() / scene.frame_samples());
        assert!((rms_dbfs(&scene.samples[..32_000]) + 36.0).abs() < 0.2);
    }
}
