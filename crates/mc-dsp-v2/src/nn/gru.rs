//! A gated recurrent unit with int8 weights.

use super::activation::{sigmoid, tanh};

/// Weights of one unit (Cho et al. 2014, with the reset gate behind the recurrent product), gates in the order reset, update,
/// new. Matrices hold one row of `3 * hidden` weights per input; a weight is its int8 times its column's scale.
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
    from_input: Box<[f32]>,
    from_hidden: Box<[f32]>,
}

impl Gru {
    pub(crate) fn new(weights: &'static GruWeights) -> Self {
        let gates = 3 * weights.hidden;
        Self {
            weights,
            hidden: vec![0.0; weights.hidden].into(),
            from_input: vec![0.0; gates].into(),
            from_hidden: vec![0.0; gates].into(),
        }
    }

    /// Advances by one input vector and returns the new hidden state.
    pub(crate) fn step(&mut self, input: &[f32]) -> &[f32] {
        let Self { weights: w, hidden, from_input, from_hidden } = self;
        product(w.input, w.input_scale, input, from_input);
        product(w.recurrent, w.recurrent_scale, hidden, from_hidden);
        for (sum, bias) in from_input.iter_mut().zip(w.bias) {
            *sum += bias;
        }
        let (reset_in, rest) = from_input.split_at(w.hidden);
        let (update_in, new_in) = rest.split_at(w.hidden);
        let (reset_hidden, rest) = from_hidden.split_at(w.hidden);
        let (update_hidden, new_hidden) = rest.split_at(w.hidden);
        for (unit, h) in hidden.iter_mut().enumerate() {
            let reset = sigmoid(reset_in[unit] + reset_hidden[unit]);
            let update = sigmoid(update_in[unit] + update_hidden[unit]);
            let new = tanh(new_in[unit] + reset * (new_hidden[unit] + w.bias_new[unit]));
            *h = new + update * (*h - new);
        }
        &self.hidden
    }

    pub(crate) fn reset(&mut self) {
        self.hidden.fill(0.0);
    }

    /// Heap memory of the state in bytes.
    pub(crate) fn state_bytes(&self) -> usize {
        size_of_val(&*self.hidden) + size_of_val(&*self.from_input) + size_of_val(&*self.from_hidden)
    }
}

impl GruWeights {
    /// Memory of the tables in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.input.len()
            + self.recurrent.len()
            + 4 * (self.input_scale.len() + self.recurrent_scale.len() + self.bias.len() + self.bias_new.len())
    }
}

/// `out = (inputᵀ · matrix) * scale`, with one row of `out.len()` weights per input.
fn product(matrix: &[i8], scale: &[f32], input: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for (x, row) in input.iter().zip(matrix.chunks_exact(out.len())) {
        for (sum, &weight) in out.iter_mut().zip(row) {
            *sum += x * f32::from(weight);
        }
    }
    for (sum, scale) in out.iter_mut().zip(scale) {
        *sum *= scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static WEIGHTS: GruWeights = GruWeights {
        hidden: 1,
        input: &[100, -50, 25, 10, 20, 30],
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
