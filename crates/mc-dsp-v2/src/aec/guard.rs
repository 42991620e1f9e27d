//! What may enter the canceller's state.

/// Larger magnitudes are no audio in any scale in use; squared and summed they would overflow `f32`.
const LARGEST: f32 = 65_536.0;
/// Smaller magnitudes are 0: -200 dBFS. Products of them would be denormal and slow the loops down.
const SMALLEST: f32 = 1e-10;

/// `sample`, or 0 where it is no audio; counts the latter.
pub(super) fn pass(sample: f32, replaced: &mut u64) -> f32 {
    let magnitude = sample.abs();
    if magnitude < SMALLEST {
        0.0
    } else if magnitude <= LARGEST {
        sample
    } else {
        *replaced += 1;
        0.0
    }
}
