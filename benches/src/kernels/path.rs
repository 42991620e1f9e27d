//! A whole packet: RTP in, decoded, processed, encoded, RTP out.

use std::sync::Arc;

use mc_engine::{AudioProcessingConfig, MetricsCollector, NoClock, PacketError, PayloadFormat};
use mc_g711::Law;
use mc_rtp_pipeline::{FrameStage, RtpPipeline, RtpPipelineConfig};

use super::Kernel;
use crate::Failure;
use crate::call::Call;
use crate::input::{self, FRAMES, SAMPLES, SSRC, samples_of, speech};
use crate::run::{Digest, Run};
use crate::stage::{CodeGain, GainAndRms};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "path/gain", measure: |run| alone(run, false, Counted::Yes, GainAndRms::new(run.simd())) },
    Kernel {
        name: "path/gain_uncounted",
        measure: |run| alone(run, false, Counted::No, GainAndRms::new(run.simd())),
    },
    Kernel { name: "path/map", measure: |run| alone(run, true, Counted::Yes, CodeGain) },
    Kernel { name: "path/pcmu_to_pcmu", measure: |run| session(run, PayloadFormat::PCMU) },
    Kernel { name: "path/pcmu_to_pcma", measure: |run| session(run, PayloadFormat::PCMA) },
    Kernel { name: "path/processors_v1", measure: processors },
];

/// Whether a pipeline has metrics: the difference is what they cost.
enum Counted {
    Yes,
    No,
}

/// The pipeline alone, mu-law to mu-law. Numbers leave [`FRAMES`] ahead of how they came, so that a packet that has
/// passed is the one that its sender sends so much later: packets go round, and nothing but their passing counts.
fn alone(
    run: &mut Run,
    metering: bool,
    counted: Counted,
    mut stage: impl FrameStage,
) -> Result<Digest, Failure> {
    let config = RtpPipelineConfig::default()
        .with_ssrc(SSRC)
        .with_first_sequence(FRAMES as u16)
        .with_first_timestamp((FRAMES * SAMPLES) as u32)
        .with_codec_level(Some(run.codec(Law::Mu).level()))
        .with_metering(metering);
    let metrics = matches!(counted, Counted::Yes).then(|| Arc::new(MetricsCollector::new(0)));
    let mut pipeline = RtpPipeline::new(&config, metrics)?;
    let (mut datagrams, mut outcome) = (input::packets(1)?, Ok(()));
    run.repeat(|frame| {
        if let Err(reason) = pipeline.process(&mut datagrams[frame], &mut stage, &NoClock) {
            outcome = Err(reason);
        }
    });
    outcome?;
    Ok(run.digest(&datagrams.concat()))
}

/// A session without processors. Each operation includes one copy of the packet, which stands for its arrival.
fn session(run: &mut Run, egress: PayloadFormat) -> Result<Digest, Failure> {
    through(run, Call::new(egress, AudioProcessingConfig::default())?, Call::pass)
}

/// A session with all processors of `mc-dsp-v1`; the other leg talks as well.
fn processors(run: &mut Run) -> Result<Digest, Failure> {
    let far_end = speech(2);
    let call = Call::new(PayloadFormat::PCMA, AudioProcessingConfig::all())?;
    through(run, call, |call, frame| {
        call.render(&far_end[samples_of(frame)]);
        call.pass(frame)
    })
}

fn through(
    run: &mut Run,
    mut call: Call,
    mut packet: impl FnMut(&mut Call, usize) -> Result<(), PacketError>,
) -> Result<Digest, Failure> {
    let mut outcome = Ok(());
    run.repeat(|frame| {
        if let Err(reason) = packet(&mut call, frame) {
            outcome = Err(reason);
        }
    });
    outcome?;
    Ok(run.digest(&call.output()))
}
