//! A gated recurrent unit in integers: int8 weights, 16-bit activations, exact sums.

use super::activation::{sigmoid, tanh};

/// Largest magnitude of an input.
pub(crate) const MAX_INPUT: f32 = 6.0;

/// Steps of a quantised activation on each side of zero.
const STEPS: f32 = 32_767.0;

/// Weights of one unit (Cho et al. 2014, with the reset gate behind the recurrent product), gates in the order reset,
/// update, new. Matrices hold one row of `3 * hidden` weights per input; a weight is its int8 times its column's scale.
#[derive(Debug)]
pub(crate) struct GruWeights {
    pub(crate) hidden: usize,
    pub(crate) input: &'static [i8],
    pub(crate) input_scale: &'static [f32],
    pub(crate) recurrent: &'static [i8],
    pub(crate) recurrent_scale: &'static [f32],
    pub(crate) bias: &'static [f32],
    /// Added to the new gate's recurrent product before it is reset.
    pub(crate) bias_new: &'static [f32],
}

/// The unit's state.
#[derive(Clone, Debug)]
pub(crate) struct Gru {
    weights: &'static GruWeights,
    hidden: Box<[f32]>,
    input_steps: Box<[i16]>,
    hidden_steps: Box<[i16]>,
    from_input: Box<[f32]>,
    from_hidden: Box<[f32]>,
}

impl Gru {
    pub(crate) fn new(weights: &'static GruWeights) -> Self {
        let gates = 3 * weights.hidden;
        Self {
            weights,
            hidden: vec![0.0; weights.hidden].into(),
            input_steps: vec![0; weights.input.len() / gates].into(),
            hidden_steps: vec![0; weights.hidden].into(),
            from_input: vec![0.0; gates].into(),
            from_hidden: vec![0.0; gates].into(),
        }
    }

    /// Advances by one input vector, each value within ±[`MAX_INPUT`], and returns the new hidden state.
    pub(crate) fn step(&mut self, input: &[f32]) -> &[f32] {
        let Self { weights: w, hidden, input_steps, hidden_steps, from_input, from_hidden } = self;
        quantise(input, MAX_INPUT, input_steps);
        product(w.input, w.input_scale, MAX_INPUT, input_steps, from_input);
        quantise(hidden, 1.0, hidden_steps);
        product(w.recurrent, w.recurrent_scale, 1.0, hidden_steps, from_hidden);
        for (sum, bias) in from_input.iter_mut().zip(w.bias) {
            *sum += bias;
        }
        let (reset_in, rest) = from_input.split_at(w.hidden);
        let (update_in, new_in) = rest.split_at(w.hidden);
        let (reset_hidden, rest) = from_hidden.split_at(w.hidden);
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
            + size_of_val(&*self.from_input)
            + size_of_val(&*self.from_hidden)
    }
}

impl GruWeights {
    /// Memory of the tables in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.input.len()
            + self.recurrent.len()
            + 4 * (self.input_scale.len()
                + self.recurrent_scale.len()
                + self.bias.len()
                + self.bias_new.len())
    }
}

/// Writes `values`, of at most ±`range`, in steps of `range` / [`STEPS`].
fn quantise(values: &[f32], range: f32, steps: &mut [i16]) {
    for (step, value) in steps.iter_mut().zip(values) {
        // Through i32, for which there are vectors.
        *step = (value * (STEPS / range)) as i32 as i16;
    }
}

/// The matrix times `input`, which is in steps of `range` / [`STEPS`].
fn product(matrix: &[i8], scale: &[f32], range: f32, input: &[i16], out: &mut [f32]) {
    let rows = matrix.chunks_exact(input.len());
    for ((sum, row), scale) in out.iter_mut().zip(rows).zip(scale) {
        // At most 127 * 32767 a product: 500 inputs fit the sum.
        let exact: i32 = row.iter().zip(input).map(|(&weight, &x)| i32::from(weight) * i32::from(x)).sum();
        *sum = exact as f32 * (scale * (range / STEPS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static WEIGHTS: GruWeights = GruWeights {
        hidden: 1,
        input: &[100, 10, -50, 20, 25, 30],
        input_scale: &[0.01, 0.02, 0.04],
        recurrent: &[50, 60, 70],
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
