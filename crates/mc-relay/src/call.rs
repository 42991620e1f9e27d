//! One call: two legs, and the way of a packet from one to the other.

use std::net::SocketAddr;
use std::time::Duration;

use mc_engine::Clock;

use crate::config::AllocationProbe;
use crate::control;
use crate::counters::CallObserver;
use crate::leg::{Channel, Leg, MAX_DATAGRAM, PacketBuffer};
use crate::{CallTotals, DialogId, DropReason, EndReason, LegId, MonotonicClock};

/// A call, owned by the worker that carries it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: u64,
    pub(crate) dialog: DialogId,
    pub(crate) legs: [Leg; 2],
    /// Whether RTCP of one side is true for what the other side hears.
    pub(crate) passes_control: bool,
    pub(crate) observer: CallObserver,
    probe: Option<AllocationProbe>,
    started_ns: u64,
    last_media_ns: u64,
}

impl Call {
    pub(crate) fn new(
        id: u64,
        dialog: DialogId,
        legs: [Leg; 2],
        passes_control: bool,
        observer: CallObserver,
        probe: Option<AllocationProbe>,
        now_ns: u64,
    ) -> Self {
        Self { id, dialog, legs, passes_control, observer, probe, started_ns: now_ns, last_media_ns: now_ns }
    }

    /// Passes on the datagram that waits at a channel of leg `from`, if it is one to pass on. Returns the
    /// source that the leg's media latched to with it, if it did.
    pub(crate) fn forward(
        &mut self,
        from: LegId,
        channel: Channel,
        buffer: &mut PacketBuffer,
        clock: &MonotonicClock,
    ) -> Option<SocketAddr> {
        let Some(probe) = self.probe else { return self.receive(from, channel, buffer, clock) };
        let before = probe();
        let latched = self.receive(from, channel, buffer, clock);
        let allocations = probe().saturating_sub(before);
        self.observer.counters.legs[from.index()].allocations.add(allocations);
        latched
    }

    fn receive(
        &mut self,
        from: LegId,
        channel: Channel,
        buffer: &mut PacketBuffer,
        clock: &MonotonicClock,
    ) -> Option<SocketAddr> {
        let (length, source) = self.legs[from.index()].receive(channel, buffer)?;
        let received_ns = clock.now_ns();
        let counted = &self.observer.counters.legs[from.index()];
        let is_control = channel == Channel::Rtcp || control::is_control(&buffer[..length]);
        if is_control { &counted.control_received } else { &counted.received }.add(1);
        if length > MAX_DATAGRAM {
            counted.count_drop(DropReason::DatagramTooLong);
            None
        } else if is_control {
            self.pass_control(from, channel, &buffer[..length], source);
            None
        } else {
            self.pass(from, &mut buffer[..length], source, received_ns, clock)
        }
    }

    fn pass(
        &mut self,
        from: LegId,
        datagram: &mut [u8],
        source: SocketAddr,
        received_ns: u64,
        clock: &MonotonicClock,
    ) -> Option<SocketAddr> {
        let counters = &*self.observer.counters;
        let counted = &counters.legs[from.index()];
        let (ingress, egress) = two_sides(&mut self.legs, from);
        if !ingress.peer.accepts(source) {
            counted.count_drop(DropReason::WrongSource);
            return None;
        }
        // A packet that is refused here is counted by the session, with its reason.
        let packet = ingress.session.process_packet(datagram, clock).ok()?;
        self.last_media_ns = received_ns;
        let latched = ingress.peer.confirm(source).then_some(source);

        match egress.peer.destination() {
            None => counted.count_drop(DropReason::NoDestination),
            Some(destination) => {
                // What this peer is about to hear is what may come back from it as echo.
                egress.session.render_egress(&packet);
                if egress.send(packet.packet(), destination).is_ok() {
                    counters.legs[from.other().index()].sent.add(1);
                    counters.latency.record(clock.now_ns().saturating_sub(received_ns));
                } else {
                    counted.count_drop(DropReason::SendFailed);
                }
            }
        }
        latched
    }

    fn pass_control(&mut self, from: LegId, channel: Channel, datagram: &[u8], source: SocketAddr) {
        let counters = &*self.observer.counters;
        let counted = &counters.legs[from.index()];
        let (ingress, egress) = two_sides(&mut self.legs, from);
        // On a port for both, the peer is whoever sends the media.
        let sender = ingress.control_peer(channel).filter(|peer| peer.accepts(source));
        let dropped = match sender {
            _ if !self.passes_control => Some(DropReason::ForeignControl),
            None => Some(DropReason::WrongSource),
            Some(_) if !control::is_compound(datagram) => Some(DropReason::MalformedControl),
            Some(peer) => {
                if channel == Channel::Rtcp {
                    peer.confirm(source);
                }
                match egress.send_control(datagram) {
                    None => Some(DropReason::NoDestination),
                    Some(Err(_)) => Some(DropReason::SendFailed),
                    Some(Ok(())) => None,
                }
            }
        };
        match dropped {
            Some(reason) => counted.count_drop(reason),
            None => counters.legs[from.other().index()].control_sent.add(1),
        }
    }

    /// Whether neither leg has sent a valid packet for `timeout_ns`.
    pub(crate) fn is_silent(&self, now_ns: u64, timeout_ns: u64) -> bool {
        now_ns.saturating_sub(self.last_media_ns) >= timeout_ns
    }

    /// What there is to say at its end.
    pub(crate) fn totals(&self, reason: EndReason, now_ns: u64) -> CallTotals {
        CallTotals {
            dialog: self.dialog.clone(),
            reason,
            duration: Duration::from_nanos(now_ns.saturating_sub(self.started_ns)),
            peers: [self.legs[0].peer.destination(), self.legs[1].peer.destination()],
            metrics: self.observer.metrics(),
        }
    }
}

/// The leg that a packet comes from, and the one it goes to.
fn two_sides(legs: &mut [Leg; 2], from: LegId) -> (&mut Leg, &mut Leg) {
    let [a, b] = legs;
    match from {
        LegId::A => (a, b),
        LegId::B => (b, a),
    }
}
