//! A processor that cannot go on is bypassed and counted; `log.rs` shows the line that names it.

mod common;

use common::{FRAME, packet, packets, send, session};
use mc_engine::{AudioProcessingConfig, AudioProcessor, SampleRate};
use mc_testkit::signal::white_noise;

/// A packet shorter than any processor takes (2.5 ms).
const TOO_SHORT: [u8; 10] = [0x30; 10];

#[test]
fn a_frame_too_short_goes_around_every_processor() {
    let mut session = session(AudioProcessingConfig::all());
    let egress = send(&mut session, &packet(0, &TOO_SHORT)).unwrap();
    assert_eq!(egress[12..], TOO_SHORT);
    let faults = session.handle().metrics().faults;
    assert_eq!((faults.echo_cancellation, faults.voice_detection, faults.gain_control), (1, 1, 1));

    send(&mut session, &packet(1, &[0x30; FRAME])).unwrap();
    assert!(session.report().echo.is_some());
    assert_eq!(session.handle().metrics().faults.total(), 3);
}

#[test]
fn samples_that_are_no_numbers_do_not_stay() {
    for rate in SampleRate::ALL {
        let frame = rate.samples_in_ms(20);
        let mut processor = AudioProcessor::new(&AudioProcessingConfig::all(), rate).unwrap();
        let mut broken = vec![0.1; frame];
        broken[frame / 2] = f32::NAN;
        processor.render_audio(&broken.clone());
        processor.process_capture_audio(&mut broken);

        for (step, chunk) in white_noise(9, -30.0, 50 * frame).chunks_exact_mut(frame).enumerate() {
            let report = processor.process_capture_audio(chunk);
            assert!(chunk.iter().all(|sample| sample.is_finite()), "frame {step}");
            assert!(report.echo.is_some() && report.voice.is_some() && report.gain.is_some());
        }
    }
}

#[test]
fn a_broken_reference_ends_neither_the_call_nor_its_audio() {
    let mut session = session(AudioProcessingConfig::all());
    session.render(&[f32::NAN; FRAME]);
    for datagram in packets(0, &white_noise(2, -30.0, 50 * FRAME)) {
        send(&mut session, &datagram).unwrap();
    }
    let audio = session.handle().audio();
    assert!(session.report().echo.is_some());
    assert!(audio.gain_db.is_some_and(f32::is_finite));
}
