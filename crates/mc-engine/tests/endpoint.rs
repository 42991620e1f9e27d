//! Legs that end here: RTP in and audio out, audio in and RTP out, over a network that loses, delays and repeats.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use std::time::Duration;

use mc_engine::{
    Codec, CodecError, Conference, ConferenceConfig, DtmfKey, EndpointConfig, EventReport, Insertion,
    JitterConfig, MediaEndpoint, NtpTime, PacketError, PayloadFormat, Received, SampleRate,
};
use mc_testkit::alloc::{CountingAllocator, count_allocations};
use mc_testkit::measure::{energy, rms_dbfs};
use mc_testkit::signal::{sine, white_noise};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const FRAME: usize = 160;

fn endpoint(format: PayloadFormat) -> MediaEndpoint {
    MediaEndpoint::new(&EndpointConfig::default().with_format(format).with_ssrc(7)).unwrap()
}

fn at(tick: usize) -> Duration {
    Duration::from_millis(20 * tick as u64)
}

/// What `receiver` plays of `signal`, when packet n arrives as often as `copies(n)` says.
fn over(receiver: &mut MediaEndpoint, signal: &[f32], copies: impl Fn(usize) -> usize) -> Vec<f32> {
    let mut sender = endpoint(PayloadFormat::PCMU);
    let mut played = Vec::new();
    let (mut packet, mut out) = ([0; 200], [0.0; FRAME]);
    for (tick, frame) in signal.chunks_exact(FRAME).enumerate() {
        let length = sender.send(frame, &mut packet).unwrap();
        for _ in 0..copies(tick) {
            receiver.receive(&packet[..length], at(tick)).unwrap();
        }
        receiver.play(&mut out, at(tick));
        played.extend_from_slice(&out);
    }
    played
}

#[test]
fn packets_are_numbered_stamped_and_marked() {
    let config = EndpointConfig::default()
        .with_format(PayloadFormat::PCMA)
        .with_ssrc(0xABCD)
        .with_first(65_535, u32::MAX - 100);
    let mut sender = MediaEndpoint::new(&config).unwrap();
    let mut packet = [0; 12 + 480];
    let mut header = |sender: &mut MediaEndpoint, samples: usize| {
        let length = sender.send(&vec![0.0; samples], &mut packet).unwrap();
        assert_eq!(length, 12 + samples);
        let word = |from: usize| u32::from_be_bytes(packet[from..from + 4].try_into().unwrap());
        (packet[1], word(0) as u16, word(4), word(8))
    };
    assert_eq!(header(&mut sender, 160), (0x88, 65_535, u32::MAX - 100, 0xABCD), "marked: the first");
    assert_eq!(header(&mut sender, 240), (0x08, 0, 59, 0xABCD), "both numbers wrap");
    assert_eq!(header(&mut sender, 80), (0x08, 1, 59 + 240, 0xABCD));
    assert_eq!(sender.send(&[0.0; 160], &mut [0; 100]), Err(CodecError::Room));
    assert_eq!(sender.send(&[0.0; 160], &mut [0; 5]), Err(CodecError::Room));
}

#[test]
fn what_is_lost_is_concealed_and_what_comes_twice_is_played_once() {
    let tone = sine(8_000, 200.0, 0.3, 200 * FRAME);
    let mut receiver = endpoint(PayloadFormat::PCMU);
    let played = over(&mut receiver, &tone, |n| if n % 20 == 19 { 0 } else { 1 + n % 2 });
    let settled = &played[50 * FRAME..];
    assert!((rms_dbfs(settled) - rms_dbfs(&tone)).abs() < 1.0);
    for (n, frame) in settled.chunks(FRAME).enumerate() {
        assert!(energy(frame) > 0.25 * FRAME as f64 * 0.045, "frame {n} is a hole");
    }
    assert!(receiver.played().concealed > 0, "{:?}", receiver.played());
    assert!(receiver.packets().duplicates > 50, "{:?}", receiver.packets());
    assert!(receiver.delay().is_some_and(|delay| delay < Duration::from_millis(120)));
}

#[test]
fn what_is_no_packet_of_the_stream_is_counted_and_changes_nothing() {
    let mut receiver = endpoint(PayloadFormat::PCMU);
    assert_eq!(receiver.receive(&[1, 2, 3], at(0)), Err(PacketError::TooShort));
    let mut packet = [0; 200];
    let length = endpoint(PayloadFormat::PCMA).send(&[0.1; FRAME], &mut packet).unwrap();
    assert_eq!(receiver.receive(&packet[..length], at(0)), Err(PacketError::PayloadType));
    assert_eq!(receiver.dropped(), 2);
    let length = endpoint(PayloadFormat::PCMU).send(&[0.1; FRAME], &mut packet).unwrap();
    assert_eq!(receiver.receive(&packet[..length], at(0)), Ok(Received::Audio(Insertion::NewSource)));
    assert_eq!(receiver.dropped(), 2);
}

/// Sixteen bits a sample at 16 kHz (RFC 3551 §4.5.11, one channel).
struct Linear;

