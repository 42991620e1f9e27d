//! The three processors behind one another: echo canceller, voice detector, gain control.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use mc_dsp::{
    EchoCanceller, GainControl, NearEndGate, ProcessError, Processor, SampleRate, VoiceDetector, db_to_gain,
};
use mc_dsp_v2::{
    AdvancedAcousticEchoCanceller, AdvancedAecConfig, AdvancedAgcConfig, AdvancedAutomaticGainControl,
    AdvancedVadConfig, AdvancedVoiceActivityDetector,
};
use mc_testkit::measure::rms_dbfs;
use mc_testkit::scene::{self, EchoScene};
use mc_testkit::signal::white_noise;

const RATE: SampleRate = SampleRate::Hz8000;
const FRAME: usize = 80;
/// Time that the canceller has to learn the echo path: 4 s.
const LEARNT: usize = 4 * 8_000;

/// Which stage answers with an error to every frame.
#[derive(Clone, Copy, PartialEq)]
enum Broken {
    None,
    Aec,
    Vad,
    Agc,
}

struct Chain {
    aec: AdvancedAcousticEchoCanceller,
    vad: AdvancedVoiceActivityDetector,
    gate: NearEndGate,
    agc: AdvancedAutomaticGainControl,
    broken: Broken,
}

/// What became of the microphone's audio.
struct Heard {
    without_echo: Vec<f32>,
    output: Vec<f32>,
    speech: Vec<bool>,
    gain_db: Vec<f32>,
    errors: usize,
}

impl Chain {
    fn new(broken: Broken) -> Self {
        Self {
            aec: AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default(), RATE).unwrap(),
            vad: AdvancedVoiceActivityDetector::new(AdvancedVadConfig::default(), RATE).unwrap(),
            gate: NearEndGate::new(RATE),
            agc: AdvancedAutomaticGainControl::new(AdvancedAgcConfig::default(), RATE).unwrap(),
            broken,
        }
    }

    /// `result`, or the error of a stage that is broken.
    fn unless_broken<T>(&self, stage: Broken, result: Result<T, ProcessError>) -> Result<T, ProcessError> {
        if self.broken == stage { Err(ProcessError::NonFiniteState) } else { result }
    }

    /// A stage that fails leaves the frame as it came, and the next one takes that.
    fn hear(&mut self, scene: &EchoScene) -> Heard {
        let mut heard = Heard {
            without_echo: Vec::new(),
            output: Vec::new(),
            speech: Vec::new(),
            gain_db: Vec::new(),
            errors: 0,
        };
        let frames = scene.far_end.chunks_exact(FRAME).zip(scene.microphone.chunks_exact(FRAME));
        for (far, microphone) in frames {
            let mut frame = microphone.to_vec();
            self.aec.render(far).unwrap();
            self.gate.render(far);
            let mut cancelled = frame.clone();
            let echo = self.aec.process(&mut cancelled);
            let echo = self.unless_broken(Broken::Aec, echo);
            match echo {
                Ok(_) => frame = cancelled,
                Err(_) => heard.errors += 1,
            }
            heard.without_echo.extend_from_slice(&frame);
            let opinion = self.vad.process(&frame);
            let opinion = self.unless_broken(Broken::Vad, opinion);
            heard.errors += usize::from(opinion.is_err());
            heard.speech.push(opinion.is_ok_and(|opinion| opinion.is_speech));
            let probability = self.gate.speech_probability(&frame, echo.ok(), opinion.ok());
            let mut levelled = frame.clone();
            let report = self.agc.process(&mut levelled, probability);
            match self.unless_broken(Broken::Agc, report) {
                Ok(report) => {
                    frame = levelled;
                    heard.gain_db.push(report.gain_db);
                }
                Err(_) => heard.errors += 1,
            }
            heard.output.extend_from_slice(&frame);
        }
        heard
    }
}

/// The scene with a loudspeaker that is `gain_db` louder.
fn louder_echo(mut scene: EchoScene, gain_db: f32) -> EchoScene {
    let more = db_to_gain(gain_db) - 1.0;
    scene.microphone.iter_mut().zip(&scene.echo).for_each(|(sample, echo)| *sample += more * echo);
    scene
}

