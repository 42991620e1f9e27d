//! The place frames come home to when they are dropped away from their pool.
//!
//! A stack of returned blocks: anyone pushes with one compare-and-swap, the owner alone takes all of them
//! with one swap. Because nothing is ever popped singly, the stack has no ABA problem (Treiber, *Systems
//! Programming: Coping with Parallelism*, IBM RJ 5118, 1986, is the push; taking the whole list at once is
//! the usual way round the difficulty of its pop).
//!
//! When the pool goes first it closes the stack. A block that finds it closed frees itself, and the last one
//! frees the home. The count that decides who is last needs no work while the pool lives: orphans count down
//! from zero (wrapping), the pool adds the number of them once it knows it, and whoever makes the sum zero
//! is last.

use std::alloc::Layout;
use std::ptr::NonNull;

use crate::block::{Block, BlockList, Header};
use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

/// Shared by a pool and its blocks; freed by whichever of them goes last.
pub(crate) struct Home {
    returned: AtomicPtr<Header>,
    orphans: AtomicUsize,
    layout: Layout,
}

/// In the place of a first block: the pool is gone. No block has this address, it is not aligned.
const CLOSED: *mut Header = std::ptr::without_provenance_mut(1);

impl Home {
    /// A home for blocks of one layout. It frees itself through [`Home::close`].
    pub(crate) fn open(layout: Layout) -> NonNull<Self> {
        NonNull::from(Box::leak(Box::new(Self {
            returned: AtomicPtr::new(std::ptr::null_mut()),
            orphans: AtomicUsize::new(0),
            layout,
        })))
    }

    pub(crate) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Takes all blocks that came back so far.
    pub(crate) fn take_returned(&self) -> BlockList {
        if self.returned.load(Ordering::Relaxed).is_null() {
            return BlockList::EMPTY;
        }
        // Acquire: what the returning threads did with the samples happened before we hand them out again.
        let first = self.returned.swap(std::ptr::null_mut(), Ordering::Acquire);
        // SAFETY: only the owner takes, and it does not after closing, so `first` is null or the first of
        // blocks whose users gave them up by pushing them.
        unsafe { BlockList::from_first(first) }
    }

    /// Brings a block home, from any thread, whether or not the pool still lives.
    ///
    /// # Safety
    /// The caller has the only use of the live `block`, and gives it up.
    pub(crate) unsafe fn bring_back(block: Block) {
        // SAFETY: the block is live, and so is its home: `close` waits for every block.
        let home = unsafe { block.home().as_ref() };
        let mut first = home.returned.load(Ordering::Relaxed);
        while first != CLOSED {
            // SAFETY: still ours, until the exchange succeeds.
            unsafe { block.link_to(first) };
            match home.returned.compare_exchange_weak(
                first,
                block.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
        // SAFETY: the pool is gone and never took this block, so it is still ours alone.
        unsafe { Self::free_orphan(block) };
    }

    /// Frees a block whose pool is gone, and the home with the last of them.
    ///
    /// # Safety
    /// As for [`Home::bring_back`], and the home is closed.
    #[cold]
    unsafe fn free_orphan(block: Block) {
        // SAFETY: ours alone by the caller's promise.
        let home = unsafe { block.home() };
        // SAFETY: the home outlives its blocks, and this block is counted only below.
        unsafe {
            let layout = home.as_ref().layout;
            block.free(layout);
            Self::settle(home, usize::MAX);
        }
    }

    /// Closes the home of a pool that goes: `held` are the free blocks the pool had at hand, `frames` all
    /// blocks there are.
    ///
    /// # Safety
    /// Only the owner calls this, once, and uses `home` no more.
    pub(crate) unsafe fn close(home: NonNull<Self>, held: BlockList, frames: usize) {
        // SAFETY: the home lives until the count below settles.
        unsafe {
            let this = home.as_ref();
            let returned = BlockList::from_first(this.returned.swap(CLOSED, Ordering::Acquire));
            let freed = held.free_all(this.layout) + returned.free_all(this.layout);
            Self::settle(home, frames - freed);
        }
    }

    /// Adds to the count of orphans, and frees the home when that makes it zero.
    ///
    /// # Safety
    /// Called once by the pool with the number of orphans and once by each orphan with minus one; the
    /// caller does not touch the home afterwards.
    unsafe fn settle(home: NonNull<Self>, change: usize) {
        // SAFETY: the home is freed by the last to get here, and we have not been here.
        let before = unsafe { home.as_ref() }.orphans.fetch_add(change, Ordering::AcqRel);
        if before.wrapping_add(change) == 0 {
            // SAFETY: the sum is zero only after the pool and all orphans were here; the acquire makes their
            // use of the home happen before this. It came from a box.
            drop(unsafe { Box::from_raw(home.as_ptr()) });
        }
    }
}
