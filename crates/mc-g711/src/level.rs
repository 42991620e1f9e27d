//! Instruction sets, and the proof that this CPU has one.

use core::fmt;

use crate::arch::{self, Kernels};

/// An instruction set that the kernels are written for.
///
/// Naming a level gives no right to use it: [`G711::with_level`](crate::G711::with_level) asks the CPU first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SimdLevel {
    /// Table look-ups, present everywhere.
    Scalar,
    /// 128-bit vectors of x86-64, present on every such CPU.
    Sse2,
    /// 256-bit vectors of x86-64.
    Avx2,
    /// 512-bit vectors of x86-64: AVX-512 F and BW.
    Avx512,
    /// AVX-512 with VBMI, whose byte permutation looks up a [`LawMap`](crate::LawMap); the codec is that of
    /// [`Self::Avx512`].
    Avx512Vbmi,
    /// AVX-512 with VBMI and half-precision arithmetic (FP16), which encodes in 16-bit lanes.
    Avx512Fp16,
    /// 128-bit vectors of 64-bit Arm.
    Neon,
}

impl SimdLevel {
    /// Every level of every architecture, slowest first within an architecture.
    pub const ALL: [Self; 7] =
        [Self::Scalar, Self::Sse2, Self::Avx2, Self::Avx512, Self::Avx512Vbmi, Self::Avx512Fp16, Self::Neon];

    /// The name that reports print.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Sse2 => "SSE2",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512BW",
            Self::Avx512Vbmi => "AVX-512VBMI",
            Self::Avx512Fp16 => "AVX-512FP16",
            Self::Neon => "NEON",
        }
    }

    /// The levels that this CPU runs, slowest first; never empty.
    ///
    /// Without the feature `std` the CPU cannot be asked, and these are the levels that the build was told
    /// to assume (`-C target-feature`, `-C target-cpu`).
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|level| level.kernels().is_some())
    }

    /// The kernels of this level where the CPU has it.
    pub(crate) fn kernels(self) -> Option<&'static Kernels> {
        arch::detect(self)
    }

    /// The kernels of the last level that this CPU runs.
    pub(crate) fn best_kernels() -> &'static Kernels {
        Self::ALL.into_iter().rev().find_map(Self::kernels).unwrap_or(&arch::all::KERNELS)
    }
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A level that this CPU, or this build's architecture, does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnavailableLevel(pub(crate) SimdLevel);

impl UnavailableLevel {
    /// The level that was asked for.
    #[must_use]
    pub const fn level(self) -> SimdLevel {
        self.0
    }
}

impl fmt::Display for UnavailableLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIMD level is {}, this CPU has", self.0)?;
        SimdLevel::available().try_for_each(|level| write!(f, " {level}"))
    }
}

impl core::error::Error for UnavailableLevel {}
