//! What the pipeline records, with a clock that the test drives.

mod common;

use std::cell::Cell;
use std::sync::Arc;

use common::{Each, Mute, packet, pipeline};
use mc_g711::{G711, Law, SimdLevel};
use mc_metrics::{Clock, MetricsCollector, NoClock, Stage, StageTimer};
use mc_rtp_pipeline::{
    FrameStage, PacketCounts, PacketError, Passthrough, PayloadFormat, RtpPipeline, RtpPipelineConfig,
};

/// Goes on by 10 ns at every look.
#[derive(Default)]
struct Ticking(Cell<u64>);

impl Clock for Ticking {
    fn now_ns(&self) -> u64 {
        self.0.set(self.0.get() + 10);
        self.0.get()
    }
}

struct Detector;

impl FrameStage for Detector {
    fn process<C: Clock>(&mut self, _frame: &mut [f32], timer: &mut StageTimer<'_, C>) {
        timer.lap(Stage::VoiceDetect);
    }
}

#[test]
fn packets_and_bytes_are_counted_on_both_sides() {
    let mut pipeline = pipeline(&RtpPipelineConfig::default());
    for sequence in 0..10 {
        // Four bytes of padding on each: they come in and do not go out.
        let mut datagram = packet(sequence, 0, &[0; 160]);
        datagram[0] |= 0x20;
        datagram.extend([0, 0, 0, 4]);
        pipeline.process(&mut datagram, &mut Passthrough, &NoClock).unwrap();
    }
    let metrics = pipeline.metrics().unwrap().snapshot();
    assert_eq!((metrics.packets_in, metrics.bytes_in), (10, 1760));
    assert_eq!((metrics.packets_out, metrics.bytes_out), (10, 1720));
    assert_eq!((metrics.dropped, metrics.copied_bytes, metrics.pool_misses), (0, 0, 0));
    assert_eq!(metrics.stage(Stage::Total).count, 0, "a clock that stands still times nothing");
}

#[test]
fn a_frame_is_taken_from_the_pool_only_when_the_audio_is_needed_and_stays_for_the_next_packet() {
    fn frames_taken(
        egress: PayloadFormat,
        stage: &mut impl FrameStage,
        lengths: [usize; 2],
        take_out: bool,
    ) -> u64 {
        let mut pipeline = pipeline(&RtpPipelineConfig::default().with_egress(egress));
        for sequence in 0..10 {
            let samples = lengths[usize::from(sequence) % 2];
            let mut datagram = packet(sequence, 160 * u32::from(sequence), &vec![sequence as u8; samples]);
            let egress = pipeline.process(&mut datagram, stage, &NoClock).unwrap();
            assert_eq!(egress.payload().len(), samples);
            if let Some(frame) = egress.frame() {
                let expected = f32::from(G711::new(Law::Mu).decode_code(sequence as u8)) / 32_768.0;
                assert!(frame.len() == samples && frame.iter().all(|&sample| sample == expected));
            }
            if take_out {
                drop(egress.into_frame());
            }
        }
        pipeline.metrics().unwrap().snapshot().pool_hits
    }
    let alike = [160, 160];
    for egress in [PayloadFormat::PCMU, PayloadFormat::PCMA] {
        assert_eq!(frames_taken(egress, &mut Passthrough, alike, false), 0);
        assert_eq!(frames_taken(egress, &mut Mute, alike, false), 0);
        assert_eq!(frames_taken(egress, &mut Each(|_| ()), alike, false), 1);
        assert_eq!(frames_taken(egress, &mut Each(|_| ()), alike, true), 10);
        assert_eq!(frames_taken(egress, &mut Each(|_| ()), [160, 320], false), 10);
    }
}

#[test]
fn one_packet_in_n_is_timed_stage_by_stage() {
    let config = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA);
    let mut pipeline = RtpPipeline::new(&config, Arc::new(MetricsCollector::new(4))).unwrap();
    let clock = Ticking::default();
    for sequence in 0..40 {
        pipeline.process(&mut packet(sequence, 0, &[0; 160]), &mut Detector, &clock).unwrap();
    }
    let metrics = pipeline.metrics().unwrap().snapshot();
    for stage in [Stage::Decode, Stage::VoiceDetect, Stage::Encode] {
        assert_eq!((metrics.stage(stage).count, metrics.stage(stage).max), (10, 10), "{stage:?}");
    }
    assert_eq!((metrics.stage(Stage::Total).count, metrics.stage(Stage::Total).max), (10, 30));
    assert_eq!(metrics.stage(Stage::GainControl).count, 0);
    assert_eq!(clock.0.get(), 10 * 4 * 10, "the clock is read four times for each timed packet");
}

#[test]
fn the_codec_s_instruction_set_is_noted() {
    let config = RtpPipelineConfig::default().with_codec_level(Some(SimdLevel::Scalar));
    let metrics = pipeline(&config).metrics().unwrap().snapshot();
    let noted: Vec<_> = metrics.strategies.iter().map(|chosen| (chosen.operation, chosen.strategy)).collect();
    assert_eq!(noted, [("codec", "scalar")]);
}

#[test]
fn without_metrics_packets_pass_and_drops_are_still_counted() {
    let mut pipeline = RtpPipeline::new(&RtpPipelineConfig::default(), None).unwrap();
    assert!(pipeline.metrics().is_none());
    assert!(pipeline.process(&mut packet(0, 0, &[0; 160]), &mut Passthrough, &NoClock).is_ok());
    assert!(pipeline.process(&mut [0; 5], &mut Passthrough, &NoClock).is_err());
    assert_eq!(pipeline.counters().snapshot().dropped(PacketError::TooShort), 1);
}

#[test]
fn counts_of_several_streams_add_up() {
    let mut sum = PacketCounts::default();
    for duplicates in [1, 2] {
        let mut pipeline = pipeline(&RtpPipelineConfig::default());
        for _ in 0..=duplicates {
            let _ = pipeline.process(&mut packet(0, 0, &[0; 160]), &mut Passthrough, &NoClock);
        }
        let _ = pipeline.process(&mut [0; 5], &mut Passthrough, &NoClock);
        sum.merge(&pipeline.counters().snapshot());
    }
    assert_eq!((sum.dropped(PacketError::Duplicate), sum.dropped(PacketError::TooShort)), (3, 2));
    assert_eq!((sum.dropped_total(), sum.source_changes), (5, 2));
}
