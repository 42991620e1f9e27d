//! Packets of every suite, on their way from one side to the other.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use mc_srtp::{Inbound, MasterKey, Outbound, SrtpError, Suite};
use proptest::prelude::*;

fn key(suite: Suite, seed: u8) -> MasterKey {
    MasterKey::generate(suite, |bytes| {
        (seed..).zip(bytes).for_each(|(n, byte)| *byte = n.wrapping_mul(37));
        Ok::<(), ()>(())
    })
    .unwrap()
}

fn both_ends(suite: Suite) -> (Outbound, Inbound) {
    (Outbound::new(&key(suite, 1)), Inbound::new(&key(suite, 1)))
}

/// A packet of 20 ms with a CSRC and a header extension.
fn rtp(ssrc: u32, sequence: u16) -> Vec<u8> {
    let mut packet = vec![0x91, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 160]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend([9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0]);
    packet.extend((0..160).map(|n| n as u8 ^ sequence as u8));
    packet
}

/// A receiver report.
fn rtcp(ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x81, 201, 0, 7];
    packet.extend(ssrc.to_be_bytes());
    packet.extend(1..=24);
    packet
}

fn sealed(sender: &mut Outbound, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
    let mut buffer = [packet, &[0; Suite::MAX_OVERHEAD]].concat();
    let length = sender.protect_rtp(&mut buffer, packet.len())?;
    buffer.truncate(length);
    Ok(buffer)
}

fn opened(receiver: &mut Inbound, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
    let mut packet = packet.to_vec();
    let length = receiver.unprotect_rtp(&mut packet)?;
    packet.truncate(length);
    Ok(packet)
}

#[test]
fn packets_arrive_as_they_were_and_are_not_to_be_read_on_the_way() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = both_ends(suite);
        for sequence in [65_533, 65_535, 65_534, 0, 1, 5, 3] {
            let packet = rtp(7, sequence);
            let on_the_way = sealed(&mut sender, &packet).unwrap();
            assert_eq!(on_the_way.len(), packet.len() + suite.rtp_overhead());
            assert_eq!(on_the_way[..24], packet[..24], "the header stays readable");
            let same = on_the_way[24..].iter().zip(&packet[24..]).filter(|(a, b)| a == b).count();
            assert!(same < 10, "{suite}: {same} bytes of the payload stay");
            assert_eq!(opened(&mut receiver, &on_the_way), Ok(packet), "{suite}");
            assert_eq!(opened(&mut receiver, &on_the_way), Err(SrtpError::Repeated));
        }
    }
}

#[test]
fn rtcp_arrives_as_it_was() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = both_ends(suite);
        for ssrc in [7, 7, 8] {
            let packet = rtcp(ssrc);
            let mut buffer = [&*packet, &[0; Suite::MAX_OVERHEAD]].concat();
            let length = sender.protect_rtcp(&mut buffer, packet.len()).unwrap();
            assert_eq!(length, packet.len() + suite.rtcp_overhead());
            assert_eq!(buffer[..8], packet[..8]);
            assert_ne!(buffer[8..packet.len()], packet[8..]);
            let mut again = buffer.clone();
            assert_eq!(receiver.unprotect_rtcp(&mut buffer[..length]), Ok(packet.len()));
            assert_eq!(buffer[..packet.len()], packet);
            assert_eq!(receiver.unprotect_rtcp(&mut again[..length]), Err(SrtpError::Repeated));
        }
    }
}

#[test]
fn no_bit_can_be_changed() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = both_ends(suite);
        let whole = sealed(&mut sender, &rtp(7, 100)).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut forged = whole.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(opened(&mut receiver, &forged).is_err(), "{suite}: bit {bit}");
        }
        assert!(opened(&mut receiver, &whole).is_ok(), "{suite}: forgeries change nothing");

        let mut report = [&*rtcp(7), &[0; Suite::MAX_OVERHEAD]].concat();
        let length = sender.protect_rtcp(&mut report, 32).unwrap();
        for bit in 0..length * 8 {
            let mut forged = report.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(receiver.unprotect_rtcp(&mut forged[..length]).is_err(), "{suite}: bit {bit} of RTCP");
        }
    }
}

