//! From probabilities to a decision that does not flicker.

use super::AdvancedVadConfig;

/// Hysteresis between two thresholds, and hangover behind speech.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    onset: f32,
    offset: f32,
    hangover_frames: u32,
    quiet_frames: u32,
    is_speech: bool,
}

impl Decision {
    pub(crate) const fn new(config: &AdvancedVadConfig) -> Self {
        Self {
            onset: config.onset_threshold,
            offset: config.offset_threshold,
            hangover_frames: config.hangover_ms / 10,
            quiet_frames: 0,
            is_speech: false,
        }
    }

    /// The decision after one more 10 ms.
    pub(crate) fn decide(&mut self, probability: f32) -> bool {
        if probability >= self.onset {
            self.is_speech = true;
        }
        if probability >= self.offset {
            self.quiet_frames = 0;
        } else {
            self.quiet_frames += 1;
            if self.quiet_frames > self.hangover_frames {
                self.is_speech = false;
            }
        }
        self.is_speech
    }

    pub(crate) const fn reset(&mut self) {
        self.is_speech = false;
        self.quiet_frames = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_at_once_holds_between_the_thresholds_and_ends_after_the_hangover() {
        let config = AdvancedVadConfig::default().with_thresholds(0.6, 0.3).with_hangover_ms(20);
        let mut decision = Decision::new(&config);
        let heard: Vec<u8> = [0.5, 0.6, 0.4, 0.4, 0.4, 0.2, 0.4, 0.2, 0.2, 0.2, 0.5, 0.7]
            .into_iter()
            .map(|p| u8::from(decision.decide(p)))
            .collect();
        assert_eq!(heard, [0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1]);
    }
}
