//! What becomes of the payload.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{Each, Mute, builder, packet, pipeline, send};
use mc_g711::{G711, Law, SimdLevel};
use mc_metrics::{Clock, NoClock, StageTimer};
use mc_rtp_pipeline::{FrameAccess, FrameStage, Passthrough, PayloadFormat, RtpPipelineConfig};

const FORMATS: [PayloadFormat; 2] = [PayloadFormat::PCMU, PayloadFormat::PCMA];

/// Every code once.
fn all_codes() -> Vec<u8> {
    (0..=u8::MAX).collect()
}

fn between(ingress: PayloadFormat, egress: PayloadFormat) -> RtpPipelineConfig {
    RtpPipelineConfig::default().with_ingress(ingress).with_egress(egress)
}

fn payload_after(config: &RtpPipelineConfig, payload: &[u8], stage: &mut impl FrameStage) -> Vec<u8> {
    let datagram = builder(0, 0, payload).payload_type(config.ingress.payload_type).build().unwrap();
    send(&mut pipeline(config), &datagram, stage).unwrap()[12..].to_vec()
}

/// Listens, and would spoil the audio if it were sent.
#[derive(Default)]
struct Listener {
    heard: Vec<f32>,
}

impl FrameStage for Listener {
    fn access(&self) -> FrameAccess {
        FrameAccess::Listen
    }

    fn process<C: Clock>(&mut self, frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        self.heard.extend_from_slice(frame);
        frame.fill(0.5);
    }
}

#[test]
fn without_a_stage_equal_laws_leave_every_code_alone() {
    for format in FORMATS {
        // Mu-law's 0x7F is the code that would not survive decoding and encoding.
        assert_eq!(payload_after(&between(format, format), &all_codes(), &mut Passthrough), all_codes());
    }
}

#[test]
fn a_listener_hears_the_audio_and_cannot_change_it() {
    for format in FORMATS {
        let mut listener = Listener::default();
        assert_eq!(payload_after(&between(format, format), &all_codes(), &mut listener), all_codes());
        let codec = G711::new(format.law);
        let expected: Vec<f32> =
            all_codes().iter().map(|&code| f32::from(codec.decode_code(code)) / 32_768.0).collect();
        assert_eq!(listener.heard, expected);
    }
}

#[test]
fn different_laws_are_transcoded_sample_by_sample_whoever_listens() {
    for (ingress, egress) in
        [(PayloadFormat::PCMU, PayloadFormat::PCMA), (PayloadFormat::PCMA, PayloadFormat::PCMU)]
    {
        let (from, to) = (G711::new(ingress.law), G711::new(egress.law));
        let expected: Vec<u8> =
            all_codes().iter().map(|&code| to.encode_sample(from.decode_code(code))).collect();
        let config = between(ingress, egress);
        assert_eq!(payload_after(&config, &all_codes(), &mut Passthrough), expected);
        assert_eq!(payload_after(&config, &all_codes(), &mut Listener::default()), expected);
    }
}

#[test]
fn a_muted_payload_is_silence_of_the_law_that_leaves() {
    for ingress in FORMATS {
        for egress in FORMATS {
            let muted = payload_after(&between(ingress, egress), &all_codes(), &mut Mute);
            assert_eq!(muted, [egress.law.silence(); 256]);
        }
    }
}

#[test]
fn what_a_stage_writes_is_what_is_sent() {
    for ingress in FORMATS {
        for egress in FORMATS {
            let config = between(ingress, egress);
            let silence = payload_after(&config, &all_codes(), &mut Each(|sample| *sample = 0.0));
            assert_eq!(silence, [egress.law.silence(); 256]);
            let negated = payload_after(&config, &all_codes(), &mut Each(|sample| *sample = -*sample));
            let (from, to) = (G711::new(ingress.law), G711::new(egress.law));
            let expected: Vec<u8> =
                all_codes().iter().map(|&code| to.encode_sample(-from.decode_code(code))).collect();
            assert_eq!(negated, expected);
        }
    }
}

/// A constant gain, and nothing that needs the samples.
struct Louder(f32);

impl FrameStage for Louder {
    fn access(&self) -> FrameAccess {
        FrameAccess::Gain(self.0)
    }

    fn process<C: Clock>(&mut self, frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        frame.fill(0.0);
    }
}

