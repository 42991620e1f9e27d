//! Linear prediction of short pieces of speech (autocorrelation method, Levinson-Durbin recursion).

/// Coefficients of the predictor: two for each formant that telephone speech has, and some for its tilt.
pub(crate) const ORDER: usize = 16;

/// Fraction of the energy that is added as white noise, so that the recursion stays stable: 40 dB down, where
/// the quantisation noise of G.711 lies.
const WHITE_NOISE: f32 = 1e-4;

/// An all-pole model: each sample is predicted from the [`ORDER`] before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Predictor {
    coefficients: [f32; ORDER],
}

impl Predictor {
    /// The predictor that fits `windowed` best; the caller has applied the analysis window.
    pub(crate) fn fit(windowed: &[f32]) -> Self {
        let mut correlation = [0.0; ORDER + 1];
        for (lag, sum) in correlation.iter_mut().enumerate() {
            let shifted = windowed.get(lag..).unwrap_or_default();
            *sum = dot(shifted, windowed);
        }
        correlation[0] *= 1.0 + WHITE_NOISE;
        Self { coefficients: Levinson::<ORDER>::solve(&correlation).coefficients }
    }

    /// The prediction of the sample that follows `before`, which holds at least [`ORDER`] samples, the newest last.
    #[inline]
    pub(crate) fn predict(&self, before: &[f32]) -> f32 {
        let recent = before.iter().rev();
        self.coefficients.iter().zip(recent).map(|(coefficient, sample)| coefficient * sample).sum()
    }
}

/// The solution of the normal equations (Levinson-Durbin recursion).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levinson<const N: usize> {
    /// The predictor's coefficients, the nearest sample's first.
    pub(crate) coefficients: [f32; N],
    /// Partial correlations, -1 to 1: what each further coefficient adds.
    pub(crate) reflections: [f32; N],
}

impl<const N: usize> Levinson<N> {
    /// Solves for the autocorrelation at lags 0 to `N`; lags that are missing count as 0.
    pub(crate) fn solve(correlation: &[f32]) -> Self {
        let at = |lag: usize| correlation.get(lag).copied().unwrap_or(0.0);
        let (mut coefficients, mut reflections) = ([0.0; N], [0.0; N]);
        let mut error = at(0);
        for order in 0..N {
            if error <= f32::MIN_POSITIVE {
                break;
            }
            let predicted: f32 = (0..order).map(|tap| coefficients[tap] * at(order - tap)).sum();
            let reflection = (at(order + 1) - predicted) / error;
            let previous: [f32; N] = coefficients;
            coefficients[order] = reflection;
            reflections[order] = reflection;
            for tap in 0..order {
                coefficients[tap] = previous[tap] - reflection * previous[order - 1 - tap];
            }
            error *= 1.0 - reflection * reflection;
        }
        Self { coefficients, reflections }
    }
}

/// The sum of products over the length that both have.
#[inline]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 8;
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut sums = [0.0; LANES];
    let length = a.len().min(b.len());
    let whole = length / LANES * LANES;
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f32 = a[whole..length].iter().zip(&b[whole..length]).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}
