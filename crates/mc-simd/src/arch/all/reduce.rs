//! A whole frame to one number.

/// Running sums that a reduction keeps side by side: additions to one sum wait for each other, and the
/// compiler may not reorder them by itself.
const SUMS: usize = 8;

pub(in crate::arch) fn energy(frame: &[f32]) -> f32 {
    dot(frame, frame)
}

pub(in crate::arch) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_tail) = a.as_chunks::<SUMS>();
    let (b, b_tail) = b.as_chunks::<SUMS>();
    let mut sums = [0.0; SUMS];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let tail: f32 = a_tail.iter().zip(b_tail).map(|(a, b)| a * b).sum();
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (b + f)) + ((c + g) + (d + h)) + tail
}

pub(in crate::arch) fn peak(frame: &[f32]) -> f32 {
    let (chunks, tail) = frame.as_chunks::<SUMS>();
    let mut peaks = [0.0_f32; SUMS];
    for chunk in chunks {
        for (peak, sample) in peaks.iter_mut().zip(chunk) {
            *peak = larger(sample.abs(), *peak);
        }
    }
    let tail = tail.iter().fold(0.0, |peak, sample| larger(sample.abs(), peak));
    peaks.into_iter().fold(tail, larger)
}

/// The larger of a sample and a peak that is a number: NaN samples lose.
fn larger(sample: f32, peak: f32) -> f32 {
    if sample > peak { sample } else { peak }
}
