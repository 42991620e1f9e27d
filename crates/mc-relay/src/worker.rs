//! The thread that carries calls: waits for packets, passes them on, ends what has fallen silent.

use std::collections::HashMap;
use std::io;
use std::ops::{ControlFlow, RangeInclusive};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender};
use mc_engine::MediaSession;

use crate::attach::Attachment;
use crate::beat::Beat;
use crate::call::Call;
use crate::clock::WorkClock;
use crate::leg::{Channel, ControlPeer, MAX_DATAGRAM, PacketBuffer};
use crate::load::LoadMeter;
use crate::peer::Peer;
use crate::poller::{Poller, Reports};
use crate::registry::Registry;
use crate::secure::SecureMedia;
use crate::{CallTotals, EndReason, LegId, MediaConfig, RelayEvent};

/// Bounds of how often silent calls are looked for: a quarter of the timeout, within these.
const SWEEP_EVERY: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(1);

/// How late a sweep may come until it is not the scheduler's doing any more.
const LONGEST_STALL: Duration = Duration::from_secs(2);

/// What the controller asks of a worker. Each is answered over its own channel; a channel that closes
/// without an answer means that the call is not here.
pub(crate) enum Command {
    Start {
        call: Box<Call>,
        reply: Sender<io::Result<()>>,
    },
    Update {
        id: u64,
        update: Box<CallUpdate>,
        reply: Sender<()>,
    },
    Attach {
        id: u64,
        change: Attachment,
        reply: Sender<()>,
    },
    Stop {
        id: u64,
        reply: Sender<CallTotals>,
    },
    Ping {
        reply: Sender<()>,
    },
    /// A fault of ours.
    #[cfg(test)]
    Panic {
        _reply: Sender<()>,
    },
    Shutdown,
}

/// What changes of a call: nothing where there is `None`.
#[derive(Default)]
pub(crate) struct CallUpdate {
    pub(crate) legs: [LegUpdate; 2],
    pub(crate) media: Option<MediaConfig>,
}

/// What changes of one leg.
#[derive(Default)]
pub(crate) struct LegUpdate {
    pub(crate) peer: Option<Peer>,
    pub(crate) control: Option<ControlPeer>,
    pub(crate) session: Option<MediaSession>,
    /// Other keys, or none any more.
    pub(crate) secure: Option<Option<Box<SecureMedia>>>,
}

/// A worker's state, on its own thread.
pub(crate) struct Worker {
    poller: Arc<Poller>,
    commands: Receiver<Command>,
    registry: Arc<Registry>,
    calls: HashMap<u64, Box<Call>>,
    buffer: Box<PacketBuffer>,
    beat: Beat,
    clock: WorkClock,
    meter: LoadMeter,
    timeout: Duration,
    /// Since when it has been at work without a break.
    present_ns: u64,
    next_sweep_ns: u64,
    /// How calls end that are left when the worker does: a fault, unless it is told to stop.
    leftover: EndReason,
}

impl Worker {
    pub(crate) fn new(
        poller: Arc<Poller>,
        commands: Receiver<Command>,
        registry: Arc<Registry>,
        clock: WorkClock,
        meter: LoadMeter,
        timeout: Duration,
    ) -> Self {
        let buffer = Box::new([0; MAX_DATAGRAM + 1]);
        let (calls, beat, leftover) = (HashMap::new(), Beat::default(), EndReason::Failed);
        let now_ns = clock.latest_ns();
        let (present_ns, next_sweep_ns) = (now_ns, now_ns);
        Self {
            poller,
            commands,
            registry,
            calls,
            buffer,
            beat,
            clock,
            meter,
            timeout,
            present_ns,
            next_sweep_ns,
            leftover,
        }
    }

