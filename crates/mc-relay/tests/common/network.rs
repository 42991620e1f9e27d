//! A bad network, the same every time.

use std::time::Duration;

use mc_testkit::rng::Rng;

/// From packet to packet of a sender.
pub(crate) const PACE: Duration = Duration::from_millis(20);

/// What a network does to packets that are sent every 20 ms. Packets overtake each other where the jitter is longer.
pub(crate) struct Network {
    pub(crate) seed: u64,
    /// Shares of the packets that are lost, and of those that arrive twice, each copy at its own time.
    pub(crate) lost: f64,
    pub(crate) doubled: f64,
    /// Packets take up to this long, each as long as any other.
    pub(crate) jitter: Duration,
}

/// A packet's arrival, or that of its copy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Arrival {
    pub(crate) at: Duration,
    /// Which of the packets that were sent.
    pub(crate) index: usize,
}

impl Network {
    /// One in ten lost, 50 ms of jitter, one in twenty doubled.
    pub(crate) const fn rough(seed: u64) -> Self {
        Self { seed, lost: 0.1, doubled: 0.05, jitter: Duration::from_millis(50) }
    }

    /// One in which nothing happens.
    pub(crate) const fn smooth() -> Self {
        Self { seed: 0, lost: 0.0, doubled: 0.0, jitter: Duration::ZERO }
    }

    /// What arrives of `count` packets, in the order in which it does.
    pub(crate) fn carry(&self, count: usize) -> Vec<Arrival> {
        let mut rng = Rng::new(self.seed);
        let mut arrivals = Vec::new();
        for index in 0..count {
            let copies = 1 + usize::from(rng.uniform(0.0..1.0) < self.doubled);
            let copies = if rng.uniform(0.0..1.0) < self.lost { 0 } else { copies };
            for _ in 0..copies {
                let late = self.jitter.mul_f64(rng.uniform(0.0..1.0));
                arrivals.push(Arrival { at: PACE * index as u32 + late, index });
            }
        }
        arrivals.sort_by_key(|arrival| arrival.at);
        arrivals
    }
}
