//! What a pool can hold.

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for i16 {}
    impl Sealed for f32 {}
}

/// An element of a pooled buffer: `u8` for packets and companded audio, `i16` for linear PCM, `f32` for
/// audio in ±1.0.
///
/// Sealed, because the pool relies on two facts: all-zero bytes are a valid value (`0` and `0.0`), and no
/// value needs dropping.
pub trait Sample:
    sealed::Sealed + Copy + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static
{
}

impl Sample for u8 {}
impl Sample for i16 {}
impl Sample for f32 {}
