//! One call: two legs, and the way of a packet from one to the other.

use std::net::SocketAddr;
use std::time::Duration;

use mc_engine::Clock;

use crate::config::AllocationProbe;
use crate::counters::CallObserver;
use crate::leg::{Leg, MAX_DATAGRAM, PacketBuffer};
use crate::{CallTotals, DialogId, DropReason, EndReason, LegId, MonotonicClock};

/// A call, owned by the worker that carries it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: u64,
    pub(crate) dialog: DialogId,
    pub(crate) legs: [Leg; 2],
    observer: CallObserver,
    probe: Option<AllocationProbe>,
    started_ns: u64,
    last_media_ns: u64,
}

impl Call {
    pub(crate) fn new(
        id: u64,
        dialog: DialogId,
        legs: [Leg; 2],
        observer: CallObserver,
        probe: Option<AllocationProbe>,
        now_ns: u64,
    ) -> Self {
        Self { id, dialog, legs, observer, probe, started_ns: now_ns, last_media_ns: now_ns }
    }

    /// Passes on the datagram that waits at leg `from`, if it is one to pass on. Returns the source
    /// that the leg latched to with it, if it did.
    pub(crate) fn forward(
        &mut self,
        from: LegId,
        buffer: &mut PacketBuffer,
        clock: &MonotonicClock,
    ) -> Option<SocketAddr> {
        let Some(probe) = self.probe else { return self.pass(from, buffer, clock) };
        let before = probe();
        let latched = self.pass(from, buffer, clock);
        let allocations = probe().saturating_sub(before);
        self.observer.counters.legs[from.index()].allocations.add(allocations);
        latched
    }

    fn pass(&mut self, from: LegId, buffer: &mut PacketBuffer, clock: &MonotonicClock) -> Option<SocketAddr> {
        let counters = &*self.observer.counters;
        let [a, b] = &mut self.legs;
        let (ingress, egress) = match from {
            LegId::A => (a, b),
            LegId::B => (b, a),
        };
        let counted = &counters.legs[from.index()];

        let (length, source) = ingress.receive(buffer)?;
        let received_ns = clock.now_ns();
        counted.received.add(1);
        if length > MAX_DATAGRAM {
            counted.count_drop(DropReason::DatagramTooLong);
            return None;
        }
        if !ingress.peer.accepts(source) {
            counted.count_drop(DropReason::WrongSource);
            return None;
        }
        // A packet that is refused here is counted by the session, with its reason.
        let packet = ingress.session.process_packet(&mut buffer[..length], clock).ok()?;
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
