//! Every kernel at every level, for all lengths to 1,000 and slices that start anywhere.

mod common;

use common::{LONGEST, OFFSETS, every_way, guard_holds, pairs, placed, way};
use mc_simd::SimdProcessor;

/// Calls `check` with every level, length and offset.
fn everywhere(check: impl Fn(&SimdProcessor, usize, usize)) {
    for simd in every_way() {
        for len in 0..=LONGEST {
            check(&simd, len, len % OFFSETS);
        }
        for len in 0..=130 {
            (0..OFFSETS).for_each(|offset| check(&simd, len, offset));
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
        assert_eq!(buffer[offset..offset + len], expected, "{} {len} {offset}", way(simd));
        assert!(guard_holds(&buffer, offset, len, 9.0), "{} {len} {offset}", way(simd));
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
        assert_eq!(buffer[offset..offset + len], expected, "{} {len} {offset}", way(simd));
        assert!(guard_holds(&buffer, offset, len, 9.0), "{} {len} {offset}", way(simd));

        let mut measured = placed(&a[..len], offset, 9.0);
        let energy = simd.mix_energy(&mut measured[offset..offset + len], src);
        assert_eq!(measured, buffer, "{} {len} {offset}", way(simd));
        let exact: f64 = src.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
        let bound = (len as f64 / 4.0 + 8.0) * f64::from(f32::EPSILON) / 2.0 * exact;
        assert!(
            (f64::from(energy) - exact).abs() <= bound,
            "{} {len} {offset}: {energy}, {exact}",
            way(simd)
        );
    });
}

#[test]
#[allow(clippy::manual_clamp, reason = "clamp keeps NaN")]
fn mix_minus_is_the_limited_rest_times_the_gain_and_touches_no_neighbour() {
    let [mut sum, own, gains] = [21, 22, 23].map(|seed| common::noise(LONGEST, seed));
    sum.iter_mut().step_by(7).for_each(|sample| *sample *= 9.0);
    sum.iter_mut().step_by(23).for_each(|sample| *sample = f32::NAN);
    everywhere(|simd, len, offset| {
        let mut buffer = placed(&vec![0.5; len], offset, 9.0);
        let own_placed = placed(&own[..len], OFFSETS - offset, f32::NAN);
        let own_part = &own_placed[OFFSETS - offset..][..len];
        let out = &mut buffer[offset..offset + len];
        assert_eq!(simd.mix_minus(&sum[..len], own_part, &gains, out), len);
        let parts = sum[..len].iter().zip(&own).zip(&gains);
        let expected: Vec<f32> =
            parts.map(|((sum, own), gain)| ((sum - own) * gain).max(-1.0).min(1.0)).collect();
        assert_eq!(buffer[offset..offset + len], expected, "{} {len} {offset}", way(simd));
        assert!(guard_holds(&buffer, offset, len, 9.0), "{} {len} {offset}", way(simd));
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
        assert!((f64::from(simd.dot(frame, b)) - dot).abs() <= dot_bound, "{} {len} {offset}", way(simd));
        assert!(
            (f64::from(simd.energy(frame)) - energy).abs() <= energy_bound,
            "{} {len} {offset}",
            way(simd)
        );
        assert_eq!(simd.peak(frame), common::naive_peak(a), "{} {len} {offset}", way(simd));
    });
}

