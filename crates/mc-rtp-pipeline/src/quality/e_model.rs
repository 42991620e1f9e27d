//! The E-model of ITU-T G.107 with its default values, for what a media plane can know: delay, loss and codec.

use std::time::Duration;

/// Rating of a call without delay, loss or coding, with every parameter at its default (G.107 §7.7, note: 93.2).
const BEST_RATING: f32 = 93.2;

/// What a codec does to speech, as ITU-T G.113 Appendix I states it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CodecImpairment {
    /// Equipment impairment factor Ie: the codec's own, without loss.
    pub equipment: f32,
    /// Packet-loss robustness factor Bpl: the percentage of random loss that costs half of what is left.
    pub robustness: f32,
}

impl CodecImpairment {
    /// G.711 with concealment of losses.
    pub const G711: Self = Self { equipment: 0.0, robustness: 25.1 };
    /// G.711 where nothing conceals them.
    pub const G711_UNCONCEALED: Self = Self { equipment: 0.0, robustness: 4.3 };
    /// G.729 Annex A with Annex B, 8 kbit/s.
    pub const G729: Self = Self { equipment: 11.0, robustness: 19.0 };
    /// G.723.1 at 6.3 kbit/s.
    pub const G723_1: Self = Self { equipment: 15.0, robustness: 16.1 };
    /// GSM Enhanced Full Rate, which is AMR's mode of 12.2 kbit/s.
    pub const GSM_EFR: Self = Self { equipment: 5.0, robustness: 10.0 };

    /// The impairment of another codec.
    #[must_use]
    pub const fn new(equipment: f32, robustness: f32) -> Self {
        Self { equipment, robustness }
    }
}

/// What is known of one direction of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EModel {
    /// The codec.
    pub codec: CodecImpairment,
    /// From mouth to ear: the network, the jitter buffer, packetising and processing.
    pub delay: Duration,
    /// Packets lost or late, 0 to 1.
    pub loss: f32,
    /// How many times longer bursts of losses are than if losses were random, 1 or more.
    pub burst_ratio: f32,
}

impl EModel {
    /// A call without loss or delay.
    #[must_use]
    pub const fn new(codec: CodecImpairment) -> Self {
        Self { codec, delay: Duration::ZERO, loss: 0.0, burst_ratio: 1.0 }
    }

    /// Sets the delay from mouth to ear. Without RTCP the network's part is unknown: half the round trip of the
    /// signalling, or nothing, is what is left to go by.
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the fraction of packets lost, 0 to 1, and how bursty their loss is (1 for random).
    #[must_use]
    pub const fn with_loss(mut self, loss: f32, burst_ratio: f32) -> Self {
        self.loss = loss;
        self.burst_ratio = burst_ratio;
        self
    }

    /// The rating.
    #[must_use]
    pub fn rate(&self) -> Quality {
        let rating = BEST_RATING - delay_impairment(self.delay) - self.loss_impairment();
        Quality { rating: rating.clamp(0.0, 100.0) }
    }

    /// Ie,eff (G.107 §7.5).
    fn loss_impairment(&self) -> f32 {
        let CodecImpairment { equipment, robustness } = self.codec;
        let percent = 100.0 * self.loss.clamp(0.0, 1.0);
        let burst_ratio = self.burst_ratio.max(1.0);
        if percent == 0.0 {
            return equipment;
        }
        equipment + (95.0 - equipment) * percent / (percent / burst_ratio + robustness)
    }
}

/// Idd, what delay alone does to a conversation without echo (G.107 §7.4).
fn delay_impairment(delay: Duration) -> f32 {
    let ms = delay.as_secs_f32() * 1e3;
    if ms <= 100.0 {
        return 0.0;
    }
    let doublings = (ms / 100.0).log2();
    let root = |x: f32| (1.0 + x.powi(6)).powf(1.0 / 6.0);
    25.0 * (root(doublings) - 3.0 * root(doublings / 3.0) + 2.0)
}

/// The outcome of the E-model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    rating: f32,
}

impl Quality {
    /// The transmission rating factor R, 0 to 100: 80 satisfies most users, below 60 nearly all complain.
    #[must_use]
    pub const fn rating(self) -> f32 {
        self.rating
    }

    /// The mean opinion score that people are estimated to give, 1 to 4.5 (G.107 Annex B).
    #[must_use]
    pub fn mos(self) -> f32 {
        let r = self.rating;
        (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).clamp(1.0, 4.5)
    }
}
