//! An allocator that counts: the proof that a path does not allocate.
//!
//! ```
//! use mc_testkit::alloc::{CountingAllocator, thread_allocations};
//!
//! #[global_allocator]
//! static ALLOCATOR: CountingAllocator = CountingAllocator;
//!
//! let before = thread_allocations();
//! let on_the_heap = Box::new(1);
//! assert_eq!(thread_allocations() - before, *on_the_heap);
//! ```
#![allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::LocalKey;

/// Bytes in use, of all threads.
static LIVE: AtomicI64 = AtomicI64::new(0);

thread_local! {
    // Constant start values without destructors: reading a counter never allocates by itself.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
    static FREED_BYTES: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting. Install it with `#[global_allocator]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

/// How often this thread has asked for memory so far; 0 for ever unless [`CountingAllocator`] is installed.
/// Growing a block counts, giving it back does not.
#[must_use]
pub fn thread_allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// Bytes that this thread has asked for so far.
#[must_use]
pub fn thread_allocated_bytes() -> u64 {
    BYTES.with(Cell::get)
}

/// Bytes that this thread has asked for and not given back: what a test for leaks compares. Negative when
/// the thread frees what others allocated.
#[must_use]
pub fn thread_live_bytes() -> i64 {
    thread_allocated_bytes().wrapping_sub(FREED_BYTES.with(Cell::get)) as i64
}

/// Bytes that all threads together have asked for and not given back; 0 for ever unless [`CountingAllocator`] is
/// installed.
#[must_use]
pub fn live_bytes() -> i64 {
    LIVE.load(Ordering::Relaxed)
}

/// Runs `work` and returns how often this thread allocated meanwhile, with its result.
pub fn count_allocations<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let before = thread_allocations();
    let result = work();
    (thread_allocations() - before, result)
}

fn count(bytes: usize) {
    add(&ALLOCATIONS, 1);
    add(&BYTES, bytes as u64);
    LIVE.fetch_add(bytes as i64, Ordering::Relaxed);
}

fn count_freed(bytes: usize) {
    add(&FREED_BYTES, bytes as u64);
    LIVE.fetch_sub(bytes as i64, Ordering::Relaxed);
}

fn add(counter: &'static LocalKey<Cell<u64>>, n: u64) {
    // Fails only while the thread is being torn down, when nobody can read the counter any more.
    let _ = counter.try_with(|c| c.set(c.get() + n));
}

// SAFETY: every call is handed to `System` unchanged, and counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps `alloc`'s contract, which is `System`'s too.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps `alloc_zeroed`'s contract, which is `System`'s too.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size);
        count_freed(layout.size());
        // SAFETY: `block` came from this allocator, hence from `System`, with this `layout`.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count_freed(layout.size());
        // SAFETY: `block` came from this allocator, hence from `System`, with this `layout`.
        unsafe { System.dealloc(block, layout) }
    }
}
