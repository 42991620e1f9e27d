//! One call: two legs, and the way of a packet from one to the other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mc_rtp_pipeline::{PacketTime, StreamIdentity};

use crate::attach::Attachments;
use crate::clock::WorkClock;
use crate::config::AllocationProbe;
use crate::control;
use crate::counters::CallObserver;
use crate::events::EventQueue;
use crate::leg::{Channel, Leg, MAX_DATAGRAM, PacketBuffer};
use crate::watch::{Numbers, ReportBuffer, StreamWatch, generated_report, read_reports};
use crate::{CallTotals, DialogId, DropReason, EndReason, LegId, MediaConfig, RelayConfig, RelayEvent};

/// Picks the first of so many, again and again; none of 0.
#[derive(Debug)]
struct OneIn {
    of: u32,
    until: u32,
}

impl OneIn {
    fn new(of: u32) -> Self {
        Self { of, until: of.min(1) }
    }

    fn is_next(&mut self) -> bool {
        let is_next = self.until == 1;
        self.until = if is_next { self.of } else { self.until.saturating_sub(1) };
        is_next
    }
}

/// A call, owned by the worker that carries it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: u64,
    pub(crate) dialog: DialogId,
    pub(crate) legs: [Leg; 2],
    watches: [StreamWatch; 2],
    /// What joins and cuts the packets to each leg's peer, where they do not leave as they come.
    pub(crate) packet_times: [Option<Box<PacketTime>>; 2],
    /// Whether RTCP of one side is true for what the other side hears.
    passes_control: bool,
    /// Whether reports are made where a side makes none.
    makes_reports: bool,
    tos: u8,
    pub(crate) observer: CallObserver,
    host: CallHost,
    pub(crate) attached: Option<Box<Attachments>>,
    timing: OneIn,
    started_ns: u64,
    last_media_ns: u64,
    reviewed_ns: u64,
}

/// What a call needs of the relay that it is part of.
#[derive(Clone, Debug)]
pub(crate) struct CallHost {
    events: Arc<EventQueue>,
    probe: Option<AllocationProbe>,
    time_one_in: u32,
    review_ns: u64,
}

impl CallHost {
    pub(crate) fn new(config: &RelayConfig, events: Arc<EventQueue>) -> Self {
        let review_ns = config.review_interval.as_nanos() as u64;
        Self { events, probe: config.allocation_probe, time_one_in: config.time_one_in, review_ns }
    }
}

impl Call {
    pub(crate) fn new(
        id: u64,
        dialog: DialogId,
        legs: [Leg; 2],
        media: &MediaConfig,
        observer: CallObserver,
        host: CallHost,
        now_ns: u64,
    ) -> Self {
        let watches = media.legs.each_ref().map(StreamWatch::new);
        let timing = OneIn::new(host.time_one_in);
        let mut call = Self {
            id,
            dialog,
            legs,
            watches,
            packet_times: [None, None],
            passes_control: false,
            makes_reports: false,
            tos: 0,
            observer,
            attached: None,
            host,
            timing,
            started_ns: now_ns,
            last_media_ns: now_ns,
            reviewed_ns: now_ns,
        };
        call.agree(media);
        call
    }

    /// Goes on as `media` says, peers and sessions apart.
    pub(crate) fn agree(&mut self, media: &MediaConfig) {
        self.passes_control = media.identity == StreamIdentity::Sender && !media.is_cut();
        self.makes_reports = media.reports || media.is_cut();
        for (packet_time, leg) in self.packet_times.iter_mut().zip(&media.legs) {
            // The controller has checked that there can be one.
            let another = || leg.packet_time().ok().flatten().map(Box::new);
            let makes =
                |old: &PacketTime| leg.packet_ms.is_some_and(|ms| old.makes(leg.format.payload_type, ms));
            *packet_time = packet_time.take().filter(|old| makes(old)).or_else(another);
        }
        for (watch, leg) in self.watches.iter_mut().zip(&media.legs) {
            watch.reconfigure(leg);
        }
        if std::mem::replace(&mut self.tos, media.tos) != media.tos {
            self.legs.iter().for_each(|leg| leg.set_tos(media.tos));
        }
    }

