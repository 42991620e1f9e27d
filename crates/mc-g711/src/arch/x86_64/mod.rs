//! x86-64: SSE2 is its baseline, the rest is looked for.

mod avx2;
mod avx512;
mod fp16;
mod sse2;
mod vbmi;

use crate::arch::Kernels;
use crate::level::SimdLevel;

/// Whether the CPU has all these features: asked with `std`, else as the build assumes.
macro_rules! has {
    ($($feature:tt),*) => {{
        #[cfg(feature = "std")]
        let found = $(std::arch::is_x86_feature_detected!($feature))&&*;
        #[cfg(not(feature = "std"))]
        let found = $(cfg!(target_feature = $feature))&&*;
        found
    }};
}

/// The kernels of a level of this architecture, if the CPU has it. A level's features here are those that its
/// functions enable.
pub(crate) fn detect(level: SimdLevel) -> Option<&'static Kernels> {
    let (found, kernels) = match level {
        SimdLevel::Sse2 => (true, &sse2::KERNELS),
        SimdLevel::Avx2 => (has!("avx2"), &avx2::KERNELS),
        SimdLevel::Avx512 => (has!("avx512f", "avx512bw"), &avx512::KERNELS),
        SimdLevel::Avx512Vbmi => (has!("avx512f", "avx512bw", "avx512vbmi"), &vbmi::KERNELS),
        SimdLevel::Avx512Fp16 => (has!("avx512f", "avx512bw", "avx512vbmi", "avx512fp16"), &fp16::KERNELS),
        _ => return None,
    };
    found.then_some(kernels)
}
