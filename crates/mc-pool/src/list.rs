//! Blocks at rest.

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr;

use crate::block::{Block, Header};

/// Blocks that nobody uses, linked through their headers, for one thread at a time. Dropping the list leaks
/// them; it does not know their layout.
///
/// Last in, first out: the block that comes next is the one most likely still in the cache.
pub(crate) struct BlockList(Cell<*mut Header>);

impl BlockList {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(ptr::null_mut()))
    }

    /// A list from its first header, as the return stack keeps it.
    ///
    /// # Safety
    /// The caller has the only use of all blocks linked from `first` (null: none), and gives them up.
    pub(crate) const unsafe fn from_first(first: *mut Header) -> Self {
        Self(Cell::new(first))
    }

    /// # Safety
    /// The caller has the only use of the live `block`, and gives it up.
    #[inline]
    pub(crate) unsafe fn push(&self, block: Block) {
        // SAFETY: the caller's promise.
        unsafe { block.link_to(self.0.get()) };
        self.0.set(block.as_ptr());
    }

    #[inline]
    pub(crate) fn pop(&self) -> Option<Block> {
        let block = Block::from_ptr(self.0.get())?;
        // SAFETY: blocks in the list are live and ours alone.
        self.0.set(unsafe { block.next() });
        Some(block)
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.get().is_null()
    }

    /// Moves all blocks of `other` here.
    pub(crate) fn append(&self, other: Self) {
        if self.is_empty() {
            self.0.set(other.0.get());
            return;
        }
        while let Some(block) = other.pop() {
            // SAFETY: the block was in a list, so nobody uses it.
            unsafe { self.push(block) };
        }
    }

    /// Number of blocks; walks the list.
    pub(crate) fn len(&self) -> usize {
        let mut count = 0;
        let mut at = self.0.get();
        while let Some(block) = Block::from_ptr(at) {
            // SAFETY: blocks in the list are live and ours alone.
            at = unsafe { block.next() };
            count += 1;
        }
        count
    }

    /// Frees all blocks and says how many there were.
    ///
    /// # Safety
    /// `layout` is the one they were allocated with.
    pub(crate) unsafe fn free_all(&self, layout: Layout) -> usize {
        let mut count = 0;
        while let Some(block) = self.pop() {
            // SAFETY: the block was in a list, so nobody uses it.
            unsafe { block.free(layout) };
            count += 1;
        }
        count
    }
}
