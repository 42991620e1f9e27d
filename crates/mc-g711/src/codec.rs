use core::fmt;
use core::mem::MaybeUninit;

use crate::arch::all::Scalar;
use crate::arch::{CodecKernels, Kernels, Tier};
use crate::error::LengthMismatch;
use crate::law::{Convention, Law};
use crate::level::{SimdLevel, UnavailableLevel};

/// A G.711 encoder and decoder: one law, one convention, one instruction set, no state.
///
/// PCM is 16-bit or f32 with full scale at 32768: an f32 of 1.0 is one step more than the largest sample.
/// An f32 is encoded as the nearest 16-bit sample, ties to even; what exceeds the range saturates and NaN
/// becomes silence. Decoding to f32 is exact. Every [`SimdLevel`] gives the same values.
#[derive(Clone, Copy)]
pub struct G711 {
    law: Law,
    convention: Convention,
    /// Of a level that this CPU has; `codec` is a part of it.
    kernels: &'static Kernels,
    codec: &'static CodecKernels,
}

impl G711 {
    /// A codec of a law, by the convention of ITU-T G.191, with the best instruction set of this CPU.
    #[must_use]
    pub fn new(law: Law) -> Self {
        Self::with(law, Convention::default(), SimdLevel::best_kernels())
    }

    fn with(law: Law, convention: Convention, kernels: &'static Kernels) -> Self {
        Self { law, convention, kernels, codec: kernels.codec(law, convention) }
    }

    /// Encodes as another implementation does; see [`Convention`].
    #[must_use]
    pub fn with_convention(self, convention: Convention) -> Self {
        Self::with(self.law, convention, self.kernels)
    }

    /// Computes by an instruction set of the caller's choice, for tests and measurements.
    ///
    /// # Errors
    /// [`UnavailableLevel`] when this CPU does not have it.
    pub fn with_level(self, level: SimdLevel) -> Result<Self, UnavailableLevel> {
        let kernels = level.kernels().ok_or(UnavailableLevel(level))?;
        Ok(Self::with(self.law, self.convention, kernels))
    }

    /// The law of the codes.
    #[must_use]
    pub fn law(&self) -> Law {
        self.law
    }

    /// The convention of the encoder.
    #[must_use]
    pub fn convention(&self) -> Convention {
        self.convention
    }

    /// The instruction set that the slice functions use.
    #[must_use]
    pub fn level(&self) -> SimdLevel {
        self.kernels.level
    }

    /// The code of a 16-bit sample.
    #[must_use]
    #[inline]
    pub fn encode_sample(&self, sample: i16) -> u8 {
        const ITU: i16 = Convention::Itu.negative_bias();
        const SPANDSP: i16 = Convention::Spandsp.negative_bias();
        const AUDIOOP: i16 = Convention::Audioop.negative_bias();
        // SAFETY: the scalar tier needs no instruction set.
        unsafe {
            match (self.law, self.convention) {
                (Law::Mu, Convention::Itu) => Scalar::encode_mu::<ITU>(sample),
                (Law::Mu, Convention::Spandsp) => Scalar::encode_mu::<SPANDSP>(sample),
                (Law::Mu, Convention::Audioop) => Scalar::encode_mu::<AUDIOOP>(sample),
                (Law::A, _) => Scalar::encode_a(sample),
            }
        }
    }

    /// The 16-bit sample of a code.
    #[must_use]
    #[inline]
    pub fn decode_code(&self, code: u8) -> i16 {
        // SAFETY: the scalar tier needs no instruction set.
        unsafe {
            match self.law {
                Law::Mu => Scalar::decode_mu(code),
                Law::A => Scalar::decode_a(code),
            }
        }
    }

    /// Encodes 16-bit samples.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many codes as samples; nothing is written then.
    #[inline]
    pub fn encode(&self, samples: &[i16], codes: &mut [u8]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(samples.len(), codes.len())?;
        // SAFETY: the kernels are of a level that this CPU has.
        unsafe { (self.codec.encode)(samples, codes) };
        Ok(())
    }

