//! The counting allocator, installed.

use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_allocated_bytes, thread_allocations};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn each_request_counts_once_and_nothing_else_does() {
    let (made, mut bytes) = count_allocations(|| Vec::<u8>::with_capacity(100));
    assert_eq!(made, 1);
    let (grown, ()) = count_allocations(|| bytes.reserve_exact(1_000));
    assert_eq!(grown, 1);
    let (dropped, ()) = count_allocations(|| drop(bytes));
    assert_eq!(dropped, 0);
    let (zeroed, _) = count_allocations(|| vec![0u64; 64]);
    assert_eq!(zeroed, 1);
}

#[test]
fn bytes_are_counted() {
    let before = thread_allocated_bytes();
    let block = std::hint::black_box(Box::new([0u8; 4_096]));
    assert_eq!(thread_allocated_bytes() - before, 4_096);
    drop(block);
}

#[test]
fn other_threads_have_counters_of_their_own() {
    let worker = std::thread::spawn(|| {
        let (made, _) = count_allocations(|| (0..1_000).map(|n| vec![n]).collect::<Vec<_>>());
        made
    });
    let here = thread_allocations();
    let there = worker.join().unwrap();
    assert!(there >= 1_000, "{there}");
    assert!(thread_allocations() - here < 10);
}
