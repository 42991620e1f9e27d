//! Kernels on spectra in planes, at every level, for spectra of up to 140 bins and slices that start anywhere.

mod common;

use common::{OFFSETS, every_way, guard_holds, noise, placed, way};
use mc_simd::{Lesson, SimdProcessor};

const MOST_BINS: usize = 140;
const SPECTRA: usize = 3;
/// Roundings that the result of a kernel may have seen, each 2⁻²⁴ of the magnitudes that are added.
const ROUNDINGS: f64 = 12.0;

fn everywhere(check: impl Fn(&SimdProcessor, usize, usize)) {
    for simd in every_way() {
        (0..=MOST_BINS).for_each(|bins| check(&simd, bins, bins % OFFSETS));
    }
}

/// Panics unless `got` is the sum of `terms` but for rounding.
fn assert_sum(got: f32, terms: &[f64], simd: &SimdProcessor) {
    let magnitudes: f64 = terms.iter().map(|term| term.abs()).sum();
    let error = (f64::from(got) - terms.iter().sum::<f64>()).abs();
    assert!(error <= ROUNDINGS * 2_f64.powi(-24) * magnitudes, "{got} is {error} off, {}", way(simd));
}

/// Both parts of a bin of one of the spectra in `values`.
fn bin(values: &[f32], bins: usize, spectrum: usize, bin: usize) -> [f64; 2] {
    [0, bins].map(|plane| f64::from(values[2 * bins * spectrum + plane + bin]))
}

#[test]
fn products_of_all_spectra_are_added_once() {
    let [acc, a, b] = [1, 2, 3].map(|seed| noise(2 * MOST_BINS * SPECTRA, seed));
    everywhere(|simd, bins, offset| {
        let mut sums = placed(&acc[..2 * bins], offset, 9.0);
        let a = &a[..2 * bins * SPECTRA];
        let added = simd.planar_mul_add(&mut sums[offset..offset + 2 * bins], a, &b[..2 * bins * SPECTRA]);
        assert_eq!(added, if bins == 0 { 0 } else { SPECTRA });
        for n in 0..bins {
            let [mut re, mut im] = bin(&acc, bins, 0, n).map(|start| vec![start]);
            for spectrum in 0..SPECTRA {
                let ([ar, ai], [br, bi]) = (bin(a, bins, spectrum, n), bin(&b, bins, spectrum, n));
                re.extend([ar * br, -ai * bi]);
                im.extend([ar * bi, ai * br]);
            }
            assert_sum(sums[offset + n], &re, simd);
            assert_sum(sums[offset + bins + n], &im, simd);
        }
        assert!(guard_holds(&sums, offset, 2 * bins, 9.0), "{}", way(simd));
    });
}

#[test]
fn weighted_powers_of_all_spectra_are_added_once() {
    let [acc, weights, a] = [1, 2, 3].map(|seed| noise(2 * MOST_BINS * SPECTRA, seed));
    everywhere(|simd, bins, offset| {
        let mut sums = placed(&acc[..bins], offset, 9.0);
        let a = &a[..2 * bins * SPECTRA];
        let added = simd.planar_power_add(&mut sums[offset..offset + bins], &weights, a);
        assert_eq!(added, if bins == 0 { 0 } else { SPECTRA });
        for n in 0..bins {
            let mut terms = vec![f64::from(acc[n])];
            for spectrum in 0..SPECTRA {
                let weight = f64::from(weights[bins * spectrum + n]);
                terms.extend(bin(a, bins, spectrum, n).map(|part| weight * part * part));
            }
            assert_sum(sums[offset + n], &terms, simd);
        }
        assert!(guard_holds(&sums, offset, bins, 9.0), "{}", way(simd));
    });
}

#[test]
fn each_weight_learns_once_by_its_own_kalman_filter() {
    let [weights, input, error] = [1, 2, 3].map(|seed| noise(2 * MOST_BINS * SPECTRA, seed));
    let [variance, certainty] = [4, 5].map(|seed| {
        noise(MOST_BINS * SPECTRA, seed).iter().map(|value| value.abs() / 2.0).collect::<Vec<_>>()
    });
    everywhere(|simd, bins, offset| {
        let values = 2 * bins * SPECTRA;
        let mut w = placed(&weights[..values], offset, 9.0);
        let mut p = placed(&variance[..values / 2], OFFSETS - offset, 9.0);
        let lesson =
            Lesson { error: &error[..2 * bins], certainty: &certainty[..bins], kept: 0.75, floor: 0.125 };
        let p_range = OFFSETS - offset..OFFSETS - offset + values / 2;
        let changed = simd.kalman_update(&mut w[offset..offset + values], &mut p[p_range], &input, lesson);
        assert_eq!(changed, if bins == 0 { 0 } else { SPECTRA });
        for (spectrum, n) in (0..SPECTRA).flat_map(|spectrum| (0..bins).map(move |n| (spectrum, n))) {
            let ([wr, wi], [xr, xi]) = (bin(&weights, bins, spectrum, n), bin(&input, bins, spectrum, n));
            let [er, ei] = bin(&error, bins, 0, n);
            let (p0, c) = (f64::from(variance[bins * spectrum + n]), f64::from(certainty[n]));
            let re = [wr, p0 * xr * er, p0 * xi * ei];
            let im = [wi, p0 * xr * ei, -p0 * xi * er];
            let place = offset + 2 * bins * spectrum + n;
            assert_sum(w[place], &re, simd);
            assert_sum(w[place + bins], &im, simd);
            let power = |parts: [f64; 3]| parts.iter().sum::<f64>().powi(2);
            let magnitude = |parts: [f64; 3]| parts.iter().map(|part| part.abs()).sum::<f64>().powi(2);
            let learnt = 0.75 * c * p0 * p0 * (xr * xr + xi * xi);
            // What cancels within the new weights counts with its full magnitude.
            let hidden = 0.25 * (magnitude(re) + magnitude(im));
            let walked = [0.25 * power(re), 0.25 * power(im), 0.25 * 0.125, hidden, -hidden];
            let terms = [&[0.75 * p0, -learnt][..], &walked].concat();
            assert_sum(p[OFFSETS - offset + bins * spectrum + n], &terms, simd);
        }
        assert!(guard_holds(&w, offset, values, 9.0), "{}", way(simd));
        assert!(guard_holds(&p, OFFSETS - offset, values / 2, 9.0), "{}", way(simd));
    });
}

#[test]
fn only_whole_spectra_count() {
    let ones = [1.0; 100];
    for simd in every_way() {
        let mut acc = [0.0; 20];
        assert_eq!(simd.planar_mul_add(&mut acc, &ones[..59], &ones), 2);
        assert_eq!((acc[..10].iter().sum::<f32>(), acc[10..].iter().sum::<f32>()), (0.0, 40.0));
        assert_eq!(simd.planar_power_add(&mut acc, &ones[..59], &ones), 2);
        assert_eq!(simd.planar_power_add(&mut acc, &ones, &ones[..79]), 1);
        let lesson = Lesson { error: &ones[..20], certainty: &ones[..11], kept: 1.0, floor: 0.0 };
        assert_eq!(simd.kalman_update(&mut [1.0; 40], &mut [1.0; 29], &ones, lesson), 2);
        assert_eq!(simd.kalman_update(&mut [1.0; 39], &mut [1.0; 29], &ones, lesson), 1);
    }
}
