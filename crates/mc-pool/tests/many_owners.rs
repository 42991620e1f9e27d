//! The pool that many threads take from.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking, in helpers too")]

use std::thread;

use mc_pool::{ExhaustionPolicy, FramePoolConfig, PoolError, SharedFramePool};

fn pool(initial: usize, exhaustion: ExhaustionPolicy) -> SharedFramePool<i16> {
    let config = FramePoolConfig::default().with_initial_frames(initial).with_exhaustion(exhaustion);
    SharedFramePool::new(config).unwrap()
}

#[test]
fn it_refuses_when_empty_and_recovers() {
    let pool = pool(2, ExhaustionPolicy::Fail);
    let held = [pool.get(480).unwrap(), pool.clone().get(480).unwrap()];
    assert_eq!(pool.get(480).unwrap_err(), PoolError::Exhausted { frames: 2 });
    assert_eq!(pool.get(481).unwrap_err(), PoolError::TooLong { samples: 481, frame_samples: 480 });
    assert_eq!(pool.stats().outstanding, 2);
    drop(held);
    assert_eq!(pool.get_copy(&[1, 2]).unwrap()[..], [1, 2]);
    let stats = pool.stats();
    assert_eq!((stats.outstanding, stats.hits, stats.exhausted, stats.copied_bytes), (0, 3, 1, 4));
}

#[test]
fn it_grows_to_its_maximum() {
    let pool = pool(0, ExhaustionPolicy::Grow { max_frames: 2 });
    let held = [pool.get(480).unwrap(), pool.get(480).unwrap()];
    assert_eq!(pool.get(480).unwrap_err(), PoolError::Exhausted { frames: 2 });
    drop(held);
    let stats = pool.stats();
    assert_eq!((stats.frames, stats.outstanding, stats.hits, stats.grown), (2, 0, 0, 2));
}

#[test]
fn a_bad_size_is_named() {
    let error = SharedFramePool::<u8>::new(FramePoolConfig::default().with_frame_samples(0)).unwrap_err();
    assert_eq!(error.field(), "frame_samples");
}

#[test]
fn frames_and_shared_buffers_outlive_the_pool() {
    let pool = pool(2, ExhaustionPolicy::Fail);
    let mut frame = pool.get(480).unwrap();
    let shared = pool.get_copy(&[1, 2, 3]).unwrap().freeze();
    drop(pool);
    frame.fill(5);
    drop(frame);
    assert_eq!(*shared.clone(), [1, 2, 3]);
}

/// Every thread takes, writes, checks and drops; nobody ever sees what another wrote.
#[test]
fn threads_do_not_see_each_other() {
    const ROUNDS: i16 = if cfg!(debug_assertions) { 2_000 } else { 30_000 };
    let pool = pool(2, ExhaustionPolicy::Grow { max_frames: 3 });
    thread::scope(|scope| {
        for thread in 0..4 {
            let pool = pool.clone();
            scope.spawn(move || {
                let mut served = 0;
                while served < ROUNDS {
                    let Ok(mut frame) = pool.get(480) else {
                        thread::yield_now();
                        continue;
                    };
                    assert!(frame.iter().all(|&sample| sample == 0));
                    frame.fill(thread * 2 + 1);
                    let shared = frame.freeze();
                    assert!(shared.iter().all(|&sample| sample == thread * 2 + 1));
                    served += 1;
                }
            });
        }
    });
    let stats = pool.stats();
    assert!(stats.frames <= 3 && stats.outstanding == 0);
    assert_eq!(stats.hits + stats.grown, 4 * ROUNDS as u64);
}

#[test]
fn a_pool_and_its_frames_go_together() {
    for _ in 0..200 {
        let pool = pool(4, ExhaustionPolicy::Fail);
        let frames: Vec<_> = (0..4).map(|_| pool.get(480).unwrap()).collect();
        thread::scope(|scope| {
            for frame in frames {
                scope.spawn(move || drop(frame));
            }
            scope.spawn(move || drop(pool));
        });
    }
}