impl Codec for Linear {
    fn encoding_name(&self) -> &'static str {
        "L16"
    }
    fn sample_rate(&self) -> SampleRate {
        SampleRate::Hz16000
    }
    fn samples_in(&self, payload: &[u8]) -> Option<usize> {
        payload.len().is_multiple_of(2).then_some(payload.len() / 2)
    }
    fn decode(&mut self, payload: &[u8], samples: &mut [f32]) -> Result<(), CodecError> {
        for (sample, bytes) in samples.iter_mut().zip(payload.as_chunks().0) {
            *sample = f32::from(i16::from_be_bytes(*bytes)) / 32_768.0;
        }
        Ok(())
    }
    fn encode(&mut self, samples: &[f32], payload: &mut [u8]) -> Result<usize, CodecError> {
        let room = payload.get_mut(..2 * samples.len()).ok_or(CodecError::Room)?;
        for (bytes, sample) in room.as_chunks_mut().0.iter_mut().zip(samples) {
            *bytes = ((sample * 32_768.0) as i16).to_be_bytes();
        }
        Ok(2 * samples.len())
    }
}

#[test]
fn parties_with_codecs_and_rates_of_their_own_hear_each_other_over_rtp() {
    let mut room = Conference::new(ConferenceConfig::default()).unwrap();
    let format = |payload_type| PayloadFormat { payload_type, ..PayloadFormat::PCMU };
    let wide = EndpointConfig::default()
        .with_format(format(96))
        .with_jitter(JitterConfig::default().with_payload_bytes(640));
    let wide = || MediaEndpoint::with_codecs(&wide, Linear, Linear).unwrap();
    let (mut phone_w, mut ours_w) = (wide(), wide());
    let mut narrow = [PayloadFormat::PCMU, PayloadFormat::PCMA]
        .map(|format| (endpoint(format), endpoint(format), room.join(SampleRate::Hz8000).unwrap()));
    let party_w = room.join(SampleRate::Hz16000).unwrap();
    let (tone_a, tone_w) = (sine(8_000, 300.0, 0.2, 100 * FRAME), sine(16_000, 1_000.0, 0.2, 200 * FRAME));
    let mut packet = [0; 12 + 640];
    let (mut heard_w, mut heard_b) = (Vec::new(), Vec::new());
    for tick in 0..100 {
        let now = at(tick);
        let voices = [&tone_a[tick * FRAME..(tick + 1) * FRAME], &[0.0; FRAME]];
        for ((phone, ours, party), voice) in narrow.iter_mut().zip(voices) {
            let length = phone.send(voice, &mut packet).unwrap();
            ours.receive(&packet[..length], now).unwrap();
            ours.play(room.speak(*party).unwrap(), now);
        }
        let length = phone_w.send(&tone_w[tick * 320..(tick + 1) * 320], &mut packet).unwrap();
        ours_w.receive(&packet[..length], now).unwrap();
        ours_w.play(room.speak(party_w).unwrap(), now);
        room.tick();

        let length = ours_w.send(room.hear(party_w), &mut packet).unwrap();
        phone_w.receive(&packet[..length], now).unwrap();
        let (mut out, mut out_w) = ([0.0; FRAME], [0.0; 320]);
        phone_w.play(&mut out_w, now);
        heard_w.extend_from_slice(&out_w);
        for (phone, ours, party) in &mut narrow {
            let length = ours.send(room.hear(*party), &mut packet).unwrap();
            phone.receive(&packet[..length], now).unwrap();
            phone.play(&mut out, now);
        }
        heard_b.extend_from_slice(&out);
    }
    // The wideband party hears one tone, the silent one both: powers add up.
    assert!((rms_dbfs(&heard_w[16_000..]) - -16.99).abs() < 0.5, "{}", rms_dbfs(&heard_w[16_000..]));
    assert!((rms_dbfs(&heard_b[8_000..]) - -13.98).abs() < 0.5, "{}", rms_dbfs(&heard_b[8_000..]));
}

#[test]
fn nothing_is_allocated_while_packets_come_and_go() {
    let mut receiver = endpoint(PayloadFormat::PCMU);
    let mut sender = endpoint(PayloadFormat::PCMU);
    let tone = sine(8_000, 200.0, 0.3, FRAME);
    let (mut packet, mut out) = ([0; 200], [0.0; FRAME]);
    let (allocations, ()) = count_allocations(|| {
        for tick in 0..300 {
            let length = sender.send(&tone, &mut packet).unwrap_or(0);
            if tick % 7 != 3 {
                let _ = receiver.receive(&packet[..length], at(tick));
            }
            receiver.play(&mut out, at(tick));
        }
    });
    assert_eq!(allocations, 0);
}

