//! Echo cancellers: how much echo they take away, how soon, and how much of the near end they leave.

use mc_dsp::EchoCanceller;
use mc_dsp_v1::{AcousticEchoCanceller, AecConfig};
use mc_dsp_v2::{AdvancedAcousticEchoCanceller, AdvancedAecConfig};
use mc_testkit::measure::{clipped_share, convergence_samples, erle_db, near_end_sdr_db};
use mc_testkit::scene::{self, EchoScene};

use super::{FRAME, Measure, RATE, worst, worst_error};
use crate::Failure;

/// Time that a canceller has to learn the echo path, in samples: 4 s.
const LEARNT: usize = 4 * 8_000;
/// What counts as converged, in dB over half a second.
const CONVERGED_DB: f32 = 20.0;

pub(super) fn measures() -> Result<Vec<Measure>, Failure> {
    let mut measures = first()?;
    measures.extend(second()?);
    Ok(measures)
}

fn first() -> Result<Vec<Measure>, Failure> {
    let measure = |name: &str, value| (format!("aec/v1/{name}"), value);
    let rate = RATE.hz();
    let output = |scene: &EchoScene| process(AcousticEchoCanceller::new(AecConfig::default(), RATE)?, scene);
    let erle = |scene: EchoScene, from| Ok(erle_from(&scene, &output(&scene)?, from));
    let near_end = |scene: EchoScene| Ok(near_end_sdr(&scene, &output(&scene)?));
    Ok(vec![
        measure("single_talk/erle_db", worst(|seed| erle(scene::single_talk(seed, rate), LEARNT))?),
        measure("noise_far_end/erle_db", worst(|seed| erle(scene::noise_far_end(seed, rate), LEARNT))?),
        measure("delayed_20_ms/erle_db", worst(|seed| erle(scene::delayed_echo(seed, rate, 20), LEARNT))?),
        measure("path_change/erle_after_db", {
            worst(|seed| {
                let scene = scene::path_change(seed, rate);
                let change = scene.change_at.unwrap_or_default();
                erle(scene, change + LEARNT)
            })?
        }),
        measure("double_talk/near_end_sdr_db", worst(|seed| near_end(scene::double_talk(seed, rate)))?),
        measure("near_end_only/near_end_sdr_db", worst(|seed| near_end(scene::near_end_only(seed, rate)))?),
    ])
}

fn second() -> Result<Vec<Measure>, Failure> {
    let measure = |name: &str, value| (format!("aec/v2/{name}"), value);
    let rate = RATE.hz();
    let output = |scene: &EchoScene| {
        process(AdvancedAcousticEchoCanceller::new(AdvancedAecConfig::default(), RATE)?, scene)
    };
    let erle = |scene: EchoScene, wait| {
        let from = scene.change_at.unwrap_or_default() + wait;
        Ok(erle_from(&scene, &output(&scene)?, from))
    };
    let near_end = |scene: EchoScene| Ok(near_end_sdr(&scene, &output(&scene)?));
    let converged_s = |scene: EchoScene| {
        let found = convergence_samples(&scene.microphone, &output(&scene)?, rate as usize / 2, CONVERGED_DB);
        Ok(found.map_or(f32::INFINITY, |sample| sample as f32 / rate as f32))
    };
    let clipped = |scene: EchoScene| {
        let (output, from) = (output(&scene)?, scene.near_end_from);
        Ok(100.0 * clipped_share(&scene.near_end[from..], &output[from..], FRAME, -50.0, 6.0))
    };
    Ok(vec![
        measure("single_talk/erle_db", worst(|seed| erle(scene::single_talk(seed, rate), LEARNT))?),
        measure("single_talk/converged_s", worst_error(|seed| converged_s(scene::single_talk(seed, rate)))?),
        measure("noise_far_end/erle_db", worst(|seed| erle(scene::noise_far_end(seed, rate), LEARNT))?),
        measure("delayed_300_ms/erle_db", worst(|seed| erle(scene::delayed_echo(seed, rate, 300), LEARNT))?),
        measure(
            "drift_100_ppm/erle_db",
            worst(|seed| erle(scene::drifting_echo(seed, rate, 100.0), 7 * 8_000))?,
        ),
        measure("path_change/erle_after_db", worst(|seed| erle(scene::path_change(seed, rate), 2 * 8_000))?),
        measure(
            "delay_jump/erle_after_db",
            worst(|seed| erle(scene::delay_jump(seed, rate, 150, 250), LEARNT))?,
        ),
        measure("double_talk/near_end_sdr_db", worst(|seed| near_end(scene::double_talk(seed, rate)))?),
        measure("double_talk/clipped_percent", worst_error(|seed| clipped(scene::double_talk(seed, rate)))?),
        measure("no_echo/near_end_sdr_db", worst(|seed| near_end(scene::no_echo(seed, rate)))?),
        measure("near_end_only/near_end_sdr_db", worst(|seed| near_end(scene::near_end_only(seed, rate)))?),
    ])
}

fn erle_from(scene: &EchoScene, output: &[f32], from: usize) -> f32 {
    erle_db(&scene.microphone[from..output.len()], &output[from..])
}

fn near_end_sdr(scene: &EchoScene, output: &[f32]) -> f32 {
    let from = scene.near_end_from;
    near_end_sdr_db(&scene.near_end[from..output.len()], &output[from..])
}

/// What comes out, without the canceller's delay.
fn process(mut canceller: impl EchoCanceller, scene: &EchoScene) -> Result<Vec<f32>, Failure> {
    let mut output = scene.microphone.clone();
    for (far_end, near_end) in scene.far_end.chunks_exact(FRAME).zip(output.chunks_exact_mut(FRAME)) {
        canceller.render(far_end)?;
        canceller.process(near_end)?;
    }
    Ok(output.split_off(canceller.latency_samples()))
}
