//! The loudspeaker's curve: what comes out of it for what goes in, as far as that has no memory.
//!
//! An overdriven amplifier or a small cone adds distortion that no linear filter can take up. The far end is therefore
//! bent by a curve before the filters get it, so that they learn one path for the tone and its distortion. The curve's
//! coefficients are those that explain the filters' error best: a least-squares fit on what each bending would
//! sound like through the learnt path (the cascade of Stenger and Kellermann, "Adaptation of a memoryless
//! preprocessor for nonlinear acoustic echo cancelling", Signal Processing 80, 2000).

use mc_simd::SimdProcessor;

use super::spectra::Spectra;
use super::transform::Transform;

/// Bendings: the magnitude, the square and the cube.
const BENDINGS: usize = 3;
/// Beside the bendings the echo itself is fitted, so that what the filters have yet to learn is not taken for distortion.
const FITTED: usize = BENDINGS + 1;
/// Partitions of the path, from its start on, that a bending is heard through.
const PARTITIONS: usize = 4;
/// Blocks from one look to the next.
const EVERY: u32 = 16;
/// Share of the past that stays at each look (about 4 s of looks).
const MEMORY: f32 = 0.985;
/// Looks before the first conclusion.
const ENOUGH: f32 = 40.0;
/// Share of the error that the first curve must explain, and a change of it later.
const WORTH: (f32, f32) = (0.02, 0.005);
/// Share of the change that is made at once.
const STEP: f32 = 0.5;
/// Largest coefficient.
const LARGEST: f32 = 1.0;
/// Loudest sample that is assumed before a louder one comes.
const LEAST_PEAK: f32 = 0.01;
/// Energy of an echo, per sample, that tells enough.
const AUDIBLE: f32 = 1e-8;
/// Added to the fit's diagonal, as a share of it, so that bendings that resemble each other do not grow against each
/// other.
const RIDGE: f32 = 0.05;

/// Learns and applies the curve.
pub(super) struct Loudspeaker {
    simd: SimdProcessor,
    coefficients: [f32; BENDINGS],
    /// Loudest sample so far: the curve's scale.
    peak: f32,
    /// What was played, as long as the partitions that are looked at and one more.
    played: Box<[f32]>,
    /// What each bending, and last the echo, adds to the newest partition of the microphone.
    heard: [Box<[f32]>; FITTED],
    spectrum: Box<[f32]>,
    echo_spectrum: Box<[f32]>,
    /// Normal equations, and how many looks are in them.
    products: [[f32; FITTED]; FITTED],
    errors: [f32; FITTED],
    looks: f32,
    until_look: u32,
}

/// Sample `x` bent in each way, at the scale `peak`.
fn bendings(x: f32, peak: f32) -> [f32; BENDINGS] {
    let u = x / peak;
    let square = x * u;
    [x.abs(), square, square * u]
}

/// By how much coefficients grow when the peak grows by a factor.
fn rescaled(growth: f32) -> [f32; BENDINGS] {
    [1.0, growth, growth * growth]
}

impl Loudspeaker {
    /// For filters with partitions of `length` samples.
    pub(super) fn new(length: usize) -> Self {
        let zeros = |count: usize| vec![0.0; count].into_boxed_slice();
        Self {
            simd: SimdProcessor::new(),
            coefficients: [0.0; BENDINGS],
            peak: LEAST_PEAK,
            played: zeros((PARTITIONS + 1) * length),
            heard: std::array::from_fn(|_| zeros(length)),
            spectrum: zeros(2 * (length + 1)),
            echo_spectrum: zeros(2 * (length + 1)),
            products: [[0.0; FITTED]; FITTED],
            errors: [0.0; FITTED],
            looks: 0.0,
            until_look: EVERY,
        }
    }

    /// Bends a block of the far end.
    pub(super) fn play(&mut self, block: &mut [f32]) {
        self.played.copy_within(block.len().., 0);
        let history = self.played.len() - block.len();
        self.played[history..].copy_from_slice(block);
        let peak = block.iter().fold(self.peak, |peak, x| peak.max(x.abs()));
        if peak > self.peak {
            self.rescale(peak);
        }
        if self.coefficients == [0.0; BENDINGS] {
            return;
        }
        for sample in block {
            let bent = bendings(*sample, self.peak);
            *sample += bent.iter().zip(&self.coefficients).map(|(bent, share)| share * bent).sum::<f32>();
        }
    }

