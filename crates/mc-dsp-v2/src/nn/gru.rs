//! A gated recurrent unit in integers: int8 weights, 16-bit activations, exact sums.

use mc_simd::SimdProcessor;

use super::activation::{sigmoid, tanh};

/// Largest magnitude of an input.
pub(crate) const MAX_INPUT: f32 = 6.0;

/// Steps of a quantised activation on each side of zero.
const STEPS: f32 = 32_767.0;

/// Weights of one unit (Cho et al. 2014, with the reset gate behind the recurrent product), gates in the order reset,
/// update, new. Matrices lie as [`SimdProcessor::matrix_mul_add`] takes them, a row per gate's unit, `3 * hidden` of them; a
/// weight is its int8 times its row's scale.
#[derive(Debug)]
pub(crate) struct GruWeights {
    pub(crate) hidden: usize,
    pub(crate) input: &'static [[i8; 2]],
    pub(crate) input_scale: &'static [f32],
    pub(crate) recurrent: &'static [[i8; 2]],
    pub(crate) recurrent_scale: &'static [f32],
    pub(crate) bias: &'static [f32],
    /// Added to the new gate's recurrent product before it is reset.
    pub(crate) bias_new: &'static [f32],
}

/// The unit's state.
#[derive(Clone, Debug)]
pub(crate) struct Gru {
    simd: SimdProcessor,
    weights: &'static GruWeights,
    hidden: Box<[f32]>,
    input_steps: Box<[[i16; 2]]>,
    hidden_steps: Box<[[i16; 2]]>,
    from_input: Sums,
    from_hidden: Sums,
}

impl Gru {
    pub(crate) fn new(weights: &'static GruWeights) -> Self {
        let gates = 3 * weights.hidden;
        Self {
            simd: SimdProcessor::new(),
            weights,
            hidden: vec![0.0; weights.hidden].into(),
            input_steps: vec![[0; 2]; weights.input.len() / gates].into(),
            hidden_steps: vec![[0; 2]; weights.recurrent.len() / gates].into(),
            from_input: Sums::new(gates),
            from_hidden: Sums::new(gates),
        }
    }

    /// Advances by one input vector, each value within ±[`MAX_INPUT`], and returns the new hidden state.
    pub(crate) fn step(&mut self, input: &[f32]) -> &[f32] {
        let Self { simd, weights: w, hidden, input_steps, hidden_steps, from_input, from_hidden } = self;
        quantise(input, MAX_INPUT, input_steps);
        let of_input = from_input.product(simd, w.input, w.input_scale, MAX_INPUT, input_steps);
        quantise(hidden, 1.0, hidden_steps);
        let of_hidden = from_hidden.product(simd, w.recurrent, w.recurrent_scale, 1.0, hidden_steps);
        for (sum, bias) in of_input.iter_mut().zip(w.bias) {
            *sum += bias;
        }
        let (reset_in, rest) = of_input.split_at(w.hidden);
        let (update_in, new_in) = rest.split_at(w.hidden);
        let (reset_hidden, rest) = of_hidden.split_at(w.hidden);
        let (update_hidden, new_hidden) = rest.split_at(w.hidden);
        let inputs = reset_in.iter().zip(update_in).zip(new_in);
        let hiddens = reset_hidden.iter().zip(update_hidden).zip(new_hidden).zip(w.bias_new);
        for ((h, ((reset_in, update_in), new_in)), (((reset_hidden, update_hidden), new_hidden), bias)) in
            hidden.iter_mut().zip(inputs).zip(hiddens)
        {
            let reset = sigmoid(reset_in + reset_hidden);
            let update = sigmoid(update_in + update_hidden);
            let new = tanh(new_in + reset * (new_hidden + bias));
            *h = new + update * (*h - new);
        }
        &self.hidden
    }

    pub(crate) fn reset(&mut self) {
        self.hidden.fill(0.0);
    }

    /// Heap memory of the state in bytes.
    pub(crate) fn state_bytes(&self) -> usize {
        size_of_val(&*self.hidden)
            + size_of_val(&*self.input_steps)
            + size_of_val(&*self.hidden_steps)
            + self.from_input.bytes()
            + self.from_hidden.bytes()
    }
}

impl GruWeights {
    /// Memory of the tables in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        2 * (self.input.len() + self.recurrent.len())
            + 4 * (self.input_scale.len()
                + self.recurrent_scale.len()
                + self.bias.len()
                + self.bias_new.len())
    }
}

/// Products of a matrix: exact, and in units of their scale.
#[derive(Clone, Debug)]
struct Sums {
    exact: Box<[i32]>,
    scaled: Box<[f32]>,
}

impl Sums {
    fn new(rows: usize) -> Self {
        Self { exact: vec![0; rows].into(), scaled: vec![0.0; rows].into() }
    }

    /// The matrix times `steps`, which are of `range` / [`STEPS`]. At most 127 * 32767 a product: 500 inputs fit a sum.
    fn product(
        &mut self,
        simd: &SimdProcessor,
        matrix: &[[i8; 2]],
        scale: &[f32],
        range: f32,
        steps: &[[i16; 2]],
    ) -> &mut [f32] {
        self.exact.fill(0);
        simd.matrix_mul_add(&mut self.exact, matrix, steps);
        for ((scaled, exact), scale) in self.scaled.iter_mut().zip(&self.exact).zip(scale) {
            *scaled = *exact as f32 * (scale * (range / STEPS));
        }
        &mut self.scaled
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.exact) + size_of_val(&*self.scaled)
    }
}

/// Writes `values`, of at most ±`range`, in steps of `range` / [`STEPS`].
fn quantise(values: &[f32], range: f32, steps: &mut [[i16; 2]]) {
    for (step, value) in steps.as_flattened_mut().iter_mut().zip(values) {
        // Through i32, for which there are vectors.
        *step = (value * (STEPS / range)) as i32 as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static WEIGHTS: GruWeights = GruWeights {
        hidden: 1,
        input: &[[100, 10], [-50, 20], [25, 30]],
        input_scale: &[0.01, 0.02, 0.04],
        recurrent: &[[50, 0], [60, 0], [70, 0]],
        recurrent_scale: &[0.01, 0.01, 0.01],
        bias: &[0.1, 0.2, 0.3],
        bias_new: &[0.05],
    };

    #[test]
    fn follows_the_definition() {
        let exact = |x: f32| 1.0 / (1.0 + (-x).exp());
        let (mut gru, mut h) = (Gru::new(&WEIGHTS), 0f32);
        for x in [[1.0, 0.5], [-2.0, 1.0], [0.0, 3.0]] {
            let reset = exact(x[0] + 0.1 * x[1] + 0.1 + 0.5 * h);
            let update = exact(-x[0] + 0.4 * x[1] + 0.2 + 0.6 * h);
            let new = (x[0] + 1.2 * x[1] + 0.3 + reset * (0.7 * h + 0.05)).tanh();
            h = (1.0 - update) * new + update * h;
            let got = gru.step(&x)[0];
            assert!((got - h).abs() < 1e-3, "{got} {h}");
        }
        gru.reset();
        assert_eq!(gru.hidden[0], 0.0);
    }
}
