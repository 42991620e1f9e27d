//! Shared buffers and views: no copy until somebody writes to what others read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking, in helpers too")]

use mc_pool::{AudioFramePool, CopyOnWrite, FramePoolConfig, PoolError, ZeroCopyAudioFrame};
use proptest::prelude::*;

fn pool(frames: usize) -> AudioFramePool<i16> {
    AudioFramePool::new(FramePoolConfig::default().with_initial_frames(frames)).unwrap()
}

fn view(pool: &AudioFramePool<i16>, samples: &[i16]) -> ZeroCopyAudioFrame<i16> {
    pool.get_copy(samples).unwrap().freeze().into()
}

#[test]
fn freezing_and_slicing_copy_nothing() {
    let pool = pool(1);
    let frame = pool.get_with(4, |room| room.write_copy_of_slice(&[1, 2, 3, 4])).unwrap();
    let address = frame.as_ptr();
    let whole = ZeroCopyAudioFrame::from(frame.freeze());
    let part = whole.slice(1..3).unwrap().slice(1..).unwrap();
    assert_eq!(*part, [3]);
    assert_eq!(part.as_ptr(), address.wrapping_add(2));
    assert_eq!(pool.stats().copied_bytes, 0);
}

#[test]
fn a_view_alone_is_written_in_place() {
    let pool = pool(1);
    let mut only = view(&pool, &[1, 2, 3, 4]).slice(1..3).unwrap();
    let address = only.as_ptr();
    let (samples, did) = only.make_mut(&pool).unwrap();
    samples.fill(9);
    assert_eq!(did, CopyOnWrite::InPlace);
    assert_eq!((only.as_ptr(), &*only), (address, &[9, 9][..]));
    assert_eq!(pool.stats().copied_bytes, 8, "of `get_copy` alone");
}

#[test]
fn a_shared_view_copies_its_own_part_once() {
    let pool = pool(2);
    let whole = view(&pool, &[1, 2, 3, 4]);
    let mut part = whole.slice(1..4).unwrap();
    let (samples, did) = part.make_mut(&pool).unwrap();
    samples[0] = 20;
    assert_eq!(did, CopyOnWrite::Copied { bytes: 6 });
    assert_eq!((&*whole, &*part), (&[1, 2, 3, 4][..], &[20, 3, 4][..]));
    assert_eq!(part.make_mut(&pool).unwrap().1, CopyOnWrite::InPlace);
    assert_eq!(pool.stats().copied_bytes, 8 + 6);
}

#[test]
fn without_a_frame_for_the_copy_nothing_changes() {
    let pool = pool(1);
    let whole = view(&pool, &[1, 2]);
    let mut part = whole.clone();
    assert_eq!(part.make_mut(&pool).unwrap_err(), PoolError::Exhausted { frames: 1 });
    assert_eq!((&*whole, &*part), (&[1, 2][..], &[1, 2][..]));
    drop(whole);
    assert_eq!(part.make_mut(&pool).unwrap().1, CopyOnWrite::InPlace);
}

#[test]
fn a_copy_may_live_in_another_pool() {
    let theirs = pool(1);
    let ours = pool(1);
    let original = view(&theirs, &[1, 2]);
    let mut copy = original.clone();
    copy.make_mut(&ours).unwrap().0[1] = 5;
    drop(theirs);
    drop(ours);
    assert_eq!((&*original, &*copy), (&[1, 2][..], &[1, 5][..]));
}

#[test]
fn a_buffer_comes_back_with_its_last_handle() {
    let pool = pool(1);
    let mut shared = pool.get(480).unwrap().freeze();
    assert!(shared.is_unique());
    let other = shared.clone();
    assert!(!shared.is_unique() && shared.get_mut().is_none());
    drop(other);
    assert!(shared.get_mut().is_some());
    assert_eq!(pool.stats().outstanding, 1);
    drop(shared);
    assert_eq!(pool.stats().outstanding, 0);
}

#[test]
fn ranges_outside_the_view_are_refused() {
    use std::ops::Bound::{Excluded, Included};
    let pool = pool(1);
    let part = view(&pool, &[1, 2, 3, 4]).slice(1..3).unwrap();
    assert_eq!(*part, [2, 3]);
    assert!(part.slice(0..3).is_none(), "the buffer is longer, the view is not");
    assert!(part.slice(3..).is_none());
    #[expect(clippy::reversed_empty_ranges)]
    let reversed = part.slice(2..1);
    assert!(reversed.is_none());
    assert!(part.slice(..=usize::MAX).is_none());
    assert!(part.slice((Excluded(usize::MAX), Included(usize::MAX))).is_none());
    assert!(part.slice(2..2).unwrap().is_empty());
    assert_eq!(*part.slice(..=1).unwrap(), [2, 3]);
}

proptest! {
    /// Against vectors: whatever is cloned, sliced, written and dropped, each view has its own truth.
    #[test]
    fn views_behave_like_copies(steps in prop::collection::vec((0u8..4, any::<usize>(), any::<usize>()), 0..60)) {
        let pool = pool(64);
        let first: Vec<i16> = (0..100).collect();
        let mut views = vec![(view(&pool, &first), first)];
        for (number, (action, a, b)) in steps.into_iter().enumerate() {
            let at = a % views.len();
            let (chosen, model) = &mut views[at];
            match action {
                0 => {
                    let pair = (chosen.clone(), model.clone());
                    views.push(pair);
                }
                1 => {
                    let start = b % (model.len() + 1);
                    let end = start + (a % (model.len() + 1 - start));
                    let pair = (chosen.slice(start..end).unwrap(), model[start..end].to_vec());
                    views.push(pair);
                }
                2 => {
                    let (samples, did) = chosen.make_mut(&pool).unwrap();
                    if let CopyOnWrite::Copied { bytes } = did {
                        prop_assert_eq!(bytes, model.len() * 2);
                    }
                    samples.fill(number as i16);
                    model.fill(number as i16);
                }
                _ => {
                    if views.len() > 1 {
                        views.swap_remove(at);
                    }
                }
            }
            for (view, model) in &views {
                prop_assert_eq!(&**view, &model[..]);
            }
        }
        drop(views);
        prop_assert_eq!(pool.stats().outstanding, 0);
    }
}
