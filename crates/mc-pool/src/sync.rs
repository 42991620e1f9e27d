//! The primitives whose interleavings matter: std's, or loom's when a model is being checked.

#[cfg(not(loom))]
mod imp {
    pub(crate) use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

    pub(crate) struct Witness;

    impl Witness {
        pub(crate) const fn new() -> Self {
            Self
        }

        #[inline]
        #[expect(clippy::unused_self, reason = "the model's has one")]
        pub(crate) const fn read(&self) {}

        #[inline]
        #[expect(clippy::unused_self, reason = "the model's has one")]
        pub(crate) const fn write(&self) {}
    }
}

#[cfg(loom)]
mod imp {
    use loom::alloc::Track;
    use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

    pub(crate) struct Witness(Track<UnsafeCell<()>>);

    impl Witness {
        pub(crate) fn new() -> Self {
            Self(Track::new(UnsafeCell::new(())))
        }

        #[track_caller]
        pub(crate) fn read(&self) {
            self.0.get_ref().with(|_| ());
        }

        #[track_caller]
        pub(crate) fn write(&self) {
            self.0.get_ref().with_mut(|_| ());
        }
    }
}

pub(crate) use imp::{AtomicPtr, AtomicUsize, Ordering};

/// Testifies to the use of memory that loom does not see. In a model, a `write` must be ordered with every
/// other use, and a witness that is never dropped is memory that was never freed; otherwise it is nothing.
pub(crate) use imp::Witness;
