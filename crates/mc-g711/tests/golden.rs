//! Every sample and every code against implementations that are not ours.
//!
//! The files in `golden/` are written by `tools/g711-oracle/golden.py`, which describes them.

#![allow(clippy::unwrap_used, reason = "the golden files are part of the tests")]

use mc_g711::{Convention, G711, Law, SimdLevel};

const ENCODERS: [(Law, Convention, &str); 6] = [
    (Law::Mu, Convention::Itu, include_str!("golden/encode-mu-itu.txt")),
    (Law::Mu, Convention::Spandsp, include_str!("golden/encode-mu-spandsp.txt")),
    (Law::Mu, Convention::Audioop, include_str!("golden/encode-mu-audioop.txt")),
    (Law::A, Convention::Itu, include_str!("golden/encode-a.txt")),
    (Law::A, Convention::Spandsp, include_str!("golden/encode-a.txt")),
    (Law::A, Convention::Audioop, include_str!("golden/encode-a.txt")),
];

const DECODERS: [(Law, &str); 2] =
    [(Law::Mu, include_str!("golden/decode-mu.txt")), (Law::A, include_str!("golden/decode-a.txt"))];

fn all_samples() -> Vec<i16> {
    (i16::MIN..=i16::MAX).collect()
}

fn all_codes() -> Vec<u8> {
    (0..=u8::MAX).collect()
}

/// The codes of all samples, from runs of `first sample, code`.
fn golden_codes(runs: &str) -> Vec<u8> {
    let runs: Vec<(i32, u8)> = runs
        .lines()
        .map(|line| {
            let (first, code) = line.split_once(' ').unwrap();
            (first.parse().unwrap(), u8::from_str_radix(code, 16).unwrap())
        })
        .collect();
    assert_eq!(runs[0].0, i32::from(i16::MIN));
    let ends = runs[1..].iter().map(|run| run.0).chain([i32::from(i16::MAX) + 1]);
    let codes: Vec<u8> = runs
        .iter()
        .zip(ends)
        .flat_map(|(&(first, code), end)| std::iter::repeat_n(code, (end - first) as usize))
        .collect();
    assert_eq!(codes.len(), 65_536);
    codes
}

fn golden_samples(lines: &str) -> Vec<i16> {
    let samples: Vec<i16> = lines.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(samples.len(), 256);
    samples
}

#[test]
fn every_sample_has_the_code_of_the_oracle_at_every_level() {
    let samples = all_samples();
    let floats: Vec<f32> = samples.iter().map(|&sample| f32::from(sample) / 32768.0).collect();
    let mut codes = vec![0; samples.len()];
    for (law, convention, runs) in ENCODERS {
        let golden = golden_codes(runs);
        let g711 = G711::new(law).with_convention(convention);
        let one_by_one: Vec<u8> = samples.iter().map(|&sample| g711.encode_sample(sample)).collect();
        assert!(one_by_one == golden, "{law:?} {convention:?}, sample by sample");

        for level in SimdLevel::available() {
            let g711 = g711.with_level(level).unwrap();
            codes.fill(0);
            g711.encode(&samples, &mut codes).unwrap();
            assert!(codes == golden, "{g711:?}, i16");
            codes.fill(0);
            g711.encode_f32(&floats, &mut codes).unwrap();
            assert!(codes == golden, "{g711:?}, f32");
        }
    }
}

#[test]
fn every_code_has_the_sample_of_the_oracle_at_every_level() {
    let codes = all_codes();
    for (law, lines) in DECODERS {
        let golden = golden_samples(lines);
        let golden_floats: Vec<f32> = golden.iter().map(|&sample| f32::from(sample) / 32768.0).collect();
        let g711 = G711::new(law);
        let one_by_one: Vec<i16> = codes.iter().map(|&code| g711.decode_code(code)).collect();
        assert_eq!(one_by_one, golden, "{law:?}, code by code");

        for level in SimdLevel::available() {
            let g711 = g711.with_level(level).unwrap();
            let mut samples = vec![0; codes.len()];
            g711.decode(&codes, &mut samples).unwrap();
            assert_eq!(samples, golden, "{g711:?}, i16");
            let mut floats = vec![0.0; codes.len()];
            g711.decode_f32(&codes, &mut floats).unwrap();
            assert_eq!(floats, golden_floats, "{g711:?}, f32");
        }
    }
}
