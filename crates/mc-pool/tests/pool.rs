//! One owner: what it hands out, what it refuses, what it remembers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking, in helpers too")]

use mc_pool::{
    AudioFramePool, BUFFER_ALIGNMENT, ExhaustionPolicy, FramePoolConfig, MAX_FRAME_SAMPLES, PoolError, Sample,
};
use proptest::prelude::*;

fn pool<S: Sample>(frame_samples: usize, frames: usize) -> AudioFramePool<S> {
    let config = FramePoolConfig::default().with_frame_samples(frame_samples).with_initial_frames(frames);
    AudioFramePool::new(config).unwrap()
}

fn growing(initial: usize, max_frames: usize) -> AudioFramePool {
    let config = FramePoolConfig::default()
        .with_initial_frames(initial)
        .with_exhaustion(ExhaustionPolicy::Grow { max_frames });
    AudioFramePool::new(config).unwrap()
}

#[test]
fn a_pool_that_fails_refuses_when_empty_and_recovers() {
    let pool: AudioFramePool = pool(160, 2);
    let first = pool.get(160).unwrap();
    let second = pool.local(160).unwrap();
    assert_eq!(pool.get(1).unwrap_err(), PoolError::Exhausted { frames: 2 });
    assert_eq!(pool.local(1).unwrap_err(), PoolError::Exhausted { frames: 2 });
    drop(second);
    assert!(pool.get(1).is_ok());
    drop(first);
    let stats = pool.stats();
    assert_eq!((stats.frames, stats.outstanding, stats.hits, stats.grown, stats.exhausted), (2, 0, 3, 0, 2));
}

#[test]
fn a_pool_that_grows_stops_at_its_maximum() {
    let pool = growing(1, 3);
    let held: Vec<_> = (0..3).map(|_| pool.get(480).unwrap()).collect();
    assert_eq!(pool.get(480).unwrap_err(), PoolError::Exhausted { frames: 3 });
    let stats = pool.stats();
    assert_eq!((stats.frames, stats.outstanding, stats.hits, stats.grown, stats.exhausted), (3, 3, 1, 2, 1));
    drop(held);
    let again: Vec<_> = (0..3).map(|_| pool.get(480).unwrap()).collect();
    assert_eq!((again.len(), pool.stats().grown), (3, 2), "what has grown is reused");
}

#[test]
fn a_growing_pool_may_start_empty() {
    let pool = growing(0, 1);
    assert_eq!(pool.stats().frames, 0);
    assert!(pool.get(480).is_ok());
}

#[test]
fn statistics_are_a_snapshot() {
    let pool: AudioFramePool = pool(160, 1);
    let before = pool.stats();
    let frame = pool.get(160).unwrap();
    assert_eq!((before.outstanding, pool.stats().outstanding), (0, 1));
    drop(frame);
    assert_eq!(pool.stats().outstanding, 0);
}

#[test]
fn frames_are_as_long_as_asked_for() {
    let pool: AudioFramePool<i16> = pool(480, 1);
    for samples in 0..=480 {
        assert_eq!(pool.get(samples).unwrap().len(), samples);
    }
    assert_eq!(pool.get(481).unwrap_err(), PoolError::TooLong { samples: 481, frame_samples: 480 });
    assert_eq!(pool.stats().exhausted, 0, "a frame that is too long is not exhaustion");
}

#[test]
fn truncating_only_shortens() {
    let pool: AudioFramePool<i16> = pool(160, 1);
    let mut frame = pool.get(100).unwrap();
    frame.truncate(160);
    assert_eq!(frame.len(), 100);
    frame.truncate(7);
    assert_eq!(frame.len(), 7);
}

fn starts_on_a_cache_line<S: Sample>(frame_samples: usize) {
    let pool: AudioFramePool<S> = pool(frame_samples, 3);
    for frame in (0..3).map(|_| pool.get(frame_samples).unwrap()).collect::<Vec<_>>() {
        assert_eq!(frame.as_ptr().addr() % BUFFER_ALIGNMENT, 0);
    }
}

#[test]
fn every_buffer_is_aligned() {
    for frame_samples in [1, 15, 16, 17, 160, 333, MAX_FRAME_SAMPLES] {
        starts_on_a_cache_line::<u8>(frame_samples);
        starts_on_a_cache_line::<i16>(frame_samples);
        starts_on_a_cache_line::<f32>(frame_samples);
    }
}

