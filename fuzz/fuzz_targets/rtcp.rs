//! Any datagram is read as RTCP without a panic, and what is accepted holds what its packets say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mc_rtp_pipeline::rtcp::{NtpTime, RtcpPacket, RtcpPackets, round_trip};

fuzz_target!(|datagram: &[u8]| {
    let Ok(packets) = RtcpPackets::parse(datagram) else { return };
    let mut count = 0;
    for packet in packets {
        let first = count == 0;
        count += 1;
        match packet {
            RtcpPacket::SenderReport { received, .. } | RtcpPacket::ReceiverReport { received, .. } => {
                for block in received.iter() {
                    let _ = round_trip(&block, NtpTime(u64::MAX));
                }
            }
            _ => assert!(!first, "a report comes first"),
        }
    }
    assert!(count > 0);
});
