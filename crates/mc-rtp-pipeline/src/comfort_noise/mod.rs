//! Comfort noise: the background of a pause, described in a few bytes instead of sent (RFC 3389).

mod estimate;
mod payload;
mod suppress;
mod synthesis;

pub use estimate::NoiseEstimator;
pub use payload::{MAX_ORDER, NoiseDescription};
pub use suppress::{SilenceSuppressor, Transmission};
pub use synthesis::NoiseGenerator;
