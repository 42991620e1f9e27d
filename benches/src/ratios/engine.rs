//! What the engine adds to the processors, and what a conference takes.

use std::hint::black_box;
use std::time::Instant;

use mc_dsp::{EchoCanceller, GainControl, SampleRate, VoiceDetector};
use mc_dsp_v2::{
    AdvancedAcousticEchoCanceller, AdvancedAecConfig, AdvancedAgcConfig, AdvancedAutomaticGainControl,
    AdvancedVadConfig, AdvancedVoiceActivityDetector,
};
use mc_engine::{AudioProcessingConfig, Conference, ConferenceConfig, PayloadFormat};

use super::race::{Measured, Times};
use super::{Contest, without_level};
use crate::Failure;
use crate::call::Call;
use crate::input::{FRAMES, SAMPLES, samples_of, speech};

pub(super) const CONTESTS: &[Contest] = &[
    Contest { name: "engine/chain_v2, %: bare", race: chain },
    Contest { name: "conference/10, ns", race: |level| conference(level, 10) },
    Contest { name: "conference/30, ns", race: |level| conference(level, 30) },
    Contest { name: "conference/60, ns", race: |level| conference(level, 60) },
];

const RATE: SampleRate = SampleRate::Hz8000;
const ROUNDS: usize = 40;
const TICKS: usize = 256;

/// Per cent that a packet takes longer, RTP to RTP, through a session with all processors of `mc-dsp-v2`, than the
/// same processors do on the same frames.
fn chain(level: &str) -> Result<Measured, Failure> {
    without_level(level)?;
    let mut echo = AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default(), RATE)?;
    let mut voice = AdvancedVoiceActivityDetector::new(AdvancedVadConfig::default(), RATE)?;
    let mut gain = AdvancedAutomaticGainControl::new(AdvancedAgcConfig::default(), RATE)?;
    let advanced = AudioProcessingConfig::default()
        .with_use_advanced_aec(true)
        .with_use_advanced_vad(true)
        .with_use_advanced_agc(true);
    let mut call = Call::new(PayloadFormat::PCMU, advanced)?;
    let (near, far) = (speech(1), speech(2));
    let mut frame = [0.0; SAMPLES];
    let times = Times::least(
        ROUNDS,
        FRAMES,
        |n| {
            time(|| {
                frame.copy_from_slice(&near[samples_of(n)]);
                let speech = echo
                    .render(&far[samples_of(n)])
                    .and_then(|()| echo.process(&mut frame))
                    .and_then(|_| voice.process(&frame));
                let probability = speech.ok().map(|voice| voice.probability);
                black_box(gain.process(&mut frame, probability).is_ok());
            })
        },
        |n| {
            time(|| {
                call.render(&far[samples_of(n)]);
                black_box(call.pass(n).is_ok());
            })
        },
    );
    let percent = 100.0 / times.plain();
    Ok(Measured::Value { value: times.longer().max(0.0) * percent, noise: times.noise() * percent })
}

/// Nanoseconds of a tick of 20 ms in which `talkers` talk and are served; decoders would write where they talk.
fn conference(level: &str, talkers: usize) -> Result<Measured, Failure> {
    without_level(level)?;
    let mut room = Conference::new(ConferenceConfig::default())?;
    let ids = (0..talkers).map(|_| room.join(RATE)).collect::<Result<Vec<_>, _>>()?;
    let voice = speech(1);
    for (n, id) in ids.iter().enumerate() {
        if let Some(place) = room.speak(*id) {
            place.copy_from_slice(&voice[samples_of(n % FRAMES)]);
        }
    }
    let mut tick = |_| {
        let ticks = time(|| {
            for _ in 0..TICKS {
                for id in &ids {
                    black_box(room.speak(*id));
                }
                room.tick();
                for id in &ids {
                    black_box(room.hear(*id));
                }
            }
        });
        ticks / TICKS as f64
    };
    let mut least = [f64::INFINITY; 2];
    for round in 0..ROUNDS {
        least[round % 2] = least[round % 2].min(tick(round));
    }
    let value = least[0].min(least[1]);
    Ok(Measured::Value { value, noise: (least[0] - least[1]).abs() })
}

fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e9
}
