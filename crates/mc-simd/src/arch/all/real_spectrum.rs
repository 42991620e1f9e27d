//! Spectra of real signals out of complex ones and back. The loops are plain: the compiler makes vectors of them
//! with the instructions of whichever level they are inlined into.

/// `half` has as many bins as each plane of `turns`, `spectrum` one more.
#[inline(always)]
pub(in crate::arch) fn unfold(half: &[f32], turns: &[f32], spectrum: &mut [f32]) {
    let half = half.as_chunks::<2>().0;
    let bins = half.len();
    let (cos, sin) = turns.split_at(bins);
    let (re, im) = spectrum.split_at_mut(bins + 1);
    let Some(([even, odd], rest)) = half.split_first() else { return };
    (re[0], im[0]) = (even + odd, 0.0);
    (re[bins], im[bins]) = (even - odd, 0.0);
    let (re, im, cos, sin) = (&mut re[1..bins], &mut im[1..bins], &cos[1..], &sin[1..]);
    for n in 0..rest.len() {
        let (a, b) = (rest[n], rest[rest.len() - 1 - n]);
        let (even_re, even_im) = (a[0] + b[0], a[1] - b[1]);
        let (odd_re, odd_im) = (a[1] + b[1], b[0] - a[0]);
        re[n] = 0.5 * (even_re + cos[n] * odd_re - sin[n] * odd_im);
        im[n] = 0.5 * (even_im + cos[n] * odd_im + sin[n] * odd_re);
    }
}

/// See [`unfold`].
#[inline(always)]
pub(in crate::arch) fn fold(spectrum: &[f32], turns: &[f32], scale: f32, half: &mut [f32]) {
    let half = half.as_chunks_mut::<2>().0;
    let bins = half.len();
    let (cos, sin) = turns.split_at(bins);
    let (re, im) = spectrum.split_at(bins + 1);
    let scale = 0.5 * scale;
    let Some((first, rest)) = half.split_first_mut() else { return };
    *first = [scale * (re[0] + re[bins]), scale * (re[0] - re[bins])];
    let (re, im, cos, sin) = (&re[1..bins], &im[1..bins], &cos[1..], &sin[1..]);
    for n in 0..rest.len() {
        let mirror = rest.len() - 1 - n;
        let (a, b) = ([re[n], im[n]], [re[mirror], im[mirror]]);
        let (odd_re, odd_im) = (a[0] - b[0], a[1] + b[1]);
        let turned_re = odd_re * cos[n] + odd_im * sin[n];
        let turned_im = odd_im * cos[n] - odd_re * sin[n];
        rest[n] = [scale * (a[0] + b[0] - turned_im), scale * (a[1] - b[1] + turned_re)];
    }
}