#[test]
fn residual_echo_is_not_lifted() {
    for seed in 1..=2 {
        for (name, scene) in [
            ("echo", scene::single_talk(seed, RATE.hz())),
            ("louder echo", louder_echo(scene::single_talk(seed, RATE.hz()), 12.0)),
            ("late echo", scene::delayed_echo(seed, RATE.hz(), 120)),
            ("new path", scene::path_change(seed, RATE.hz())),
        ] {
            let heard = Chain::new(Broken::None).hear(&scene);
            let most = heard.gain_db.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let before = rms_dbfs(&heard.without_echo);
            let after = rms_dbfs(&heard.output);
            assert!(most < 0.5 && after < before + 0.5, "{most} dB, {before} to {after} dBFS, {name} {seed}");
        }
    }
}

#[test]
fn echo_that_was_removed_is_not_heard_as_speech() {
    for seed in 1..=3 {
        let scene = scene::single_talk(seed, RATE.hz());
        let share = |heard: &Heard| {
            let learnt = &heard.speech[LEARNT / FRAME..];
            learnt.iter().filter(|speech| **speech).count() as f32 / learnt.len() as f32
        };
        let with = share(&Chain::new(Broken::None).hear(&scene));
        let without = share(&Chain::new(Broken::Aec).hear(&scene));
        assert!(without > 0.3, "{without} of the echo heard without the canceller: no test, seed {seed}");
        assert!(with < 0.05, "{with} of the removed echo called speech, seed {seed}");
    }
}

/// Both in turns, the far end first, `turn` samples each, over a line that is never quite silent.
fn in_turns(seed: u64, turn: usize) -> EchoScene {
    let mut scene = scene::single_talk(seed, RATE.hz());
    let near_end = scene::near_end_only(seed, RATE.hz()).near_end;
    let line_noise = white_noise(seed, -65.0, near_end.len());
    for n in 0..near_end.len() {
        if n / turn % 2 == 1 {
            // The echo of line noise is lost in the noise of the microphone.
            scene.far_end[n] = line_noise[n];
            scene.microphone[n] += near_end[n] - scene.echo[n];
        }
    }
    scene
}

#[test]
fn the_near_end_is_levelled_through_the_chain() {
    let alone = scene::near_end_only(1, RATE.hz());
    for (name, scene) in [("alone", alone), ("in turns", in_turns(1, 2 * 8_000))] {
        let mut scene = scene;
        scene.microphone.iter_mut().for_each(|sample| *sample *= 0.25);
        let heard = Chain::new(Broken::None).hear(&scene);
        // The last turn is the near end's.
        let last = scene.microphone.len() - 8_000..;
        let input = rms_dbfs(&scene.microphone[last.clone()]);
        let output = rms_dbfs(&heard.output[last]);
        let gain = heard.gain_db[heard.gain_db.len() - 1];
        assert!(
            gain > 12.0 && (output - input - gain).abs() < 3.0,
            "{input} to {output} dBFS, {gain} dB, {name}"
        );
    }
}

#[test]
fn a_stage_that_fails_leaves_the_audio_flowing() {
    let scene = scene::double_talk(1, RATE.hz());
    let whole = Chain::new(Broken::None).hear(&scene);
    assert_eq!(whole.errors, 0);
    for broken in [Broken::Aec, Broken::Vad, Broken::Agc] {
        let mut chain = Chain::new(broken);
        let heard = chain.hear(&scene);
        assert_eq!(heard.errors, scene.microphone.len() / FRAME);
        assert_eq!(heard.output.len(), whole.output.len());
        let level = rms_dbfs(&heard.output[LEARNT..]);
        assert!(level > rms_dbfs(&scene.near_end[LEARNT..]) - 6.0, "{level} dBFS");
        assert!(heard.output.iter().all(|sample| sample.is_finite()));
        // Without the detector the gain control decides for itself.
        if broken == Broken::Vad {
            assert!(heard.gain_db.iter().any(|gain| gain.abs() > 1.0));
        }
        // What was broken works again when it is reset.
        chain.broken = Broken::None;
        chain.aec.reset();
        chain.vad.reset();
        chain.gate.reset();
        chain.agc.reset();
        assert!(chain.hear(&scene).output == whole.output);
    }
}
