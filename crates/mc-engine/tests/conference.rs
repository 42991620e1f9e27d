//! Everybody hears everybody else, at every tick, however many there are.
#![allow(clippy::unwrap_used, reason = "a test helper fails its test")]

use mc_engine::{AdvancedVadConfig, Conference, ConferenceConfig, PartyId, SampleRate};
use mc_testkit::alloc::{CountingAllocator, count_allocations};
use mc_testkit::measure::rms_dbfs;
use mc_testkit::rng::Rng;
use mc_testkit::scene;
use mc_testkit::signal::{sine, white_noise};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const TICK: usize = 160;

fn conference(config: ConferenceConfig) -> Conference {
    Conference::new(config).unwrap()
}

fn join(conference: &mut Conference, parties: usize) -> Vec<PartyId> {
    (0..parties).map(|_| conference.join(SampleRate::Hz8000).unwrap()).collect()
}

#[test]
fn each_hears_the_sum_of_all_others_undivided() {
    let mut rng = Rng::new(1);
    for parties in [1, 2, 3, 7, 30] {
        let mut room = conference(ConferenceConfig::default());
        let ids = join(&mut room, parties);
        for tick in 0..20 {
            // Quiet enough that nothing is limited; about every third is silent.
            let voices: Vec<Option<Vec<f32>>> = ids
                .iter()
                .map(|_| {
                    let speaks = rng.uniform(0.0..1.0) > 0.3;
                    speaks.then(|| {
                        (0..TICK).map(|_| rng.uniform(-0.45..0.45) as f32 / parties as f32).collect()
                    })
                })
                .collect();
            for (id, voice) in ids.iter().zip(&voices) {
                if let Some(voice) = voice {
                    room.speak(*id).unwrap().copy_from_slice(voice);
                }
            }
            room.tick();
            for (listener, id) in ids.iter().enumerate() {
                let others = || voices.iter().enumerate().filter(|(n, _)| *n != listener);
                for (n, heard) in room.hear(*id).iter().enumerate() {
                    let sum: f32 =
                        others().filter_map(|(_, voice)| voice.as_ref()).map(|voice| voice[n]).sum();
                    assert!(
                        (heard - sum).abs() < 1e-6,
                        "tick {tick}, party {listener} of {parties}, sample {n}"
                    );
                }
            }
        }
    }
}

#[test]
fn whoever_is_silent_is_served_and_leaves_no_old_audio() {
    let mut room = conference(ConferenceConfig::default());
    let ids = join(&mut room, 3);
    room.speak(ids[0]).unwrap().fill(0.25);
    room.tick();
    assert!(room.hear(ids[0]).iter().all(|sample| *sample == 0.0));
    assert!(ids[1..].iter().all(|id| room.hear(*id) == [0.25; TICK]));
    room.tick();
    assert!(ids.iter().all(|id| room.hear(*id) == [0.0; TICK]), "said once, heard once");
}

#[test]
fn a_loud_crowd_is_limited_softly_and_never_beyond_full_scale() {
    let mut room = conference(ConferenceConfig::default());
    let ids = join(&mut room, 20);
    let voices: Vec<Vec<f32>> = (0..20).map(|n| white_noise(n, -14.0, 50 * TICK)).collect();
    for tick in 0..50 {
        let now = tick * TICK..(tick + 1) * TICK;
        for (id, voice) in ids.iter().zip(&voices) {
            room.speak(*id).unwrap().copy_from_slice(&voice[now.clone()]);
        }
        room.tick();
        for id in &ids {
            assert!(room.hear(*id).iter().all(|sample| sample.abs() <= 1.0));
        }
    }
    assert!(rms_dbfs(room.hear(ids[0])) > -18.0, "limited, not divided by the number of parties");
}

#[test]
fn parties_of_every_rate_understand_each_other() {
    for rate in [SampleRate::Hz8000, SampleRate::Hz16000] {
        let mut room = conference(ConferenceConfig::default().with_rate(rate));
        let ids: Vec<_> = SampleRate::ALL.iter().map(|rate| room.join(*rate).unwrap()).collect();
        for (talker, own) in SampleRate::ALL.into_iter().enumerate() {
            let tone = sine(own.hz(), 1_000.0, 0.3, own.samples_in_ms(400));
            let mut heard = vec![Vec::new(); ids.len()];
            for frame in tone.chunks_exact(own.samples_in_ms(20)) {
                room.speak(ids[talker]).unwrap().copy_from_slice(frame);
                room.tick();
                for (heard, id) in heard.iter_mut().zip(&ids) {
                    heard.extend_from_slice(room.hear(*id));
                }
            }
            for (listener, heard) in heard.iter().enumerate() {
                let rate = SampleRate::ALL[listener];
                assert_eq!(heard.len(), rate.samples_in_ms(400));
                let level = rms_dbfs(&heard[rate.samples_in_ms(100)..]);
                let wanted = if listener == talker { -100.0 } else { -13.47 };
                assert!((level - wanted).abs() < 0.3, "from {own:?} to {rate:?}: {level} dBFS");
            }
        }
    }
}

