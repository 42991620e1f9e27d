//! Every instruction set against the scalar one, at every length and alignment.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::mem::MaybeUninit;

use mc_g711::{Convention, G711, Law, LawMap, SimdLevel};
use proptest::prelude::*;

const LENGTHS: usize = 1000;
/// Written beside every destination, and expected there afterwards.
const GUARD: usize = 64;

/// All codecs of a level; A-law has one convention.
fn codecs(level: SimdLevel) -> [G711; 4] {
    let mu = G711::new(Law::Mu);
    [mu, mu.with_convention(Convention::Spandsp), mu.with_convention(Convention::Audioop), G711::new(Law::A)]
        .map(|g711| g711.with_level(level).unwrap())
}

/// Numbers without a pattern that a vector's width could hide.
fn noise(len: usize) -> Vec<u32> {
    let mut state = 0x2545_F491_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    })
    .take(len)
    .collect()
}

/// Runs a kernel on every length up to 1,000 at changing offsets, and compares what it wrote with `expected`,
/// value by value, and what lies around it with what lay there.
fn check_every_length<S: Copy, D: Copy + PartialEq + std::fmt::Debug>(
    name: &str,
    source: &[S],
    expected: &[D],
    filler: D,
    kernel: impl Fn(&[S], &mut [D]),
) {
    for len in 0..=LENGTHS {
        let (from, to) = (len % 67, GUARD + len % 61);
        let mut destination = vec![filler; to + len + GUARD];
        kernel(&source[from..from + len], &mut destination[to..to + len]);
        let untouched = |values: &[D]| values.iter().all(|&value| value == filler);
        assert_eq!(destination[to..to + len], expected[from..from + len], "{name}, {len} values");
        assert!(untouched(&destination[..to]), "{name} wrote before {len} values");
        assert!(untouched(&destination[to + len..]), "{name} wrote behind {len} values");
    }
}

#[test]
fn every_length_and_alignment_gives_what_single_values_give() {
    let noise = noise(LENGTHS + 67);
    let samples: Vec<i16> = noise.iter().map(|&bits| bits as i16).collect();
    // Beyond full scale on both sides, and between samples.
    let floats: Vec<f32> = noise.iter().map(|&bits| bits as i32 as f32 / 1.5e9).collect();
    let codes: Vec<u8> = noise.iter().map(|&bits| bits as u8).collect();
    for level in SimdLevel::available() {
        for g711 in codecs(level) {
            let encoded: Vec<u8> = samples.iter().map(|&sample| g711.encode_sample(sample)).collect();
            let of_float = |x: &f32| g711.encode_sample((x * 32768.0).round_ties_even() as i16);
            let encoded_floats: Vec<u8> = floats.iter().map(of_float).collect();
            let decoded: Vec<i16> = codes.iter().map(|&code| g711.decode_code(code)).collect();
            let decoded_floats: Vec<f32> =
                decoded.iter().map(|&sample| f32::from(sample) / 32768.0).collect();

            let name = |what: &str| format!("{what} by {g711:?}");
            check_every_length(&name("encode"), &samples, &encoded, 0x2A, |from, to| {
                g711.encode(from, to).unwrap();
            });
            check_every_length(&name("encode_f32"), &floats, &encoded_floats, 0x2A, |from, to| {
                g711.encode_f32(from, to).unwrap();
            });
            check_every_length(&name("decode"), &codes, &decoded, 77, |from, to| {
                g711.decode(from, to).unwrap();
            });
            check_every_length(&name("decode_f32"), &codes, &decoded_floats, 77.0, |from, to| {
                g711.decode_f32(from, to).unwrap();
            });
        }
    }
}

#[test]
fn room_without_values_is_filled_to_its_end() {
    let codes: Vec<u8> = noise(LENGTHS + 67).iter().map(|&bits| bits as u8).collect();
    for level in SimdLevel::available() {
        for g711 in codecs(level) {
            for len in 0..=LENGTHS {
                let part = &codes[len % 67..][..len];
                // What is left of this would not compare equal to anything.
                let mut room = vec![MaybeUninit::new(f32::NAN); len];
                let start = room.as_ptr().cast();
                let samples = g711.decode_f32_uninit(part, &mut room).unwrap();
                let decoded = part.iter().map(|&code| f32::from(g711.decode_code(code)) / 32768.0);
                assert!(samples.iter().copied().eq(decoded), "{g711:?}, {len} codes");
                assert_eq!(samples.as_ptr(), start);
            }
        }
    }
}