    /// The same curve at another scale.
    fn rescale(&mut self, peak: f32) {
        let growth = rescaled(peak / self.peak);
        self.peak = peak;
        for (k, growth) in growth.into_iter().enumerate() {
            self.coefficients[k] = (self.coefficients[k] * growth).clamp(-LARGEST, LARGEST);
            self.errors[k] /= growth;
            self.products[k].iter_mut().for_each(|product| *product /= growth);
            self.products.iter_mut().for_each(|row| row[k] /= growth);
        }
    }

    /// Takes the newest partition of the `error` that the path's `weights` leave of `near`.
    pub(super) fn learn(
        &mut self,
        weights: &Spectra,
        error: &[f32],
        near: &[f32],
        transform: &mut Transform,
    ) {
        self.until_look -= 1;
        if self.until_look > 0 {
            return;
        }
        self.until_look = EVERY;
        for ((echo, near), error) in self.heard[BENDINGS].iter_mut().zip(near).zip(error) {
            *echo = near - error;
        }
        if self.simd.energy(&self.heard[BENDINGS]) < AUDIBLE * error.len() as f32 {
            return;
        }
        for bending in 0..BENDINGS {
            self.hear(bending, weights, transform);
        }
        let weight = 1.0 / (self.simd.energy(error) + AUDIBLE * error.len() as f32);
        for k in 0..FITTED {
            for l in 0..FITTED {
                let product = dot(&self.heard[k], &self.heard[l]);
                self.products[k][l] = MEMORY * self.products[k][l] + weight * product;
            }
            self.errors[k] = MEMORY * self.errors[k] + weight * dot(&self.heard[k], error);
        }
        self.looks = MEMORY * self.looks + 1.0;
        if self.looks > ENOUGH {
            self.conclude();
        }
    }

    /// What one bending sounds like through the path.
    fn hear(&mut self, bending: usize, weights: &Spectra, transform: &mut Transform) {
        let length = self.heard[bending].len();
        self.echo_spectrum.fill(0.0);
        for partition in 0..PARTITIONS.min(weights.count()) {
            let end = self.played.len() - partition * length;
            let (played, peak) = (&self.played[end - 2 * length..end], self.peak);
            transform.forward_planes(&mut self.spectrum, |time| {
                for (time, x) in time.iter_mut().zip(played) {
                    *time = bendings(*x, peak)[bending];
                }
            });
            let weights = weights.part(partition..partition + 1);
            self.simd.planar_mul_add(&mut self.echo_spectrum, weights, &self.spectrum);
        }
        let echo = &transform.inverse_planes(&self.echo_spectrum)[length..];
        self.heard[bending].copy_from_slice(echo);
    }