#[test]
fn only_the_loudest_are_heard_and_their_number_changes_without_a_click() {
    let mut room = conference(ConferenceConfig::default().with_loudest(2));
    let ids = join(&mut room, 4);
    let levels_at = |tick: usize| if tick < 25 { [0.02, 0.04, 0.08, 0.16] } else { [0.16, 0.04, 0.01, 0.16] };
    let tone = sine(8_000, 200.0, 1.0, 60 * TICK);
    let mut last = 0.0;
    for tick in 0..60 {
        for (id, level) in ids.iter().zip(levels_at(tick)) {
            let room = room.speak(*id).unwrap();
            for (sample, tone) in room.iter_mut().zip(&tone[tick * TICK..]) {
                *sample = tone * level;
            }
        }
        room.tick();
        let listener = room.hear(ids[1]);
        let steps = listener
            .iter()
            .scan(last, |last: &mut f32, sample| Some((sample - std::mem::replace(last, *sample)).abs()));
        assert!(tick == 0 || tick == 25 || steps.fold(0.0, f32::max) < 0.08, "tick {tick}");
        last = listener[TICK - 1];
        let heard: Vec<bool> = ids.iter().map(|id| room.is_heard(*id)).collect();
        match tick {
            20..25 => assert_eq!(heard, [false, false, true, true]),
            50.. => assert_eq!(heard, [true, false, false, true]),
            _ => assert!(heard.iter().filter(|heard| **heard).count() <= 4),
        }
    }
}

#[test]
fn the_voice_detectors_tell_who_speaks_from_who_is_merely_loud() {
    let detection = AdvancedVadConfig::default();
    let mut room = conference(ConferenceConfig::default().with_speech_detection(detection).with_loudest(1));
    let ids = join(&mut room, 2);
    let speech = scene::speech_in_noise(7, 8_000, 30.0);
    let noise = white_noise(3, -20.0, speech.samples.len());
    let (mut right, mut spoken) = (0, 0);
    for (tick, frame) in speech.samples.chunks_exact(TICK).enumerate() {
        room.speak(ids[0]).unwrap().copy_from_slice(frame);
        room.speak(ids[1]).unwrap().copy_from_slice(&noise[tick * TICK..(tick + 1) * TICK]);
        room.tick();
        let label = tick * TICK / speech.frame_samples();
        if tick > 150 && speech.speech[label] {
            spoken += 1;
            right += usize::from(room.active_speaker() == Some(ids[0]) && room.is_heard(ids[0]));
        }
    }
    assert!(spoken > 200 && right * 10 > spoken * 9, "{right} of {spoken}");
}

#[test]
fn who_leaves_is_gone_and_a_seat_taken_again_is_somebody_elses() {
    let mut room = conference(ConferenceConfig::default().with_max_parties(2));
    let ids = join(&mut room, 2);
    assert_eq!(room.join(SampleRate::Hz8000).unwrap_err().field(), "max_parties");
    room.speak(ids[1]).unwrap().fill(0.1);
    room.tick();
    assert_eq!(room.active_speaker(), Some(ids[1]));
    assert!(room.leave(ids[1]) && !room.leave(ids[1]));
    assert_eq!((room.parties(), room.active_speaker()), (1, None));
    let new = room.join(SampleRate::Hz8000).unwrap();
    assert_ne!(new, ids[1]);
    assert!(room.speak(ids[1]).is_none() && room.hear(ids[1]).is_empty());
    room.tick();
    assert_eq!(room.hear(new), [0.0; TICK]);
}

#[test]
fn no_tick_allocates() {
    let config =
        ConferenceConfig::default().with_loudest(3).with_speech_detection(AdvancedVadConfig::default());
    let mut room = conference(config);
    let mut ids = join(&mut room, 8);
    ids.extend([SampleRate::Hz16000, SampleRate::Hz48000].map(|rate| room.join(rate).unwrap()));
    let noise = white_noise(1, -20.0, 960);
    let (allocations, heard) = count_allocations(|| {
        let mut heard = 0;
        for tick in 0..50 {
            for id in ids.iter().skip(tick % 4) {
                if let Some(room) = room.speak(*id) {
                    room.copy_from_slice(&noise[..room.len()]);
                }
            }
            room.tick();
            heard += ids.iter().map(|id| room.hear(*id).len()).sum::<usize>();
        }
        heard
    });
    assert_eq!((allocations, heard), (0, 50 * (8 * 160 + 320 + 960)));
}

#[test]
fn each_field_out_of_range_is_named() {
    let config = ConferenceConfig::default;
    for (config, field) in [
        (config().with_tick_ms(4), "tick_ms"),
        (config().with_tick_ms(61), "tick_ms"),
        (config().with_loudest(0), "loudest"),
        (config().with_max_parties(0), "max_parties"),
        (config().with_speech_detection(AdvancedVadConfig::default().with_hangover_ms(9_999)), "hangover_ms"),
    ] {
        assert_eq!(Conference::new(config).map(|_| ()).unwrap_err().field(), field);
    }
}
