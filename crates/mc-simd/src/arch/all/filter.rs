//! Finite impulse response.

/// Outputs that are summed side by side: independent sums, which the compiler can vectorise.
const OUTPUTS: usize = 16;

pub(in crate::arch) fn fir(taps: &[f32], mut input: &[f32], out: &mut [f32]) {
    let (blocks, tail) = out.as_chunks_mut::<OUTPUTS>();
    for out in blocks {
        let mut sums = [0.0; OUTPUTS];
        for (tap, window) in taps.iter().rev().zip(input.array_windows::<OUTPUTS>()) {
            for (sum, sample) in sums.iter_mut().zip(window) {
                *sum += tap * sample;
            }
        }
        *out = sums;
        input = &input[OUTPUTS..];
    }
    for (out, window) in tail.iter_mut().zip(input.windows(taps.len())) {
        *out = taps.iter().rev().zip(window).map(|(tap, sample)| tap * sample).sum();
    }
}
