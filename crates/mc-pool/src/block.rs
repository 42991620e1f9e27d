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
    /// Layout of a block with room for `samples` of `S`; `None` where no memory is that large.
    pub(crate) fn layout<S: Sample>(samples: usize) -> Option<Layout> {
        let samples = Layout::array::<S>(samples).ok()?.align_to(BUFFER_ALIGNMENT).ok()?.pad_to_align();
        let (layout, _) = Layout::new::<Header>().extend(samples).ok()?;
        Some(layout)
    }

    /// Allocates a zeroed block that belongs to `home`.
    ///
    /// # Safety
    /// `layout` comes from [`layout`](Self::layout).
    pub(crate) unsafe fn allocate<H: Home>(layout: Layout, home: NonNull<H>) -> Self {
        // SAFETY: the size is not zero, such a layout includes the header.
        let memory = unsafe { alloc_zeroed(layout) };
        let Some(header) = NonNull::new(memory.cast::<Header>()) else {
            std::alloc::handle_alloc_error(layout)
        };
        // SAFETY: fresh memory of ours, aligned and large enough for a header; the offsets lie within it and
        // after the header.
        unsafe {
            header.write(Header {
                next: AtomicPtr::new(std::ptr::null_mut()),
                sharers: AtomicUsize::new(0),
                home: ErasedHome::new(home),
                witness: Witness::new(),
            });
            // A zeroed page exists only once it is written to; better now than in a packet's time.
            let last = layout.size() - 1;
            for offset in (size_of::<Header>()..last).step_by(PAGE_BYTES).chain([last]) {
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

    /// The first sample, with the right to all of them.
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

    /// The block after it in its list.
    ///
    /// # Safety
    /// The block is live and in a list of the caller's. What brought it there (program order, or an acquire)
    /// ordered the writing of its link.
    #[inline]
    pub(crate) unsafe fn next(self) -> *mut Header {
        // SAFETY: live by the caller's promise.
        unsafe { self.header() }.next.load(Ordering::Relaxed)
    }

    pub(crate) fn from_ptr(header: *mut Header) -> Option<Self> {
        NonNull::new(header).map(Self)
    }

    pub(crate) fn as_ptr(self) -> *mut Header {
        self.0.as_ptr()
    }
}
