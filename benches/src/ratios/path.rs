//! A whole packet of 20 ms, mu-law in and mu-law out: multiplied by a gain, its level measured.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use mc_engine::PerformanceConfig;
use mc_g711::{G711, Law, SimdLevel};
use mc_metrics::{Clock, MetricsCollector, NoClock};
use mc_rtp_pipeline::{FrameAccess, FrameStage, RtpPipeline, RtpPipelineConfig};
use mc_simd::SimdProcessor;

use super::arrivals::{Arrivals, BATCHES};
use super::g711::codec;
use super::naive::Relay;
use super::race::{Measured, Times};
use super::{Contest, simd, without_level};
use crate::Failure;
use crate::input::{HEADER, SAMPLES};
use crate::stage::{CodeGain, GAIN, GainAndRms};

pub(super) const CONTESTS: &[Contest] = &[
    Contest { name: "path/gain: three vectors", race: gain },
    Contest { name: "path/map: three vectors", race: map },
    Contest { name: "path/total, ns", race: total },
    Contest { name: "path/audio, ns", race: audio },
    Contest { name: "path/metrics, %: without", race: metrics },
];

const ROUNDS: usize = 40;

/// The level's name in `mc-g711`; the sample kernels are those that go with it.
fn gain(level: &str) -> Result<Measured, Failure> {
    let Some(codec) = codec(level)? else { return Ok(Measured::LACKING) };
    Ok(against_three_vectors(codec.level(), &mut GainAndRms::new(beside(codec.level())?))?.ratio())
}

/// The same on the codes, metered.
fn map(level: &str) -> Result<Measured, Failure> {
    let Some(codec) = codec(level)? else { return Ok(Measured::LACKING) };
    Ok(against_three_vectors(codec.level(), &mut CodeGain)?.ratio())
}

/// Nanoseconds of the whole packet, by the best that this CPU has.
fn total(level: &str) -> Result<Measured, Failure> {
    without_level(level)?;
    let best = G711::new(Law::Mu).level();
    Ok(against_three_vectors(best, &mut GainAndRms::new(SimdProcessor::new()))?.nanoseconds())
}

/// Nanoseconds of what lies between the headers: decoding, gain and level, encoding.
fn audio(level: &str) -> Result<Measured, Failure> {
    without_level(level)?;
    let (relay, codec, simd) = (Relay::new(GAIN), G711::new(Law::Mu), SimdProcessor::new());
    let mut frame = [0.0; SAMPLES];
    let times = race(
        &RefCell::new(Arrivals::new()?),
        |datagram| _ = black_box(relay.relay(datagram).is_ok()),
        |datagram| {
            let payload = &mut datagram[HEADER..];
            // The lengths are the same.
            let _ = codec.decode_f32(payload, &mut frame);
            simd.apply_gain(&mut frame, GAIN);
            black_box(simd.rms(&frame));
            let _ = codec.encode_f32(&frame, payload);
        },
    );
    Ok(times.nanoseconds())
}

/// Per cent that a packet takes longer when everything is counted, and one in as many timed as the engine times by
/// default. The least time of many would leave the timed ones out: so all of them are timed, and what that adds is
/// divided among them.
///
/// That is less than what a pipeline's place in memory decides, so there are several of each kind, each in a place of
/// its own, and the median counts.
fn metrics(level: &str) -> Result<Measured, Failure> {
    without_level(level)?;
    let clock = Monotonic(Instant::now());
    let several = |timed| (0..PLACES).map(|_| passing(timed, &clock)).collect::<Result<Vec<_>, _>>();
    let (mut without, mut counting, mut timing) = (several(None)?, several(Some(0))?, several(Some(1))?);
    let arrivals = RefCell::new(Arrivals::new()?);
    let (mut packets, mut counted, mut timed) = (Vec::new(), Vec::new(), Vec::new());
    for ((without, counting), timing) in without.iter_mut().zip(&mut counting).zip(&mut timing) {
        let times = race(&arrivals, &mut *without, counting);
        packets.push(times.plain());
        counted.push(times.longer());
        timed.push(race(&arrivals, without, timing).longer());
    }
    let [packet, counted, timed] = [packets, counted, timed].map(Quartiles::of);
    let one_in = f64::from(PerformanceConfig::default().time_one_in);
    let longer = counted.median + (timed.median - counted.median) / one_in;
    let percent = 100.0 / packet.median;
    Ok(Measured::Value { value: longer.max(0.0) * percent, noise: counted.apart / 2.0 * percent })
}

