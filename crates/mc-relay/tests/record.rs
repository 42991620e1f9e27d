//! What is recorded of calls, as their files say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use common::{FRAME, eventually, relay, simple_call, stop, talk};
use etherparse::{SlicedPacket, TransportSlice};
use mc_engine::{G711, Law};
use mc_relay::{MediaSessionController, Recorder, RecordingFormat, RelayError};

fn recorder(folder: &Path) -> (Arc<MediaSessionController>, Recorder) {
    let relay = Arc::new(relay());
    let recorder = Recorder::new(Arc::clone(&relay), folder).unwrap();
    (relay, recorder)
}

/// The two channels of a file.
fn channels(path: &Path) -> [Vec<i16>; 2] {
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8_000));
    let samples: Vec<i16> = reader.samples::<i16>().map(Result::unwrap).collect();
    [0, 1].map(|channel| samples.iter().skip(channel).step_by(2).copied().collect())
}

/// How often each of two codes is heard in a channel, and nothing but them and silence.
fn heard(channel: &[i16], code: u8) -> usize {
    let sample = G711::new(Law::Mu).decode_code(code);
    assert!(channel.iter().all(|&heard| heard == sample || heard == 0));
    channel.iter().filter(|&&heard| heard == sample).count()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn both_peers_are_heard_on_a_side_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, recorder) = recorder(&folder.path().join("new"));
    let [mut a, mut b] = simple_call(&relay, "a/../call@host");
    talk(&mut a, &b);
    let path = recorder.start(&"a/../call@host".into(), None).unwrap();
    assert_eq!(path.parent(), Some(folder.path().join("new").as_path()));
    eventually("begun", || relay.global_metrics().services.recordings_active == 1);
    // No more than jitter could explain: they come at once, and are believed to be spoken one after the other.
    for _ in 0..15 {
        a.send(&[0x10; FRAME]);
        b.hear();
        b.send(&[0x20; FRAME]);
        a.hear();
    }
    recorder.stop(&"a/../call@host".into()).unwrap();
    talk(&mut a, &b);
    eventually("written", || relay.global_metrics().services.recordings_active == 0);
    let [left, right] = channels(&path);
    assert_eq!((heard(&left, 0x10), heard(&right, 0x20)), (15 * FRAME, 15 * FRAME));
    let services = relay.global_metrics().services;
    assert_eq!((services.recordings, services.recordings_failed, services.recording_packets_lost), (1, 0, 0));
}

#[test]
fn a_capture_holds_what_left_for_either_peer() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, recorder) = recorder(folder.path());
    let recorder = recorder.with_format(RecordingFormat::Pcap);
    let [mut a, mut b] = simple_call(&relay, "call");
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let path = recorder.start(&"call".into(), Some("seen")).unwrap();
    assert!(path.ends_with("seen.pcap"));
    let (to_b, to_a) = (talk(&mut a, &b), talk(&mut b, &a));
    stop(&relay, "call");
    drop(recorder);
    let capture = std::fs::read(path).unwrap();
    let mut rest = &capture[24..];
    for (packet, hearer) in [(to_b, &b), (to_a, &a)] {
        let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        assert!((before..before + 60).contains(&number(0).into()), "a time of the calendar: {}", number(0));
        let (record, next) = rest[16..].split_at(number(8) as usize);
        rest = next;
        let sliced = SlicedPacket::from_ip(record).unwrap();
        let Some(TransportSlice::Udp(udp)) = sliced.transport else { panic!("no UDP") };
        assert_eq!(udp.source_port(), hearer.relay.unwrap().port());
        assert_eq!(udp.destination_port(), hearer.address().port());
        assert_eq!(udp.payload()[2..4], packet.sequence.to_be_bytes());
        assert_eq!(udp.payload()[12..], packet.payload);
    }
    assert!(rest.is_empty());
}

#[test]
fn a_call_that_ends_ends_its_recording_and_so_does_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, recorder) = recorder(folder.path());
    let [mut a, b] = simple_call(&relay, "one");
    let first = recorder.start(&"one".into(), Some("first")).unwrap();
    talk(&mut a, &b);
    let second = recorder.start(&"one".into(), Some("second")).unwrap();
    talk(&mut a, &b);
    talk(&mut a, &b);
    stop(&relay, "one");
    assert!(matches!(recorder.start(&"one".into(), None), Err(RelayError::UnknownDialog(_))));
    drop(recorder);
    for (path, packets) in [(first, 1), (second, 2)] {
        assert_eq!(heard(&channels(&path)[0], 0x55), packets * FRAME, "{}", path.display());
    }
}

#[test]
fn nothing_that_is_there_is_written_over_and_the_call_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, recorder) = recorder(folder.path());
    std::fs::write(folder.path().join("kept.wav"), "mine").unwrap();
    let [mut a, b] = simple_call(&relay, "call");
    recorder.start(&"call".into(), Some("kept")).unwrap();
    eventually("refused", || relay.global_metrics().services.recordings_failed == 1);
    talk(&mut a, &b);
    drop(recorder);
    assert_eq!(std::fs::read(folder.path().join("kept.wav")).unwrap(), b"mine");
    assert_eq!(files(folder.path()).len(), 1);
}
