//! One measured run of a kernel.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use mc_g711::{G711, Law};
use mc_simd::SimdProcessor;

use crate::inject::Injection;
use crate::input::FRAMES;

/// How often a kernel's operation is to be done, and how long that took.
pub struct Run {
    operations: u64,
    injection: Option<Injection>,
    elapsed: Duration,
}

impl Run {
    /// A run of `operations`, spoilt by `injection`.
    #[must_use]
    pub const fn new(operations: u64, injection: Option<Injection>) -> Self {
        Self { operations, injection, elapsed: Duration::ZERO }
    }

    /// The codec that a kernel is to use.
    #[must_use]
    pub fn codec(&self, law: Law) -> G711 {
        let best = G711::new(law);
        if self.is_scalar() { best.with_level(mc_g711::SimdLevel::Scalar).unwrap_or(best) } else { best }
    }

    /// The sample kernels that a kernel is to use.
    #[must_use]
    pub fn simd(&self) -> SimdProcessor {
        let best = SimdProcessor::new();
        if self.is_scalar() {
            SimdProcessor::with_level(mc_simd::SimdLevel::Scalar).unwrap_or(best)
        } else {
            best
        }
    }

    fn is_scalar(&self) -> bool {
        self.injection == Some(Injection::Scalar)
    }

    /// Does the operation, on one frame after the other (0 to [`FRAMES`] - 1, round and round).
    pub fn repeat(&mut self, mut operation: impl FnMut(usize)) {
        let start = Instant::now();
        match self.injection {
            // Forced to be scalar or not, the kernel is called by the same loop.
            None | Some(Injection::Scalar) => {
                for index in 0..self.operations {
                    operation(black_box(index as usize % FRAMES));
                }
            }
            Some(injection) => spoilt(self.operations, injection, operation),
        }
        self.elapsed = start.elapsed();
    }

    /// How long [`repeat`](Self::repeat) took.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The digest of what the operation wrote: FNV-1a, 64 bits with the highest one set, so that every digest
    /// has 16 digits and printing it costs the same.
    pub fn digest<T: Bytes>(&self, output: &[T]) -> Digest {
        let mut hash = 0xCBF2_9CE4_8422_2325;
        for value in output {
            value.each_byte(|byte| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        }
        Digest(if self.injection == Some(Injection::Output) { !hash } else { hash } | 1 << 63)
    }
}

#[inline(never)]
fn spoilt(operations: u64, injection: Injection, mut operation: impl FnMut(usize)) {
    let from = [0x55_u8; 1_024];
    let mut to = [0_u8; 1_024];
    for index in 0..operations {
        let frame = black_box(index as usize % FRAMES);
        operation(frame);
        match injection {
            Injection::Instructions if index % 20 == 0 => operation(frame),
            // A length that the compiler does not know, as that of a payload.
            Injection::Copy => {
                let bytes = black_box(160);
                to[..bytes].copy_from_slice(&black_box(&from)[..bytes]);
                black_box(&mut to);
            }
            _ => {}
        }
    }
}

/// The digest of a kernel's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What can be digested.
pub trait Bytes: Copy {
    /// Gives the value's bytes, lowest first.
    fn each_byte(self, take: impl FnMut(u8));
}

macro_rules! bytes {
    ($($number:ty),*) => {$(
        impl Bytes for $number {
            fn each_byte(self, take: impl FnMut(u8)) {
                self.to_le_bytes().into_iter().for_each(take);
            }
        }
    )*};
}
bytes!(u8, i16, u64, f32);
