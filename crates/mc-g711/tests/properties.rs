//! What holds for a codec beyond its tables.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::mem::MaybeUninit;

use mc_g711::{Convention, G711, Law, LengthMismatch, SimdLevel};

const LAWS: [Law; 2] = [Law::Mu, Law::A];
const CONVENTIONS: [Convention; 3] = [Convention::Itu, Convention::Spandsp, Convention::Audioop];

#[test]
fn decoding_and_encoding_again_changes_only_negative_zero() {
    for law in LAWS {
        for convention in CONVENTIONS {
            let g711 = G711::new(law).with_convention(convention);
            let changed: Vec<u8> =
                (0..=u8::MAX).filter(|&code| g711.encode_sample(g711.decode_code(code)) != code).collect();
            match law {
                Law::Mu => assert_eq!(changed, [0x7F], "{convention:?}"),
                Law::A => assert_eq!(changed, [], "{convention:?}"),
            }
        }
    }
}

#[test]
fn conventions_differ_in_as_many_samples_as_documented() {
    let differing = |law, convention| {
        let (itu, other) = (G711::new(law), G711::new(law).with_convention(convention));
        (i16::MIN..=i16::MAX).filter(|&x| itu.encode_sample(x) != other.encode_sample(x)).count()
    };
    assert_eq!(differing(Law::Mu, Convention::Spandsp), 127);
    assert_eq!(differing(Law::Mu, Convention::Audioop), 508);
    assert_eq!(differing(Law::A, Convention::Spandsp), 0);
    assert_eq!(differing(Law::A, Convention::Audioop), 0);
}

#[test]
fn the_itu_quantiser_is_symmetric() {
    for law in LAWS {
        let g711 = G711::new(law);
        for sample in 0..=i16::MAX {
            assert_eq!(g711.encode_sample(sample) ^ 0x80, g711.encode_sample(!sample), "{law:?} {sample}");
        }
    }
}

/// Every codec that this CPU can run.
fn all_codecs() -> impl Iterator<Item = G711> {
    SimdLevel::available().flat_map(|level| {
        LAWS.into_iter().flat_map(move |law| {
            CONVENTIONS
                .map(|convention| G711::new(law).with_convention(convention).with_level(level).unwrap())
        })
    })
}

#[test]
fn floats_round_to_the_nearest_even_sample_and_saturate() {
    let step = 1.0 / 32768.0;
    // Samples beside a decision value of either law, so that the rounding shows in the code.
    let cases = [
        (3.5 * step, 4),
        (4.5 * step, 4),
        (3.499 * step, 3),
        (15.5 * step, 16),
        (-4.5 * step, -4),
        (-16.5 * step, -16),
        (-16.501 * step, -17),
        (1.0, i16::MAX),
        (-1.0, i16::MIN),
        (7.0e20, i16::MAX),
        (f32::INFINITY, i16::MAX),
        (f32::NEG_INFINITY, i16::MIN),
        (f32::MIN_POSITIVE, 0),
        (-0.0, 0),
    ];
    for g711 in all_codecs() {
        for (float, sample) in cases {
            // As long as the widest vector, so that every level computes it.
            let mut codes = [0; 64];
            g711.encode_f32(&[float; 64], &mut codes).unwrap();
            assert_eq!(codes, [g711.encode_sample(sample); 64], "{g711:?} {float}");
        }
    }
}

#[test]
fn not_a_number_is_silence() {
    // A quiet one, its negative, and ones whose payload would show as a sample if it were looked at.
    let all = [0x7FC0_0000, 0xFFC0_0000, 0x7FC0_7FFF, 0xFFFF_FFFF, 0x7F80_0001].map(f32::from_bits);
    for g711 in all_codecs() {
        let silence = g711.law().silence();
        assert_eq!(g711.encode_sample(0), silence);
        for nan in all {
            let mut codes = [0; 64];
            g711.encode_f32(&[nan; 64], &mut codes).unwrap();
            assert_eq!(codes, [silence; 64], "{g711:?}");
        }
    }
}

#[test]
fn unequal_lengths_are_an_error_and_write_nothing() {
    let g711 = G711::new(Law::A);
    let error = LengthMismatch { source: 3, destination: 2 };
    let mut codes = [7; 2];
    assert_eq!(g711.encode(&[1; 3], &mut codes), Err(error));
    assert_eq!(g711.encode_f32(&[1.0; 3], &mut codes), Err(error));
    assert_eq!(codes, [7; 2]);
    let (mut samples, mut floats) = ([7; 2], [7.0; 2]);
    assert_eq!(g711.decode(&[1; 3], &mut samples), Err(error));
    assert_eq!(g711.decode_f32(&[1; 3], &mut floats), Err(error));
    assert_eq!(g711.decode_f32_uninit(&[1; 3], &mut [const { MaybeUninit::uninit() }; 2]), Err(error));
    assert_eq!((samples, floats), ([7; 2], [7.0; 2]));
    assert!(error.to_string().contains('3') && error.to_string().contains('2'));
}
