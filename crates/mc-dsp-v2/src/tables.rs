//! Tables that never change, once in a process: what a thousand calls share takes no cache from any of them.

/// Forward and inverse transform of real signals by complex ones of half their length.
#[cfg(feature = "aec")]
pub(crate) mod halved {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex, PoisonError};

    use mc_simd::RealSpectrum;
    use rustfft::{Fft, FftPlanner};

    /// What a transform of one length needs besides room to work.
    #[derive(Clone)]
    pub(crate) struct Halved {
        pub(crate) forward: Arc<dyn Fft<f32>>,
        pub(crate) inverse: Arc<dyn Fft<f32>>,
        pub(crate) real: Arc<RealSpectrum>,
    }

    /// For `pairs` pairs of samples.
    pub(crate) fn of(pairs: usize) -> Halved {
        static KNOWN: Mutex<BTreeMap<usize, Halved>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            let mut planner = FftPlanner::new();
            Halved {
                forward: planner.plan_fft_forward(pairs),
                inverse: planner.plan_fft_inverse(pairs),
                real: Arc::new(RealSpectrum::new(pairs)),
            }
        };
        known.entry(pairs).or_insert_with(made).clone()
    }
}

/// Transforms of real signals.
#[cfg(feature = "vad")]
pub(crate) mod real {
    use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

    use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

    /// It keeps what it has planned.
    fn planner() -> MutexGuard<'static, RealFftPlanner<f32>> {
        static PLANNER: LazyLock<Mutex<RealFftPlanner<f32>>> =
            LazyLock::new(|| Mutex::new(RealFftPlanner::new()));
        PLANNER.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of `length` samples.
    pub(crate) fn forward(length: usize) -> Arc<dyn RealToComplex<f32>> {
        planner().plan_fft_forward(length)
    }

    /// To `length` samples.
    pub(crate) fn inverse(length: usize) -> Arc<dyn ComplexToReal<f32>> {
        planner().plan_fft_inverse(length)
    }
}
