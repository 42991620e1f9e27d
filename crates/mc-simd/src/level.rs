//! Instruction sets, and the proof that this CPU has one.

use std::fmt;

use crate::arch::{self, Tier};

/// An instruction set that the kernels are written for.
///
/// Naming a level gives no right to use it: [`SimdProcessor::with_level`](crate::SimdProcessor::with_level)
/// asks the CPU first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SimdLevel {
    /// Portable code, present everywhere; the compiler vectorises what it can for the build's target.
    Scalar,
    /// 128-bit vectors of x86-64, present on every such CPU.
    Sse2,
    /// 256-bit vectors with fused multiply-add: AVX2, FMA, BMI1/2 and LZCNT (x86-64-v3).
    Avx2,
    /// 512-bit vectors: AVX-512 F, BW, CD, DQ and VL (x86-64-v4).
    Avx512,
    /// 128-bit vectors of 64-bit Arm.
    Neon,
}

impl SimdLevel {
    /// Every level of every architecture, slowest first within an architecture.
    pub const ALL: [Self; 5] = [Self::Scalar, Self::Sse2, Self::Avx2, Self::Avx512, Self::Neon];

    /// The name that reports print.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Sse2 => "SSE2",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
            Self::Neon => "NEON",
        }
    }

    /// The levels that this CPU runs, slowest first; never empty.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|level| level.tier().is_some())
    }

    /// The kernels of this level where the CPU has it.
    pub(crate) fn tier(self) -> Option<&'static Tier> {
        arch::detect(self)
    }

    /// The kernels of the last level that this CPU runs.
    pub(crate) fn best_tier() -> &'static Tier {
        Self::ALL.into_iter().rev().find_map(Self::tier).unwrap_or(&arch::PORTABLE)
    }
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
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

impl std::error::Error for UnavailableLevel {}
