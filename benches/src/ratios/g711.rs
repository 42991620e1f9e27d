//! Companding of speech.

use std::hint::black_box;

use mc_g711::{G711, Law, LawMap, SimdLevel};
use mc_testkit::signal::white_noise;

use super::race::{Measured, race};
use super::{Contest, naive, plain};
use crate::Failure;
use crate::input::{SAMPLES, samples_of, speech_codes};

pub(super) const CONTESTS: &[Contest] = &[
    Contest { name: "g711/encode_mu: bit loop", race: encode },
    Contest { name: "g711/decode_mu: table", race: decode },
    Contest { name: "g711/map: scalar map", race: map },
];

/// Mu-law at the level of this name; `None` where the CPU lacks it.
pub(super) fn codec(level: &str) -> Result<Option<G711>, Failure> {
    let found = SimdLevel::ALL.into_iter().find(|candidate| candidate.name() == level);
    let found = found.ok_or_else(|| format!("mc-g711 has no level `{level}`"))?;
    Ok(G711::new(Law::Mu).with_level(found).ok())
}

fn encode(level: &str) -> Result<Measured, Failure> {
    let Some(codec) = codec(level)? else { return Ok(Measured::LACKING) };
    // One loud frame again and again is what the bit loop does best: the search ends at the first bits, and its
    // branches are learnt by heart. Speech takes it twice as long.
    let samples: Vec<i16> =
        white_noise(1, -10.0, SAMPLES).into_iter().map(|sample| (sample * 32_767.0) as i16).collect();
    let (mut plainly, mut codes) = ([0_u8; SAMPLES], [0_u8; SAMPLES]);
    let times = race(
        |_| {
            for (code, &sample) in black_box(&mut plainly).iter_mut().zip(black_box(&samples)) {
                *code = naive::mu_law(sample);
            }
        },
        // The lengths are the same, here and below.
        |_| _ = codec.encode(black_box(&samples), black_box(&mut codes)),
    );
    Ok(times.ratio())
}

fn decode(level: &str) -> Result<Measured, Failure> {
    let Some(codec) = codec(level)? else { return Ok(Measured::LACKING) };
    let codes = speech_codes(1, Law::Mu)?;
    let table: [i16; 256] = std::array::from_fn(|code| codec.decode_code(code as u8));
    let (mut plainly, mut samples) = ([0_i16; SAMPLES], [0_i16; SAMPLES]);
    let times = race(
        |frame| plain::decode(black_box(&table), &codes[samples_of(frame)], black_box(&mut plainly)),
        |frame| _ = codec.decode(&codes[samples_of(frame)], black_box(&mut samples)),
    );
    Ok(times.ratio())
}

/// In place, so every frame is written before it is read again.
fn map(level: &str) -> Result<Measured, Failure> {
    let Some(codec) = codec(level)? else { return Ok(Measured::LACKING) };
    let scalar = codec.with_level(SimdLevel::Scalar)?;
    let (plain_map, map) = (LawMap::gain(scalar, scalar, -1.0), LawMap::gain(codec, codec, -1.0));
    let mut plainly = speech_codes(1, Law::Mu)?;
    let mut codes = plainly.clone();
    let times = race(
        |frame| plain_map.apply(black_box(&mut plainly[samples_of(frame)])),
        |frame| map.apply(black_box(&mut codes[samples_of(frame)])),
    );
    Ok(times.ratio())
}
