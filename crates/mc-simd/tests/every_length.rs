//! Every kernel at every level, for all lengths to 1,000 and slices that start anywhere.

mod common;

use common::{LONGEST, OFFSETS, every_level, guard_holds, placed};
use mc_simd::SimdProcessor;

/// Calls `check` with every level, length and offset.
fn everywhere(check: impl Fn(SimdProcessor, usize, usize)) {
    for simd in every_level() {
        for len in 0..=LONGEST {
            check(simd, len, len % OFFSETS);
        }
        for len in 0..=130 {
            (0..OFFSETS).for_each(|offset| check(simd, len, offset));
        }
    }
}

#[test]
fn gain_multiplies_each_sample_once_and_touches_no_neighbour() {
    let noise = common::noise(LONGEST, 1);
    everywhere(|simd, len, offset| {
        let mut buffer = placed(&noise[..len], offset, 9.0);
        simd.apply_gain(&mut buffer[offset..offset + len], 0.3);
        let expected: Vec<f32> = noise[..len].iter().map(|x| x * 0.3).collect();
        assert_eq!(buffer[offset..offset + len], expected, "{simd:?} {len} {offset}");
        assert!(guard_holds(&buffer, offset, len, 9.0), "{simd:?} {len} {offset}");
    });
}

#[test]
fn mix_adds_each_sample_once_and_touches_no_neighbour() {
    let (a, b) = (common::noise(LONGEST, 2), common::noise(LONGEST, 3));
    everywhere(|simd, len, offset| {
        let mut buffer = placed(&a[..len], offset, 9.0);
        let src = placed(&b[..len], OFFSETS - offset, f32::NAN);
        let src = &src[OFFSETS - offset..][..len];
        assert_eq!(simd.mix_into(&mut buffer[offset..offset + len], src), len);
        let expected: Vec<f32> = a[..len].iter().zip(&b).map(|(a, b)| a + b).collect();
        assert_eq!(buffer[offset..offset + len], expected, "{simd:?} {len} {offset}");
        assert!(guard_holds(&buffer, offset, len, 9.0), "{simd:?} {len} {offset}");
    });
}

#[test]
fn reductions_see_each_sample_once_and_no_neighbour() {
    let (a, b) = (common::noise(LONGEST, 4), common::noise(LONGEST, 5));
    everywhere(|simd, len, offset| {
        let (a, b) = (&a[..len], &b[..len]);
        let buffer = placed(a, offset, 1e9);
        let frame = &buffer[offset..offset + len];
        let (dot, dot_bound) = common::exact_dot(a, b);
        let (energy, energy_bound) = common::exact_dot(a, a);
        assert!((f64::from(simd.dot(frame, b)) - dot).abs() <= dot_bound, "{simd:?} {len} {offset}");
        assert!((f64::from(simd.energy(frame)) - energy).abs() <= energy_bound, "{simd:?} {len} {offset}");
        assert_eq!(simd.peak(frame), common::naive_peak(a), "{simd:?} {len} {offset}");
    });
}

#[test]
fn one_outlier_is_found_at_every_place() {
    for simd in every_level() {
        for len in 1..200 {
            for place in 0..len {
                let mut frame = vec![0.25; len];
                frame[place] = -0.75;
                assert_eq!(simd.peak(&frame), 0.75, "{simd:?} {len} {place}");
                let energy = (len - 1) as f32 * 0.0625 + 0.5625;
                assert_eq!(simd.energy(&frame), energy, "{simd:?} {len} {place}");
            }
        }
    }
}

#[test]
fn conversions_cover_each_sample_and_touch_no_neighbour() {
    let noise = common::noise(LONGEST, 6);
    let integers = common::naive_to_i16(&noise);
    everywhere(|simd, len, offset| {
        let src = placed(&integers[..len], OFFSETS - offset, 77);
        let mut buffer = placed(&noise[..len], offset, 9.0);
        assert_eq!(simd.i16_to_f32(&src[OFFSETS - offset..][..len], &mut buffer[offset..offset + len]), len);
        assert_eq!(buffer[offset..offset + len], common::naive_to_f32(&integers[..len]), "{simd:?} {len}");
        assert!(guard_holds(&buffer, offset, len, 9.0), "{simd:?} {len} {offset}");

        let src = placed(&noise[..len], offset, f32::NAN);
        let mut buffer = placed(&vec![0; len], OFFSETS - offset, 77_i16);
        let dst = OFFSETS - offset..OFFSETS - offset + len;
        assert_eq!(simd.f32_to_i16(&src[offset..offset + len], &mut buffer[dst.clone()]), len);
        assert_eq!(buffer[dst], integers[..len], "{simd:?} {len} {offset}");
        assert!(guard_holds(&buffer, OFFSETS - offset, len, 77), "{simd:?} {len} {offset}");
    });
}

#[test]
fn two_slices_are_taken_to_the_shorter_ones_end() {
    let noise = common::noise(100, 7);
    for simd in every_level() {
        for (long, short) in [(100, 0), (100, 7), (64, 33), (40, 39)] {
            let (a, b) = (&noise[..long], &noise[..short]);
            let mut mixed = a.to_vec();
            assert_eq!(simd.mix_into(&mut mixed, b), short);
            assert_eq!(mixed[short..], a[short..]);
            assert_eq!(simd.mix_into(&mut mixed[..short], a), short);
            assert_eq!(simd.dot(a, b), simd.dot(b, b));
            assert_eq!(simd.dot(b, a), simd.dot(b, b));

            let mut integers = vec![1; long];
            assert_eq!(simd.f32_to_i16(b, &mut integers), short);
            assert!(integers[short..].iter().all(|&sample| sample == 1));
            assert_eq!(simd.f32_to_i16(a, &mut integers[..short]), short);
            let mut floats = vec![1.0; long];
            assert_eq!(simd.i16_to_f32(&integers[..short], &mut floats), short);
            assert!(floats[short..].iter().all(|&sample| sample == 1.0));
            assert_eq!(simd.i16_to_f32(&integers, &mut floats[..short]), short);
        }
    }
}
