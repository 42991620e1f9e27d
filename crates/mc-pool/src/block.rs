//! The memory of a frame: one allocation with a header of one cache line, then the samples.
//!
//! Samples start on a cache line and are padded to whole ones, so that vector kernels never straddle a line
//! they share with a neighbour, and two threads working on two frames never contend for one.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use crate::home::{ErasedHome, Home};
use crate::sample::Sample;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering, Witness};

/// Alignment and granularity of every buffer, in bytes.
pub const BUFFER_ALIGNMENT: usize = 64;

/// Smallest page of the platforms we know; touching a larger one twice does no harm.
const PAGE_BYTES: usize = 4096;

#[repr(C, align(64))]
pub(crate) struct Header {
    /// Next block of whichever list this one is in; meaningless while the block is handed out.
    next: AtomicPtr<Header>,
    /// Handles to a frozen buffer; meaningless otherwise.
    pub(crate) sharers: AtomicUsize,
    /// Where the block goes when nobody uses it; alive as long as the block is.
    home: ErasedHome,
    /// Of the samples: read by those who may, written and freed by one alone.
    pub(crate) witness: Witness,
}

const _: () = assert!(size_of::<Header>() == BUFFER_ALIGNMENT || cfg!(loom));

/// Pointer to a block. Copying it copies no right to the block: who may touch it is said where it is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block(NonNull<Header>);

impl Block {
    /// Layout of a block with room for `samples` of `S`.
    pub(crate) fn layout<S: Sample>(samples: usize) -> Layout {
        let bytes = (samples * size_of::<S>()).next_multiple_of(BUFFER_ALIGNMENT);
        // In range: a configuration holds at most MAX_FRAME_SAMPLES samples of at most four bytes.
        Layout::from_size_align(size_of::<Header>() + bytes, BUFFER_ALIGNMENT)
            .unwrap_or(Layout::new::<Header>())
    }

    /// Allocates a zeroed block that belongs to `home`.
    pub(crate) fn allocate<H: Home>(layout: Layout, home: NonNull<H>) -> Self {
        debug_assert!(layout.size() >= size_of::<Header>());
        // SAFETY: the size is not zero, a layout always includes the header.
        let memory = unsafe { alloc_zeroed(layout) };
        let Some(header) = NonNull::new(memory.cast::<Header>()) else {
            std::alloc::handle_alloc_error(layout)
        };
        // SAFETY: fresh memory of ours, aligned and large enough for a header.
        unsafe {
            header.write(Header {
                next: AtomicPtr::new(std::ptr::null_mut()),
                sharers: AtomicUsize::new(0),
                home: ErasedHome::new(home),
                witness: Witness::new(),
            });
            // A zeroed page exists only once it is written to; better now than in a packet's time.
            for offset in (0..layout.size()).step_by(PAGE_BYTES).skip(1) {
                memory.add(offset).write_volatile(0);
            }
        }
        Self(header)
    }

    /// Frees the block.
    ///
    /// # Safety
    /// `layout` is the one it was allocated with, and nobody uses the block any more.
    pub(crate) unsafe fn free(self, layout: Layout) {
        // SAFETY: the caller has the only use of a live block; its header is dropped once, here.
        unsafe {
            self.header().witness.write();
            self.0.drop_in_place();
            dealloc(self.0.as_ptr().cast(), layout);
        }
    }

    /// The header.
    ///
    /// # Safety
    /// The block is not freed during `'a`.
    pub(crate) unsafe fn header<'a>(self) -> &'a Header {
        // SAFETY: live by the caller's promise; headers are only ever shared, their fields are atomics.
        unsafe { self.0.as_ref() }
    }

    /// Whether the block belongs to `home`.
    ///
    /// # Safety
    /// The block is not freed.
    pub(crate) unsafe fn is_of<H: Home>(self, home: NonNull<H>) -> bool {
        // SAFETY: live by the caller's promise.
        unsafe { self.header() }.home.is(home)
    }

    /// Gives the block back to its pool, or to the allocator when the pool is gone.
    ///
    /// # Safety
    /// The block is live, nobody else uses it, and the caller gives it up.
    #[inline]
    pub(crate) unsafe fn bring_back(self) {
        // SAFETY: the caller's promise.
        unsafe { self.header().home.bring_back(self) }
    }

    /// The first sample.
    pub(crate) fn samples<S: Sample>(self) -> NonNull<S> {
        // SAFETY: every layout reaches at least to the end of the header.
        unsafe { self.0.add(1).cast() }
    }

    /// Points the block at the one after it.
    ///
    /// # Safety
    /// The block is live and nobody else uses it.
    #[inline]
    pub(crate) unsafe fn link_to(self, next: *mut Header) {
        // SAFETY: live by the caller's promise.
        unsafe { self.header() }.next.store(next, Ordering::Relaxed);
    }

    pub(crate) fn as_ptr(self) -> *mut Header {
        self.0.as_ptr()
    }
}

/// Blocks that nobody uses, linked through their headers. Does not free them by itself.
pub(crate) struct BlockList(*mut Header);

impl BlockList {
    pub(crate) const EMPTY: Self = Self(std::ptr::null_mut());

    /// A list from its first header, as the return stack keeps it.
    ///
    /// # Safety
    /// The caller has the only use of all blocks linked from `first` (null: none).
    pub(crate) const unsafe fn from_first(first: *mut Header) -> Self {
        Self(first)
    }

    /// # Safety
    /// `block` is live and nobody else uses it.
    #[inline]
    pub(crate) unsafe fn push(&mut self, block: Block) {
        // SAFETY: live by the caller's promise.
        unsafe { block.link_to(self.0) };
        self.0 = block.as_ptr();
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Block> {
        let first = Block(NonNull::new(self.0)?);
        // SAFETY: blocks in a list are live and used by the list alone. The link was written before the
        // block got here, and what brought it here (program order or an acquire) ordered that.
        self.0 = unsafe { first.header() }.next.load(Ordering::Relaxed);
        Some(first)
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_null()
    }

    /// Moves all blocks of `other` here.
    pub(crate) fn append(&mut self, mut other: Self) {
        while let Some(block) = other.pop() {
            // SAFETY: the block was in a list, so it is live and now ours.
            unsafe { self.push(block) };
        }
    }

    /// Number of blocks; walks the list.
    pub(crate) fn len(&self) -> usize {
        let mut count = 0;
        let mut at = self.0;
        while let Some(block) = NonNull::new(at) {
            // SAFETY: as in `pop`.
            at = unsafe { block.as_ref() }.next.load(Ordering::Relaxed);
            count += 1;
        }
        count
    }

    /// Frees all blocks and says how many there were.
    ///
    /// # Safety
    /// `layout` is the one they were allocated with.
    pub(crate) unsafe fn free_all(mut self, layout: Layout) -> usize {
        let mut count = 0;
        while let Some(block) = self.pop() {
            // SAFETY: the block was in a list, so nobody uses it.
            unsafe { block.free(layout) };
            count += 1;
        }
        count
    }
}
