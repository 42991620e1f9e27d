//! The primitives whose interleavings matter: std's, or loom's when a model is being checked.

#[cfg(not(loom))]
mod imp {
    pub(crate) use std::alloc::{alloc_zeroed, dealloc};
    pub(crate) use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
}

#[cfg(loom)]
mod imp {
    pub(crate) use loom::alloc::{alloc_zeroed, dealloc};
    pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
}

pub(crate) use imp::*;