/// Places in memory that are tried.
const PLACES: usize = 15;

/// The median, and how far the quartiles are apart.
struct Quartiles {
    median: f64,
    apart: f64,
}

impl Quartiles {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarter: usize| values[values.len() * quarter / 4];
        Self { median: at(2), apart: at(3) - at(1) }
    }
}

/// Passes packets through a pipeline that times one in `timed`, or has no metrics. What it returns is of one type:
/// with metrics or without, the same instructions run.
fn passing<'a>(timed: Option<u32>, clock: &'a Monotonic) -> Result<impl FnMut(&mut [u8]) + 'a, Failure> {
    let metrics = timed.map(|one_in| Arc::new(MetricsCollector::new(one_in)));
    let mut pipeline = RtpPipeline::new(&RtpPipelineConfig::default(), metrics)?;
    let mut stage = GainAndRms::new(SimdProcessor::new());
    Ok(move |datagram: &mut [u8]| _ = black_box(pipeline.process(datagram, &mut stage, clock).is_ok()))
}

fn against_three_vectors(codec_level: SimdLevel, stage: &mut impl FrameStage) -> Result<Times, Failure> {
    let metering = stage.access() != FrameAccess::Change;
    let config = RtpPipelineConfig::default().with_codec_level(Some(codec_level)).with_metering(metering);
    let mut pipeline = RtpPipeline::new(&config, Arc::new(MetricsCollector::new(0)))?;
    let (relay, mut dropped) = (Relay::new(GAIN), 0_u64);
    let times = race(
        &RefCell::new(Arrivals::new()?),
        |datagram| _ = black_box(relay.relay(datagram).map(|relayed| (relayed.packet, relayed.rms)).is_ok()),
        |datagram| match pipeline.process(datagram, stage, &NoClock) {
            Ok(egress) => _ = black_box((egress.packet(), egress.energy())),
            Err(_) => dropped += 1,
        },
    );
    none_dropped(dropped)?;
    Ok(times)
}

/// Races two ways of dealing with the same packets.
fn race(
    arrivals: &RefCell<Arrivals>,
    mut plain: impl FnMut(&mut [u8]),
    mut kernel: impl FnMut(&mut [u8]),
) -> Times {
    let (mut to_plain, mut to_kernel) = (0, 0);
    let plain = |batch| arrivals.borrow_mut().time(batch, &mut to_plain, &mut plain);
    let kernel = |batch| arrivals.borrow_mut().time(batch, &mut to_kernel, &mut kernel);
    Times::least(ROUNDS, BATCHES, plain, kernel)
}

fn none_dropped(dropped: u64) -> Result<(), Failure> {
    if dropped == 0 { Ok(()) } else { Err(format!("{dropped} packets were dropped").into()) }
}

/// The sample kernels that go with a codec's level.
fn beside(codec_level: SimdLevel) -> Result<SimdProcessor, Failure> {
    let name = match codec_level {
        SimdLevel::Avx512 | SimdLevel::Avx512Vbmi | SimdLevel::Avx512Fp16 => "AVX-512",
        same => same.name(),
    };
    simd::processor(name)?
        .ok_or_else(|| format!("the codec has {codec_level}, the samples lack {name}").into())
}

/// The machine's clock.
struct Monotonic(Instant);

impl Clock for Monotonic {
    fn now_ns(&self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
}
