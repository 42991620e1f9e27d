//! A process that has no descriptors left. One test in this program, because the limit is the whole process's.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::proxy::{Proxy, sdp};
use common::{Peer, localhost, relay, simple_call, stop, talk};
use mc_engine::PayloadFormat;
use mc_relay::{MediaConfig, NgConfig, RelayError};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[test]
fn without_descriptors_new_calls_are_refused_and_live_ones_go_on() {
    let relay = relay();
    let [mut a, mut b] = simple_call(&relay, "live");
    let (c, d) = (Peer::new(PayloadFormat::PCMU), Peer::new(PayloadFormat::PCMU));
    let before = getrlimit(Resource::Nofile);
    let is_free = |number: &u64| std::fs::symlink_metadata(format!("/proc/self/fd/{number}")).is_err();
    // Three are left: enough for one leg's sockets, and not for the other's.
    let current = (0..).filter(is_free).nth(3);
    setrlimit(Resource::Nofile, Rlimit { current, ..before }).unwrap();
    let start = || relay.start_media("new", MediaConfig::new(c.leg(), d.leg()));
    for _ in 0..3 {
        assert!(matches!(start(), Err(RelayError::Bind { .. })));
        talk(&mut a, &b);
        talk(&mut b, &a);
    }
    let mut proxy = Proxy::on(relay, NgConfig::at(localhost()));
    let refused = proxy.offer("new", &sdp(&c, ""), "");
    assert_eq!(refused.text("result"), "load limit", "the proxy asks another relay: {}", refused.0);
    talk(&mut a, &b);
    setrlimit(Resource::Nofile, before).unwrap();
    let relay = proxy.relay;
    assert_eq!(relay.global_metrics().port_pairs_taken, 2, "what was bound was given back");
    relay.start_media("new", MediaConfig::new(c.leg(), d.leg())).unwrap();
    stop(&relay, "new");
    stop(&relay, "live");
}