    /// Passes on the datagram that waits at a channel of leg `from`, if it is one to pass on. Returns the
    /// source that the leg's media latched to with it, if it did.
    pub(crate) fn forward(
        &mut self,
        from: LegId,
        channel: Channel,
        buffer: &mut PacketBuffer,
        clock: &mut WorkClock,
    ) -> Option<SocketAddr> {
        self.counting_allocations(from, |call| call.receive(from, channel, buffer, clock))
    }

    /// Does `work`, and counts what it allocates as `leg`'s where that is asked for.
    pub(crate) fn counting_allocations<T>(&mut self, leg: LegId, work: impl FnOnce(&mut Self) -> T) -> T {
        let Some(probe) = self.host.probe else { return work(self) };
        let before = probe();
        let result = work(self);
        let allocations = probe().saturating_sub(before);
        self.observer.counters.legs[leg.index()].allocations.add(allocations);
        result
    }

    fn receive(
        &mut self,
        from: LegId,
        channel: Channel,
        buffer: &mut PacketBuffer,
        clock: &mut WorkClock,
    ) -> Option<SocketAddr> {
        let counters = &self.observer.counters;
        // What is refused here was sent here, and so came from the other leg.
        let refused = &counters.legs[from.other().index()].refused;
        let (length, source) = self.legs[from.index()].socket(channel).receive(buffer, refused)?;
        let counted = &counters.legs[from.index()];
        let received_ns = clock.latest_ns();
        let is_control = channel == Channel::Rtcp || control::is_control(&buffer[..length]);
        if is_control { &counted.control_received } else { &counted.received }.add(1);
        if length > MAX_DATAGRAM {
            counted.count_drop(DropReason::DatagramTooLong);
            None
        } else if is_control {
            self.pass_control(from, channel, &mut buffer[..length], source, received_ns);
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
        clock: &mut WorkClock,
    ) -> Option<SocketAddr> {
        let counters = &*self.observer.counters;
        let counted = &counters.legs[from.index()];
        let (ingress, egress) = two_sides(&mut self.legs, from);
        if !ingress.peer.accepts(source, received_ns) {
            counted.count_drop(DropReason::WrongSource);
            return None;
        }
        let Some(datagram) = ingress.open(datagram, false) else {
            counted.count_drop(DropReason::Unauthenticated);
            return None;
        };
        let numbers = Numbers::of(datagram);
        // A packet that is refused here is counted by the session, with its reason.
        let timed_from_ns = self.timing.is_next().then(|| clock.look());
        let mut packet = ingress.session.process_packet(datagram, clock.inner()).ok()?;
        self.last_media_ns = received_ns;
        let (watch, gauges) = (&mut self.watches[from.index()], &counted.watched);
        if let Some(report) = watch.note(&numbers, packet.payload(), packet.packet(), received_ns, gauges) {
            let dialog = self.dialog.clone();
            self.host.events.publish(RelayEvent::Key { dialog, leg: from, report });
        }
        if watch.is_key(&numbers) && gauges.keys_blocked.load(Ordering::Relaxed) {
            counted.count_drop(DropReason::KeyBlocked);
            return ingress.confirm(source).then_some(source);
        }
        if let Some(attached) = &mut self.attached
            && !attached.pass(from, &mut packet, egress.peer.destination(), received_ns)
        {
            counted.count_drop(DropReason::PlayedOver);
            return ingress.confirm(source).then_some(source);
        }

        match egress.peer.destination() {
            None => counted.count_drop(DropReason::NoDestination),
            Some(destination) => {
                // What this peer is about to hear is what may come back from it as echo.
                egress.session.render_egress(&packet);
                let mut send = |packet: &[u8]| {
                    if egress.send_media(packet, destination, &counted.refused) {
                        counted.passed.add(1);
                    } else {
                        counted.count_drop(DropReason::SendFailed);
                    }
                };
                match &mut self.packet_times[from.other().index()] {
                    None => send(packet.packet()),
                    Some(packet_time) => packet_time.push(&packet, send),
                }
                if let Some(from_ns) = timed_from_ns {
                    counters.latency.record(clock.look() - from_ns);
                }
            }
        }
        if let Some(speaks) = watch.note_speech(ingress.session.report()) {
            let dialog = self.dialog.clone();
            self.host.events.publish(RelayEvent::Speech { dialog, leg: from, speaks });
        }
        ingress.confirm(source).then_some(source)
    }

    fn pass_control(
        &mut self,
        from: LegId,
        channel: Channel,
        datagram: &mut [u8],
        source: SocketAddr,
        received_ns: u64,
    ) {
        let passed = self.try_control(from, channel, datagram, source, received_ns);
        let counted = &self.observer.counters.legs[from.index()];
        match passed {
            Ok(()) => counted.control_passed.add(1),
            Err(reason) => counted.count_drop(reason),
        }
    }

    fn try_control(
        &mut self,
        from: LegId,
        channel: Channel,
        datagram: &mut [u8],
        source: SocketAddr,
        received_ns: u64,
    ) -> Result<(), DropReason> {
        if !self.passes_control {
            return Err(DropReason::ForeignControl);
        }
        let (ingress, egress) = two_sides(&mut self.legs, from);
        if !ingress.accepts_control(channel, source, received_ns) {
            return Err(DropReason::WrongSource);
        }
        let packet = ingress.open(datagram, true).ok_or(DropReason::Unauthenticated)?;
        if !control::is_compound(packet) {
            return Err(DropReason::MalformedControl);
        }
        ingress.confirm_control(source);
        let counted = &self.observer.counters.legs[from.index()];
        let (own, other) = two_sides(&mut self.watches, from);
        read_reports(packet, own, other, received_ns, &counted.watched);
        let sent = egress.send_control(packet, &counted.refused).ok_or(DropReason::NoDestination)?;
        if sent { Ok(()) } else { Err(DropReason::SendFailed) }
    }

    /// Looks at how the streams are, once in each interval, and makes reports where they are wanted.
    pub(crate) fn review(&mut self, now_ns: u64) {
        if now_ns.saturating_sub(self.reviewed_ns) < self.host.review_ns {
            return;
        }
        self.reviewed_ns = now_ns;
        for leg in LegId::ALL {
            let counters = &self.observer.counters;
            let counted = &counters.legs[leg.index()];
            let (own, other) = two_sides(&mut self.watches, leg);
            if let Some(stream) = own.review(&counted.watched) {
                let dialog = self.dialog.clone();
                self.host.events.publish(RelayEvent::Quality { dialog, leg, stream });
            }
            if !self.makes_reports {
                continue;
            }
            let (mut buffer, patience) = (ReportBuffer::default(), 2 * self.host.review_ns);
            let heard_after = self.passes_control.then(|| now_ns.saturating_sub(patience));
            if let Some(report) = generated_report(own, other, heard_after, now_ns, &mut buffer)
                && self.legs[leg.index()].send_control(report, &counters.legs[leg.other().index()].refused)
                    == Some(true)
            {
                counted.control_made.add(1);
            }
        }
    }

    /// Since when neither leg has sent a valid packet, as heard by who listens since `present_ns`.
    pub(crate) fn silent_since(&self, present_ns: u64) -> u64 {
        self.last_media_ns.max(present_ns)
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

/// What belongs to the leg that a packet comes from, and to the one it goes to.
pub(crate) fn two_sides<T>(legs: &mut [T; 2], from: LegId) -> (&mut T, &mut T) {
    let [a, b] = legs;
    match from {
        LegId::A => (a, b),
        LegId::B => (b, a),
    }
}
