//! A clock that leaps, stands still or goes back.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::time::Duration;

use common::time::Time;
use common::{FRAME, Peer, relay_with, simple_call, talk};
use mc_relay::{Clip, EndReason, LegId, MediaSessionController, RelayConfig, RelayEvent};

const HOUR: Duration = Duration::from_secs(3_600);
const STEP: Duration = Duration::from_millis(20);

fn relay_at(time: Time) -> MediaSessionController {
    relay_with(RelayConfig::default().with_workers(1).with_clock(time.clock()))
}

fn ended(relay: &MediaSessionController) -> Option<EndReason> {
    std::iter::from_fn(|| relay.next_event(Duration::ZERO)).find_map(|event| match event {
        RelayEvent::Ended(totals) => Some(totals.reason),
        _ => None,
    })
}

/// A second of talk, in time.
fn talk_for_a_second(relay: &MediaSessionController, time: Time, [a, b]: &mut [Peer; 2]) {
    for _ in 0..50 {
        assert_eq!(talk(a, b).payload, [0x55; FRAME]);
        assert_eq!(talk(b, a).payload, [0x55; FRAME]);
        time.pass(relay, STEP);
    }
}

#[test]
fn calls_outlive_a_leap_of_the_clock_and_their_figures_do_not_suffer() {
    for (from, to) in
        [(HOUR, 2 * HOUR), (2 * HOUR, HOUR), (HOUR, Duration::ZERO), (Duration::ZERO, 9_000 * HOUR)]
    {
        let time = Time::starting_at(from);
        let relay = relay_at(time);
        let mut peers = simple_call(&relay, "leap");
        talk_for_a_second(&relay, time, &mut peers);
        time.set(to);
        time.pass(&relay, Duration::ZERO);
        assert_eq!(ended(&relay), None, "{from:?} to {to:?}");
        // A minute: the one packet that came late by the leap is no jitter any more.
        for _ in 0..60 {
            talk_for_a_second(&relay, time, &mut peers);
        }
        let metrics = relay.call_metrics(&"leap".into()).unwrap();
        for leg in LegId::ALL {
            let found = metrics.leg(leg);
            assert_eq!((found.packets_sent, found.dropped_total(), found.stream.lost()), (61 * 50, 0, 0));
            assert!(found.stream.jitter < Duration::from_millis(1), "{:?}", found.stream);
        }
    }
}

#[test]
fn what_is_played_goes_on_at_its_pace_whatever_the_clock_does() {
    let time = Time::starting_at(HOUR);
    let relay = relay_at(time);
    let [mut a, b] = simple_call(&relay, "played");
    relay.play_media(&"played".into(), LegId::B, &Clip::new(vec![5_000; 100 * FRAME]), 1).unwrap();
    talk(&mut a, &b);
    let played = || relay.call_metrics(&"played".into()).unwrap().leg(LegId::B).packets_played;
    let pass_a_second = || {
        let before = played();
        (0..50).for_each(|_| time.pass(&relay, STEP));
        played() - before
    };
    // A has been silent for 60 ms when the first one is made.
    assert_eq!(pass_a_second(), 48);
    time.pass(&relay, HOUR);
    assert!(played() <= 50, "an hour is not made up for: {}", played());
    assert!((1..=50).contains(&pass_a_second()));
}

#[test]
fn silence_counts_from_when_the_clock_goes_on() {
    let time = Time::starting_at(2 * HOUR);
    let relay = relay_at(time);
    let mut peers = simple_call(&relay, "silent");
    talk_for_a_second(&relay, time, &mut peers);
    time.set(HOUR);
    (0..100).for_each(|_| time.pass(&relay, Duration::from_secs(1)));
    assert_eq!(ended(&relay), None, "time has stood still so far");
    time.set(2 * HOUR);
    (0..59).for_each(|_| time.pass(&relay, Duration::from_secs(1)));
    assert_eq!(ended(&relay), None);
    (0..3).for_each(|_| time.pass(&relay, Duration::from_secs(1)));
    assert_eq!(ended(&relay), Some(EndReason::TimedOut));
}
