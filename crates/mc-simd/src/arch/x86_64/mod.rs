//! SSE2, AVX2 and AVX-512. Packing, saturation and sign extension come from the intrinsics that pulp's tokens
//! carry: its portable operations have none of them.

pub(super) mod avx2;
pub(super) mod avx512;
pub(super) mod sse2;