#[test]
fn a_gain_is_what_multiplying_every_sample_gives_and_may_change_with_every_packet() {
    for (ingress, egress) in
        [(PayloadFormat::PCMU, PayloadFormat::PCMA), (PayloadFormat::PCMA, PayloadFormat::PCMA)]
    {
        let mut pipeline = pipeline(&between(ingress, egress));
        for (sequence, gain) in [0.5_f32, 0.5, -3.0, 0.0, 1.001].into_iter().enumerate() {
            let datagram =
                builder(sequence as u16, 0, &all_codes()).payload_type(ingress.payload_type).build().unwrap();
            let louder = send(&mut pipeline, &datagram, &mut Louder(gain)).unwrap();
            let multiplied =
                payload_after(&between(ingress, egress), &all_codes(), &mut Each(|sample| *sample *= gain));
            assert_eq!(louder[12..], multiplied, "{gain}");
        }
    }
}

#[test]
fn a_gain_of_one_between_equal_laws_leaves_every_code_alone() {
    let config = RtpPipelineConfig::default();
    assert_eq!(payload_after(&config, &all_codes(), &mut Louder(1.0)), all_codes());
}

#[test]
fn metering_tells_the_energy_of_what_arrived_whatever_becomes_of_it() {
    fn energy(config: &RtpPipelineConfig, stage: &mut impl FrameStage) -> Option<u64> {
        let mut datagram = packet(0, 0, &all_codes());
        pipeline(config).process(&mut datagram, stage, &NoClock).unwrap().energy()
    }
    let codec = G711::new(Law::Mu);
    let square = |code: u8| i64::from(codec.decode_code(code)).pow(2) as u64;
    let expected = Some(all_codes().into_iter().map(square).sum());
    for egress in FORMATS {
        let silent = between(PayloadFormat::PCMU, egress);
        let metered = silent.clone().with_metering(true);
        assert_eq!(energy(&metered, &mut Passthrough), expected);
        assert_eq!(energy(&metered, &mut Louder(0.5)), expected);
        assert_eq!(energy(&metered, &mut Mute), expected);
        assert_eq!(energy(&metered, &mut Listener::default()), expected);
        assert_eq!(energy(&metered, &mut Each(|sample| *sample = 0.0)), expected);
        assert_eq!(energy(&silent, &mut Passthrough), None);
        assert_eq!(energy(&silent, &mut Each(|sample| *sample = 0.0)), None);
    }
}

#[test]
fn every_instruction_set_gives_the_same_bytes() {
    let config = between(PayloadFormat::PCMU, PayloadFormat::PCMA);
    let through = |config: &RtpPipelineConfig| {
        let changed = payload_after(config, &all_codes(), &mut Each(|sample| *sample *= 0.3));
        [changed, payload_after(config, &all_codes(), &mut Louder(0.3))]
    };
    for level in SimdLevel::available() {
        assert_eq!(through(&config.clone().with_codec_level(Some(level))), through(&config), "{level}");
    }
}

#[test]
fn frames_of_every_length_pass_in_any_order() {
    let config = between(PayloadFormat::PCMU, PayloadFormat::PCMA);
    let mut pipeline = pipeline(&config);
    let silence = [Law::A.silence(); 480];
    // 480, 1, 479, 2, … so that a short frame always follows a long one.
    for (sequence, step) in (0..480usize).enumerate() {
        let samples = if step % 2 == 0 { 480 - step / 2 } else { step / 2 + 1 };
        let ingress = packet(sequence as u16, 0, &vec![Law::Mu.silence(); samples]);
        let egress = send(&mut pipeline, &ingress, &mut Passthrough).unwrap();
        assert_eq!(egress[12..], silence[..samples]);
    }
}

#[test]
fn egress_carries_the_audio_that_was_encoded_and_nothing_when_none_was() {
    let config = between(PayloadFormat::PCMU, PayloadFormat::PCMA);
    let mut datagram = packet(0, 0, &all_codes());
    let mut transcoding = pipeline(&config);
    let egress = transcoding.process(&mut datagram, &mut Each(|s| *s *= 0.25), &NoClock).unwrap();
    let mut encoded = vec![0; 256];
    G711::new(egress.law().unwrap()).encode_f32(egress.frame().unwrap(), &mut encoded).unwrap();
    assert_eq!(encoded, egress.payload());
    assert_eq!(egress.law(), Some(Law::A));

    let mut datagram = packet(0, 0, &all_codes());
    let mut passing = pipeline(&RtpPipelineConfig::default());
    let egress = passing.process(&mut datagram, &mut Passthrough, &NoClock).unwrap();
    assert!(egress.frame().is_none());
    assert_eq!(egress.payload(), all_codes());
}
