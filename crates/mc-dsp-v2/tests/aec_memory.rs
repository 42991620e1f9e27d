//! Heap of the echo canceller: taken once, told honestly.
#![cfg(feature = "aec")]
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod aec_common;

use aec_common::aec;
use mc_dsp::{EchoCanceller, Processor, SampleRate};
use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_allocated_bytes};
use mc_testkit::scene;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn nothing_allocates_after_construction() {
    for rate in SampleRate::ALL {
        let scene = scene::delayed_echo(1, rate.hz(), 100);
        let mut aec = aec(rate);
        let frame = rate.samples_in_ms(20);
        // Long enough for the delay to be found and the reference to be moved.
        let mut near = scene.microphone[..150 * frame].to_vec();
        let (allocations, ()) = count_allocations(|| {
            for (far, near) in scene.far_end.chunks_exact(frame).zip(near.chunks_exact_mut(frame)) {
                aec.render(far).unwrap();
                aec.process(near).unwrap();
                assert!(aec.render(&[]).is_err());
            }
            assert!(aec.status().delay_ms.is_some());
            aec.reset();
        });
        assert_eq!(allocations, 0, "{rate:?}");
    }
}

/// The tables of the transforms belong to another crate, so the figure may be an estimate: within a tenth.
#[test]
fn state_bytes_are_near_what_is_allocated() {
    for rate in SampleRate::ALL {
        let before = thread_allocated_bytes();
        let aec = aec(rate);
        let taken = (thread_allocated_bytes() - before) as f64 + size_of_val(&aec) as f64;
        let told = aec.state_bytes() as f64;
        assert!((0.9..1.1).contains(&(told / taken)), "{told} told, {taken} taken, {rate:?}");
    }
}
