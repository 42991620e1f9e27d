//! The sum without oneself.

/// Writes `sum` without `own` to `mix`; `gains` are those of the limiter. Whatever it makes of them, no sample
/// exceeds full scale.
pub(super) fn without(sum: &[f32], own: &[f32], gains: Option<&[f32]>, mix: &mut [f32]) {
    let both = sum.iter().zip(own);
    match gains {
        None => {
            for (mix, (sum, own)) in mix.iter_mut().zip(both) {
                *mix = (sum - own).clamp(-1.0, 1.0);
            }
        }
        Some(gains) => {
            for ((mix, (sum, own)), gain) in mix.iter_mut().zip(both).zip(gains) {
                *mix = ((sum - own) * gain).clamp(-1.0, 1.0);
            }
        }
    }
}

/// Writes the whole `sum` to `mix`, for those who are not in it.
pub(super) fn whole(sum: &[f32], gains: Option<&[f32]>, mix: &mut [f32]) {
    match gains {
        None => mix.copy_from_slice(sum),
        Some(gains) => {
            for ((mix, sum), gain) in mix.iter_mut().zip(sum).zip(gains) {
                *mix = (sum * gain).clamp(-1.0, 1.0);
            }
        }
    }
}
