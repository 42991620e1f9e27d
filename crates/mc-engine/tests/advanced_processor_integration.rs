//! The second generation of processors, reached by real packets: what it gains over the first, which setting
//! switches it, and that an application's own takes its place.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

mod common;

use common::{FRAME, converse, decode, engine, packets, send};
use mc_engine::{
    AdvancedAecConfig, AdvancedAgcConfig, AdvancedProcessingConfig, AdvancedProcessorFactory,
    AdvancedVadConfig, AecConfig, AgcConfig, AudioProcessingConfig, AudioProcessor, MediaEngine,
    MediaEngineConfig, MediaSession, MediaSessionParams, NoClock, PerformanceLevel, ProcessorState,
    SampleRate, Suppression, VadClassifier, VadConfig,
};
use mc_testkit::measure::{detection_rates, erle_db, rms_dbfs};
use mc_testkit::scene;

use ProcessorState::{Advanced, Off, Simple};

fn off() -> AudioProcessingConfig {
    AudioProcessingConfig::default()
}

fn session(params: MediaSessionParams) -> MediaSession {
    engine(MediaEngineConfig::default()).create_media_session(params).unwrap()
}

fn with(processing: AudioProcessingConfig) -> MediaSession {
    session(MediaSessionParams::default().with_processing(processing))
}

/// Echo, voice and gain.
fn states(session: &MediaSession) -> [ProcessorState; 3] {
    let states = session.handle().processors();
    [states.echo_cancellation, states.voice_detection, states.gain_control]
}

/// ERLE on speech over the last five of twelve seconds.
fn echo_reduction_db(processing: AudioProcessingConfig) -> f32 {
    let scene = scene::single_talk(3, 8_000);
    let output = converse(&mut with(processing), &scene.microphone, &scene.far_end);
    let settled = 7 * 8_000..output.len();
    erle_db(&scene.microphone[settled.clone()], &output[settled])
}

#[test]
fn the_advanced_echo_canceller_takes_10_db_more() {
    let simple = echo_reduction_db(off().with_echo_cancellation(AecConfig::default()));
    let advanced = echo_reduction_db(off().with_use_advanced_aec(true));
    assert!(advanced > simple + 10.0, "{simple} and {advanced} dB");
}

#[test]
fn the_advanced_gain_control_lifts_faint_speech_and_looks_ahead() {
    let scene = scene::levels(5, 8_000, -40.0);
    let settled = 10 * 8_000..20 * 8_000;
    let mut session = with(off().with_use_advanced_agc(true));
    let output = converse(&mut session, &scene.samples, &[]);
    assert!(rms_dbfs(&output[settled.clone()]) > rms_dbfs(&scene.samples[settled]) + 6.0);
    assert!(session.handle().audio().gain_db.is_some_and(|gain| gain > 6.0));
    assert!(session.processor().latency_samples() > 0, "its limiter sees peaks coming");
    let short = AdvancedAgcConfig::default().with_look_ahead_ms(0.0);
    let without = with(off().with_use_advanced_agc(true).with_advanced_agc_config(short));
    assert!(without.processor().latency_samples() < session.processor().latency_samples());
}

/// Shares of speech and of noise that are called speech.
fn speech_rates(processing: AudioProcessingConfig) -> (f32, f32) {
    let scene = scene::speech_in_noise(7, 8_000, 5.0);
    let mut session = with(processing);
    let mut decisions = Vec::new();
    for packet in packets(0, &scene.samples) {
        send(&mut session, &packet).unwrap();
        decisions.push(session.handle().audio().is_speech.unwrap());
    }
    let labels_per_packet = FRAME / scene.frame_samples();
    let labels: Vec<bool> =
        scene.speech.chunks(labels_per_packet).map(|labels| labels.iter().all(|label| *label)).collect();
    detection_rates(&labels[100..], &decisions[100..])
}

#[test]
fn the_advanced_voice_detector_tells_speech_from_noise_better() {
    let (heard, false_alarms) = speech_rates(off().with_use_advanced_vad(true));
    let (simple_heard, simple_alarms) = speech_rates(off().with_voice_detection(VadConfig::default()));
    assert!(heard > 0.9, "{heard} of speech");
    let (simple, advanced) = (simple_heard - simple_alarms, heard - false_alarms);
    assert!(advanced > simple, "{simple_heard} - {simple_alarms} and {heard} - {false_alarms}");
}

