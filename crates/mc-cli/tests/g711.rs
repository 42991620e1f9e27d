//! `mc g711` on raw files.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;

use common::{Folder, refuse, succeed};
use mc_g711::{Convention, G711, Law};

/// More samples than are converted at a time: every 16-bit value, and a few again.
fn samples() -> Vec<i16> {
    (i16::MIN..=i16::MAX).chain(-700..700).collect()
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

fn convert(folder: &Folder, words: &str) {
    succeed(folder.arguments(&format!("g711 {words}")));
}

#[test]
fn codes_and_samples_are_those_of_the_library() {
    let folder = Folder::new();
    let samples = samples();
    folder.bytes("in.raw", &bytes(&samples));
    for (name, law) in [("mu", Law::Mu), ("a", Law::A)] {
        let codec = G711::new(law);
        convert(&folder, &format!("encode --law {name} @in.raw @out.g711"));
        let codes = fs::read(folder.path("out.g711")).unwrap();
        assert!(
            codes.iter().copied().eq(samples.iter().map(|sample| codec.encode_sample(*sample))),
            "{name}"
        );

        convert(&folder, &format!("decode --law {name} @out.g711 @out.raw"));
        let decoded: Vec<i16> = codes.iter().map(|code| codec.decode_code(*code)).collect();
        assert_eq!(fs::read(folder.path("out.raw")).unwrap(), bytes(&decoded), "{name}");
    }
}

#[test]
fn conventions_reach_the_encoder() {
    let folder = Folder::new();
    let samples = samples();
    folder.bytes("in.raw", &bytes(&samples));
    for (name, convention) in
        [("itu", Convention::Itu), ("spandsp", Convention::Spandsp), ("audioop", Convention::Audioop)]
    {
        let codec = G711::new(Law::Mu).with_convention(convention);
        convert(&folder, &format!("encode --law mu --convention {name} @in.raw @out.ul"));
        let expected: Vec<u8> = samples.iter().map(|sample| codec.encode_sample(*sample)).collect();
        assert!(fs::read(folder.path("out.ul")).unwrap() == expected, "{name}");
    }
}

#[test]
fn an_empty_file_stays_empty() {
    let folder = Folder::new();
    folder.bytes("in.raw", b"");
    convert(&folder, "encode --law a @in.raw @out.al");
    assert!(fs::read(folder.path("out.al")).unwrap().is_empty());
}

#[test]
fn half_a_sample_is_an_error_and_writes_nothing() {
    let folder = Folder::new();
    folder.bytes("odd.raw", &[1, 2, 3]);
    refuse(folder.arguments("g711 encode --law mu @odd.raw @out.ul"), &["odd.raw", "odd number of bytes"]);
    assert!(!folder.path("out.ul").exists());
}

#[test]
fn the_input_is_never_its_own_output() {
    let folder = Folder::new();
    let input = folder.bytes("in.raw", &[1, 2, 3, 4]);
    refuse(folder.arguments("g711 decode --law mu @in.raw @in.raw"), &["in.raw", "input"]);
    assert_eq!(fs::read(&input).unwrap(), [1, 2, 3, 4]);
    refuse(folder.arguments("g711 decode --law mu @in.raw @"), &["directory"]);
    refuse(folder.arguments("g711 decode --law mu @none.raw @out.raw"), &["none.raw"]);
}