#[test]
fn a_frame_put_into_another_pool_goes_home() {
    let ours: AudioFramePool = pool(160, 1);
    let theirs: AudioFramePool = pool(8, 1);
    theirs.put(ours.get(160).unwrap());
    assert_eq!((ours.stats().outstanding, theirs.stats().frames), (0, 1));
    let _held = theirs.get(8).unwrap();
    assert!(theirs.get(8).is_err(), "the stranger was not kept");
    ours.put(ours.get(160).unwrap());
    assert_eq!(ours.stats().outstanding, 0);
}

#[test]
fn nothing_old_is_seen_after_any_way_back() {
    let pool: AudioFramePool<u8> = pool(256, 1);
    let poison = || {
        let mut frame = pool.get(256).unwrap();
        frame.fill(0xAA);
        frame
    };
    let is_clean = || pool.get(256).unwrap().iter().all(|&byte| byte == 0);
    drop(poison());
    assert!(is_clean(), "dropped");
    pool.put(poison());
    assert!(is_clean(), "put");
    pool.local(256).unwrap().fill(0xAA);
    assert!(is_clean(), "local");
    drop(poison().freeze());
    assert!(is_clean(), "frozen");
    drop(pool.local_with(256, |room| room.write_copy_of_slice(&[0xAA; 256])));
    assert!(is_clean(), "written by a closure");
    let mut short = poison();
    short.truncate(1);
    drop(short);
    assert!(is_clean(), "truncated");
}

#[test]
fn a_closure_shows_only_what_it_has_written() {
    let pool: AudioFramePool<i16> = pool(8, 1);
    pool.get(8).unwrap().fill(-1);
    let whole = pool.get_with(3, |room| room.write_copy_of_slice(&[1, 2, 3])).unwrap();
    assert_eq!(*whole, [1, 2, 3]);
    drop(whole);
    let half = pool.get_with(8, |room| room[..4].write_copy_of_slice(&[1, 2, 3, 4])).unwrap();
    assert_eq!(*half, [1, 2, 3, 4]);
    drop(half);
    let nothing = pool.get_with(8, |_| &mut []).unwrap();
    assert!(nothing.is_empty());
    drop(nothing);
    let not_the_start = pool.get_with(8, |room| room[4..].write_copy_of_slice(&[1, 2, 3, 4])).unwrap();
    assert!(not_the_start.is_empty(), "what lies before is not written");
}

#[test]
fn a_closure_that_panics_loses_no_frame() {
    let pool: AudioFramePool = pool(8, 1);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = pool.get_with(8, |_| panic!("in the closure"));
    }));
    assert!(caught.is_err());
    assert_eq!(pool.stats().outstanding, 0);
}

#[test]
fn every_bad_size_is_named() {
    let base = FramePoolConfig::default();
    let refused = |config: FramePoolConfig| {
        let error = AudioFramePool::<f32>::new(config).unwrap_err();
        (error.field(), error.value())
    };
    assert_eq!(refused(base.with_frame_samples(0)), ("frame_samples", 0));
    assert_eq!(refused(base.with_frame_samples(65_537)), ("frame_samples", 65_537));
    assert_eq!(refused(base.with_initial_frames(0)), ("initial_frames", 0));
    assert_eq!(refused(base.with_initial_frames(1_048_577)), ("initial_frames", 1_048_577));
    for max_frames in [0, 7, 1_048_577] {
        let config = base.with_exhaustion(ExhaustionPolicy::Grow { max_frames });
        assert_eq!(refused(config), ("max_frames", max_frames));
    }
    let error = AudioFramePool::<f32>::new(base.with_frame_samples(0)).unwrap_err();
    assert_eq!(error.to_string(), "frame_samples is 0, but must be 1 to 65536");
}

proptest! {
    /// Against a plain set of frames: never more than the maximum, each with its own memory and content.
    #[test]
    fn frames_do_not_disturb_each_other(steps in prop::collection::vec((any::<bool>(), 0usize..64), 0..200)) {
        let pool = growing(2, 6);
        let mut held = Vec::new();
        for (number, (take, which)) in steps.into_iter().enumerate() {
            if take {
                match pool.get(480) {
                    Ok(mut frame) => {
                        prop_assert!(frame.iter().all(|&sample| sample == 0.0));
                        frame.fill(number as f32 + 1.0);
                        held.push((number, frame));
                    }
                    Err(error) => {
                        prop_assert_eq!(error, PoolError::Exhausted { frames: 6 });
                        prop_assert_eq!(held.len(), 6);
                    }
                }
            } else if !held.is_empty() {
                let (_, frame) = held.swap_remove(which % held.len());
                if which % 2 == 0 { pool.put(frame) } else { drop(frame) }
            }
            prop_assert_eq!(pool.stats().outstanding, held.len());
            for (number, frame) in &held {
                prop_assert!(frame.iter().all(|&sample| sample == *number as f32 + 1.0));
            }
        }
    }
}
