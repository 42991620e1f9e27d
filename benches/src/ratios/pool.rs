//! A buffer taken, written to once and given back, beside the C library's allocator.

use std::hint::black_box;

use mc_pool::{AudioFramePool, FramePoolConfig};

use super::race::{Measured, race};
use super::{Contest, without_level};
use crate::Failure;

pub(super) const CONTESTS: &[Contest] = &[
    Contest { name: "pool/320 B: Vec", race: |level| against_vec(level, 320) },
    Contest { name: "pool/1920 B: Vec", race: |level| against_vec(level, 1_920) },
];

fn against_vec(level: &str, bytes: usize) -> Result<Measured, Failure> {
    without_level(level)?;
    let config = FramePoolConfig::default().with_frame_samples(bytes).with_initial_frames(16);
    let pool: AudioFramePool<u8> = AudioFramePool::new(config)?;
    let mut outcome = Ok(());
    let times = race(
        |_| {
            let mut vec = Vec::with_capacity(black_box(bytes));
            vec.push(1_u8);
            black_box(vec.as_ptr());
        },
        // Every turn meets the pool anew, as every packet does.
        |_| match black_box(&pool).local_with(bytes, |room| room[..1].write_copy_of_slice(&[1])) {
            Ok(frame) => _ = black_box(frame.as_ptr()),
            Err(error) => outcome = Err(error),
        },
    );
    outcome?;
    Ok(times.ratio())
}