#[test]
fn every_length_has_its_exact_energy() {
    let codes: Vec<u8> = noise(LENGTHS + 67).iter().map(|&bits| bits as u8).collect();
    for level in SimdLevel::available() {
        for g711 in codecs(level) {
            let square = |&code: &u8| u64::from(g711.decode_code(code).unsigned_abs()).pow(2);
            for len in 0..=LENGTHS {
                let part = &codes[len % 67..][..len];
                assert_eq!(g711.energy(part), part.iter().map(square).sum(), "{g711:?}, {len} codes");
            }
            // The loudest code, whose squares come nearest to what a lane holds.
            let loudest = (0..=u8::MAX).max_by_key(|&code| g711.decode_code(code)).unwrap();
            let minute = vec![loudest; 480_000];
            assert_eq!(g711.energy(&minute), square(&loudest) * 480_000, "{g711:?}");
        }
    }
}

#[test]
fn every_length_is_mapped_in_place() {
    let codes: Vec<u8> = noise(LENGTHS + 67).iter().map(|&bits| bits as u8).collect();
    for level in SimdLevel::available() {
        let [mu, .., a] = codecs(level);
        let map = LawMap::gain(mu, a, 0.7);
        let mapped: Vec<u8> = codes.iter().map(|&code| map.map_code(code)).collect();
        check_every_length(&format!("{level} map"), &codes, &mapped, 0x2A, |from, to| {
            to.copy_from_slice(from);
            map.apply(to);
        });
    }
}

#[test]
fn every_length_is_metered_while_it_is_mapped() {
    let codes: Vec<u8> = noise(LENGTHS + 67).iter().map(|&bits| bits as u8).collect();
    for level in SimdLevel::available() {
        for g711 in codecs(level) {
            let map = LawMap::gain(g711, g711, 0.7);
            let mapped: Vec<u8> = codes.iter().map(|&code| map.map_code(code)).collect();
            check_every_length(&format!("metered map of {g711:?}"), &codes, &mapped, 0x2A, |from, to| {
                to.copy_from_slice(from);
                assert_eq!(map.apply_metered(to), g711.energy(from), "{g711:?}, {} codes", from.len());
            });
            // The loudest code, whose squares come nearest to what a lane holds.
            let loudest = (0..=u8::MAX).max_by_key(|&code| g711.decode_code(code)).unwrap();
            let square = u64::from(g711.decode_code(loudest).unsigned_abs()).pow(2);
            assert_eq!(map.apply_metered(&mut vec![loudest; 480_000]), square * 480_000, "{g711:?}");
        }
    }
}

#[test]
fn only_what_the_cpu_has_can_be_forced() {
    let available: Vec<SimdLevel> = SimdLevel::available().collect();
    assert_eq!(available[0], SimdLevel::Scalar);
    for level in SimdLevel::ALL {
        let forced = G711::new(Law::Mu).with_level(level);
        match forced {
            Ok(g711) => assert!(available.contains(&level) && g711.level() == level),
            Err(error) => {
                assert!(!available.contains(&level) && error.level() == level);
                assert!(error.to_string().contains(level.name()), "{error}");
            }
        }
    }
    assert_eq!(G711::new(Law::A).level(), *available.last().unwrap());
}

proptest! {
    /// Floats of any magnitude, as the scalar level takes them.
    #[test]
    fn any_float_is_encoded_alike(bits in prop::collection::vec(any::<u32>(), 0..200)) {
        let floats: Vec<f32> = bits.into_iter().map(f32::from_bits).collect();
        for (index, scalar) in codecs(SimdLevel::Scalar).into_iter().enumerate() {
            let mut expected = vec![0; floats.len()];
            scalar.encode_f32(&floats, &mut expected).unwrap();
            for level in SimdLevel::available() {
                let mut codes = vec![0; floats.len()];
                codecs(level)[index].encode_f32(&floats, &mut codes).unwrap();
                prop_assert_eq!(&codes, &expected, "{}", level);
            }
        }
    }
}
