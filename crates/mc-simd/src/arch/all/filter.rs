//! Finite impulse response.

/// Tap by tap over all outputs, so that the compiler has independent sums to vectorise.
pub(in crate::arch) fn fir(taps: &[f32], input: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for (tap, samples) in taps.iter().rev().zip(input.windows(out.len().max(1))) {
        for (sum, sample) in out.iter_mut().zip(samples) {
            *sum += tap * sample;
        }
    }
}
