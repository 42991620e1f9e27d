//! Spectra in planes, number by number.

use crate::Lesson;

pub(in crate::arch) fn planar_mul_add(acc: &mut [f32], a: &[f32], b: &[f32]) {
    let bins = acc.len() / 2;
    let (re, im) = acc.split_at_mut(bins);
    for (a, b) in spectra(a, bins).zip(spectra(b, bins)) {
        multiply((&mut *re, &mut *im), a, b);
    }
}

/// Adds the products of `a` and `b` to `re` and `im`.
#[inline(always)]
pub(in crate::arch) fn multiply((re, im): (&mut [f32], &mut [f32]), a: Planes<'_>, b: Planes<'_>) {
    let factors = a.0.iter().zip(a.1).zip(b.0.iter().zip(b.1));
    for ((re, im), ((a_re, a_im), (b_re, b_im))) in re.iter_mut().zip(im).zip(factors) {
        *re += a_re * b_re - a_im * b_im;
        *im += a_re * b_im + a_im * b_re;
    }
}

pub(in crate::arch) fn planar_power_add(acc: &mut [f32], weights: &[f32], a: &[f32]) {
    let bins = acc.len();
    for (weights, a) in weights.chunks_exact(bins.max(1)).zip(spectra(a, bins)) {
        add_powers(acc, weights, a);
    }
}

/// Adds `weights · |a|²` to `acc`.
#[inline(always)]
pub(in crate::arch) fn add_powers(acc: &mut [f32], weights: &[f32], a: Planes<'_>) {
    for ((acc, weight), (re, im)) in acc.iter_mut().zip(weights).zip(a.0.iter().zip(a.1)) {
        *acc += weight * (re * re + im * im);
    }
}

pub(in crate::arch) fn kalman_update(
    weights: &mut [f32],
    variance: &mut [f32],
    input: &[f32],
    lesson: Lesson<'_>,
) {
    let bins = lesson.certainty.len();
    let error = lesson.error.split_at(bins);
    let partitions = weights.chunks_exact_mut((2 * bins).max(1)).zip(variance.chunks_exact_mut(bins.max(1)));
    for ((weights, variance), input) in partitions.zip(spectra(input, bins)) {
        learn(weights.split_at_mut(bins), variance, input, error, lesson);
    }
}

/// Updates the filters of one spectrum's weights, or of its last bins.
#[inline(always)]
pub(in crate::arch) fn learn(
    weights: (&mut [f32], &mut [f32]),
    variance: &mut [f32],
    input: Planes<'_>,
    error: Planes<'_>,
    Lesson { certainty, kept, floor, .. }: Lesson<'_>,
) {
    let learnt = error.0.iter().zip(error.1).zip(certainty);
    let seen = input.0.iter().zip(input.1).zip(learnt);
    let weights = weights.0.iter_mut().zip(weights.1);
    for (((w_re, w_im), p), ((x_re, x_im), ((e_re, e_im), c))) in weights.zip(variance).zip(seen) {
        *w_re += *p * (x_re * e_re + x_im * e_im);
        *w_im += *p * (x_re * e_im - x_im * e_re);
        let resolved = c * *p * (x_re * x_re + x_im * x_im);
        let power = *w_re * *w_re + *w_im * *w_im + floor;
        *p = kept * *p * (1.0 - resolved) + (1.0 - kept) * power;
    }
}

/// Real and imaginary parts of one spectrum.
pub(in crate::arch) type Planes<'a> = (&'a [f32], &'a [f32]);

/// The spectra of `bins` that `values` holds.
#[inline(always)]
pub(in crate::arch) fn spectra(values: &[f32], bins: usize) -> impl Iterator<Item = Planes<'_>> {
    values.chunks_exact((2 * bins).max(1)).map(move |spectrum| spectrum.split_at(bins))
}
