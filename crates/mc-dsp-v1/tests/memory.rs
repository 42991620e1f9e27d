//! Heap: taken once, told honestly.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use mc_dsp::{EchoCanceller, GainControl, Processor, SampleRate, VoiceDetector};
use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_allocated_bytes};
use mc_testkit::scene;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn nothing_allocates_after_construction() {
    for rate in SampleRate::ALL {
        let scene = scene::double_talk(1, rate.hz());
        let (mut aec, mut agc, mut vad) = (common::aec(rate), common::agc(rate), common::vad(rate));
        let frame = rate.samples_in_ms(20);
        let mut near = scene.microphone[..50 * frame].to_vec();
        let (allocations, ()) = count_allocations(|| {
            for (far, near) in scene.far_end.chunks_exact(frame).zip(near.chunks_exact_mut(frame)) {
                aec.render(far).unwrap();
                aec.process(near).unwrap();
                let voice = vad.process(near).unwrap();
                agc.process(near, Some(voice.probability)).unwrap();
                assert!(aec.render(&[]).is_err());
            }
            aec.reset();
            agc.reset();
            vad.reset();
        });
        assert_eq!(allocations, 0, "{rate:?}");
    }
}

#[test]
fn state_bytes_are_the_struct_and_its_heap() {
    fn check<P: Processor>(make: impl Fn() -> P) {
        let before = thread_allocated_bytes();
        let processor = make();
        let heap = (thread_allocated_bytes() - before) as usize;
        assert_eq!(processor.state_bytes(), size_of::<P>() + heap);
    }
    for rate in SampleRate::ALL {
        check(|| common::aec(rate));
        check(|| common::agc(rate));
        check(|| common::vad(rate));
    }
}
