//! `mc process` on recordings and on captures.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;

use common::{Folder, read_wav, refuse, speech, succeed};
use etherparse::PacketBuilder;
use mc_g711::{G711, Law};
use mc_testkit::measure::{erle_db, rms_dbfs};
use mc_testkit::room::Room;
use mc_testkit::signal::{apply_db, white_noise};

/// A capture of Ethernet frames that each hold one UDP payload.
fn pcap<'a>(payloads: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = vec![0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    for payload in payloads {
        let mut frame = Vec::new();
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64)
            .udp(4_000, 5_000)
            .write(&mut frame, payload)
            .unwrap();
        let length = (frame.len() as u32).to_le_bytes();
        bytes.extend([0; 8]);
        bytes.extend([length, length].concat());
        bytes.extend(frame);
    }
    bytes
}

/// `samples` as RTP packets of 20 ms from `ssrc`.
fn rtp(samples: &[f32], law: Law, payload_type: u8, ssrc: u8) -> Vec<Vec<u8>> {
    let codec = G711::new(law);
    let packet = |(index, frame): (usize, &[f32])| {
        let mut packet = vec![0x80, payload_type];
        packet.extend((index as u16).to_be_bytes());
        packet.extend((index as u32 * 160).to_be_bytes());
        packet.extend([0, 0, 0, ssrc]);
        let mut codes = vec![0; frame.len()];
        codec.encode_f32(frame, &mut codes).unwrap();
        packet.extend(codes);
        packet
    };
    samples.chunks_exact(160).enumerate().map(packet).collect()
}

/// What is left of `samples` after G.711.
fn companded(samples: &[f32], law: Law) -> Vec<f32> {
    let codec = G711::new(law);
    let (mut codes, mut decoded) = (vec![0; samples.len()], vec![0.0; samples.len()]);
    codec.encode_f32(samples, &mut codes).unwrap();
    codec.decode_f32(&codes, &mut decoded).unwrap();
    decoded
}

#[test]
fn a_recording_goes_through_the_whole_chain() {
    let folder = Folder::new();
    let far = white_noise(1, -20.0, 80_003);
    folder.wav("far.wav", 8_000, &far);
    let mic = Room::new(2, 8_000, 32.0, 10.0).echo_of(&far);
    folder.wav("mic.wav", 8_000, &mic);
    let said = succeed(folder.arguments("process @mic.wav @out.wav --far @far.wav --process aec"));
    assert!(said.contains("ERLE") && said.contains("10.00 s at 8000 Hz"), "{said}");
    let (rate, out) = read_wav(&folder.path("out.wav"));
    assert_eq!((rate, out.len()), (8_000, mic.len()));
    assert!(erle_db(&mic[40_000..80_000], &out[40_000..80_000]) > 12.0);

    let mut quiet = speech("ada.wav");
    apply_db(&mut quiet, -15.0);
    folder.wav("quiet.wav", 8_000, &quiet);
    let said = succeed(folder.arguments("process @quiet.wav @out.wav"));
    assert!(said.contains("gain") && said.contains("speech") && !said.contains("ERLE"), "{said}");
    assert!(rms_dbfs(&read_wav(&folder.path("out.wav")).1) > rms_dbfs(&quiet) + 6.0);
}

#[test]
fn every_stream_of_a_capture_becomes_a_recording() {
    let folder = Folder::new();
    let (ada, ben) = (&speech("ada.wav")[40_000..72_000], &speech("ben.wav")[..32_000]);
    let mut ada_packets = rtp(ada, Law::Mu, 0, 0xA);
    ada_packets.remove(30);
    ada_packets.insert(8, ada_packets[7].clone());
    let ben_packets = rtp(ben, Law::A, 8, 0xB);
    let report: &[u8] = &[0x80, 200, 0, 1, 0, 0, 0, 1];
    let mut payloads = vec![report, b"no RTP at all"];
    for (ada, ben) in ada_packets.iter().zip(&ben_packets) {
        payloads.extend([ada.as_slice(), ben.as_slice()]);
    }
    folder.bytes("call.pcap", &pcap(payloads));
    // The voice detector only listens, so the audio can be known to the bit.
    let said = succeed(folder.arguments("process @call.pcap @out --process vad"));
    assert!(said.contains("0000000a.wav: Mu, 4.00 s, 199 of 200 packets"), "{said}");
    assert!(said.contains("1 dropped: duplicate") && said.contains("0000000b.wav: A,"), "{said}");

    let mut expected = companded(ada, Law::Mu);
    expected[30 * 160..31 * 160].fill(0.0);
    assert!(read_wav(&folder.path("out/0000000a.wav")) == (8_000, expected));
    assert!(read_wav(&folder.path("out/0000000b.wav")) == (8_000, companded(ben, Law::A)));
    assert_eq!(fs::read_dir(folder.path("out")).unwrap().count(), 2);
}

#[test]
fn what_cannot_be_processed_is_refused() {
    let folder = Folder::new();
    folder.wav("8.wav", 8_000, &[0.0; 80]);
    folder.wav("16.wav", 16_000, &[0.0; 80]);
    folder.bytes("empty.pcap", &pcap([]));
    folder.bytes("other.pcap", &pcap([b"no RTP at all".as_slice()]));
    let whole = pcap([b"no RTP at all".as_slice()]);
    folder.bytes("cut.pcap", &whole[..whole.len() - 1]);
    folder.bytes("next.pcapng", &[0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 0]);
    let refused = |words: &str, reasons: &[&str]| refuse(folder.arguments(words), reasons);
    refused("process @none.wav @out", &["none.wav"]);
    refused("process @8.wav @out.wav --far @16.wav", &["16.wav", "16000 Hz"]);
    refused("process @8.wav @out.wav --process aec", &["--far"]);
    refused("process @8.wav @out.wav --process hum", &["hum"]);
    refused("process @empty.pcap @out", &["empty.pcap", "no RTP"]);
    refused("process @other.pcap @out", &["other.pcap", "no RTP"]);
    refused("process @cut.pcap @out", &["cut.pcap", "cut off"]);
    refused("process @next.pcapng @out", &["next.pcapng", "pcapng"]);
    refused("process @empty.pcap @out --far @8.wav", &["--far"]);
    assert!(!folder.path("out").exists() && !folder.path("out.wav").exists());
}