#[test]
fn a_key_is_pressed_once_whatever_is_lost_and_the_audio_goes_on_behind_it() {
    let config = EndpointConfig::default().with_telephone_event(101);
    let (mut sender, mut receiver) =
        (MediaEndpoint::new(&config).unwrap(), MediaEndpoint::new(&config).unwrap());
    let key = DtmfKey::from_symbol('5').unwrap();
    assert!(!endpoint(PayloadFormat::PCMU).press(key, 100, FRAME), "no payload type was agreed on");
    let (mut packet, mut reports, mut audio) = ([0; 200], Vec::new(), 0);
    for tick in 0..30 {
        if tick == 10 {
            assert!(sender.press(key, 100, FRAME) && !sender.press(key, 100, FRAME));
        }
        let length = sender.send(&[0.1; FRAME], &mut packet).unwrap();
        // The first and the third packet of the key are lost.
        if tick == 10 || tick == 12 {
            continue;
        }
        match receiver.receive(&packet[..length], at(tick)).unwrap() {
            Received::Key(report) => reports.extend(report),
            Received::Audio(_) => audio += 1,
            other => panic!("{other:?}"),
        }
    }
    let started = EventReport::Started { event: 5, volume: 10 };
    assert_eq!(reports, [started, EventReport::Ended { event: 5, duration: 800 }]);
    // Five packets of the key, its end twice more.
    assert_eq!(audio, 30 - 7);
}

#[test]
fn pauses_are_left_out_and_heard_as_noise_like_theirs() {
    let with_noise = EndpointConfig::default().with_comfort_noise(13);
    let (mut sender, mut receiver) =
        (MediaEndpoint::new(&with_noise).unwrap(), MediaEndpoint::new(&with_noise).unwrap());
    let noise = white_noise(1, -50.0, 300 * FRAME);
    let (mut packet, mut out, mut sent, mut heard) = ([0; 200], [0.0; FRAME], 0, Vec::new());
    for (tick, frame) in noise.chunks_exact(FRAME).enumerate() {
        let speech = [0.2; FRAME];
        let talks = tick < 50;
        let frame = if talks { &speech } else { frame };
        if let Some(length) = sender.send_speech(frame, talks, &mut packet).unwrap() {
            sent += 1;
            receiver.receive(&packet[..length], at(tick)).unwrap();
        }
        receiver.play(&mut out, at(tick));
        if tick >= 200 {
            heard.extend_from_slice(&out);
        }
    }
    assert!((50..75).contains(&sent), "{sent} packets of 300");
    assert!((rms_dbfs(&heard) + 50.0).abs() < 3.0, "{} dBFS", rms_dbfs(&heard));
    // Without a payload type for noise everything is sent.
    assert!(
        endpoint(PayloadFormat::PCMU).send_speech(&noise[..FRAME], false, &mut packet).unwrap().is_some()
    );
}

#[test]
fn reports_tell_the_round_trip_and_calls_are_rated() {
    let end = |ssrc| MediaEndpoint::new(&EndpointConfig::default().with_ssrc(ssrc)).unwrap();
    let (mut near, mut far) = (end(1), end(2));
    // By the calendar, an hour after its beginning.
    let wall = |tick: usize| NtpTime::from_unix(Duration::from_secs(3_600) + at(tick));
    let (mut packet, mut out) = ([0; 300], [0.0; FRAME]);
    for tick in 0..200 {
        let length = far.send(&[0.1; FRAME], &mut packet).unwrap();
        if tick % 10 != 3 {
            near.receive(&packet[..length], at(tick)).unwrap();
        }
        let length = near.send(&[0.1; FRAME], &mut packet).unwrap();
        far.receive(&packet[..length], at(tick)).unwrap();
        near.play(&mut out, at(tick));
        far.play(&mut out, at(tick));
    }
    assert_eq!(near.round_trip(), None);
    // There in three ticks, answered after ten, back in three.
    let length = near.report(at(200), wall(200), "near@example.org", &mut packet).unwrap();
    far.receive_report(&packet[..length], at(203), wall(203)).unwrap();
    let length = far.report(at(213), wall(213), "far@example.org", &mut packet).unwrap();
    near.receive_report(&packet[..length], at(216), wall(216)).unwrap();
    let round_trip = near.round_trip().unwrap();
    assert!(round_trip.abs_diff(Duration::from_millis(120)) < Duration::from_millis(2), "{round_trip:?}");
    assert!(near.quality().mos() < far.quality().mos() - 0.2, "a tenth is lost on the way to the near end");
    assert!(far.quality().mos() > 4.0);
    assert!(near.receive_report(&[1, 2, 3], at(216), wall(216)).is_err());
    assert!(near.report(at(217), wall(217), "near@example.org", &mut [0; 20]).is_err());
}

#[test]
fn payload_types_are_checked() {
    let config = EndpointConfig::default;
    for (config, field) in [
        (config().with_telephone_event(72), "telephone_event"),
        (config().with_telephone_event(0), "telephone_event"),
        (config().with_comfort_noise(200), "comfort_noise"),
        (
            config().with_format(PayloadFormat { payload_type: 64, ..PayloadFormat::PCMU }),
            "format.payload_type",
        ),
    ] {
        assert_eq!(config.validate().unwrap_err().field(), field);
    }
}