#[test]
fn one_outlier_is_found_at_every_place() {
    for simd in every_way() {
        for len in 1..200 {
            for place in 0..len {
                let mut frame = vec![0.25; len];
                frame[place] = -0.75;
                assert_eq!(simd.peak(&frame), 0.75, "{} {len} {place}", way(&simd));
                let energy = (len - 1) as f32 * 0.0625 + 0.5625;
                assert_eq!(simd.energy(&frame), energy, "{} {len} {place}", way(&simd));
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
        assert_eq!(
            buffer[offset..offset + len],
            common::naive_to_f32(&integers[..len]),
            "{} {len}",
            way(simd)
        );
        assert!(guard_holds(&buffer, offset, len, 9.0), "{} {len} {offset}", way(simd));

        let src = placed(&noise[..len], offset, f32::NAN);
        let mut buffer = placed(&vec![0; len], OFFSETS - offset, 77_i16);
        let dst = OFFSETS - offset..OFFSETS - offset + len;
        assert_eq!(simd.f32_to_i16(&src[offset..offset + len], &mut buffer[dst.clone()]), len);
        assert_eq!(buffer[dst], integers[..len], "{} {len} {offset}", way(simd));
        assert!(guard_holds(&buffer, OFFSETS - offset, len, 77), "{} {len} {offset}", way(simd));
    });
}

#[test]
fn integer_gain_multiplies_each_sample_once_and_touches_no_neighbour() {
    let integers = common::naive_to_i16(&common::noise(LONGEST, 8));
    everywhere(|simd, len, offset| {
        let mut buffer = placed(&integers[..len], offset, 77);
        simd.apply_gain_q12(&mut buffer[offset..offset + len], 6_000);
        let expected = common::naive_gain_q12(&integers[..len], 6_000);
        assert_eq!(buffer[offset..offset + len], expected, "{} {len} {offset}", way(simd));
        assert!(guard_holds(&buffer, offset, len, 77), "{} {len} {offset}", way(simd));
    });
}

#[test]
fn crossfades_are_the_same_bits_everywhere() {
    let (a, b) = (common::noise(LONGEST, 9), common::noise(LONGEST, 10));
    everywhere(|simd, len, offset| {
        let mut buffer = placed(&a[..len], offset, 9.0);
        assert_eq!(simd.crossfade(&mut buffer[offset..offset + len], &b[..len]), len);
        let expected = common::naive_crossfade(&a[..len], &b[..len]);
        assert_eq!(buffer[offset..offset + len], expected, "{} {len} {offset}", way(simd));
        assert!(guard_holds(&buffer, offset, len, 9.0), "{} {len} {offset}", way(simd));
    });
}

#[test]
fn complex_products_are_added_once_per_place() {
    let [acc, a, b] = [11, 12, 13].map(|seed| common::noise(2 * LONGEST, seed));
    let (acc, a, b) = (pairs(&acc), pairs(&a), pairs(&b));
    everywhere(|simd, len, offset| {
        for conj in [false, true] {
            let mut buffer = placed(&acc[..len], offset, [9.0; 2]);
            let sums = &mut buffer[offset..offset + len];
            let (a, b) = (&a[..len], &b[..len]);
            let written =
                if conj { simd.complex_conj_mul_add(sums, a, b) } else { simd.complex_mul_add(sums, a, b) };
            assert_eq!(written, len);
            for place in 0..len {
                let exact = common::exact_complex(acc[place], a[place], b[place], conj);
                for (got, (exact, bound)) in sums[place].into_iter().zip(exact) {
                    assert!((f64::from(got) - exact).abs() <= bound, "{} {len} {place}", way(simd));
                }
            }
            assert!(guard_holds(&buffer, offset, len, [9.0; 2]), "{} {len} {offset}", way(simd));
        }
    });
}

#[test]
fn filters_use_every_tap_for_every_output() {
    let (taps, input) = (common::noise(70, 14), common::noise(500, 15));
    for simd in every_way() {
        for (count, lengths) in [(1, 0..300), (2, 0..100), (7, 0..100), (32, 0..300), (70, 0..100)] {
            let taps = &taps[..count];
            for len in lengths {
                let offset = len % OFFSETS;
                let input = &input[offset..offset + len + count - 1];
                let mut buffer = placed(&vec![f32::NAN; len], offset, 9.0);
                assert_eq!(simd.fir(taps, input, &mut buffer[offset..offset + len]), len);
                for (place, got) in buffer[offset..offset + len].iter().enumerate() {
                    let (exact, bound) = common::exact_fir(taps, &input[..place + count]);
                    let error = (f64::from(*got) - exact).abs();
                    assert!(error <= bound, "{} {len} {count} {place}", way(&simd));
                }
                assert!(guard_holds(&buffer, offset, len, 9.0), "{} {len} {count}", way(&simd));
            }
        }
    }
}

#[test]
fn a_filter_writes_as_many_outputs_as_its_input_suffices_for() {
    let (input, mut out) = (common::noise(50, 16), [9.0; 50]);
    for simd in every_way() {
        for (taps, samples, room, written) in
            [(0, 50, 50, 0), (5, 0, 50, 0), (5, 4, 50, 0), (5, 5, 50, 1), (50, 50, 50, 1), (1, 50, 50, 50)]
                .into_iter()
                .chain([(51, 50, 50, 0), (5, 50, 50, 46), (5, 50, 20, 20), (5, 50, 0, 0)])
        {
            out.fill(9.0);
            let taps = vec![0.5; taps];
            assert_eq!(simd.fir(&taps, &input[..samples], &mut out[..room]), written);
            assert!(out[written..].iter().all(|&sample| sample == 9.0));
        }
    }
}

#[test]
fn slices_are_taken_to_the_shortest_ones_end() {
    let noise = common::noise(100, 7);
    for simd in every_way() {
        for (long, short) in [(100, 0), (100, 7), (64, 33), (40, 39)] {
            let (a, b) = (&noise[..long], &noise[..short]);
            let mut mixed = a.to_vec();
            assert_eq!(simd.mix_into(&mut mixed, b), short);
            assert_eq!(mixed[short..], a[short..]);
            assert_eq!(simd.mix_into(&mut mixed[..short], a), short);
            let common = &noise[..short];
            let energy = simd.mix_energy(&mut vec![0.0; short], common);
            assert_eq!(simd.mix_energy(&mut mixed.clone(), b), energy);
            assert_eq!(simd.mix_energy(&mut mixed.clone()[..short], a), energy);
            assert_eq!(simd.crossfade(&mut a.to_vec(), b), short);
            assert_eq!(simd.mix_minus(a, a, b, &mut mixed), short);
            assert_eq!(simd.mix_minus(a, b, a, &mut mixed), short);
            assert_eq!(simd.mix_minus(b, a, a, &mut mixed), short);
            assert_eq!(simd.mix_minus(a, a, a, &mut mixed[..short]), short);
            assert_eq!(mixed[short..], a[short..]);
            let (a_pairs, b_pairs) = (pairs(a), pairs(b));
            let mut sums = a_pairs.to_vec();
            assert_eq!(simd.complex_mul_add(&mut sums, a_pairs, b_pairs), short / 2);
            assert_eq!(simd.complex_conj_mul_add(&mut sums, b_pairs, a_pairs), short / 2);
            assert_eq!(simd.complex_mul_add(&mut sums[..short / 2], a_pairs, a_pairs), short / 2);
            assert_eq!(sums[short / 2..], a_pairs[short / 2..]);
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
