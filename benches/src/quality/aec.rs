//! Echo cancellers: how much echo they take away, and how much of the near end they leave.

use mc_dsp::EchoCanceller;
use mc_dsp_v1::{AcousticEchoCanceller, AecConfig};
use mc_testkit::measure::{erle_db, near_end_sdr_db};
use mc_testkit::scene::{self, EchoScene};

use super::{FRAME, Measure, RATE, worst};
use crate::Failure;

/// Time that a canceller has to learn the echo path, in samples: 4 s.
const LEARNT: usize = 4 * 8_000;

pub(super) fn measures() -> Result<Vec<Measure>, Failure> {
    let measure = |name: &str, value| (format!("aec/v1/{name}"), value);
    let rate = RATE.hz();
    let erle = |scene: EchoScene, from: usize| {
        let output = process(&scene)?;
        Ok(erle_db(&scene.microphone[from..], &output[from..]))
    };
    let near_end = |scene: EchoScene| {
        let output = process(&scene)?;
        let from = scene.near_end_from;
        Ok(near_end_sdr_db(&scene.near_end[from..], &output[from..]))
    };
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

fn process(scene: &EchoScene) -> Result<Vec<f32>, Failure> {
    let mut canceller = AcousticEchoCanceller::new(AecConfig::default(), RATE)?;
    let mut output = scene.microphone.clone();
    for (far_end, near_end) in scene.far_end.chunks_exact(FRAME).zip(output.chunks_exact_mut(FRAME)) {
        canceller.render(far_end)?;
        canceller.process(near_end)?;
    }
    Ok(output)
}
