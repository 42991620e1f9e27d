//! A whole packet of 20 ms, mu-law in and mu-law out: multiplied by a gain, its level measured.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;

use mc_g711::{G711, Law, SimdLevel};
use mc_metrics::{MetricsCollector, NoClock};
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
