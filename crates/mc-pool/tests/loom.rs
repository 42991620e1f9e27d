//! Every interleaving of small cases of the way back, under all reorderings the atomics allow. Run as
//! the README says; without `--cfg loom` there is nothing here.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking, in helpers too")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::thread;
use mc_pool::{AudioFramePool, CopyOnWrite, FramePoolConfig, ZeroCopyAudioFrame};

fn pool(frames: usize) -> AudioFramePool<u8> {
    let config = FramePoolConfig::default().with_frame_samples(1).with_initial_frames(frames);
    AudioFramePool::new(config).unwrap()
}

/// Checks `model`, and that it came to every one of the `CASES` it marks: one that is never seen is not checked.
fn model_with_cases<const CASES: usize>(model: impl Fn(&[AtomicBool; CASES]) + Send + Sync + 'static) {
    let seen: Arc<[AtomicBool; CASES]> = Arc::new(std::array::from_fn(|_| AtomicBool::new(false)));
    loom::model({
        let seen = seen.clone();
        move || model(&seen)
    });
    assert!(seen.iter().all(|case| case.load(Ordering::Relaxed)), "cases seen: {seen:?}");
}

fn mark(case: &AtomicBool) {
    case.store(true, Ordering::Relaxed);
}

/// The owner takes again while two threads write to their frames and return them.
#[test]
fn frames_come_back_one_by_one_to_an_owner_that_takes() {
    model_with_cases(|[none, one, both]| {
        let pool = pool(2);
        let threads = [1, 2].map(|value| {
            let mut frame = pool.get(1).unwrap();
            thread::spawn(move || frame[0] = value)
        });
        match [pool.get(1), pool.get(1)] {
            [Err(_), Err(_)] => mark(none),
            [Ok(first), Ok(second)] => {
                assert_eq!((first[0], second[0]), (0, 0));
                mark(both);
            }
            [Ok(frame), Err(_)] | [Err(_), Ok(frame)] => {
                assert_eq!(frame[0], 0);
                mark(one);
            }
        }
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(pool.stats().outstanding, 0);
    });
}

/// The pool goes while two threads return frames and one frame waits in its list.
#[test]
fn whoever_is_last_frees() {
    loom::model(|| {
        let pool = pool(3);
        let threads = [1, 2].map(|value| {
            let mut frame = pool.get(1).unwrap();
            thread::spawn(move || frame[0] = value)
        });
        drop(pool);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// The pool goes on another thread, with frames that came back to its stack and one that never does before.
#[test]
fn a_pool_moved_away_closes_for_those_left_behind() {
    loom::model(|| {
        let pool = pool(2);
        let first = pool.get(1).unwrap();
        let second = pool.get(1).unwrap();
        let thread = thread::spawn(move || {
            drop(first);
            drop(pool);
        });
        drop(second);
        thread.join().unwrap();
    });
}

/// The last of several handles brings the buffer back; the owner then writes to it.
#[test]
fn readers_are_done_before_the_buffer_is_used_again() {
    model_with_cases(|[early, late]| {
        let pool = pool(1);
        let shared = pool.get_copy(&[7]).unwrap().freeze();
        let threads = [shared.clone(), shared].map(|handle| thread::spawn(move || assert_eq!(handle[0], 7)));
        match pool.get(1) {
            Ok(frame) => {
                assert_eq!(frame[0], 0);
                mark(late);
            }
            Err(_) => mark(early),
        }
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(pool.stats().outstanding, 0);
    });
}

/// A view is written in place only when the other reader is gone for good.
#[test]
fn copy_on_write_never_writes_under_a_reader() {
    model_with_cases(|[in_place, copied]| {
        let pool = pool(2);
        let mut view = ZeroCopyAudioFrame::from(pool.get_copy(&[7]).unwrap().freeze());
        let other = view.clone();
        let reader = thread::spawn(move || assert_eq!(other[0], 7));
        let (samples, did) = view.make_mut(&pool).unwrap();
        samples[0] = 1;
        mark(if did == CopyOnWrite::InPlace { in_place } else { copied });
        reader.join().unwrap();
    });
}
