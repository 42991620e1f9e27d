//! How calls begin and end, and what the controller says about it.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::{FRAME, PATIENCE, Peer, connect, eventually, relay, relay_with, simple_call, stop, talk};
use mc_engine::PayloadFormat;
use mc_relay::{EndReason, LegId, MediaSessionController, RelayConfig, RelayError, RelayEvent};

fn next_end(relay: &MediaSessionController) -> mc_relay::CallTotals {
    let ended = std::iter::from_fn(|| relay.next_event(PATIENCE)).find_map(|event| match event {
        RelayEvent::Ended(totals) => Some(*totals),
        _ => None,
    });
    ended.expect("a call that ends")
}

#[test]
fn starting_is_announced_and_stopping_returns_the_totals() {
    let relay = relay();
    let (mut a, mut b) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    let info = connect(&relay, "short", [&mut a, &mut b], |_| ());
    for leg in LegId::ALL {
        assert_eq!(info.local_address(leg).port() % 2, 0);
    }
    assert!(matches!(relay.next_event(PATIENCE), Some(RelayEvent::Started(started)) if started == info));
    talk(&mut a, &b);
    let totals = stop(&relay, "short");
    assert_eq!((totals.dialog.as_str(), totals.reason), ("short", EndReason::Stopped));
    assert!(totals.duration > Duration::ZERO);
    assert_eq!(totals.peers, [Some(a.address()), Some(b.address())]);
}

#[test]
fn names_are_unique_while_they_last() {
    let relay = relay();
    let [a, b] = simple_call(&relay, "one");
    let again = || relay.start_media("one", mc_relay::MediaConfig::new(a.leg(), b.leg()));
    assert!(matches!(again(), Err(RelayError::DialogExists(dialog)) if dialog.as_str() == "one"));
    stop(&relay, "one");
    assert!(matches!(relay.stop_media(&"one".into()), Err(RelayError::UnknownDialog(_))));
    assert!(matches!(relay.call_metrics(&"one".into()), Err(RelayError::UnknownDialog(_))));
    assert!(matches!(relay.session(&"one".into(), LegId::A), Err(RelayError::UnknownDialog(_))));
    again().unwrap();
}

fn relay_that_waits(media_timeout: Duration) -> MediaSessionController {
    relay_with(RelayConfig::default().with_workers(1).with_media_timeout(media_timeout))
}

#[test]
fn a_call_without_media_ends_by_itself() {
    let timeout = Duration::from_millis(200);
    let relay = relay_that_waits(timeout);
    let [a, b] = simple_call(&relay, "silent");
    let totals = next_end(&relay);
    assert_eq!((totals.dialog.as_str(), totals.reason), ("silent", EndReason::TimedOut));
    assert_eq!(totals.peers, [Some(a.address()), Some(b.address())]);
    assert!(totals.duration >= timeout);
    assert!(relay.dialogs().is_empty());
    assert_eq!(relay.global_metrics().timed_out_calls, 1);
}

#[test]
fn media_keeps_a_call_alive_and_garbage_does_not() {
    let relay = relay_that_waits(Duration::from_secs(1));
    let [mut a, b] = simple_call(&relay, "talking");
    let [c, _d] = simple_call(&relay, "garbage");
    let mut ended = None;
    eventually("the end of the call with garbage", || {
        talk(&mut a, &b);
        c.send_raw(&[0; 40]);
        if let Some(RelayEvent::Ended(totals)) = relay.next_event(Duration::from_millis(5)) {
            ended = Some(totals.dialog);
        }
        ended.is_some()
    });
    assert_eq!(ended, Some("garbage".into()));
    assert_eq!(relay.dialogs(), ["talking".into()]);
    assert_eq!(next_end(&relay).dialog.as_str(), "talking");
}

#[test]
fn a_panic_ends_its_call_and_no_other() {
    static TICKS: AtomicU64 = AtomicU64::new(0);
    /// Read twice a packet; fails on the third packet.
    fn failing_probe() -> u64 {
        let ticks = TICKS.fetch_add(1, Ordering::Relaxed);
        assert!(ticks != 4, "this panic is part of the test");
        0
    }
    let relay = relay_with(RelayConfig::default().with_workers(1).with_allocation_probe(failing_probe));
    let [mut a, b] = simple_call(&relay, "well");
    let [mut c, d] = simple_call(&relay, "ill");
    talk(&mut a, &b);
    talk(&mut c, &d);
    c.send(&[0; FRAME]);
    let totals = next_end(&relay);
    assert_eq!((totals.dialog.as_str(), totals.reason), ("ill", EndReason::Failed));
    talk(&mut a, &b);
    let [mut e, f] = simple_call(&relay, "ill");
    talk(&mut e, &f);
    let metrics = relay.global_metrics();
    assert_eq!((metrics.failed_calls, metrics.active_calls), (1, 2));
}

