//! Configuration of the relay as a whole.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::time::Duration;

use mc_engine::{ConfigError, MediaEngineConfig, PerformanceConfig};

use crate::MonotonicClock;
use crate::ports::port_pairs;

/// Reads how often the calling thread has allocated so far; see [`RelayConfig::with_allocation_probe`].
pub type AllocationProbe = fn() -> u64;

/// Pairs of ports that one call takes.
pub(crate) const PAIRS_PER_CALL: usize = 2;
const MAX_WORKERS: usize = 256;
const MIN_TIMEOUT: Duration = Duration::from_millis(100);
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3600);
const REVIEW_INTERVALS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);
const MAX_LATCH_WAIT: Duration = Duration::from_secs(60);
const MAX_LOADS: RangeInclusive<f32> = 0.01..=1.0;
const MAX_EVENTS: usize = 1 << 20;

/// Configuration of a [`MediaSessionController`](crate::MediaSessionController).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RelayConfig {
    /// Threads that carry calls, 1 to 256. Default: one for each core.
    pub workers: usize,
    /// Address that legs are bound to unless they name their own. Default: `0.0.0.0`.
    pub local_ip: IpAddr,
    /// Local ports; each leg takes an even one for RTP and the odd one above for RTCP. Keep it outside the system's ephemeral
    /// range (32768 to 60999 on Linux), whose ports other programs are given at any moment.
    /// Default: 16384 to 32767.
    pub ports: RangeInclusive<u16>,
    /// A call ends when neither leg has sent a valid packet for this long, 100 ms to 24 h.
    /// Default: 60 s.
    pub media_timeout: Duration,
    /// How often each call's streams are rated, and reported on where that is [wanted](crate::MediaConfig::reports),
    /// 100 ms to 60 s; on the second. Default: 5 s, as RFC 3550 §6.2 has it.
    pub review_interval: Duration,
    /// How long the announced port has to be silent, from its announcement on, until another one of the peer's host
    /// may be taken for the peer's; that one has to keep sending for a fifth of it. 0 to 60 s. Meanwhile it is
    /// neither heard nor sent to: a peer whose port is not the one it announced loses that much of its first words,
    /// and whoever shares its address has that long to be told from it. Default: 1 s.
    pub latch_after: Duration,
    /// Events kept for the application to fetch, 1 to 2^20; further ones are lost and counted.
    /// Default: 1024.
    pub event_capacity: usize,
    /// Share of its core from which on a worker takes no more calls, 0.01 to 1; `None` never stops. See
    /// [`expected_load`](crate::MediaSessionController::expected_load). Default: 0.9.
    pub max_load: Option<f32>,
    /// One packet in so many of each call is timed on its way through the relay; 0 times none. Default: 16.
    pub time_one_in: u32,
    /// Counts allocations on the packet path. Default: `None`, not counted.
    pub allocation_probe: Option<AllocationProbe>,
    /// What time it is for packets and calls. Default: the machine's clock.
    pub clock: MonotonicClock,
    /// Defaults of every leg's media session. Default: the engine's, with one frame in each session's pool.
    pub engine: MediaEngineConfig,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_WORKERS)),
            local_ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            ports: 16_384..=32_767,
            media_timeout: Duration::from_secs(60),
            review_interval: Duration::from_secs(5),
            latch_after: Duration::from_secs(1),
            event_capacity: 1_024,
            max_load: Some(0.9),
            time_one_in: 16,
            allocation_probe: None,
            clock: MonotonicClock::new(),
            // Workers process packets where they lie: one frame is enough for what a session must copy.
            engine: MediaEngineConfig::default()
                .with_performance(PerformanceConfig::default().with_session_pool_size(1)),
        }
    }
}

impl RelayConfig {
    /// Sets the number of threads that carry calls.
    #[must_use]
    pub const fn with_workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Sets the address that legs are bound to unless they name their own.
    #[must_use]
    pub const fn with_local_ip(mut self, local_ip: IpAddr) -> Self {
        self.local_ip = local_ip;
        self
    }

