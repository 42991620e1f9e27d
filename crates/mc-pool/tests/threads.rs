//! Frames that leave: other threads, other owners, pools that went first.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking, in helpers too")]

use std::sync::mpsc;
use std::thread;

use mc_pool::{AudioFramePool, FramePoolConfig, PooledAudioFrame, SharedAudioBuffer, ZeroCopyAudioFrame};

fn pool(frames: usize) -> AudioFramePool<i16> {
    AudioFramePool::new(FramePoolConfig::default().with_initial_frames(frames)).unwrap()
}

fn assert_send<T: Send>() {}
fn assert_sync<T: Sync>() {}

#[test]
fn what_may_cross_threads_may() {
    assert_send::<AudioFramePool>();
    assert_send::<PooledAudioFrame>();
    assert_sync::<PooledAudioFrame>();
    assert_send::<SharedAudioBuffer>();
    assert_sync::<SharedAudioBuffer>();
    assert_send::<ZeroCopyAudioFrame>();
    assert_sync::<ZeroCopyAudioFrame>();
}

#[test]
fn a_frame_dropped_elsewhere_comes_back() {
    let pool = pool(1);
    for value in 0..50 {
        let mut frame = pool.get(480).unwrap();
        frame.fill(value);
        thread::spawn(move || assert!(frame.iter().all(|&sample| sample == value))).join().unwrap();
        assert!(pool.get(480).unwrap().iter().all(|&sample| sample == 0));
    }
    assert_eq!(pool.stats().frames, 1);
}

#[test]
fn frames_outlive_their_pool() {
    let pool = pool(3);
    let mut frame = pool.get(480).unwrap();
    frame.fill(7);
    let shared = pool.get_copy(&[1, 2, 3]).unwrap().freeze();
    let back_already = pool.get(1).unwrap();
    drop(back_already);
    drop(pool);
    assert!(frame.iter().all(|&sample| sample == 7));
    let elsewhere = thread::spawn({
        let shared = shared.clone();
        move || assert_eq!(*shared, [1, 2, 3])
    });
    frame.fill(8);
    drop(frame);
    elsewhere.join().unwrap();
    assert_eq!(*shared, [1, 2, 3]);
}

#[test]
fn a_pool_works_on_after_moving_to_another_thread() {
    let pool = pool(2);
    let here = pool.get(480).unwrap();
    let (pool, there) = thread::spawn(move || {
        let there = pool.get(480).unwrap();
        (pool, there)
    })
    .join()
    .unwrap();
    assert!(pool.get(1).is_err());
    drop(here);
    drop(there);
    assert_eq!(pool.stats().outstanding, 0);
}

/// One owner sends frames to several threads, which write, freeze, share and drop them in their own order.
#[test]
fn many_threads_return_to_one_owner() {
    const THREADS: usize = 4;
    const ROUNDS: usize = if cfg!(debug_assertions) { 4_000 } else { 100_000 };
    let pool = pool(16);
    let (senders, threads): (Vec<_>, Vec<_>) = (0..THREADS)
        .map(|_| {
            let (sender, receiver) = mpsc::sync_channel::<PooledAudioFrame<i16>>(2);
            let thread = thread::spawn(move || {
                let mut last = None;
                for mut frame in receiver {
                    let stamp = frame[0];
                    assert!(frame.iter().all(|&sample| sample == stamp));
                    frame.fill(-stamp);
                    let shared = frame.freeze();
                    drop(last.replace(shared.clone()));
                    assert!(shared.iter().all(|&sample| sample == -stamp));
                }
            });
            (sender, thread)
        })
        .unzip();
    let mut sent = 0;
    while sent < ROUNDS {
        let Ok(mut frame) = pool.get(480) else {
            thread::yield_now();
            continue;
        };
        assert!(frame.iter().all(|&sample| sample == 0));
        frame.fill((sent % 30_000) as i16 + 1);
        senders[sent % THREADS].send(frame).unwrap();
        sent += 1;
    }
    drop(senders);
    for thread in threads {
        thread.join().unwrap();
    }
    let stats = pool.stats();
    assert_eq!((stats.frames, stats.outstanding, stats.hits), (16, 0, ROUNDS as u64));
}

/// Pools and their frames go at the same moment, so that either may be last.
#[test]
fn a_pool_and_its_frames_go_together() {
    for _ in 0..200 {
        let pool = pool(4);
        let frames: Vec<_> = (0..4).map(|_| pool.get(480).unwrap()).collect();
        thread::scope(|scope| {
            for frame in frames {
                scope.spawn(move || drop(frame));
            }
            scope.spawn(move || drop(pool));
        });
    }
}
