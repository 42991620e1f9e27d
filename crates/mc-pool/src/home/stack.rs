//! Blocks on their way back to one owner.
//!
//! Anyone pushes with one compare-and-swap; the owner alone takes all of them with one swap. Because nothing
//! is ever popped singly, there is no ABA problem (the push is that of Treiber, *Systems Programming: Coping
//! with Parallelism*, IBM RJ 5118, 1986; taking the whole list at once is the usual way round the difficulty
//! of its pop).
//!
//! When the pool goes first it closes the stack. A block that finds it closed is an orphan and frees itself;
//! the last one frees the home. The count that decides who is last costs nothing while the pool lives:
//! orphans count down from zero (wrapping), the pool adds the number of them once it knows it, and whoever
//! makes the sum zero is last.

use std::alloc::Layout;
use std::ptr::{self, NonNull};

use super::Home;
use crate::block::{Block, Header};
use crate::list::BlockList;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering, Witness};

/// Home of a pool of one owner.
pub(crate) struct ReturnStack {
    first: AtomicPtr<Header>,
    orphans: AtomicUsize,
    layout: Layout,
    /// Of the home's own memory: read by those who use it, written by the one who frees it.
    witness: Witness,
}

/// In the place of a first block: the pool is gone. No block has this address, it is not aligned.
const CLOSED: *mut Header = ptr::without_provenance_mut(1);

impl ReturnStack {
    /// A home for blocks of one layout, to be ended by [`ReturnStack::close`].
    pub(crate) fn open(layout: Layout) -> NonNull<Self> {
        NonNull::from(Box::leak(Box::new(Self {
            first: AtomicPtr::new(ptr::null_mut()),
            orphans: AtomicUsize::new(0),
            layout,
            witness: Witness::new(),
        })))
    }

    pub(crate) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Takes all blocks that came back so far.
    ///
    /// # Safety
    /// Only the owner calls this.
    pub(crate) unsafe fn take(&self) -> BlockList {
        // SAFETY: the owner has not closed the stack.
        unsafe { self.replace(ptr::null_mut()) }
    }

    /// Ends the owner's part: `held` are the free blocks it had at hand, `frames` all blocks there are.
    ///
    /// # Safety
    /// Only the owner calls this, once, and uses `home` no more.
    pub(crate) unsafe fn close(home: NonNull<Self>, held: &BlockList, frames: usize) {
        // SAFETY: the home lives until `settle`; blocks in a list are used by nobody and have its layout.
        unsafe {
            let this = home.as_ref();
            this.witness.read();
            let freed = held.free_all(this.layout) + this.replace(CLOSED).free_all(this.layout);
            Self::settle(home, frames - freed);
        }
    }

    /// # Safety
    /// Only the owner calls this, and not after closing.
    unsafe fn replace(&self, first: *mut Header) -> BlockList {
        // SAFETY: the stack was open, so this is null or the first of blocks whose users gave them up by
        // pushing them. Acquire: their use of the blocks happened before ours.
        unsafe { BlockList::from_first(self.first.swap(first, Ordering::Acquire)) }
    }

    /// Adds to the count of orphans, and frees the home when that makes it zero.
    ///
    /// # Safety
    /// Called once by the pool with the number of its orphans and once by each orphan with minus one; the
    /// caller uses the home no more.
    unsafe fn settle(home: NonNull<Self>, change: usize) {
        // SAFETY: the home is freed by the last to get here, and the caller was not counted yet. Release and
        // acquire: all use of the home happened before the last one frees it.
        let before = unsafe { home.as_ref() }.orphans.fetch_add(change, Ordering::AcqRel);
        if before.wrapping_add(change) == 0 {
            // SAFETY: zero only after the pool and all orphans were here. It came from a box.
            let this = unsafe { Box::from_raw(home.as_ptr()) };
            this.witness.write();
        }
    }
}

impl Home for ReturnStack {
    unsafe fn bring_back(home: NonNull<Self>, block: Block) {
        // SAFETY: a home waits for all its blocks; not used after this one is pushed or settled.
        let this = unsafe { home.as_ref() };
        this.witness.read();
        let mut first = this.first.load(Ordering::Relaxed);
        while first != CLOSED {
            // SAFETY: the block is ours until the exchange succeeds.
            unsafe { block.link_to(first) };
            // Release: what was done with the block happened before the owner takes it.
            match this.first.compare_exchange_weak(
                first,
                block.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
        // SAFETY: the pool is gone and never took the block, so it is still ours alone.
        unsafe {
            block.free(this.layout);
            Self::settle(home, usize::MAX);
        }
    }
}
