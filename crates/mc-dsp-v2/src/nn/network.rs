//! A trained network: inputs brought to one scale, a recurrent unit, and a row of weights for each output.

use super::gru::{Gru, GruWeights, MAX_INPUT};

/// Its tables, as `tools/export-network.py` writes them.
#[derive(Debug)]
pub(crate) struct Network {
    /// Of each input: its mean, and 1 over its spread.
    pub(crate) mean: &'static [f32],
    pub(crate) scale: &'static [f32],
    pub(crate) gru: GruWeights,
    /// A row per output, as long as the unit's state.
    pub(crate) output: &'static [f32],
    pub(crate) output_bias: &'static [f32],
}

impl Network {
    /// The state of `gru`, which is this network's, after one more vector of inputs.
    pub(crate) fn hidden<'a, const INPUTS: usize>(
        &self,
        gru: &'a mut Gru,
        mut input: [f32; INPUTS],
    ) -> &'a [f32] {
        for ((x, mean), scale) in input.iter_mut().zip(self.mean).zip(self.scale) {
            *x = ((*x - mean) * scale).clamp(-MAX_INPUT, MAX_INPUT);
        }
        gru.step(&input)
    }

    /// Memory of the tables in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        let reals = self.mean.len() + self.scale.len() + self.output.len() + self.output_bias.len();
        self.gru.bytes() + 4 * reals
    }

    /// Whether the tables fit each other and so many inputs and outputs.
    #[cfg(test)]
    pub(crate) fn fits(&self, inputs: usize, outputs: usize) -> bool {
        let (hidden, gates) = (self.gru.hidden, 3 * self.gru.hidden);
        (self.mean.len(), self.scale.len()) == (inputs, inputs)
            && self.gru.input.len() == inputs.div_ceil(2) * gates
            && self.gru.recurrent.len() == hidden.div_ceil(2) * gates
            && (self.output.len(), self.output_bias.len()) == (outputs * hidden, outputs)
    }
}
