//! A whole packet: RTP in, decoded, processed, encoded, RTP out. Each operation includes one copy of the
//! packet, which stands for its arrival.

use std::sync::Arc;

use mc_engine::{
    AudioProcessingConfig, MetricsCollector, NoClock, PacketError, PayloadFormat, SimdProcessor,
};
use mc_metrics::{Clock, StageTimer};
use mc_rtp_pipeline::{FrameStage, RtpPipeline, RtpPipelineConfig};

use super::Kernel;
use crate::Failure;
use crate::call::Call;
use crate::input::{self, samples_of, speech};
use crate::run::{Digest, Run};

pub(super) const KERNELS: &[Kernel] = &[
    Kernel { name: "path/gain", measure: gain },
    Kernel { name: "path/pcmu_to_pcmu", measure: |run| session(run, PayloadFormat::PCMU) },
    Kernel { name: "path/pcmu_to_pcma", measure: |run| session(run, PayloadFormat::PCMA) },
    Kernel { name: "path/processors_v1", measure: processors },
];

/// Changes the level and measures the energy of what comes out.
struct GainAndEnergy(SimdProcessor, f32);

impl FrameStage for GainAndEnergy {
    fn process<C: Clock>(&mut self, frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        self.0.apply_gain(frame, 0.99);
        self.1 = self.0.energy(frame);
    }
}

/// The pipeline alone, mu-law to A-law, with the least that can be called processing.
fn gain(run: &mut Run) -> Result<Digest, Failure> {
    let config = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA);
    let mut pipeline = RtpPipeline::new(&config, Arc::new(MetricsCollector::new(0)))?;
    let mut stage = GainAndEnergy(SimdProcessor::new(), 0.0);
    let arriving = input::packets(1)?;
    let mut datagrams = arriving.clone();
    let (mut sent, mut outcome) = (0, Ok(()));
    run.repeat(|frame| {
        let datagram = &mut datagrams[frame];
        datagram.copy_from_slice(&arriving[frame]);
        input::number(datagram, sent);
        sent += 1;
        if let Err(reason) = pipeline.process(datagram, &mut stage, &NoClock) {
            outcome = Err(reason);
        }
    });
    outcome?;
    Ok(run.digest(&datagrams.concat()))
}

/// A session without processors.
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
