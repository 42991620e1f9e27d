//! How late packets tend to be: a histogram that forgets.

/// Width of a bin, in microseconds.
const BIN_US: i64 = 2_500;
/// Bins: up to 400 ms; what is later counts as that.
const BINS: usize = 160;

/// What the weight of a packet loses with each that follows: half of it in 350 packets, 7 s at 20 ms.
const KEPT: f32 = 0.998;
/// Newer packets weigh more, rather than older ones less; at this weight all are scaled back.
const HEAVY: f32 = 1e12;

/// Delays seen, the more recent ones with more weight.
#[derive(Clone, Debug)]
pub(crate) struct DelayHistogram {
    bins: [f32; BINS],
    total: f32,
    weight: f32,
}

impl DelayHistogram {
    pub(crate) const fn new() -> Self {
        Self { bins: [0.0; BINS], total: 0.0, weight: 1.0 }
    }

    /// Adds a packet that was `delay_us` behind the fastest.
    #[inline]
    pub(crate) fn add(&mut self, delay_us: i64) {
        self.weight /= KEPT;
        self.bins[bin(delay_us)] += self.weight;
        self.total += self.weight;
        if self.weight > HEAVY {
            self.rescale();
        }
    }

    #[cold]
    fn rescale(&mut self) {
        for bin in &mut self.bins {
            *bin /= self.weight;
        }
        self.total = self.bins.iter().sum();
        self.weight = 1.0;
    }

    /// The delay in microseconds that all but `beyond` (a fraction) of the packets stayed within; 0 without any.
    pub(crate) fn quantile_us(&self, beyond: f32) -> i64 {
        let allowed = beyond * self.total;
        let mut above = 0.0;
        for (bin, weight) in self.bins.iter().enumerate().rev() {
            above += weight;
            if above > allowed {
                return upper_edge_us(bin);
            }
        }
        0
    }
}

fn bin(delay_us: i64) -> usize {
    ((delay_us.max(0) / BIN_US) as usize).min(BINS - 1)
}

const fn upper_edge_us(bin: usize) -> i64 {
    (bin as i64 + 1) * BIN_US
}