#[test]
fn one_key_does_not_open_what_another_has_closed() {
    for suite in Suite::ALL {
        let whole = sealed(&mut Outbound::new(&key(suite, 2)), &rtp(7, 1)).unwrap();
        let mut receiver = Inbound::new(&key(suite, 1));
        assert_eq!(opened(&mut receiver, &whole), Err(SrtpError::Unauthenticated));
    }
}

#[test]
fn rtcp_that_is_not_encrypted_is_refused() {
    let (mut sender, mut receiver) = both_ends(Suite::AesCm128HmacSha1_80);
    let mut report = [&*rtcp(7), &[0; Suite::MAX_OVERHEAD]].concat();
    let length = sender.protect_rtcp(&mut report, 32).unwrap();
    report[32] &= 0x7F;
    assert_eq!(receiver.unprotect_rtcp(&mut report[..length]), Err(SrtpError::Plain));
}

#[test]
fn a_number_is_used_once() {
    let (mut sender, _) = both_ends(Suite::AeadAes128Gcm);
    for (sequence, expected) in [(500, Ok(())), (499, Ok(())), (500, Err(SrtpError::Repeated))] {
        assert_eq!(sealed(&mut sender, &rtp(7, sequence)).map(|_| ()), expected);
    }
    sealed(&mut sender, &rtp(7, 900)).unwrap();
    assert_eq!(sealed(&mut sender, &rtp(7, 501)), Err(SrtpError::TooOld));
}

#[test]
fn a_key_is_for_so_many_streams() {
    let (mut sender, mut receiver) = both_ends(Suite::AesCm128HmacSha1_80);
    let last = sealed(&mut sender, &rtp(0, 1)).unwrap();
    for ssrc in 1..16 {
        let whole = sealed(&mut sender, &rtp(ssrc, 1)).unwrap();
        assert!(opened(&mut receiver, &whole).is_ok());
    }
    assert_eq!(sealed(&mut sender, &rtp(16, 1)), Err(SrtpError::Exhausted));
    assert!(sealed(&mut sender, &rtp(0, 2)).is_ok());
    assert!(opened(&mut receiver, &last).is_ok());
}

#[test]
fn a_buffer_without_room_is_left_alone() {
    for suite in Suite::ALL {
        let (mut sender, _) = both_ends(suite);
        let packet = rtp(7, 1);
        let mut buffer = [&*packet, &[0; 3]].concat();
        assert_eq!(sender.protect_rtp(&mut buffer, packet.len()), Err(SrtpError::NoRoom));
        assert_eq!(sender.protect_rtp(&mut buffer, 4_000), Err(SrtpError::NoRoom));
        assert_eq!(sender.protect_rtcp(&mut buffer, packet.len()), Err(SrtpError::NoRoom));
        assert_eq!(buffer[..packet.len()], packet);
        assert!(sealed(&mut sender, &packet).is_ok(), "its number has not been used");
    }
}

proptest! {
    #[test]
    fn no_bytes_harm(bytes in prop::collection::vec(any::<u8>(), 0..80), first in 0x7E..=0x93_u8) {
        for suite in Suite::ALL {
            let (mut sender, mut receiver) = both_ends(suite);
            let mut packet = bytes.clone();
            if let Some(byte) = packet.first_mut() {
                *byte = first;
            }
            prop_assert!(receiver.unprotect_rtp(&mut packet.clone()).is_err());
            prop_assert!(receiver.unprotect_rtcp(&mut packet.clone()).is_err());
            let length = packet.len();
            packet.resize(length + Suite::MAX_OVERHEAD, 0);
            if let Ok(length) = sender.protect_rtp(&mut packet.clone(), length) {
                prop_assert_eq!(length, bytes.len() + suite.rtp_overhead());
            }
            if let Ok(length) = sender.protect_rtcp(&mut packet, length) {
                prop_assert_eq!(length, bytes.len() + suite.rtcp_overhead());
            }
        }
    }
}
