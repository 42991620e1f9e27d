//! A frame taken from a pool, written to and returned.

use mc_pool::{AudioFramePool, FramePoolConfig};

use super::Kernel;
use crate::Failure;
use crate::input::{FRAMES, SAMPLES, samples_of, speech};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel {
        name: "pool/get_drop",
        measure: |run| {
            frame(run, |pool, n| {
                let mut frame = pool.get(SAMPLES)?;
                frame[n] = n as f32;
                Ok(frame[n])
            })
        },
    },
    Kernel {
        name: "pool/get_put",
        measure: |run| {
            frame(run, |pool, n| {
                let mut frame = pool.get(SAMPLES)?;
                frame[n] = n as f32;
                let touched = frame[n];
                pool.put(frame);
                Ok(touched)
            })
        },
    },
    Kernel {
        name: "pool/local",
        measure: |run| {
            frame(run, |pool, n| {
                let mut frame = pool.local(SAMPLES)?;
                frame[n] = n as f32;
                Ok(frame[n])
            })
        },
    },
    Kernel { name: "pool/get_copy", measure: get_copy },
];

/// `use_frame` takes a frame from the pool and returns a sample of it.
fn frame(
    run: &mut Run,
    use_frame: impl Fn(&AudioFramePool, usize) -> Result<f32, mc_pool::PoolError>,
) -> Result<Digest, Failure> {
    let pool = AudioFramePool::new(FramePoolConfig::default())?;
    let mut touched = [0.0_f32; FRAMES];
    let mut outcome = Ok(());
    run.repeat(|n| match use_frame(&pool, n) {
        Ok(sample) => touched[n] = sample,
        Err(error) => outcome = Err(error),
    });
    outcome?;
    Ok(run.digest(&touched))
}

fn get_copy(run: &mut Run) -> Result<Digest, Failure> {
    let source = speech(1);
    frame(run, |pool, n| Ok(pool.get_copy(&source[samples_of(n)])?[n]))
}
