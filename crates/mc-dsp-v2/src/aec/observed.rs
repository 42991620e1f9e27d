//! What the suppressor sees of a block.

use super::transform::Bin;

/// Spectra, and powers per bin.
pub(super) struct Observed<'a> {
    /// Of the error that the filters left.
    pub(super) error_spectrum: &'a [Bin],
    pub(super) error: &'a [f32],
    /// Of the echo that they took out.
    pub(super) echo_spectrum: &'a [Bin],
    pub(super) echo: &'a [f32],
    /// Of what a loudspeaker beyond its limits might have added to it.
    pub(super) distortion: &'a [f32],
    /// Of the background noise.
    pub(super) noise: &'a [f32],
    /// Of the echo that the filters know they may have missed, at their own resolution.
    pub(super) misalignment: &'a [f32],
    /// Energy of the far end within the reach of the filters, in their own scale.
    pub(super) far_energy: f32,
    /// From the filters' scale to that of the others.
    pub(super) filter_scale: f32,
}
