//! RTCP on schedule, the round trip, and how good the call is.

use std::time::Duration;

use mc_engine::{EndpointConfig, MediaEndpoint, NtpTime, Received};

use crate::wire::{FRAME, at, endpoint, played, sent};

fn end(ssrc: u32) -> MediaEndpoint {
    // By the calendar, an hour after its beginning.
    let start = NtpTime::from_unix(Duration::from_secs(3_600));
    endpoint(
        &EndpointConfig::default().with_ssrc(ssrc).with_cname("a@example.org").with_wall_clock_start(start),
    )
}

/// A call of `ticks` in which packets take `late` ticks each way, and every tenth to the near end is lost; reports are
/// passed on if `with_reports`. Gives the ticks at which each end reported.
fn call(
    near: &mut MediaEndpoint,
    far: &mut MediaEndpoint,
    ticks: usize,
    late: usize,
    with_reports: bool,
) -> [Vec<usize>; 2] {
    let (mut to_near, mut to_far) = (Vec::new(), Vec::new());
    let (mut by_near, mut by_far) = (Vec::new(), Vec::new());
    for tick in 0..ticks {
        if tick % 10 != 3 {
            to_near.extend(sent(far, &[0.1; FRAME]).into_iter().map(|packet| (tick + late, packet)));
        } else {
            sent(far, &[0.1; FRAME]);
        }
        to_far.extend(sent(near, &[0.1; FRAME]).into_iter().map(|packet| (tick + late, packet)));
        for (end, way, at_ticks) in
            [(&mut *near, &mut to_far, &mut by_near), (&mut *far, &mut to_near, &mut by_far)]
        {
            end.poll_report(at(tick), |report| {
                at_ticks.push(tick);
                if with_reports {
                    way.push((tick + late, report.to_vec()));
                }
            });
        }
        for (end, way) in [(&mut *near, &mut to_near), (&mut *far, &mut to_far)] {
            way.retain(|(when, packet): &(usize, Vec<u8>)| {
                let arrives = *when == tick;
                if arrives {
                    end.receive(packet, at(tick)).unwrap();
                }
                !arrives
            });
            played(end, tick);
        }
    }
    [by_near, by_far]
}

#[test]
fn reports_come_on_schedule_and_tell_round_trip_loss_and_opinion() {
    let (mut near, mut far) = (end(1), end(2));
    // Two minutes, 60 ms each way.
    let reported = call(&mut near, &mut far, 6_000, 3, true);
    for ticks in &reported {
        // 5 s in the mean, half of that before the first, varied by half (RFC 3550 §6.3.1).
        let seconds = |ticks: usize| ticks as f64 * 0.02;
        assert!((1.0..3.1).contains(&seconds(ticks[0])), "{ticks:?}");
        for pair in ticks.windows(2) {
            assert!((2.05..6.2).contains(&seconds(pair[1] - pair[0])), "{ticks:?}");
        }
        assert!((20..45).contains(&ticks.len()), "{} reports in 120 s", ticks.len());
    }
    assert!(reported[0] != reported[1], "two ends do not report in step");
    let (here, there) = (near.handle().endpoint().unwrap(), far.handle().endpoint().unwrap());
    for status in [here, there] {
        let round_trip = status.round_trip.unwrap();
        assert!(round_trip.abs_diff(Duration::from_millis(120)) < Duration::from_millis(2), "{round_trip:?}");
    }
    // A tenth is lost on the way to the near end: both ends know, each from its own side.
    let lost_there = there.loss_at_peer.unwrap();
    assert!((0.08..0.12).contains(&lost_there), "{lost_there}");
    assert!(here.loss_at_peer.unwrap() < 0.01);
    assert!(here.mos.unwrap() < there.mos.unwrap() - 0.2 && there.mos.unwrap() > 4.0, "{here:?} {there:?}");
    assert!((here.mos.unwrap() - there.mos_at_peer.unwrap()).abs() < 0.2, "{here:?} {there:?}");
    assert!((there.mos.unwrap() - here.mos_at_peer.unwrap()).abs() < 0.2, "{here:?} {there:?}");
    let metrics = near.handle().metrics().endpoint.unwrap();
    assert_eq!(metrics.reports_sent as usize, reported[0].len());
    assert!(metrics.reports_received as usize >= reported[1].len() - 1);
}

#[test]
fn without_the_other_sides_reports_the_call_is_rated_by_what_is_seen_here() {
    let (mut near, mut far) = (end(1), end(2));
    call(&mut near, &mut far, 1_000, 3, false);
    let (here, there) = (near.handle().endpoint().unwrap(), far.handle().endpoint().unwrap());
    assert_eq!((here.round_trip, here.mos_at_peer, here.loss_at_peer), (None, None, None));
    assert!(here.mos.unwrap() < there.mos.unwrap() - 0.2 && there.mos.unwrap() > 4.0, "{here:?} {there:?}");
    assert!(here.jitter.unwrap() < Duration::from_millis(1));
}

#[test]
fn who_has_not_sent_of_late_reports_as_a_receiver_and_who_leaves_says_goodbye() {
    let (mut near, mut far) = (end(1), end(2));
    let mut kinds = Vec::new();
    for tick in 0..3_000 {
        if tick < 1_000 {
            sent(&mut near, &[0.1; FRAME]);
        }
        near.poll_report(at(tick), |report| kinds.push(report[1]));
    }
    let change = kinds.iter().position(|&kind| kind == 201).unwrap();
    assert!(
        kinds[..change].iter().all(|&kind| kind == 200) && kinds[change..].iter().all(|&kind| kind == 201)
    );
    assert!(change > 2 && kinds.len() > change + 2, "{kinds:?}");

    assert!(!far.handle().endpoint().unwrap().peer_left);
    near.leave(at(3_000), |report| {
        assert_eq!(far.receive(report, at(3_000)), Ok(Received::Report));
    });
    assert!(far.handle().endpoint().unwrap().peer_left);
    near.poll_report(at(9_000), |_| panic!("it has left"));
}

#[test]
fn an_endpoint_without_rtcp_reports_nothing() {
    let mut silent = endpoint(&EndpointConfig::default().with_rtcp_interval(None));
    for tick in 0..3_000 {
        sent(&mut silent, &[0.1; FRAME]);
        silent.poll_report(at(tick), |_| panic!("not wanted"));
    }
    assert_eq!(silent.handle().metrics().endpoint.unwrap().reports_sent, 0);
}