    /// Sets the local ports.
    #[must_use]
    pub fn with_ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.ports = ports;
        self
    }

    /// Sets how long a call lives without media.
    #[must_use]
    pub const fn with_media_timeout(mut self, media_timeout: Duration) -> Self {
        self.media_timeout = media_timeout;
        self
    }

    /// Sets how often each call's streams are rated.
    #[must_use]
    pub const fn with_review_interval(mut self, review_interval: Duration) -> Self {
        self.review_interval = review_interval;
        self
    }

    /// Sets how long another port than the announced one has to wait.
    #[must_use]
    pub const fn with_latch_after(mut self, latch_after: Duration) -> Self {
        self.latch_after = latch_after;
        self
    }

    /// Sets how many events are kept.
    #[must_use]
    pub const fn with_event_capacity(mut self, event_capacity: usize) -> Self {
        self.event_capacity = event_capacity;
        self
    }

    /// Sets how busy workers may get.
    #[must_use]
    pub const fn with_max_load(mut self, max_load: Option<f32>) -> Self {
        self.max_load = max_load;
        self
    }

    /// Sets how many packets of a call go by for one that is timed; 0 times none.
    #[must_use]
    pub const fn with_time_one_in(mut self, packets: u32) -> Self {
        self.time_one_in = packets;
        self
    }

    /// Has `probe` read before and after each packet, on the thread that handles it; the difference is
    /// counted in [`LegMetrics::allocations`](crate::LegMetrics::allocations). It needs an allocator
    /// that counts per thread.
    #[must_use]
    pub const fn with_allocation_probe(mut self, probe: AllocationProbe) -> Self {
        self.allocation_probe = Some(probe);
        self
    }

    /// Sets the clock, such as a [simulated](MonotonicClock::simulated) one.
    #[must_use]
    pub const fn with_clock(mut self, clock: MonotonicClock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the defaults of every leg's media session.
    #[must_use]
    pub fn with_engine(mut self, engine: MediaEngineConfig) -> Self {
        self.engine = engine;
        self
    }

    /// Checks the fields of the relay; [`engine`](Self::engine) is checked by the engine.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let Self { ports, media_timeout, .. } = self;
        if !(1..=MAX_WORKERS).contains(&self.workers) {
            return Err(ConfigError::new("workers", self.workers, "1 to 256"));
        }
        if *ports.start() == 0 || port_pairs(ports) < PAIRS_PER_CALL {
            let range = format!("{} to {}", ports.start(), ports.end());
            return Err(ConfigError::new(
                "ports",
                range,
                "above 0, with at least two pairs of an even port and the odd one above",
            ));
        }
        if !(MIN_TIMEOUT..=MAX_TIMEOUT).contains(media_timeout) {
            return Err(ConfigError::new("media_timeout", format!("{media_timeout:?}"), "100 ms to 24 h"));
        }
        if !REVIEW_INTERVALS.contains(&self.review_interval) {
            let interval = format!("{:?}", self.review_interval);
            return Err(ConfigError::new("review_interval", interval, "100 ms to 60 s"));
        }
        if self.latch_after > MAX_LATCH_WAIT {
            return Err(ConfigError::new("latch_after", format!("{:?}", self.latch_after), "0 to 60 s"));
        }
        if let Some(load) = self.max_load.filter(|load| !MAX_LOADS.contains(load)) {
            return Err(ConfigError::new("max_load", load, "0.01 to 1"));
        }
        if !(1..=MAX_EVENTS).contains(&self.event_capacity) {
            return Err(ConfigError::new("event_capacity", self.event_capacity, "1 to 2^20"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(config: &RelayConfig) -> &'static str {
        config.validate().unwrap_err().field()
    }

    #[test]
    fn defaults_are_valid() {
        assert_eq!(RelayConfig::default().validate(), Ok(()));
    }

    #[test]
    fn each_field_out_of_range_is_named() {
        let config = RelayConfig::default;
        for workers in [0, 257] {
            assert_eq!(refused(&config().with_workers(workers)), "workers");
        }
        #[allow(clippy::reversed_empty_ranges, reason = "an empty range is one of the mistakes")]
        for ports in [0..=9_000, 5_000..=4_000, 5_000..=5_002, 65_535..=65_535] {
            assert_eq!(refused(&config().with_ports(ports)), "ports");
        }
        for timeout in [Duration::ZERO, Duration::from_millis(99), Duration::MAX] {
            assert_eq!(refused(&config().with_media_timeout(timeout)), "media_timeout");
        }
        for interval in [Duration::from_millis(99), Duration::from_secs(61)] {
            assert_eq!(refused(&config().with_review_interval(interval)), "review_interval");
        }
        assert_eq!(refused(&config().with_latch_after(Duration::from_secs(61))), "latch_after");
        for load in [0.0, 1.1, f32::NAN] {
            assert_eq!(refused(&config().with_max_load(Some(load))), "max_load");
        }
        for capacity in [0, usize::MAX] {
            assert_eq!(refused(&config().with_event_capacity(capacity)), "event_capacity");
        }
    }
}
