//! The thread that carries calls: waits for packets, passes them on, ends what has fallen silent.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::ops::{ControlFlow, RangeInclusive};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender};
use mc_engine::{Clock, MediaSession};

use crate::attach::Attachment;
use crate::beat::Beat;
use crate::call::Call;
use crate::leg::{Channel, ControlPeer, MAX_DATAGRAM, PacketBuffer};
use crate::peer::Peer;
use crate::poller::{Poller, Reports};
use crate::registry::Registry;
use crate::{CallTotals, EndReason, LegId, MediaConfig, MonotonicClock, RelayEvent};

/// Bounds of how often silent calls are looked for: a quarter of the timeout, within these.
const SWEEP_EVERY: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(1);

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
    pub(crate) remote: Option<Option<SocketAddr>>,
    pub(crate) control: Option<ControlPeer>,
    pub(crate) session: Option<MediaSession>,
}

/// A worker's state, on its own thread.
pub(crate) struct Worker {
    poller: Arc<Poller>,
    commands: Receiver<Command>,
    registry: Arc<Registry>,
    calls: HashMap<u64, Box<Call>>,
    buffer: Box<PacketBuffer>,
    beat: Beat,
    clock: MonotonicClock,
    timeout: Duration,
    /// How calls end that are left when the worker does: a fault, unless it is told to stop.
    leftover: EndReason,
}

impl Worker {
    pub(crate) fn new(
        poller: Arc<Poller>,
        commands: Receiver<Command>,
        registry: Arc<Registry>,
        clock: MonotonicClock,
        timeout: Duration,
    ) -> Self {
        let buffer = Box::new([0; MAX_DATAGRAM + 1]);
        let (calls, beat, leftover) = (HashMap::new(), Beat::default(), EndReason::Failed);
        Self { poller, commands, registry, calls, buffer, beat, clock, timeout, leftover }
    }

    /// Carries calls until it is told to shut down. Calls that are left then end with `self`.
    pub(crate) fn run(mut self) {
        let sweep_every = (self.timeout / 4).clamp(*SWEEP_EVERY.start(), *SWEEP_EVERY.end());
        let mut next_sweep_ns = 0u64;
        let mut reports = Reports::new();
        loop {
            let next_ns = next_sweep_ns.min(self.beat.next_ns());
            let until_next = Duration::from_nanos(next_ns.saturating_sub(self.clock.now_ns()));
            match self.take_turn(&mut reports, until_next) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return,
                Err(error) => {
                    tracing::error!(%error, "a worker can no longer wait for packets");
                    return;
                }
            }
            let now_ns = self.clock.now_ns();
            if now_ns >= self.beat.next_ns() {
                self.play(now_ns);
            }
            if now_ns >= next_sweep_ns {
                self.calls.values_mut().for_each(|call| call.review(now_ns));
                self.end_silent(now_ns);
                next_sweep_ns = now_ns + sweep_every.as_nanos() as u64;
            }
        }
    }

    /// Waits for something to do, and does it. However many packets a peer sends, it gets one turn like
    /// everybody: one packet of each socket that has any, then the next round.
    fn take_turn(&mut self, reports: &mut Reports, timeout: Duration) -> io::Result<ControlFlow<()>> {
        let woken = self.poller.wait(reports, timeout)?;
        for token in reports.tokens() {
            self.forward(token);
        }
        Ok(if woken { self.obey() } else { ControlFlow::Continue(()) })
    }

    fn forward(&mut self, token: u64) {
        let (id, leg, channel) = parts(token);
        let Some(call) = self.calls.get_mut(&id) else { return };
        // A fault of ours in one call must not take the others down. The call is given up with
        // whatever state the panic left it in.
        let forwarded =
            catch_unwind(AssertUnwindSafe(|| call.forward(leg, channel, &mut self.buffer, &self.clock)));
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
                            self.beat.join(id, self.clock.now_ns());
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
        Ok(())
    }

    fn end_silent(&mut self, now_ns: u64) {
        let timeout_ns = self.timeout.as_nanos() as u64;
        // Collecting none allocates nothing.
        let silent: Vec<u64> = self
            .calls
            .values()
            .filter(|call| call.is_silent(now_ns, timeout_ns))
            .map(|call| call.id)
            .collect();
        for id in silent {
            self.end(id, EndReason::TimedOut);
        }
    }

    /// Ends a call: its sockets are closed and its ports given back before anyone is told.
    fn end(&mut self, id: u64, reason: EndReason) -> Option<CallTotals> {
        let call = self.calls.remove(&id)?;
        let totals = call.totals(reason, self.clock.now_ns());
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
        if let Some(remote) = update.remote {
            changed.peer = Peer::new(remote);
        }
        if let Some(control) = update.control {
            changed.control = control;
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
    use std::net::UdpSocket;

    use crossbeam::channel::bounded;
    use mc_engine::{MediaEngine, MediaEngineConfig, MediaSessionParams};

    use super::*;
    use crate::call::CallHost;
    use crate::counters::CallObserver;
    use crate::events::EventQueue;
    use crate::leg::Leg;
    use crate::ports::PortPool;
    use crate::{LegConfig, RelayConfig};

    const LONG: Duration = Duration::from_secs(60);

    fn worker() -> Worker {
        let registry = Arc::new(Registry::new(Arc::new(EventQueue::new(bounded(1).0))));
        let poller = Arc::new(Poller::new().unwrap());
        Worker::new(poller, bounded(1).1, registry, MonotonicClock::new(), LONG)
    }

    /// A call between `telephone` and itself.
    fn call_of(id: u64, telephone: &UdpSocket) -> (Box<Call>, CallObserver) {
        let engine = MediaEngine::new(MediaEngineConfig::default()).unwrap();
        let pool = PortPool::new(15_800..=15_899);
        let address = telephone.local_addr().unwrap();
        let legs = LegId::ALL.map(|_| {
            let session = engine.create_media_session(MediaSessionParams::default()).unwrap();
            Leg::new(&LegConfig::to(address), session, pool.bind(address.ip()).unwrap())
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
        let addresses =
            LegId::ALL.map(|leg| call.legs[leg.index()].socket(Channel::Rtp).local_addr().unwrap());
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