    /// Carries calls until it is told to shut down. Calls that are left then end with `self`.
    pub(crate) fn run(mut self) {
        let mut reports = Reports::new();
        loop {
            let next_ns = self.next_sweep_ns.min(self.beat.next_ns());
            let until_next = Duration::from_nanos(next_ns.saturating_sub(self.clock.latest_ns()));
            match self.take_turn(&mut reports, until_next) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return,
                Err(error) => {
                    tracing::error!(%error, "a worker can no longer wait for packets");
                    return;
                }
            }
            if self.clock.latest_ns() >= self.beat.next_ns() {
                self.play(self.clock.latest_ns());
            }
            self.sweep();
        }
    }

    /// Looks after all calls, when it is time to.
    fn sweep(&mut self) {
        let now_ns = self.clock.latest_ns();
        let Some(late_ns) = now_ns.checked_sub(self.next_sweep_ns) else { return };
        if late_ns > LONGEST_STALL.as_nanos() as u64 {
            // The machine or this process stood still: what was silent meanwhile was not heard either.
            self.present_ns = now_ns;
        }
        self.calls.values_mut().for_each(|call| call.review(now_ns));
        self.end_silent(now_ns);
        let every = (self.timeout / 4).clamp(*SWEEP_EVERY.start(), *SWEEP_EVERY.end());
        self.next_sweep_ns = now_ns + every.as_nanos() as u64;
    }

    /// Waits for something to do, and does it. However many packets a peer sends, it gets one turn like
    /// everybody: one packet of each socket that has any, then the next round.
    fn take_turn(&mut self, reports: &mut Reports, timeout: Duration) -> io::Result<ControlFlow<()>> {
        let woken = self.poller.wait(reports, timeout)?;
        let woken_ns = self.clock.look();
        for token in reports.tokens() {
            self.forward(token);
        }
        self.meter.worked(woken_ns, self.clock.look());
        Ok(if woken { self.obey() } else { ControlFlow::Continue(()) })
    }

    fn forward(&mut self, token: u64) {
        let (id, leg, channel) = parts(token);
        let Some(call) = self.calls.get_mut(&id) else { return };
        // A fault of ours in one call must not take the others down. The call is given up with
        // whatever state the panic left it in.
        let forwarded =
            catch_unwind(AssertUnwindSafe(|| call.forward(leg, channel, &mut self.buffer, &mut self.clock)));
        match forwarded {
            Ok(None) => {}
            Ok(Some(source)) => {
                self.registry.publish(RelayEvent::Latched { dialog: call.dialog.clone(), leg, source });
            }
            Err(_) => {
                self.end(id, EndReason::Failed);
            }
        }
    }

    /// Sends what is played to peers, for each beat that is due.
    #[cold]
    fn play(&mut self, now_ns: u64) {
        let mut beat = std::mem::take(&mut self.beat);
        beat.strike(now_ns, |id, beat_ns| {
            let Some(call) = self.calls.get_mut(&id) else { return false };
            let played = catch_unwind(AssertUnwindSafe(|| call.play(beat_ns, &mut self.buffer)));
            played.unwrap_or_else(|_| {
                self.end(id, EndReason::Failed);
                false
            })
        });
        self.beat = beat;
    }

    /// Does what the controller asked for.
    fn obey(&mut self) -> ControlFlow<()> {
        // An answer that nobody waits for any more is lost, which is all right.
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Start { call, reply } => {
                    let _ = reply.send(self.start(call));
                }
                Command::Update { id, update, reply } => {
                    if let Some(call) = self.calls.get_mut(&id) {
                        change(call, *update);
                        let _ = reply.send(());
                    }
                }
                Command::Attach { id, change, reply } => {
                    if let Some(call) = self.calls.get_mut(&id) {
                        if call.attach(change) {
                            self.beat.join(id, self.clock.latest_ns());
                        }
                        let _ = reply.send(());
                    }
                }
                Command::Stop { id, reply } => {
                    if let Some(totals) = self.end(id, EndReason::Stopped) {
                        let _ = reply.send(totals);
                    }
                }
                Command::Ping { reply } => {
                    let _ = reply.send(());
                }
                #[cfg(test)]
                Command::Panic { .. } => panic!("as the test asked for"),
                Command::Shutdown => {
                    self.leftover = EndReason::Stopped;
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn start(&mut self, call: Box<Call>) -> io::Result<()> {
        for leg in LegId::ALL {
            for channel in Channel::ALL {
                let socket = call.legs[leg.index()].socket(channel);
                self.poller.add(socket, token(call.id, leg, channel))?;
            }
        }
        self.calls.insert(call.id, call);
        self.meter.expect_call();
        self.meter.count_calls(self.calls.len());
        Ok(())
    }

    fn end_silent(&mut self, now_ns: u64) {
        let timeout_ns = self.timeout.as_nanos() as u64;
        // Collecting none allocates nothing.
        let silent: Vec<u64> = self
            .calls
            .values()
            .filter(|call| call.silent_since(self.present_ns) + timeout_ns <= now_ns)
            .map(|call| call.id)
            .collect();
        for id in silent {
            self.end(id, EndReason::TimedOut);
        }
    }

    /// Ends a call: its sockets are closed and its ports given back before anyone is told.
    fn end(&mut self, id: u64, reason: EndReason) -> Option<CallTotals> {
        let call = self.calls.remove(&id)?;
        self.meter.count_calls(self.calls.len());
        let totals = call.totals(reason, self.clock.look());
        for leg in &call.legs {
            for channel in Channel::ALL {
                // Closing a socket removes it as well, unless a child process has inherited it.
                let _ = self.poller.remove(leg.socket(channel));
            }
        }
        drop(call);
        self.registry.end(&totals);
        Some(totals)
    }
}

impl Drop for Worker {
    /// Ends what is left, also when the thread unwinds.
    fn drop(&mut self) {
        let left: Vec<u64> = self.calls.keys().copied().collect();
        for id in left {
            self.end(id, self.leftover);
        }
    }
}

/// Changes a call between two packets.
fn change(call: &mut Call, update: CallUpdate) {
    for (leg, update) in LegId::ALL.into_iter().zip(update.legs) {
        let changed = &mut call.legs[leg.index()];
        if let Some(peer) = update.peer {
            changed.await_peer(peer);
        }
        if let Some(control) = update.control {
            changed.await_control(control);
        }
        if let Some(mut secure) = update.secure {
            if let (Some(secure), Some(before)) = (&mut secure, &mut changed.secure) {
                secure.follow(before);
            }
            changed.secure = secure;
        }
        if let Some(session) = update.session {
            call.observer.replace_session(leg, session.handle());
            changed.session = session;
        }
    }
    if let Some(media) = update.media {
        call.agree(&media);
    }
}

/// The poller's name for one socket of a call.
const fn token(id: u64, leg: LegId, channel: Channel) -> u64 {
    id * 4 + leg.index() as u64 * 2 + channel as u64
}

const fn parts(token: u64) -> (u64, LegId, Channel) {
    let leg = if token & 2 == 0 { LegId::A } else { LegId::B };
    let channel = if token & 1 == 0 { Channel::Rtp } else { Channel::Rtcp };
    (token / 4, leg, channel)
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, UdpSocket};

    use crossbeam::channel::bounded;
    use mc_engine::{MediaEngine, MediaEngineConfig, MediaSessionParams};

    use super::*;
    use crate::call::CallHost;
    use crate::counters::CallObserver;
    use crate::events::EventQueue;
    use crate::leg::{Leg, peers_of};
    use crate::ports::PortPool;
    use crate::{LegConfig, MonotonicClock, RelayConfig};

    const LONG: Duration = Duration::from_secs(60);

    fn worker() -> Worker {
        let registry = Arc::new(Registry::new(Arc::new(EventQueue::new(bounded(1).0))));
        let poller = Arc::new(Poller::new().unwrap());
        let meter = LoadMeter::new(Arc::default(), 0);
        Worker::new(poller, bounded(1).1, registry, WorkClock::new(MonotonicClock::new()), meter, LONG)
    }

    /// A call between `telephone` and itself.
    fn call_of(id: u64, telephone: &UdpSocket) -> (Box<Call>, CallObserver) {
        let engine = MediaEngine::new(MediaEngineConfig::default()).unwrap();
        let pool = PortPool::new(15_800..=15_899);
        let address = telephone.local_addr().unwrap();
        let legs = LegId::ALL.map(|_| {
            let session = engine.create_media_session(MediaSessionParams::default()).unwrap();
            let peers = peers_of(&LegConfig::to(address), Duration::ZERO, 0);
            Leg::new(peers, session, None, pool.bind(address.ip()).unwrap())
        });
        let observer = CallObserver::new([legs[0].session.handle(), legs[1].session.handle()]);
        let host = CallHost::new(&RelayConfig::default(), Arc::new(EventQueue::new(bounded(1).0)));
        let media = MediaConfig::default();
        let call = Call::new(id, "test".into(), legs, &media, observer.clone(), host, 0);
        (Box::new(call), observer)
    }

    #[test]
    fn a_socket_gets_one_packet_a_turn() {
        let telephone = UdpSocket::bind("127.0.0.1:0").unwrap();
        let mut worker = worker();
        let (call, observer) = call_of(5, &telephone);
        let addresses = LegId::ALL.map(|leg| {
            let socket = call.legs[leg.index()].socket(Channel::Rtp);
            SocketAddr::try_from(rustix::net::getsockname(socket).unwrap()).unwrap()
        });
        worker.start(call).unwrap();
        for _ in 0..3 {
            telephone.send_to(&[0; 20], addresses[0]).unwrap();
        }
        telephone.send_to(&[0; 20], addresses[1]).unwrap();
        let mut reports = Reports::new();
        for expected in [[1, 1], [2, 1], [3, 1]] {
            assert!(worker.take_turn(&mut reports, LONG).unwrap().is_continue());
            let metrics = observer.metrics();
            assert_eq!(LegId::ALL.map(|leg| metrics.leg(leg).packets_received), expected);
        }
    }

    #[test]
    fn a_token_names_its_call_leg_and_channel() {
        for id in [0, 1, 7, u64::MAX / 8] {
            for leg in LegId::ALL {
                for channel in Channel::ALL {
                    assert_eq!(parts(token(id, leg, channel)), (id, leg, channel));
                }
            }
        }
    }
}
