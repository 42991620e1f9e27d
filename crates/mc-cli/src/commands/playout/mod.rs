//! `mc playout`: what a receiver plays of a recording whose packets arrive late, twice or never.

mod figures;
mod trace;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use mc_g711::{G711, Law};
use mc_rtp_pipeline::{JitterConfig, MediaPacket, Playout, SAMPLE_RATE};
use mc_testkit::alloc::thread_allocations;

use self::figures::Figures;
use self::trace::{Arrival, Trace};
use super::g711::LawName;
use crate::audio::wav;
use crate::cost::thread_cpu_us;
use crate::failure::Failure;
use crate::stats;

/// Ticks of the virtual clock before allocations count.
const WARM_UP_TICKS: usize = 100;

#[derive(Args)]
pub(crate) struct PlayoutArgs {
    /// What is sent (WAV, mono 16-bit, 8 kHz)
    input: PathBuf,
    /// Where what is played goes, from time 0 until the last packet's audio is out
    output: PathBuf,
    /// When packets arrive: lines `SEQUENCE MILLISECONDS` in order of arrival, counted from 0; a packet on time
    /// arrives at its number times the packet time
    #[arg(long, value_name = "TXT")]
    trace: PathBuf,
    /// Companding law of the packets
    #[arg(long, default_value = "mu")]
    law: LawName,
    /// Audio in each packet
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(10..=60))]
    ptime: u32,
    /// A fixed delay instead of one that follows the jitter
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(0..=500))]
    fixed_ms: Option<u64>,
    /// How much the player asks for at a time
    #[arg(long, value_name = "MS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(5..=60))]
    tick: u32,
    /// Where a summary goes as JSON
    #[arg(long, value_name = "JSON")]
    stats: Option<PathBuf>,
}

/// Plays the file.
pub(crate) fn run(args: &PlayoutArgs) -> Result<(), Failure> {
    let input = wav::read(&args.input)?;
    if input.rate != SAMPLE_RATE {
        let reason = format_args!("{} Hz, but must be {} Hz", input.rate.hz(), SAMPLE_RATE.hz());
        return Err(Failure::file(&args.input, reason));
    }
    let sent = Sent::new(&input.samples, args.law.law(), args.ptime)?;
    let trace = Trace::read(&args.trace, sent.packets())?;
    let config =
        args.fixed_ms.map_or_else(JitterConfig::default, |ms| JitterConfig::fixed(Duration::from_millis(ms)));
    let receiver = Playout::new(&config, G711::new(args.law.law()))?;

    let session = Session::new(receiver, trace.last_ms() as u32, args.tick);
    let (played, figures) = session.play(&sent, &trace.arrivals);
    wav::write(&args.output, input.rate, &played)?;
    match &args.stats {
        Some(path) => stats::write(path, &figures),
        None => Ok(()),
    }
}

/// The payloads of all packets, one behind the other.
struct Sent {
    codes: Vec<u8>,
    packet_samples: usize,
}

impl Sent {
    /// Encodes `samples` to packets of `ptime` milliseconds; what fills no packet at the end is left out.
    fn new(samples: &[f32], law: Law, ptime: u32) -> Result<Self, Failure> {
        let packet_samples = SAMPLE_RATE.samples_in_ms(ptime);
        let whole = samples.len() / packet_samples * packet_samples;
        let mut codes = vec![0; whole];
        G711::new(law).encode_f32(&samples[..whole], &mut codes).map_err(Failure::run)?;
        Ok(Self { codes, packet_samples })
    }

    fn packets(&self) -> usize {
        self.codes.len() / self.packet_samples
    }

    fn packet(&self, index: usize) -> MediaPacket<'_> {
        let start = index * self.packet_samples;
        MediaPacket {
            payload_type: 0,
            marker: index == 0,
            sequence: index as u16,
            timestamp: start as u32,
            ssrc: 1,
            payload: &self.codes[start..start + self.packet_samples],
        }
    }
}

/// A receiver on a virtual clock.
struct Session {
    receiver: Playout<G711>,
    tick_ms: u32,
    tick_samples: usize,
    played: Vec<f32>,
    delays_ms: Vec<f64>,
    targets_ms: Vec<f64>,
}

impl Session {
    fn new(receiver: Playout<G711>, last_ms: u32, tick_ms: u32) -> Self {
        // Room for everything at once: what is allocated while playing is the receiver's doing.
        let ticks = (last_ms / tick_ms) as usize + 2_000 / tick_ms as usize;
        let tick_samples = SAMPLE_RATE.samples_in_ms(tick_ms);
        Self {
            receiver,
            tick_ms,
            tick_samples,
            played: Vec::with_capacity(ticks * tick_samples),
            delays_ms: Vec::with_capacity(ticks),
            targets_ms: Vec::with_capacity(ticks),
        }
    }

    fn play(mut self, sent: &Sent, arrivals: &[Arrival]) -> (Vec<f32>, Figures) {
        let mut waiting = arrivals.iter().peekable();
        let mut warm_allocations = thread_allocations();
        let start_us = thread_cpu_us();
        for tick in 0u32.. {
            let now = Duration::from_millis(u64::from(tick) * u64::from(self.tick_ms));
            while let Some(arrival) = waiting.next_if(|arrival| arrival.at <= now) {
                self.receiver.insert(&sent.packet(arrival.packet), arrival.at);
            }
            if waiting.peek().is_none() && self.receiver.is_drained() {
                break;
            }
            if tick as usize == WARM_UP_TICKS {
                warm_allocations = thread_allocations();
            }
            self.tick(now);
        }
        let cpu_us = thread_cpu_us() - start_us;
        let allocations = thread_allocations() - warm_allocations;
        let played_ms = self.played.len() as f64 / f64::from(SAMPLE_RATE.hz()) * 1e3;
        let figures = Figures::new(&self.receiver, &self.delays_ms, &self.targets_ms)
            .with_cost(cpu_us * 20.0 / played_ms.max(1.0), allocations as f64 / arrivals.len().max(1) as f64);
        (self.played, figures)
    }

    fn tick(&mut self, now: Duration) {
        let start = self.played.len();
        self.played.resize(start + self.tick_samples, 0.0);
        self.receiver.play(&mut self.played[start..], now);
        if let Some(delay) = self.receiver.delay() {
            self.delays_ms.push(delay.as_secs_f64() * 1e3);
            self.targets_ms.push(self.receiver.target_delay().as_secs_f64() * 1e3);
        }
    }
}
