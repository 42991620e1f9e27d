//! Each switch changes what is heard, and the session's settings go before the engine's.

mod common;

use common::{FRAME, converse, engine, packet, packets, send, session};
use mc_engine::{
    AecConfig, AgcConfig, AudioProcessingConfig, AudioProcessor, MediaEngineConfig, MediaSessionParams,
    NoClock, PayloadFormat, RtpPipelineConfig, SampleRate, VadConfig,
};
use mc_testkit::measure::{erle_db, rms_dbfs};
use mc_testkit::scene;
use mc_testkit::signal::white_noise;

fn off() -> AudioProcessingConfig {
    AudioProcessingConfig::default()
}

/// ERLE of the last four of twelve seconds.
fn echo_reduction_db(processing: AudioProcessingConfig) -> f32 {
    let scene = scene::noise_far_end(3, 8_000);
    let output = converse(&mut session(processing), &scene.microphone, &scene.far_end);
    let settled = 8 * 8_000..output.len();
    erle_db(&scene.microphone[settled.clone()], &output[settled])
}

#[test]
fn the_echo_canceller_removes_echo_and_only_where_it_is_on() {
    assert!(echo_reduction_db(off()).abs() < 0.1, "G.711 alone removes nothing");
    assert!(echo_reduction_db(off().with_echo_cancellation(AecConfig::default())) > 20.0);
}

#[test]
fn the_gain_control_changes_the_level_and_only_where_it_is_on() {
    let scene = scene::levels(5, 8_000, -40.0);
    let settled = 10 * 8_000..20 * 8_000;
    let level = |processing: AudioProcessingConfig| {
        rms_dbfs(&converse(&mut session(processing), &scene.samples, &[])[settled.clone()])
    };
    let unchanged = level(off());
    assert!((unchanged - rms_dbfs(&scene.samples[settled.clone()])).abs() < 0.2);
    assert!(level(off().with_gain_control(AgcConfig::default())) > unchanged + 6.0);
}

#[test]
fn the_voice_detector_reports_and_leaves_the_payload_alone() {
    let scene = scene::speech_in_noise(7, 8_000, 20.0);
    let mut silent = session(off());
    let mut listening = session(off().with_voice_detection(VadConfig::default()));
    let (mut speech, mut other) = (0, 0);
    for datagram in packets(0, &scene.samples) {
        let egress = send(&mut listening, &datagram).unwrap();
        assert_eq!(egress, send(&mut silent, &datagram).unwrap());
        let voice = listening.report().voice.unwrap();
        assert_eq!(listening.handle().audio().is_speech, Some(voice.is_speech));
        *if voice.is_speech { &mut speech } else { &mut other } += 1;
    }
    assert!(speech > 100 && other > 100, "{speech} frames of speech, {other} without");
    assert_eq!((silent.report().voice, silent.handle().audio().is_speech), (None, None));
}

#[test]
fn the_gain_control_goes_by_the_voice_detector() {
    let scene = scene::levels(5, 8_000, -40.0);
    let gains = |processing: AudioProcessingConfig| {
        let mut session = session(processing);
        let mut gain_db = |datagram: &Vec<u8>| {
            send(&mut session, datagram).unwrap();
            session.report().gain.unwrap().gain_db
        };
        packets(0, &scene.samples).iter().map(&mut gain_db).collect::<Vec<_>>()
    };
    let alone = off().with_gain_control(AgcConfig::default());
    let told = alone.clone().with_voice_detection(VadConfig::default());
    assert!(gains(alone) != gains(told));
}

#[test]
fn every_figure_of_the_handle_stems_from_the_processor_that_is_on() {
    let scene = scene::single_talk(2, 8_000);
    let figures = |processing: AudioProcessingConfig| {
        let mut session = session(processing);
        converse(&mut session, &scene.microphone, &scene.far_end);
        let audio = session.handle().audio();
        (audio.erle_db.is_some(), audio.gain_db.is_some(), audio.is_speech.is_some())
    };
    assert_eq!(figures(off()), (false, false, false));
    assert_eq!(figures(off().with_echo_cancellation(AecConfig::default())), (true, false, false));
    assert_eq!(figures(off().with_gain_control(AgcConfig::default())), (false, true, false));
    assert_eq!(figures(off().with_voice_detection(VadConfig::default())), (false, false, true));
    assert_eq!(figures(AudioProcessingConfig::all()), (true, true, true));
}