    /// Changes the curve where that explains enough of the error.
    fn conclude(&mut self) {
        let change = solved(self.products, self.errors);
        let explained: f32 = change.iter().zip(&self.errors).take(BENDINGS).map(|(c, e)| c * e).sum();
        let worth = if self.coefficients == [0.0; BENDINGS] { WORTH.0 } else { WORTH.1 };
        if explained <= worth * self.looks {
            return;
        }
        for (k, coefficient) in self.coefficients.iter_mut().enumerate() {
            let before = *coefficient;
            *coefficient = (before + STEP * change[k]).clamp(-LARGEST, LARGEST);
            // What the looks so far would have shown with the new curve.
            for (error, products) in self.errors.iter_mut().zip(&self.products) {
                *error -= (*coefficient - before) * products[k];
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.coefficients = [0.0; BENDINGS];
        self.peak = LEAST_PEAK;
        self.played.fill(0.0);
        self.products = [[0.0; FITTED]; FITTED];
        self.errors = [0.0; FITTED];
        self.looks = 0.0;
        self.until_look = EVERY;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let heard: usize = self.heard.iter().map(|signal| size_of_val(&**signal)).sum();
        size_of_val(&*self.played) + heard + 2 * size_of_val(&*self.spectrum)
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solution of the symmetric equations `matrix`·x = `right`, by elimination.
fn solved(mut matrix: [[f32; FITTED]; FITTED], mut right: [f32; FITTED]) -> [f32; FITTED] {
    for (k, row) in matrix.iter_mut().enumerate() {
        let ridge = if k < BENDINGS { RIDGE } else { 0.0 };
        row[k] += ridge * row[k] + f32::MIN_POSITIVE;
    }
    for k in 0..FITTED {
        let pivot = matrix[k];
        for row in k + 1..FITTED {
            let factor = matrix[row][k] / pivot[k];
            matrix[row].iter_mut().zip(pivot).for_each(|(value, above)| *value -= factor * above);
            right[row] -= factor * right[k];
        }
    }
    for k in (0..FITTED).rev() {
        let known: f32 = (k + 1..FITTED).map(|column| matrix[k][column] * right[column]).sum();
        right[k] = (right[k] - known) / matrix[k][k];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;
    use mc_testkit::signal::white_noise;

    const LENGTH: usize = 64;

    /// A loudspeaker's model that has heard a loudspeaker of that `curve` through a mere wire.
    fn after_teaching(curve: impl Fn(f32) -> f32) -> Loudspeaker {
        let mut transform = Transform::new(2 * LENGTH);
        let mut wire = Spectra::new(LENGTH + 1, PARTITIONS);
        wire.part_mut(0..1)[..=LENGTH].fill(1.0);
        let mut loudspeaker = Loudspeaker::new(LENGTH);
        for block in white_noise(1, -20.0, 4_000 * LENGTH / 2).chunks_exact(LENGTH) {
            let near: Vec<f32> = block.iter().map(|x| curve(*x)).collect();
            let mut played = block.to_vec();
            let (first, second) = played.split_at_mut(LENGTH / 2);
            loudspeaker.play(first);
            loudspeaker.play(second);
            let error: Vec<f32> = near.iter().zip(&played).map(|(near, played)| near - played).collect();
            loudspeaker.learn(&wire, &error, &near, &mut transform);
        }
        loudspeaker
    }

    #[test]
    fn a_straight_loudspeaker_stays_straight() {
        assert_eq!(after_teaching(|x| x).coefficients, [0.0; BENDINGS]);
        // And so does one that is louder than the filters yet believe.
        assert_eq!(after_teaching(|x| 1.5 * x).coefficients, [0.0; BENDINGS]);
    }

    #[test]
    fn a_bent_one_is_learnt() {
        let curve = |x: f32| x + 0.3 * x.abs();
        let mut loudspeaker = after_teaching(curve);
        let mut played = [0.2, -0.2, 0.1, 0.0];
        let expected = played.map(curve);
        loudspeaker.play(&mut played);
        assert!(played.iter().zip(expected).all(|(p, e)| (p - e).abs() < 0.01), "{played:?}");
    }

    #[test]
    fn a_louder_sample_leaves_the_curve_as_it_was() {
        let mut loudspeaker = Loudspeaker::new(LENGTH);
        loudspeaker.play(&mut [0.1; LENGTH]);
        loudspeaker.coefficients = [0.1, 0.05, -0.02];
        let bent = |loudspeaker: &mut Loudspeaker| {
            let mut samples = [0.1, -0.05, 0.02];
            loudspeaker.play(&mut samples);
            samples
        };
        let before = bent(&mut loudspeaker);
        loudspeaker.play(&mut [0.4; 4]);
        let after = bent(&mut loudspeaker);
        assert!(before.iter().zip(after).all(|(b, a)| (b - a).abs() < 1e-6), "{before:?} {after:?}");
    }

    #[test]
    fn equations_are_solved() {
        let matrix = std::array::from_fn(|row| {
            std::array::from_fn(|column| if row == column { 4.0 } else { 1.0 / (1 + row + column) as f32 })
        });
        let x = solved(matrix, [1.0, -2.0, 3.0, 0.5]);
        for (row, right) in matrix.iter().zip([1.0, -2.0, 3.0, 0.5]) {
            let left: f32 = row.iter().zip(x).map(|(m, x)| m * x).sum();
            assert!((left - right).abs() < 0.25, "{left} {right}");
        }
    }
}
