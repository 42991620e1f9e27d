//! The place a pool and its blocks have in common: where a block goes when nobody uses it any more.
//!
//! A home lives until its pool and all its blocks are gone, whichever is last. Pools of one owner get their
//! blocks back by a [`ReturnStack`], pools of many owners by a [`ReturnQueue`]; a block knows its own by an
//! erased pointer, so that frames of both are one type.

mod queue;
mod stack;

use std::ptr::NonNull;

pub(crate) use queue::ReturnQueue;
pub(crate) use stack::ReturnStack;

use crate::block::Block;

/// A way home.
pub(crate) trait Home {
    /// Brings a block home, from any thread, whether or not the pool still lives.
    ///
    /// # Safety
    /// The caller has the only use of the live `block`, which belongs to `home`, and gives it up.
    unsafe fn bring_back(home: NonNull<Self>, block: Block);
}

/// A home whose type only its own function knows.
#[derive(Clone, Copy)]
pub(crate) struct ErasedHome {
    address: NonNull<()>,
    bring_back: unsafe fn(NonNull<()>, Block),
}

impl ErasedHome {
    pub(crate) fn new<H: Home>(home: NonNull<H>) -> Self {
        /// # Safety
        /// As for [`Home::bring_back`]; `home` is an `H`.
        unsafe fn bring_back<H: Home>(home: NonNull<()>, block: Block) {
            // SAFETY: the caller's promise.
            unsafe { H::bring_back(home.cast(), block) }
        }
        Self { address: home.cast(), bring_back: bring_back::<H> }
    }

    pub(crate) fn is<H: Home>(self, home: NonNull<H>) -> bool {
        self.address == home.cast()
    }

    /// # Safety
    /// As for [`Home::bring_back`].
    pub(crate) unsafe fn bring_back(self, block: Block) {
        // SAFETY: address and function are of one type, and the rest is the caller's promise.
        unsafe { (self.bring_back)(self.address, block) }
    }
}
