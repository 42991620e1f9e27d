//! Blocks that wait for any of many owners.

use std::alloc::Layout;
use std::ptr::NonNull;

use crossbeam::queue::ArrayQueue;

use super::Home;
use crate::block::Block;
use crate::sync::{AtomicUsize, Ordering};

/// Home of a pool of many owners. It counts who may still touch it: the pool, and each frame that is out.
pub(crate) struct ReturnQueue {
    blocks: ArrayQueue<Block>,
    users: AtomicUsize,
    layout: Layout,
}

impl ReturnQueue {
    /// A home with room for all `blocks` the pool may ever have (at least 1), to be ended by
    /// [`ReturnQueue::leave`].
    pub(crate) fn open(layout: Layout, blocks: usize) -> NonNull<Self> {
        NonNull::from(Box::leak(Box::new(Self {
            blocks: ArrayQueue::new(blocks),
            users: AtomicUsize::new(1),
            layout,
        })))
    }

    pub(crate) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Free blocks at this moment.
    pub(crate) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// A free block, which goes out as one more user.
    pub(crate) fn pop(&self) -> Option<Block> {
        let block = self.blocks.pop()?;
        self.enter();
        Some(block)
    }

    /// Counts a block that goes out without having been here.
    pub(crate) fn enter(&self) {
        // Relaxed: the caller is a user itself, which keeps the home alive meanwhile.
        self.users.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a block that nobody uses, of a new pool or on its way back.
    ///
    /// # Safety
    /// The caller has the only use of the live `block`, which belongs here, and gives it up.
    pub(crate) unsafe fn push(&self, block: Block) {
        let pushed = self.blocks.push(block);
        debug_assert!(pushed.is_ok(), "there is room for every block");
    }

    /// Ends the part of one user; the last frees the blocks and the home.
    ///
    /// # Safety
    /// The caller was counted and uses `home` no more.
    pub(crate) unsafe fn leave(home: NonNull<Self>) {
        // SAFETY: the home lives while the caller is counted. Release and acquire: all use of the home
        // happened before the last one frees it.
        if unsafe { home.as_ref() }.users.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        // SAFETY: nobody else is left. It came from a box.
        let this = unsafe { Box::from_raw(home.as_ptr()) };
        while let Some(block) = this.blocks.pop() {
            // SAFETY: blocks in the queue are used by nobody and have its layout.
            unsafe { block.free(this.layout) };
        }
    }
}

impl Home for ReturnQueue {
    unsafe fn bring_back(home: NonNull<Self>, block: Block) {
        // SAFETY: the block is the caller's, and was counted when it went out.
        unsafe {
            home.as_ref().push(block);
            Self::leave(home);
        }
    }
}