#[test]
fn all_processors_work_on_one_call_in_their_second_generation() {
    let scene = scene::double_talk(3, 8_000);
    let params = MediaSessionParams::default().with_processing(AudioProcessingConfig::all());
    let mut session = engine(MediaEngineConfig::default()).create_media_session_v2(params).unwrap();
    assert_eq!(states(&session), [Advanced; 3]);
    let output = converse(&mut session, &scene.microphone, &scene.far_end);
    let report = *session.report();
    assert!(report.echo.is_some_and(|echo| echo.erle_db.is_some_and(|erle| erle > 10.0)));
    assert!(report.voice.is_some() && report.gain.is_some());
    // The near end is heard, at its level, and not the echo before it.
    let (alone, both) = (3 * 8_000..5 * 8_000, scene.near_end_from + 8_000..output.len());
    assert!(rms_dbfs(&output[both]) > rms_dbfs(&output[alone]) + 10.0);
    let metrics = session.handle().metrics();
    assert_eq!((metrics.faults.total(), metrics.fallbacks.total()), (0, 0));
}

#[test]
fn each_switch_is_seen_in_what_works() {
    let all = AudioProcessingConfig::all;
    let of = |params: MediaSessionParams| states(&session(params));
    let params = || MediaSessionParams::default().with_processing(all());
    assert_eq!(of(params()), [Simple; 3]);
    for (switched, seen) in [
        (params().with_processing(all().with_use_advanced_aec(true)), [Advanced, Simple, Simple]),
        (params().with_processing(all().with_use_advanced_vad(true)), [Simple, Advanced, Simple]),
        (params().with_processing(all().with_use_advanced_agc(true)), [Simple, Simple, Advanced]),
        (params().with_advanced_echo_cancellation(true), [Advanced, Simple, Simple]),
        (params().with_spectral_vad(true), [Simple, Advanced, Simple]),
        (params().with_multi_band_agc(true), [Simple, Simple, Advanced]),
        (params().with_performance_level(PerformanceLevel::Maximum), [Advanced; 3]),
        // Asking for the second generation switches on; a default does not.
        (MediaSessionParams::default().with_spectral_vad(true), [Off, Advanced, Off]),
        (MediaSessionParams::default().with_performance_level(PerformanceLevel::Maximum), [Off; 3]),
    ] {
        assert_eq!(of(switched.clone()), seen, "{switched:?}");
    }
}

#[test]
fn processor_settings_go_before_the_sessions_and_those_before_the_engines() {
    let advanced = AdvancedProcessingConfig::default().with_use_advanced_processors(true);
    let engine = engine(
        MediaEngineConfig::default()
            .with_processing(AudioProcessingConfig::all())
            .with_advanced_processing(advanced),
    );
    let of = |params: MediaSessionParams| states(&engine.create_media_session(params).unwrap());
    let params = MediaSessionParams::default;
    assert_eq!(of(params()), [Advanced; 3], "the engine's default");
    assert_eq!(of(params().with_performance_level(PerformanceLevel::Economy)), [Simple; 3]);
    assert_eq!(of(params().with_advanced_echo_cancellation(false)), [Simple, Advanced, Advanced]);
    assert_eq!(of(params().with_multi_band_agc(false)), [Advanced, Advanced, Simple]);
    let settings = AudioProcessingConfig::all().with_use_advanced_aec(true).with_use_advanced_agc(true);
    let switches = params().with_advanced_echo_cancellation(false).with_spectral_vad(false);
    assert_eq!(
        of(switches.with_multi_band_agc(false).with_processing(settings)),
        [Advanced, Simple, Advanced]
    );
    let economy = params().with_performance_level(PerformanceLevel::Economy);
    assert_eq!(
        of(economy.with_spectral_vad(true)),
        [Simple, Advanced, Simple],
        "a switch goes before the level"
    );
    let newest = engine.create_media_session_v2(params().with_spectral_vad(false)).unwrap();
    assert_eq!(states(&newest), [Advanced, Simple, Advanced]);
}

