//! Size classes of telephony packets.

use mc_pool::{ExhaustionPolicy, PoolError, RTP_FRAME_CLASSES, RtpPoolConfig, RtpProcessingBufferPool};

type Pool = RtpProcessingBufferPool<i16>;

fn config(initial_frames: usize) -> RtpPoolConfig {
    RtpPoolConfig::default().with_initial_frames(initial_frames)
}

#[test]
fn each_length_comes_from_the_smallest_class_it_fits() {
    let pool = Pool::new(config(1)).unwrap();
    for samples in 0..=480 {
        let frame = pool.get(samples).unwrap();
        let class = RTP_FRAME_CLASSES.iter().position(|&class| samples <= class).unwrap();
        assert_eq!((frame.len(), pool.stats()[class].outstanding), (samples, 1));
    }
    assert_eq!(pool.get(481).unwrap_err(), PoolError::TooLong { samples: 481, frame_samples: 480 });
    assert_eq!(pool.stats().map(|class| class.exhausted), [0; 3]);
}

#[test]
fn a_larger_class_helps_out_and_the_smaller_remembers() {
    let pool = Pool::new(config(1)).unwrap();
    let held: Vec<_> = (0..3).map(|_| pool.get(160).unwrap()).collect();
    assert_eq!(pool.stats().map(|class| class.outstanding), [1, 1, 1]);
    assert_eq!(pool.stats().map(|class| class.exhausted), [2, 1, 0]);
    assert_eq!(pool.get(160).unwrap_err(), PoolError::Exhausted { frames: 1 });
    drop(held);
    assert_eq!(pool.stats().map(|class| class.outstanding), [0, 0, 0]);
}

#[test]
fn a_class_grows_before_a_larger_one_helps() {
    let pool = Pool::new(config(0).with_exhaustion(ExhaustionPolicy::Grow { max_frames: 2 })).unwrap();
    let _held = [pool.get(320).unwrap(), pool.get(320).unwrap(), pool.get(320).unwrap()];
    assert_eq!(pool.stats().map(|class| class.frames), [0, 2, 1]);
    assert_eq!(pool.stats().map(|class| (class.hits, class.grown)), [(0, 0), (0, 2), (0, 1)]);
}

#[test]
fn prewarming_allocates_ahead() {
    let pool = Pool::new(config(1).with_exhaustion(ExhaustionPolicy::Grow { max_frames: 3 })).unwrap();
    pool.prewarm(3).unwrap();
    pool.prewarm(2).unwrap();
    let held: Vec<_> = RTP_FRAME_CLASSES.iter().flat_map(|&n| [n, n, n]).map(|n| pool.get(n)).collect();
    assert!(held.iter().all(Result::is_ok));
    assert_eq!(pool.stats().map(|class| (class.frames, class.hits, class.grown)), [(3, 3, 0); 3]);
    assert_eq!(pool.prewarm(4).unwrap_err(), PoolError::Exhausted { frames: 3 });
}

#[test]
fn frames_go_back_to_their_class_by_every_way() {
    let pool = Pool::new(config(1)).unwrap();
    for &samples in &RTP_FRAME_CLASSES {
        drop(pool.get(samples));
        drop(pool.local(samples));
        pool.put(pool.get_with(samples, |room| room[..1].write_copy_of_slice(&[1])).unwrap());
        drop(pool.local_with(samples, |room| room[..1].write_copy_of_slice(&[1])));
    }
    let stranger = Pool::new(config(1)).unwrap();
    stranger.put(pool.get(160).unwrap());
    assert_eq!(pool.stats().map(|class| (class.frames, class.outstanding)), [(1, 0); 3]);
    assert_eq!(pool.stats().map(|class| class.hits), [5, 4, 4]);
}

#[test]
fn a_bad_size_is_named() {
    let error = Pool::new(config(0)).unwrap_err();
    assert_eq!((error.field(), error.value()), ("initial_frames", 0));
    let error = Pool::new(config(2).with_exhaustion(ExhaustionPolicy::Grow { max_frames: 1 })).unwrap_err();
    assert_eq!((error.field(), error.value()), ("max_frames", 1));
}
