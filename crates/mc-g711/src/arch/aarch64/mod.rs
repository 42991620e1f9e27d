//! 64-bit Arm.

mod neon;

use crate::arch::Kernels;
use crate::level::SimdLevel;

/// The kernels of a level of this architecture, if the CPU has it.
pub(crate) fn detect(level: SimdLevel) -> Option<&'static Kernels> {
    #[cfg(feature = "std")]
    let neon = std::arch::is_aarch64_feature_detected!("neon");
    #[cfg(not(feature = "std"))]
    let neon = cfg!(target_feature = "neon");
    (level == SimdLevel::Neon && neon).then_some(&neon::KERNELS)
}
