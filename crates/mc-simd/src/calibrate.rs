//! Choosing strategies by timing them.

use crate::{Operation, SelectionPlan, SimdProcessor, SizeClass, Strategy};

/// Calls of a kernel between two readings of the clock, half of them on a frame without and half on one with
/// samples after the last whole vector.
const CALLS: usize = 8;

/// Rounds over all candidates after which more would not change the choice.
const MOST_ROUNDS: usize = 32;

/// Taps of the filter that is timed.
const TAPS: usize = 32;

/// Longest frame that is timed, in samples.
const LONGEST: usize = SizeClass::Longer.typical_samples();

impl SimdProcessor {
    /// Times every strategy at this processor's level, for each operation and size class, and returns the plan
    /// of the fastest ones; give it to [`with_plan`](Self::with_plan).
    ///
    /// `now_ns` reads a monotonic clock in nanoseconds. The measurement ends when `budget_ns` have passed on it
    /// (20 ms suffice: a round over all candidates takes about one), late by at most the 8 calls that
    /// are being timed. Candidates are timed in turn, round after round, and the least time of each counts, so
    /// a disturbance hits one round of one candidate. Vectors throughout stay the choice unless another
    /// strategy takes at least 5 % less time, and where the budget allowed no measurement.
    pub fn calibrate(&self, now_ns: &mut impl FnMut() -> u64, budget_ns: u64) -> SelectionPlan {
        let mut buffers = Buffers::new();
        let mut least = [[[u64::MAX; Strategy::ALL.len()]; SizeClass::COUNT]; Operation::COUNT];
        let start = now_ns();
        'rounds: for _ in 0..MOST_ROUNDS {
            for operation in Operation::ALL {
                for class in SizeClass::ALL {
                    for strategy in Strategy::ALL {
                        let candidate = self.with_strategy(strategy);
                        let before = now_ns();
                        if before.saturating_sub(start) >= budget_ns {
                            break 'rounds;
                        }
                        buffers.run(&candidate, operation, class.typical_samples());
                        let taken = now_ns().saturating_sub(before);
                        let cell = &mut least[operation as usize][class as usize][strategy as usize];
                        *cell = taken.min(*cell);
                    }
                }
            }
        }
        let mut plan = SelectionPlan::uniform(self.level(), Strategy::Simd);
        for operation in Operation::ALL {
            for class in SizeClass::ALL {
                plan =
                    plan.with_strategy(operation, class, fastest(least[operation as usize][class as usize]));
            }
        }
        plan
    }
}

/// The strategy with the least time of `least`, with the preference that
/// [`calibrate`](SimdProcessor::calibrate) states; `u64::MAX` is a time that was not measured.
fn fastest(least: [u64; Strategy::ALL.len()]) -> Strategy {
    let time = |strategy: Strategy| least[strategy as usize];
    let rival =
        if time(Strategy::Scalar) < time(Strategy::Hybrid) { Strategy::Scalar } else { Strategy::Hybrid };
    let simd = time(Strategy::Simd);
    let worthwhile = simd - simd / 20;
    if simd != u64::MAX && time(rival) < worthwhile { rival } else { Strategy::Simd }
}

/// What the kernels are timed on: values that stay ordinary numbers however often a kernel runs.
struct Buffers {
    a: [f32; LONGEST + TAPS],
    b: [f32; LONGEST + TAPS],
    out: [f32; LONGEST],
    integers: [i16; LONGEST],
}

impl Buffers {
    fn new() -> Self {
        let wave = |n: usize| ((n * 37) % 101) as f32 / 101.0 - 0.5;
        Self {
            a: std::array::from_fn(wave),
            b: std::array::from_fn(|n| wave(n + 50)),
            out: [0.0; LONGEST],
            integers: std::array::from_fn(|n| ((n * 7_919) % 20_000) as i16 - 10_000),
        }
    }

    fn run(&mut self, simd: &SimdProcessor, operation: Operation, samples: usize) {
        for call in 0..CALLS {
            let len = samples - call % 2;
            let (a, b) = (&self.a[..len], &self.b[..len]);
            let (out, integers) = (&mut self.out[..len], &mut self.integers[..len]);
            match operation {
                Operation::Gain => simd.apply_gain(out, -1.0),
                Operation::GainQ12 => simd.apply_gain_q12(integers, -4_096),
                Operation::Mix => _ = simd.mix_into(out, if call % 4 < 2 { a } else { b }),
                Operation::Crossfade => _ = simd.crossfade(out, a),
                Operation::Energy => out[0] = simd.energy(a),
                Operation::Peak => out[0] = simd.peak(a),
                Operation::Dot => out[0] = simd.dot(a, b),
                Operation::ComplexMulAdd => {
                    let out = out.as_chunks_mut().0;
                    simd.complex_mul_add(out, a.as_chunks().0, b.as_chunks().0);
                }
                Operation::Fir => _ = simd.fir(&self.b[..TAPS], &self.a[..len + TAPS - 1], out),
                Operation::I16ToF32 => _ = simd.i16_to_f32(integers, out),
                Operation::F32ToI16 => _ = simd.f32_to_i16(a, integers),
            }
        }
        std::hint::black_box(&self.out);
    }
}
