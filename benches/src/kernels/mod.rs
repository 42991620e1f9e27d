//! Every operation whose cost is watched, by name.

mod agc_v2;
mod conference;
mod g711;
mod path;
mod pool;
mod processors;
mod receiver;
mod simd;
mod vad_v2;

use mc_g711::{G711, Law};
use mc_simd::SimdProcessor;

use crate::Failure;
use crate::run::{Digest, Run};

/// One watched operation.
#[derive(Clone, Copy)]
pub struct Kernel {
    /// `crate/operation`.
    pub name: &'static str,
    /// Prepares, lets `Run` repeat the operation, and digests what it wrote.
    pub measure: fn(&mut Run) -> Result<Digest, Failure>,
}

/// All of them.
pub fn all() -> impl Iterator<Item = Kernel> {
    [
        g711::KERNELS,
        simd::KERNELS,
        pool::KERNELS,
        processors::KERNELS,
        agc_v2::KERNELS,
        vad_v2::KERNELS,
        path::KERNELS,
        receiver::KERNELS,
        conference::KERNELS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The one of this name.
///
/// # Errors
/// When there is none.
pub fn named(name: &str) -> Result<Kernel, Failure> {
    all().find(|kernel| kernel.name == name).ok_or_else(|| format!("there is no kernel `{name}`").into())
}

/// The instruction sets that the kernels choose on this CPU.
#[must_use]
pub fn levels() -> String {
    format!("simd {}, g711 {}", SimdProcessor::new().level(), G711::new(Law::Mu).level())
}
