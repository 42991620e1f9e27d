//! Heap of the gain control: taken once, told honestly.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use mc_dsp::{GainControl, Processor, SampleRate};
use mc_dsp_v2::{AdvancedAgcConfig, AdvancedAutomaticGainControl};
use mc_testkit::alloc::{CountingAllocator, count_allocations, thread_live_bytes};
use mc_testkit::scene;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn agc(rate: SampleRate, bands: usize) -> AdvancedAutomaticGainControl {
    AdvancedAutomaticGainControl::new(AdvancedAgcConfig::default().with_tilt(bands, 4.0), rate).unwrap()
}

#[test]
fn nothing_allocates_after_construction() {
    for rate in SampleRate::ALL {
        let mut agc = agc(rate, 4);
        let mut signal = scene::levels(1, rate.hz(), -45.0).samples;
        // Loud enough to limit, too.
        signal[rate.samples_in_ms(2_000)..].iter_mut().for_each(|sample| *sample *= 100.0);
        let (allocations, ()) = count_allocations(|| {
            for frame in signal[..rate.samples_in_ms(4_000)].chunks_exact_mut(rate.samples_in_ms(20)) {
                agc.process(frame, None).unwrap();
                assert!(agc.process(&mut [], None).is_err());
            }
            agc.reset();
        });
        assert_eq!(allocations, 0, "{rate:?}");
    }
}

#[test]
fn state_bytes_are_the_struct_and_its_heap() {
    for rate in SampleRate::ALL {
        for bands in 1..=4 {
            let before = thread_live_bytes();
            let agc = agc(rate, bands);
            let heap = (thread_live_bytes() - before) as usize;
            assert_eq!(
                agc.state_bytes(),
                size_of::<AdvancedAutomaticGainControl>() + heap,
                "{rate:?}, {bands}"
            );
        }
    }
}
