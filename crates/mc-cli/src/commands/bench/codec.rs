//! G.711 at every instruction set that the CPU has.

use std::hint::black_box;

use mc_g711::{G711, Law, SimdLevel};

use super::case::{Case, Name};
use super::frames::{self, Aligned, FRAMES, SAMPLES};
use crate::failure::Failure;

pub(super) fn cases() -> Result<Vec<Case>, Failure> {
    let mut cases = Vec::new();
    for (law, encode, decode) in
        [(Law::Mu, "encode mu-law", "decode mu-law"), (Law::A, "encode A-law", "decode A-law")]
    {
        for level in SimdLevel::available() {
            cases.push(encoding(encode, law, level)?);
        }
        for level in SimdLevel::available() {
            cases.push(decoding(decode, law, level)?);
        }
    }
    Ok(cases)
}

fn encoding(operation: &'static str, law: Law, level: SimdLevel) -> Result<Case, Failure> {
    let codec = G711::new(law).with_level(level).map_err(Failure::run)?;
    let samples = frames::speech_i16(1);
    let mut codes = Aligned([0; SAMPLES]);
    Ok(Case::new(name(operation, level), move |n| {
        codec.encode(&samples[frames::of(n)], &mut codes.0).map_err(Failure::run)?;
        black_box(&mut codes);
        Ok(())
    }))
}

fn decoding(operation: &'static str, law: Law, level: SimdLevel) -> Result<Case, Failure> {
    let codec = G711::new(law).with_level(level).map_err(Failure::run)?;
    let mut codes = vec![0; FRAMES * SAMPLES];
    codec.encode(&frames::speech_i16(1), &mut codes).map_err(Failure::run)?;
    let mut samples = Aligned([0; SAMPLES]);
    Ok(Case::new(name(operation, level), move |n| {
        codec.decode(&codes[frames::of(n)], &mut samples.0).map_err(Failure::run)?;
        black_box(&mut samples);
        Ok(())
    }))
}

fn name(operation: &'static str, level: SimdLevel) -> Name {
    Name { group: "G.711", operation, level: Some(level.name()) }
}
