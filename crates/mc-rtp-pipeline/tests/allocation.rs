//! Nothing on the packet path allocates: counted by the allocator, in a test binary of its own.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use std::time::Duration;

use common::{Each, Mute, builder, packet, pipeline};
use mc_g711::{G711, Law};
use mc_metrics::NoClock;
use mc_rtp_pipeline::{
    FrameStage, JitterConfig, MediaPacket, Passthrough, PayloadFormat, Playout, RtpPipelineConfig,
};
use mc_testkit::alloc::{CountingAllocator, count_allocations};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Good packets of 10 to 60 ms, changing sources, late ones, duplicates and malformed ones.
fn traffic() -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for sequence in 0..2_000u16 {
        let payload = vec![sequence as u8; 80 * (1 + usize::from(sequence) % 6)];
        let timestamp = u32::from(sequence) * 160;
        let source = u32::from(sequence / 500);
        packets.push(builder(sequence ^ 1, timestamp, &payload).ssrc(source).build().unwrap());
        match sequence % 7 {
            0 => packets.push(packets[packets.len() - 1].clone()),
            1 => packets.push(packet(sequence.wrapping_add(20_000), 0, &payload)[..20].to_vec()),
            2 => packets.push(vec![0x80, 200, 0, 1, 0, 0, 0, 0]),
            _ => {}
        }
    }
    packets
}

fn allocations(config: &RtpPipelineConfig, stage: &mut impl FrameStage) -> u64 {
    let mut packets = traffic();
    let mut pipeline = pipeline(config);
    let (allocations, passed) = count_allocations(|| {
        let mut passes = |packet: &mut Vec<u8>| pipeline.process(packet, stage, &NoClock).is_ok();
        packets.iter_mut().map(|packet| u32::from(passes(packet))).sum::<u32>()
    });
    assert!(passed >= 1_900, "{passed} packets passed");
    assert!(pipeline.metrics().unwrap().snapshot().dropped > 500);
    assert_eq!(pipeline.metrics().unwrap().copied_bytes.get(), 0);
    allocations
}

#[test]
fn no_packet_allocates_whatever_becomes_of_it() {
    let passing = RtpPipelineConfig::default();
    let transcoding = passing.clone().with_egress(PayloadFormat::PCMA);
    assert_eq!(allocations(&passing, &mut Passthrough), 0);
    assert_eq!(allocations(&passing, &mut Mute), 0);
    assert_eq!(allocations(&passing, &mut Each(|sample| *sample *= 0.5)), 0);
    assert_eq!(allocations(&transcoding, &mut Passthrough), 0);
    assert_eq!(allocations(&transcoding, &mut Each(|sample| *sample *= 0.5)), 0);
}

#[test]
fn the_counter_sees_a_stage_that_allocates() {
    let mut kept = Vec::new();
    let mut careless = Each(|sample: &mut f32| kept.push(*sample));
    assert!(allocations(&RtpPipelineConfig::default(), &mut careless) > 0);
}

#[test]
fn no_packet_played_allocates_whatever_becomes_of_it() {
    let mut receiver = Playout::new(&JitterConfig::default(), G711::new(Law::Mu)).unwrap();
    let packets = traffic();
    let mut tick = [0.0; 80];
    let (allocations, ()) = count_allocations(|| {
        for (index, packet) in packets.iter().enumerate() {
            let now = Duration::from_millis(10 * index as u64);
            if let Ok(packet) = MediaPacket::parse(packet)
                && index % 11 != 0
            {
                receiver.insert(&packet, now);
            }
            receiver.play(&mut tick, now);
        }
    });
    assert_eq!(allocations, 0);
    assert!(receiver.stats().concealed > 0 && receiver.packets().accepted > 1_000);
}
