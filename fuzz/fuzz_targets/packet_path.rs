//! Any run of datagrams passes through a transcoding pipeline without a panic; what is dropped is left as
//! it was, and what leaves is an RTP packet of our own stream.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mc_metrics::{Clock, MetricsCollector, NoClock, StageTimer};
use mc_rtp_pipeline::{FrameStage, PayloadFormat, RtpPipeline, RtpPipelineConfig};

const OUR_SSRC: u32 = 0x0B5E_55ED;

struct Negate;

impl FrameStage for Negate {
    fn process<C: Clock>(&mut self, frame: &mut [f32], _timer: &mut StageTimer<'_, C>) {
        for sample in frame {
            *sample = -*sample;
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let config = RtpPipelineConfig::default().with_egress(PayloadFormat::PCMA).with_ssrc(OUR_SSRC);
    let mut pipeline = RtpPipeline::new(&config, Arc::new(MetricsCollector::new(0))).unwrap();
    let mut rest = input;
    // The first byte of each piece is a third of its length, so that the fuzzer can grow a whole conversation.
    while let [length, tail @ ..] = rest {
        let (datagram, tail) = tail.split_at((3 * usize::from(*length)).min(tail.len()));
        rest = tail;
        let mut buffer = datagram.to_vec();
        match pipeline.process(&mut buffer, &mut Negate, &NoClock) {
            Ok(egress) => {
                let packet = egress.packet();
                assert!(packet.len() <= datagram.len() && !egress.payload().is_empty());
                assert_eq!(packet[0] & 0xE0, 0x80, "version 2 without padding");
                assert_eq!(packet[1] & 0x7F, 8);
                assert_eq!(packet[8..12], OUR_SSRC.to_be_bytes());
            }
            Err(_) => assert_eq!(buffer, datagram),
        }
    }
});