#[test]
fn an_advanced_processors_own_settings_come_from_the_session_or_else_the_engine() {
    // Without suppression the canceller's delay is shorter: that tells whose setting holds.
    let plain = AdvancedAecConfig::default().with_suppression(Suppression::Off);
    let advanced = AdvancedProcessingConfig::default().with_advanced_aec_config(plain);
    let engine = engine(MediaEngineConfig::default().with_advanced_processing(advanced));
    let latency = |processing: AudioProcessingConfig| {
        let params = MediaSessionParams::default().with_processing(processing);
        engine.create_media_session_v2(params).unwrap().processor().latency_samples()
    };
    let asked = || off().with_use_advanced_aec(true);
    assert_eq!(latency(asked()), 32);
    assert_eq!(latency(asked().with_advanced_aec_config(AdvancedAecConfig::default())), 64);

    let bad = AdvancedVadConfig::default().with_hangover_ms(5_000);
    let engine = AdvancedProcessingConfig::default().with_advanced_vad_config(bad.clone());
    let refused = MediaEngineConfig::default().with_advanced_processing(engine).validate().unwrap_err();
    assert_eq!(refused.field(), "hangover_ms");
    assert_eq!(off().with_advanced_vad_config(bad).validate().unwrap_err().field(), "hangover_ms");
}

#[test]
fn an_applications_own_processor_takes_the_place() {
    let factory = AdvancedProcessorFactory::default().with_voice_detector(|config, rate| {
        let config = config.clone().with_classifier(VadClassifier::LikelihoodRatio);
        Ok(Box::new(mc_engine::AdvancedVoiceActivityDetector::new(config, rate)?))
    });
    let own = MediaEngine::with_factory(MediaEngineConfig::default(), factory).unwrap();
    let params = || MediaSessionParams::default().with_spectral_vad(true);
    let mut own = own.create_media_session(params()).unwrap();
    let mut ours = session(params());
    let noise = scene::speech_in_noise(7, 8_000, 10.0).samples;
    let mut differs = false;
    for packet in packets(0, &noise[..200 * FRAME]) {
        assert_eq!(send(&mut own, &packet), send(&mut ours, &packet), "it only listens");
        differs |= own.report().voice != ours.report().voice;
    }
    assert!(differs);
    assert_eq!(states(&own), [Off, Advanced, Off]);
}

#[test]
fn a_processor_for_another_rate_is_refused() {
    let factory = AdvancedProcessorFactory::default().with_voice_detector(|config, _| {
        Ok(Box::new(mc_engine::AdvancedVoiceActivityDetector::new(config.clone(), SampleRate::Hz16000)?))
    });
    let advanced = AdvancedProcessingConfig::default().with_fallback_to_v1_on_error(false);
    let config = MediaEngineConfig::default().with_advanced_processing(advanced);
    let engine = MediaEngine::with_factory(config, factory).unwrap();
    let error =
        engine.create_media_session(MediaSessionParams::default().with_spectral_vad(true)).map(|_| ());
    assert!(error.unwrap_err().to_string().contains("16000"));
}

#[test]
fn without_packets_the_far_end_comes_with_the_near_end() {
    let scene = scene::single_talk(4, 16_000);
    let config =
        off().with_use_advanced_aec(true).with_gain_control(AgcConfig::default().with_max_gain_db(0.0));
    let mut together = AudioProcessor::new(&config, SampleRate::Hz16000).unwrap();
    let mut apart = AudioProcessor::new(&config, SampleRate::Hz16000).unwrap();
    let mut output = scene.microphone.clone();
    for (near, far) in output.chunks_exact_mut(320).zip(scene.far_end.chunks_exact(320)) {
        let mut other = near.to_vec();
        let report = together.process_capture_audio_v2(near, Some(far), &NoClock);
        apart.render_audio(far);
        assert_eq!(report, apart.process_capture_audio(&mut other));
        assert!(other == near);
    }
    assert!(erle_db(&scene.microphone[96_000..], &output[96_000..]) > 20.0);
    assert_eq!(together.states().echo_cancellation, Advanced);
}

#[test]
fn the_stream_is_late_by_what_the_processor_says_and_no_more() {
    let click: Vec<f32> = (0..40 * FRAME).map(|n| if n == 20 * FRAME + 7 { 0.5 } else { 0.0 }).collect();
    let mut session = with(off().with_use_advanced_aec(true));
    let late = session.processor().latency_samples();
    let output: Vec<f32> =
        packets(0, &click).iter().flat_map(|p| decode(&send(&mut session, p).unwrap()[12..])).collect();
    let peak = (0..output.len()).max_by(|&a, &b| output[a].abs().total_cmp(&output[b].abs())).unwrap();
    assert_eq!(peak, 20 * FRAME + 7 + late);
}
