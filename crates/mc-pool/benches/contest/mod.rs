//! Who is compared: each gets a buffer, writes to it, and returns it.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run may stop")]

use std::hint::black_box;

use crossbeam::queue::ArrayQueue;
use mc_pool::{AudioFramePool, FramePoolConfig, SharedFramePool};

/// Times one contestant; generic, so that a call through a pointer is no part of what is measured.
pub(crate) trait Timer {
    fn time(&mut self, name: &'static str, turn: impl FnMut());
}

/// Buffers in each pool; one is in use at a time.
const BUFFERS: usize = 16;

/// Lets each contestant have its turn with buffers of `bytes`. Those called "touched" write one byte and
/// show nothing old by writing it; those called "zeroed" show all bytes, as zeros. The queue of boxes is
/// touched too, but would show what was there before. Every turn meets its pool anew (`black_box`), as every
/// packet does: a list kept in registers from turn to turn would cost less than it does in use.
pub(crate) fn contest(bytes: usize, timer: &mut impl Timer) {
    let config = FramePoolConfig::default().with_frame_samples(bytes).with_initial_frames(BUFFERS);
    let pool: AudioFramePool<u8> = AudioFramePool::new(config).unwrap();
    let many: SharedFramePool<u8> = SharedFramePool::new(config).unwrap();
    let queue = ArrayQueue::new(BUFFERS);
    while queue.push(vec![0_u8; bytes].into_boxed_slice()).is_ok() {}

    timer.time("local, touched", || {
        let frame = black_box(&pool).local_with(bytes, |room| room[..1].write_copy_of_slice(&[1])).unwrap();
        black_box(frame.as_ptr());
    });
    timer.time("local, zeroed", || {
        let mut frame = black_box(&pool).local(bytes).unwrap();
        black_box(frame.as_mut_ptr());
    });
    timer.time("owned and put, touched", || {
        let frame = black_box(&pool).get_with(bytes, |room| room[..1].write_copy_of_slice(&[1])).unwrap();
        black_box(frame.as_ptr());
        black_box(&pool).put(frame);
    });
    timer.time("owned and dropped, touched", || {
        let frame = black_box(&pool).get_with(bytes, |room| room[..1].write_copy_of_slice(&[1])).unwrap();
        black_box(frame.as_ptr());
    });
    timer.time("many owners, touched", || {
        let frame = black_box(&many).get_with(bytes, |room| room[..1].write_copy_of_slice(&[1])).unwrap();
        black_box(frame.as_ptr());
    });
    timer.time("Vec, touched", || {
        let mut vec = Vec::with_capacity(black_box(bytes));
        vec.push(1_u8);
        black_box(vec.as_ptr());
    });
    timer.time("Vec, zeroed", || {
        let mut vec = vec![0_u8; black_box(bytes)];
        black_box(vec.as_mut_ptr());
    });
    timer.time("ArrayQueue of boxes, touched", || {
        let mut buffer = black_box(&queue).pop().unwrap();
        buffer[0] = 1;
        black_box(buffer.as_ptr());
        black_box(&queue).push(buffer).unwrap();
    });
}
