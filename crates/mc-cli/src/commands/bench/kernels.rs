//! Sample kernels at every instruction set that the CPU has.

use std::hint::black_box;

use mc_engine::SimdProcessor;

use super::case::{Case, Name};
use super::frames::{self, SAMPLES};
use crate::failure::Failure;

/// Frames that a kernel goes through: few enough for the nearest cache, where a packet's frame is as well.
const FRAMES: usize = 8;

/// What a kernel reads and writes, aligned like the frames of a pool.
#[repr(align(64))]
struct Frame {
    a: [f32; SAMPLES],
    b: [f32; SAMPLES],
    integers: [i16; SAMPLES],
    floats: [f32; SAMPLES],
    rounded: [i16; SAMPLES],
}

impl Frame {
    fn new(number: usize) -> Self {
        let at = |seed| frames::noise(seed + number as u64);
        let (a, b) = (at(100), at(200));
        let integers = a.map(|sample| (sample * 32_767.0) as i16);
        Self { a, b, integers, floats: [0.0; SAMPLES], rounded: [0; SAMPLES] }
    }
}

type Kernel = fn(&SimdProcessor, &mut Frame);

const KERNELS: [(&str, Kernel); 6] = [
    // Changing the sign costs what any gain costs, and the level stays.
    ("gain", |simd, frame| simd.apply_gain(&mut frame.a, -1.0)),
    ("energy", |simd, frame| _ = black_box(simd.energy(&frame.a))),
    ("mix", |simd, frame| _ = simd.mix_into(&mut frame.floats, &frame.a)),
    ("dot product", |simd, frame| _ = black_box(simd.dot(&frame.a, &frame.b))),
    ("i16 to f32", |simd, frame| _ = simd.i16_to_f32(&frame.integers, &mut frame.floats)),
    ("f32 to i16", |simd, frame| _ = simd.f32_to_i16(&frame.a, &mut frame.rounded)),
];

pub(super) fn cases() -> Result<Vec<Case>, Failure> {
    let mut cases = Vec::new();
    for (operation, kernel) in KERNELS {
        for level in SimdProcessor::available_levels() {
            let simd = SimdProcessor::with_level(level).map_err(Failure::run)?;
            let name = Name { group: "Samples", operation, level: Some(level.name()) };
            let mut frames: [Frame; FRAMES] = std::array::from_fn(Frame::new);
            cases.push(Case::new(name, move |n| {
                kernel(&simd, black_box(&mut frames[n % FRAMES]));
                Ok(())
            }));
        }
    }
    Ok(cases)
}