#[test]
fn a_sessions_processing_replaces_the_engines() {
    let engine = engine(MediaEngineConfig::default().with_processing(AudioProcessingConfig::all()));
    let processes = |params: MediaSessionParams| {
        let mut session = engine.create_media_session(params).unwrap();
        send(&mut session, &packet(0, &[0x30; FRAME])).unwrap();
        let report = *session.report();
        (report.echo.is_some(), report.voice.is_some(), report.gain.is_some())
    };
    assert_eq!(processes(MediaSessionParams::default()), (true, true, true));
    assert_eq!(processes(MediaSessionParams::default().with_processing(off())), (false, false, false));
    let without_gain = engine.config().processing.clone().with_gain_control(None);
    assert_eq!(processes(MediaSessionParams::default().with_processing(without_gain)), (true, true, false));
}

#[test]
fn what_the_other_leg_sends_is_the_reference_decoded_or_not() {
    let scene = scene::noise_far_end(3, 8_000);
    // The other leg decodes its packets because it detects speech, or sends the codes as they came, or maps
    // them to the other law.
    for (of_other_leg, egress, decodes) in [
        (off(), PayloadFormat::PCMU, false),
        (off(), PayloadFormat::PCMA, false),
        (off().with_voice_detection(VadConfig::default()), PayloadFormat::PCMA, true),
    ] {
        let rtp = RtpPipelineConfig::default().with_egress(egress);
        let params = MediaSessionParams::default().with_rtp(rtp).with_processing(of_other_leg);
        let mut other = engine(MediaEngineConfig::default()).create_media_session(params).unwrap();
        let mut near = session(off().with_echo_cancellation(AecConfig::default()));
        let (far_end, microphone) = (packets(0, &scene.far_end), packets(0, &scene.microphone));
        let mut output = Vec::new();
        for (mut heard, spoken) in far_end.into_iter().zip(microphone) {
            let egress = other.process_packet(&mut heard, &NoClock).unwrap();
            assert_eq!(egress.frame().is_some(), decodes);
            near.render_egress(&egress);
            output.extend(common::decode(&send(&mut near, &spoken).unwrap()[12..]));
        }
        let settled = 8 * 8_000..output.len();
        assert!(erle_db(&scene.microphone[settled.clone()], &output[settled]) > 20.0);
    }
}

#[test]
fn the_processor_works_without_packets_at_every_rate_and_can_start_over() {
    for rate in SampleRate::ALL {
        let frame = rate.samples_in_ms(10);
        let signal = white_noise(4, -30.0, 100 * frame);
        let mut processor = AudioProcessor::new(&AudioProcessingConfig::all(), rate).unwrap();
        let run = |processor: &mut AudioProcessor| {
            let mut output: Vec<f32> = signal.iter().map(|sample| sample * 0.5).collect();
            for (microphone, far_end) in output.chunks_exact_mut(frame).zip(signal.chunks_exact(frame)) {
                processor.render_audio(far_end);
                let report = processor.process_capture_audio(microphone);
                assert!(report.echo.is_some() && report.voice.is_some() && report.gain.is_some());
            }
            output
        };
        let first = run(&mut processor);
        assert!(first != run(&mut processor), "it has learnt something");
        processor.reset();
        assert!(first == run(&mut processor), "it has forgotten everything");
        assert_eq!(processor.faults().total(), 0);
    }
}

#[test]
fn a_processors_own_refusal_reaches_the_caller_by_field() {
    let bad = off().with_echo_cancellation(AecConfig::default().with_tail_ms(0));
    assert_eq!(AudioProcessor::new(&bad, SampleRate::Hz8000).unwrap_err().field(), "tail_ms");
    assert_eq!(
        MediaEngineConfig::default().with_processing(bad.clone()).validate().unwrap_err().field(),
        "tail_ms"
    );
    assert_eq!(MediaSessionParams::default().with_processing(bad).validate().unwrap_err().field(), "tail_ms");
}
