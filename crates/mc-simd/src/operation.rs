//! What can be chosen, and for which frames.

use std::fmt;

/// How a kernel of a level treats a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// The portable kernel.
    Scalar,
    /// Vectors, and portable code for the samples after the last whole vector.
    Hybrid,
    /// Vectors throughout: the last one overlaps the one before it.
    Simd,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Hybrid, Self::Simd];

    /// The name that a plan prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Hybrid => "hybrid",
            Self::Simd => "simd",
        }
    }
}

/// A kernel whose strategy can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`apply_gain`](crate::SimdProcessor::apply_gain)
    Gain,
    /// [`apply_gain_q12`](crate::SimdProcessor::apply_gain_q12)
    GainQ12,
    /// [`mix_into`](crate::SimdProcessor::mix_into), [`mix_energy`](crate::SimdProcessor::mix_energy) and
    /// [`mix_minus`](crate::SimdProcessor::mix_minus)
    Mix,
    /// [`crossfade`](crate::SimdProcessor::crossfade)
    Crossfade,
    /// [`energy`](crate::SimdProcessor::energy) and [`rms`](crate::SimdProcessor::rms)
    Energy,
    /// [`peak`](crate::SimdProcessor::peak)
    Peak,
    /// [`dot`](crate::SimdProcessor::dot)
    Dot,
    /// [`complex_mul_add`](crate::SimdProcessor::complex_mul_add) and its conjugate form
    ComplexMulAdd,
    /// [`fir`](crate::SimdProcessor::fir)
    Fir,
    /// [`i16_to_f32`](crate::SimdProcessor::i16_to_f32)
    I16ToF32,
    /// [`f32_to_i16`](crate::SimdProcessor::f32_to_i16)
    F32ToI16,
}

impl Operation {
    /// How many operations there are.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// Every operation.
    pub const ALL: [Self; 11] = [
        Self::Gain,
        Self::GainQ12,
        Self::Mix,
        Self::Crossfade,
        Self::Energy,
        Self::Peak,
        Self::Dot,
        Self::ComplexMulAdd,
        Self::Fir,
        Self::I16ToF32,
        Self::F32ToI16,
    ];

    /// The name that a plan prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gain => "gain",
            Self::GainQ12 => "gain_q12",
            Self::Mix => "mix",
            Self::Crossfade => "crossfade",
            Self::Energy => "energy",
            Self::Peak => "peak",
            Self::Dot => "dot",
            Self::ComplexMulAdd => "complex_mul_add",
            Self::Fir => "fir",
            Self::I16ToF32 => "i16_to_f32",
            Self::F32ToI16 => "f32_to_i16",
        }
    }
}

/// Frames that share a choice, by their length: 10 ms at 8 kHz has 80 samples, 20 ms at 48 kHz 960.
///
/// What counts is the number of values that the kernel writes, or reads where it writes none; complex numbers
/// count twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SizeClass {
    /// Up to 80 samples.
    UpTo80,
    /// 81 to 160 samples.
    UpTo160,
    /// 161 to 320 samples.
    UpTo320,
    /// 321 to 480 samples.
    UpTo480,
    /// 481 to 960 samples.
    UpTo960,
    /// More than 960 samples.
    Longer,
}

impl SizeClass {
    /// Every class, shortest first.
    pub const ALL: [Self; 6] =
        [Self::UpTo80, Self::UpTo160, Self::UpTo320, Self::UpTo480, Self::UpTo960, Self::Longer];

    /// How many classes there are.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// The class of a frame of `samples` samples.
    #[must_use]
    #[inline]
    pub const fn of(samples: usize) -> Self {
        match samples {
            0..=80 => Self::UpTo80,
            81..=160 => Self::UpTo160,
            161..=320 => Self::UpTo320,
            321..=480 => Self::UpTo480,
            481..=960 => Self::UpTo960,
            _ => Self::Longer,
        }
    }

    /// The length that stands for the class when it is timed, in samples: its longest frame, or for the last
    /// class 60 ms at 48 kHz.
    #[must_use]
    pub const fn typical_samples(self) -> usize {
        match self {
            Self::UpTo80 => 80,
            Self::UpTo160 => 160,
            Self::UpTo320 => 320,
            Self::UpTo480 => 480,
            Self::UpTo960 => 960,
            Self::Longer => 2_880,
        }
    }

    /// The name that a plan prints.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpTo80 => "<=80",
            Self::UpTo160 => "<=160",
            Self::UpTo320 => "<=320",
            Self::UpTo480 => "<=480",
            Self::UpTo960 => "<=960",
            Self::Longer => ">960",
        }
    }
}

macro_rules! display_name {
    ($($type:ty),*) => {
        $(impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        })*
    };
}

display_name!(Strategy, Operation, SizeClass);