#[test]
fn the_probe_is_read_before_and_after_each_packet() {
    static TICKS: AtomicU64 = AtomicU64::new(0);
    fn ticking_probe() -> u64 {
        TICKS.fetch_add(3, Ordering::Relaxed)
    }
    let relay = relay_with(RelayConfig::default().with_workers(1).with_allocation_probe(ticking_probe));
    let [mut a, b] = simple_call(&relay, "probed");
    for _ in 0..10 {
        talk(&mut a, &b);
    }
    let totals = stop(&relay, "probed");
    assert_eq!(totals.metrics.leg(LegId::A).allocations, 30);
    assert_eq!(totals.metrics.leg(LegId::B).allocations, 0);
}

#[test]
fn global_metrics_are_the_sum_of_ended_and_active_calls() {
    let relay = relay_with(RelayConfig::default().with_workers(2));
    let [mut a, b] = simple_call(&relay, "first");
    let [mut c, d] = simple_call(&relay, "second");
    for _ in 0..5 {
        talk(&mut a, &b);
        talk(&mut c, &d);
    }
    stop(&relay, "first");
    eventually("ten packets sent to legs B", || {
        relay.global_metrics().calls.leg(LegId::B).packets_sent == 10
    });
    let metrics = relay.global_metrics();
    assert_eq!((metrics.active_calls, metrics.stopped_calls), (1, 1));
    assert_eq!(metrics.calls.latency.count, 10);
    stop(&relay, "second");
    assert_eq!(relay.global_metrics().calls, metrics.calls);
}

#[test]
fn a_muted_leg_sends_silence() {
    let relay = relay();
    let [mut a, b] = simple_call(&relay, "muted");
    relay.session(&"muted".into(), LegId::A).unwrap().set_muted(true);
    assert_eq!(talk(&mut a, &b).payload, [0xFF; FRAME]);
    relay.session(&"muted".into(), LegId::A).unwrap().set_muted(false);
    assert_eq!(talk(&mut a, &b).payload, [0x55; FRAME]);
}

#[test]
fn events_that_nobody_fetches_are_lost_and_counted() {
    let relay = relay_with(RelayConfig::default().with_workers(1).with_event_capacity(2));
    for name in ["1", "2", "3", "4", "5"] {
        simple_call(&relay, name);
    }
    assert_eq!(relay.global_metrics().lost_events, 3);
    let first = relay.next_event(Duration::ZERO);
    assert!(matches!(first, Some(RelayEvent::Started(info)) if info.dialog.as_str() == "1"));
}

#[test]
fn exhausted_ports_are_an_error_that_names_them_and_stopping_frees_them() {
    let config = RelayConfig::default().with_workers(1).with_ports(15_500..=15_507);
    let relay = relay_with(config.clone());
    let [a, b] = simple_call(&relay, "1");
    simple_call(&relay, "2");
    let third = || relay.start_media("3", mc_relay::MediaConfig::new(a.leg(), b.leg()));
    let error = third().unwrap_err();
    assert_eq!(error.to_string(), "no pair of ports is free at 127.0.0.1 between 15500 and 15507");
    stop(&relay, "1");
    third().unwrap();

    // A second relay finds the ports taken, until the first is gone.
    let second = relay_with(config);
    let start = || second.start_media("x", mc_relay::MediaConfig::new(a.leg(), b.leg()));
    assert!(matches!(start(), Err(RelayError::PortsExhausted { .. })));
    drop(relay);
    start().unwrap();
}

#[test]
fn shutting_down_returns_the_totals_of_every_call() {
    let relay = relay_with(RelayConfig::default().with_workers(2));
    let [mut a, b] = simple_call(&relay, "left");
    simple_call(&relay, "right");
    talk(&mut a, &b);
    let mut totals = relay.shutdown();
    totals.sort_by(|one, other| one.dialog.cmp(&other.dialog));
    let names: Vec<_> = totals.iter().map(|totals| totals.dialog.as_str()).collect();
    assert_eq!(names, ["left", "right"]);
    assert_eq!(totals[0].metrics.leg(LegId::B).packets_sent, 1);
}

#[test]
fn a_configuration_out_of_range_is_refused() {
    let error = MediaSessionController::new(RelayConfig::default().with_workers(0)).unwrap_err();
    assert_eq!(error.to_string(), "workers is 0, but must be 1 to 256");
}
