//! The kernels, a file per instruction set.

pub(crate) mod scalar;