    /// Decodes to 16-bit samples.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many samples as codes; nothing is written then.
    #[inline]
    pub fn decode(&self, codes: &[u8], samples: &mut [i16]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(codes.len(), samples.len())?;
        // SAFETY: the kernels are of a level that this CPU has, and write nothing but values.
        unsafe { (self.codec.decode)(codes, as_room(samples)) };
        Ok(())
    }

    /// Encodes f32 samples in ±1.0.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many codes as samples; nothing is written then.
    #[inline]
    pub fn encode_f32(&self, samples: &[f32], codes: &mut [u8]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(samples.len(), codes.len())?;
        // SAFETY: the kernels are of a level that this CPU has.
        unsafe { (self.codec.encode_f32)(samples, codes) };
        Ok(())
    }

    /// Decodes to f32 samples in ±1.0.
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there are as many samples as codes; nothing is written then.
    #[inline]
    pub fn decode_f32(&self, codes: &[u8], samples: &mut [f32]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(codes.len(), samples.len())?;
        // SAFETY: the kernels are of a level that this CPU has, and write nothing but values.
        unsafe { (self.codec.decode_f32)(codes, as_room(samples)) };
        Ok(())
    }

    /// As [`decode_f32`](Self::decode_f32), into memory that holds no values yet: fresh memory need not be
    /// zeroed first. Returns the whole of `room`, which holds samples now.
    ///
    /// ```
    /// # use mc_g711::{G711, Law, LengthMismatch};
    /// let payload = [Law::Mu.silence(); 160];
    /// let mut audio = Vec::with_capacity(payload.len());
    /// let room = &mut audio.spare_capacity_mut()[..payload.len()];
    /// let samples: &mut [f32] = G711::new(Law::Mu).decode_f32_uninit(&payload, room)?;
    /// assert_eq!(samples, [0.0; 160]);
    /// # Ok::<(), LengthMismatch>(())
    /// ```
    ///
    /// # Errors
    /// [`LengthMismatch`] unless there is room for as many samples as codes; nothing is written then.
    #[inline]
    pub fn decode_f32_uninit<'a>(
        &self,
        codes: &[u8],
        room: &'a mut [MaybeUninit<f32>],
    ) -> Result<&'a mut [f32], LengthMismatch> {
        LengthMismatch::check(codes.len(), room.len())?;
        // SAFETY: the kernels are of a level that this CPU has, and write every value of two equal lengths.
        Ok(unsafe {
            (self.codec.decode_f32)(codes, room);
            room.assume_init_mut()
        })
    }

    /// The energy of coded audio: the sum of the squares of its 16-bit samples, exact below 2^34 codes.
    #[must_use]
    #[inline]
    pub fn energy(&self, codes: &[u8]) -> u64 {
        // SAFETY: the kernels are of a level that this CPU has.
        unsafe { (self.codec.energy)(codes) }
    }

    /// The functions of the codec.
    pub(crate) fn codec(&self) -> &'static CodecKernels {
        self.codec
    }

    /// All functions of the level.
    pub(crate) fn kernels(&self) -> &'static Kernels {
        self.kernels
    }
}

/// The same memory without the claim that it holds values.
///
/// # Safety
/// Nothing but values is written to it, because they are still there when the borrow ends.
#[inline]
unsafe fn as_room<T>(values: &mut [T]) -> &mut [MaybeUninit<T>] {
    // SAFETY: both have the same layout, and the borrow goes over.
    unsafe { &mut *(core::ptr::from_mut(values) as *mut [MaybeUninit<T>]) }
}

impl PartialEq for G711 {
    fn eq(&self, other: &Self) -> bool {
        (self.law, self.convention, self.level()) == (other.law, other.convention, other.level())
    }
}

impl Eq for G711 {}

impl fmt::Debug for G711 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("G711")
            .field("law", &self.law)
            .field("convention", &self.convention)
            .field("level", &self.level())
            .finish()
    }
}
