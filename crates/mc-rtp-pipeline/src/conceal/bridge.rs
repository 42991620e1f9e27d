//! A gap whose far side is known.

use mc_dsp::SampleRate;

use super::extrapolate::Extrapolator;
use super::overlap::fade_in;
use super::pitch::normalized;

/// Longest gap that is bridged in one piece, in milliseconds; what is longer is a pause in what is known.
pub(crate) const MAX_GAP_MS: u32 = 120;

/// Audio behind the gap that is looked at, in milliseconds.
const FUTURE_MS: u32 = 40;

/// Overlap in which the two sides' phases are compared, in milliseconds.
const ALIGN_MS: u32 = 8;

/// Correlation from which a side counts as voiced, so that its phase means something.
const VOICED: f32 = 0.5;

/// What the correlation loses when a side is stretched by half a period: of two places that match, the nearer is
/// the one with the right number of periods.
const STRETCH_PENALTY: f32 = 0.2;

/// Fills gaps from both sides.
#[derive(Clone, Debug)]
pub(crate) struct Bridge {
    /// The audio behind the gap, backwards in time.
    backward: Extrapolator,
    reversed: Box<[f32]>,
    from_past: Box<[f32]>,
    from_future: Box<[f32]>,
    max_gap: usize,
    align: usize,
}

impl Bridge {
    pub(crate) fn new(rate: SampleRate) -> Self {
        let backward = Extrapolator::new(rate);
        let (max_gap, align) = (rate.samples_in_ms(MAX_GAP_MS), rate.samples_in_ms(ALIGN_MS));
        let room = 2 * max_gap + align;
        Self {
            reversed: vec![0.0; rate.samples_in_ms(FUTURE_MS)].into(),
            from_past: vec![0.0; room].into(),
            from_future: vec![0.0; room].into(),
            backward,
            max_gap,
            align,
        }
    }

    /// Longest gap that is filled, in samples.
    pub(crate) const fn max_gap(&self) -> usize {
        self.max_gap
    }

    /// Samples behind the gap that are worth having.
    pub(crate) const fn future(&self) -> usize {
        self.reversed.len()
    }

    /// Fills `gap` between `past`, which `forward` is continuing, and `future`.
    pub(crate) fn fill(&mut self, forward: &mut Extrapolator, past: &[f32], future: &[f32], gap: &mut [f32]) {
        let length = gap.len().min(self.max_gap);
        let future = &future[..future.len().min(self.reversed.len())];
        let reversed = &mut self.reversed[..future.len()];
        reversed.copy_from_slice(future);
        reversed.reverse();
        self.backward.begin(reversed, Some(forward.pitch()));

        let room = length + self.align;
        let reach = forward.pitch().lag / 2;
        let ahead = &mut self.from_past[..room + reach];
        forward.extend(ahead);
        let forward_end = self.end_of(forward.pitch().correlation, length, reach, future, false);

        let reach = self.backward.pitch().lag / 2;
        let behind = &mut self.from_future[..room + reach];
        self.backward.extend(behind);
        let past = &past[past.len().saturating_sub(self.align)..];
        let backward_end = self.end_of(self.backward.pitch().correlation, length, reach, past, true);

        let ahead = Warp::new(&self.from_past, forward_end, length);
        let behind = Warp::new(&self.from_future, backward_end, length);
        for (at, sample) in gap.iter_mut().enumerate() {
            let weight = fade_in(at, length);
            *sample = (1.0 - weight) * ahead.at(at) + weight * behind.at(length - 1 - at);
        }
    }

    /// Where, near `length`, a voiced continuation has the phase of the audio that it meets.
    fn end_of(&self, voicing: f32, length: usize, reach: usize, meets: &[f32], backwards: bool) -> usize {
        if voicing < VOICED || meets.len() < self.align {
            return length;
        }
        let continued = if backwards { &self.from_future } else { &self.from_past };
        let mut best = (length, 0.0);
        for end in length.saturating_sub(reach).max(1)..=length + reach {
            let piece = &continued[end..end + self.align];
            let correlation = if backwards {
                reversed_correlation(piece, meets)
            } else {
                normalized(piece, &meets[..self.align])
            };
            let shift = (end as f32 - length as f32) / reach as f32;
            let correlation = correlation - STRETCH_PENALTY * shift * shift;
            if correlation > best.1 {
                best = (end, correlation);
            }
        }
        best.0
    }
}

fn reversed_correlation(piece: &[f32], meets: &[f32]) -> f32 {
    let (mut product, mut energy, mut other) = (0.0, 0.0, 0.0);
    for (a, b) in piece.iter().zip(meets.iter().rev()) {
        product += a * b;
        energy += a * a;
        other += b * b;
    }
    if energy * other > f32::MIN_POSITIVE { product / (energy * other).sqrt() } else { 0.0 }
}

/// A signal read at another speed, so that `end` samples of it take the time of `length`.
struct Warp<'a> {
    signal: &'a [f32],
    step: f32,
}

impl<'a> Warp<'a> {
    fn new(signal: &'a [f32], end: usize, length: usize) -> Self {
        Self { signal, step: end as f32 / length as f32 }
    }

    /// The sample at position `at` of the new time, by Catmull-Rom interpolation.
    fn at(&self, at: usize) -> f32 {
        let position = at as f32 * self.step;
        let whole = position as usize;
        let fraction = position - whole as f32;
        let tap = |offset: usize| self.signal.get((whole + offset).saturating_sub(1)).copied().unwrap_or(0.0);
        let (a, b, c, d) = (tap(0), tap(1), tap(2), tap(3));
        if fraction == 0.0 {
            return b;
        }
        let slope = c - a + fraction * (2.0 * a - 5.0 * b + 4.0 * c - d + fraction * (3.0 * (b - c) + d - a));
        b + 0.5 * fraction * slope
    }
}
