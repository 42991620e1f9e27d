//! The output is never louder than the microphone for long.

use super::level::follow;

/// Fades the echo estimate out while subtracting it makes the signal louder, as after a change of the echo
/// path, and back in when it helps again.
#[derive(Clone, Debug)]
pub(super) struct SafetyFade {
    near: f32,
    error: f32,
    weight: f32,
    goal: f32,
    step_per_sample: f32,
}

impl SafetyFade {
    /// Smoothing of the powers over blocks of 5 ms: 15 ms.
    const SMOOTHING: f32 = 0.3;
    /// Error over microphone above which the estimate fades out, and below which it fades in: first for an
    /// echo path that has been learnt, of which the doubt is with the near end, then for one that has not.
    const LEARNT: (f32, f32) = (1.05, 1.0);
    const GUESSED: (f32, f32) = (0.9, 0.8);

    /// A fade that takes `fade_samples` from one end to the other.
    pub(super) fn new(fade_samples: usize) -> Self {
        Self { near: 0.0, error: 0.0, weight: 1.0, goal: 1.0, step_per_sample: 1.0 / fade_samples as f32 }
    }

    /// Share of the estimate to subtract from the next sample, 0 to 1.
    pub(super) fn next_weight(&mut self) -> f32 {
        self.weight += (self.goal - self.weight).clamp(-self.step_per_sample, self.step_per_sample);
        self.weight
    }

    /// Takes the powers of a block, before and after subtracting all of the estimate, and whether the
    /// echo path has been learnt.
    pub(super) fn end_block(&mut self, near: f32, error: f32, learnt: bool) {
        follow(&mut self.near, near, Self::SMOOTHING);
        follow(&mut self.error, error, Self::SMOOTHING);
        let (harmful, helpful) = if learnt { Self::LEARNT } else { Self::GUESSED };
        if self.error > harmful * self.near {
            self.goal = 0.0;
        } else if self.error < helpful * self.near {
            self.goal = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harmful_estimate_fades_out_and_a_helpful_one_back_in() {
        let mut fade = SafetyFade::new(4);
        assert_eq!(fade.next_weight(), 1.0);
        (0..20).for_each(|_| fade.end_block(1.0, 2.0, true));
        assert_eq!([(); 5].map(|()| fade.next_weight()), [0.75, 0.5, 0.25, 0.0, 0.0]);
        (0..20).for_each(|_| fade.end_block(1.0, 0.5, true));
        assert_eq!([(); 4].map(|()| fade.next_weight()), [0.25, 0.5, 0.75, 1.0]);
    }

    #[test]
    fn a_guess_must_help_clearly() {
        let goal = |learnt| {
            let mut fade = SafetyFade::new(1);
            (0..20).for_each(|_| fade.end_block(1.0, 0.95, learnt));
            fade.next_weight()
        };
        assert_eq!((goal(true), goal(false)), (1.0, 0.0));
    }
}
