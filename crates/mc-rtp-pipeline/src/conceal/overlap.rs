//! Cross-fades.

/// Weight of what comes in, at position `at` of a fade over `length` samples: a raised cosine, so that both
/// ends join without a corner.
#[inline]
pub(crate) fn fade_in(at: usize, length: usize) -> f32 {
    let phase = (at as f32 + 0.5) / length as f32;
    0.5 - 0.5 * (std::f32::consts::PI * phase).cos()
}

/// Fades from `outgoing` to what `samples` holds, over the shorter of the two.
pub(crate) fn crossfade(outgoing: &[f32], samples: &mut [f32]) {
    let length = outgoing.len().min(samples.len());
    for (at, (sample, outgoing)) in samples.iter_mut().zip(outgoing).enumerate() {
        *sample = outgoing + (*sample - outgoing) * fade_in(at, length);
    }
}
