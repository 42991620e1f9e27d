//! A frame taken from the pool, written to and returned.

use std::hint::black_box;

use mc_engine::{AudioFramePool, FramePoolConfig};

use super::case::{Case, Name};
use super::frames::SAMPLES;
use crate::failure::Failure;

pub(super) fn cases() -> Result<Vec<Case>, Failure> {
    let pool = || AudioFramePool::<f32>::new(FramePoolConfig::default()).map_err(Failure::run);
    let name = |operation| Name { group: "Pool: get and return", operation, level: None };
    let (local, owned) = (pool()?, pool()?);
    Ok(vec![
        Case::new(name("LocalAudioFrame"), move |n| {
            let mut frame = black_box(&local).local(SAMPLES).map_err(Failure::run)?;
            frame[n] = 1.0;
            black_box(frame.as_ptr());
            Ok(())
        }),
        Case::new(name("PooledAudioFrame"), move |n| {
            let mut frame = black_box(&owned).get(SAMPLES).map_err(Failure::run)?;
            frame[n] = 1.0;
            black_box(frame.as_ptr());
            Ok(())
        }),
    ])
}
