//! How long a leg's work takes, by a clock that the test makes go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mc_engine::{
    AudioProcessingConfig, Clock, EndpointConfig, MediaEndpoint, MediaEngine, MediaEngineConfig,
    MediaSessionParams, NearEnd, PayloadFormat, PerformanceConfig, Stage,
};
use mc_testkit::signal::white_noise;

use crate::wire::{FRAME, at, bring, telephone};

/// Goes on by 10 ns at every look, and by as much as the test says.
#[derive(Clone, Default)]
struct Ticking(Arc<AtomicU64>);

impl Clock for Ticking {
    fn now_ns(&self) -> u64 {
        self.0.fetch_add(10, Ordering::Relaxed) + 10
    }
}

const TICKS: usize = 60;

fn leg(
    time_one_in: u32,
    watched: bool,
    processing: AudioProcessingConfig,
    near_end: NearEnd,
) -> MediaEndpoint {
    let performance =
        PerformanceConfig::default().with_time_one_in(time_one_in).with_performance_metrics(watched);
    let engine = MediaEngine::new(MediaEngineConfig::default().with_performance(performance)).unwrap();
    let params = MediaSessionParams::default().with_processing(processing);
    engine.create_media_endpoint(&EndpointConfig::default().with_near_end(near_end), params).unwrap()
}

/// How many times of each stage `leg` takes while it plays what a telephone sends, and sends in packets of 20 ms, of
/// which `clock` takes a second each to be transmitted.
fn timed(mut leg: MediaEndpoint, clock: &Ticking) -> [u64; Stage::ALL.len()] {
    let mut phone = telephone(PayloadFormat::PCMU);
    let noise = white_noise(3, -30.0, TICKS * FRAME);
    for (tick, frame) in noise.chunks_exact(FRAME).enumerate() {
        phone.send(frame, |packet| bring(&mut leg, packet, at(tick)));
        leg.play(&mut [0.0; FRAME], at(tick));
        // Half a packet, and then the other half.
        for half in frame.chunks(FRAME / 2) {
            leg.send(half, |_| _ = clock.0.fetch_add(1_000_000_000, Ordering::Relaxed));
        }
    }
    let performance = leg.handle().metrics().performance;
    assert_eq!((performance.packets_in, performance.packets_out), (TICKS as u64, TICKS as u64));
    for stage in Stage::ALL {
        assert!(performance.stage(stage).max <= 50, "{}: transmitting is no stage", stage.name());
    }
    Stage::ALL.map(|stage| performance.stage(stage).count)
}

#[test]
fn every_stage_of_both_directions_is_timed() {
    let (ticks, halves) = (TICKS as u64, 2 * TICKS as u64);
    for (near_end, frames) in [(NearEnd::Received, ticks), (NearEnd::Sent, halves)] {
        for (processing, processed) in
            [(AudioProcessingConfig::default(), 0), (AudioProcessingConfig::all(), frames)]
        {
            let clock = Ticking::default();
            let leg = leg(1, true, processing, near_end).with_clock(clock.clone());
            let [decode, echo, gain, voice, encode, total] = timed(leg, &clock);
            assert_eq!((decode, encode, total), (ticks, ticks, ticks + halves), "{near_end:?}");
            assert_eq!([echo, gain, voice], [processed; 3], "{near_end:?}");
        }
    }
}

#[test]
fn one_frame_in_n_of_each_direction_is_timed_and_none_without_a_clock_or_metrics() {
    let clock = Ticking::default();
    let processing = AudioProcessingConfig::all;
    let of = |leg: MediaEndpoint| timed(leg, &clock);
    let [decode, echo, .., total] = of(leg(20, true, processing(), NearEnd::Sent).with_clock(clock.clone()));
    assert_eq!((decode, echo, total), (3, 6, 9));
    assert_eq!(of(leg(1, true, processing(), NearEnd::Sent)), [0; 6]);
    assert_eq!(of(leg(1, false, processing(), NearEnd::Sent).with_clock(clock.clone())), [0; 6]);
    assert_eq!(of(leg(0, true, processing(), NearEnd::Sent).with_clock(clock.clone())), [0; 6]);
}
