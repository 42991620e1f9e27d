//! The control side: starts calls, stops them, and says how they are.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, bounded};
use mc_engine::{
    AdvancedProcessorFactory, AudioProcessingConfig, Clock, MediaEngine, MediaSession, MediaSessionHandle,
    MediaSessionParams,
};
use mc_rtp_pipeline::RtpPipelineConfig;

use crate::attach::Attachment;
use crate::call::{Call, CallHost};
use crate::config::PAIRS_PER_CALL;
use crate::counters::CallObserver;
use crate::crew::{WorkerHandle, hire};
use crate::events::EventQueue;
use crate::leg::{ControlPeer, Leg, peers_of};
use crate::media::check_remote;
use crate::peer::Peer;
use crate::ports::PortPool;
use crate::random::random_u64;
use crate::registry::{CallEntry, Dialog, Registry};
use crate::secure::SecureMedia;
use crate::services::ServiceCounters;
use crate::worker::{CallUpdate, LegUpdate};
use crate::{
    CallMetrics, CallTotals, DialogId, LegConfig, LegId, MediaConfig, MediaSessionInfo, MonotonicClock,
    RelayConfig, RelayError, RelayEvent, RelayMetrics, Reservation,
};

/// Carries calls: two legs each, over UDP, on worker threads of its own. Processes the audio of dialogs that
/// applications carry themselves.
///
/// Every method may be called from any thread. Dropping the controller stops all calls, joins the
/// threads and frees the ports.
#[derive(Debug)]
pub struct MediaSessionController {
    config: RelayConfig,
    pub(crate) engine: MediaEngine,
    pub(crate) factory: AdvancedProcessorFactory,
    pub(crate) clock: MonotonicClock,
    ports: Arc<PortPool>,
    pub(crate) registry: Arc<Registry>,
    host: CallHost,
    events: Receiver<RelayEvent>,
    workers: Vec<WorkerHandle>,
    next_id: AtomicU64,
    services: ServiceCounters,
}

impl MediaSessionController {
    /// A relay without calls. Starts the worker threads.
    ///
    /// # Errors
    /// [`RelayError::Config`] and [`RelayError::Engine`] for a configuration that is out of range,
    /// [`RelayError::System`] when the system refuses a thread or an epoll instance.
    pub fn new(config: RelayConfig) -> Result<Self, RelayError> {
        Self::with_factory(config, AdvancedProcessorFactory::default())
    }

    /// A relay without calls whose processors of the second generation `factory` makes: the application's own in the
    /// place of ours.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_factory(config: RelayConfig, factory: AdvancedProcessorFactory) -> Result<Self, RelayError> {
        config.validate()?;
        let engine = MediaEngine::with_factory(config.engine.clone(), factory.clone())?;
        let clock = config.clock;
        let (sender, events) = bounded(config.event_capacity);
        let queue = Arc::new(EventQueue::new(sender));
        let host = CallHost::new(&config, Arc::clone(&queue));
        let registry = Arc::new(Registry::new(queue));
        let workers = hire(config.workers, &registry, clock, config.media_timeout)?;
        let ports = PortPool::new(config.ports.clone());
        let (next_id, services) = (AtomicU64::new(0), ServiceCounters::default());
        Ok(Self { config, engine, factory, clock, ports, registry, host, events, workers, next_id, services })
    }

    /// Starts a call: binds sockets for each leg and carries media from now on.
    ///
    /// # Errors
    /// Those of [`reserve`](Self::reserve) and [`start_reserved`](Self::start_reserved).
    pub fn start_media(
        &self,
        dialog: impl Into<DialogId>,
        media: MediaConfig,
    ) -> Result<MediaSessionInfo, RelayError> {
        self.start(dialog.into(), media, None)
    }

    /// Starts a call whose legs are processed by `processing` unless they bring their own.
    pub(crate) fn start(
        &self,
        dialog: DialogId,
        media: MediaConfig,
        processing: Option<AudioProcessingConfig>,
    ) -> Result<MediaSessionInfo, RelayError> {
        if self.registry.lookup(&dialog).is_ok() {
            return Err(RelayError::DialogExists(dialog));
        }
        let local_ips = LegId::ALL.map(|leg| media.legs[leg.index()].local_ip);
        self.start_on(dialog, self.reserve(local_ips)?, media, processing)
    }

    /// Binds sockets for a call to be, at these addresses or the [relay's](RelayConfig::local_ip).
    ///
    /// # Errors
    /// [`RelayError::Overloaded`], [`RelayError::PortsExhausted`] and [`RelayError::Bind`].
    pub fn reserve(&self, local_ips: [Option<IpAddr>; 2]) -> Result<Reservation, RelayError> {
        if self.is_overloaded() {
            return Err(RelayError::Overloaded { expected: self.expected_load() });
        }
        let [a, b] = local_ips.map(|local_ip| local_ip.unwrap_or(self.config.local_ip));
        let pairs = [self.ports.bind(a)?, self.ports.bind(b)?];
        let local = [SocketAddr::new(a, pairs[0].lease.port()), SocketAddr::new(b, pairs[1].lease.port())];
        Ok(Reservation { pairs, local })
    }

    /// Binds sockets for a call that another relay has carried, where it had them.
    ///
    /// # Errors
    /// [`RelayError::Bind`].
    pub(crate) fn reserve_at(&self, local: [SocketAddr; 2]) -> Result<Reservation, RelayError> {
        Ok(Reservation { pairs: [self.ports.bind_at(local[0])?, self.ports.bind_at(local[1])?], local })
    }

    /// Starts a call on sockets that are bound already. [`LegConfig::local_ip`](crate::LegConfig::local_ip)
    /// is not used.
    ///
    /// # Errors
    /// [`RelayError::DialogExists`]; [`RelayError::Remote`] and [`RelayError::AddressFamily`] for an
    /// address that cannot be sent to; [`RelayError::Config`] for a packet time that cannot be made,
    /// [`RelayError::Engine`] for a leg whose processing is out of range.
    pub fn start_reserved(
        &self,
        dialog: impl Into<DialogId>,
        reservation: Reservation,
        media: MediaConfig,
    ) -> Result<MediaSessionInfo, RelayError> {
        self.start_on(dialog.into(), reservation, media, None)
    }

    fn start_on(
        &self,
        dialog: DialogId,
        Reservation { pairs, local }: Reservation,
        mut media: MediaConfig,
        processing: Option<AudioProcessingConfig>,
    ) -> Result<MediaSessionInfo, RelayError> {
        check_legs(&media, local)?;
        media.complete(processing.as_ref());
        let sessions = [self.session_of(&media, LegId::A)?, self.session_of(&media, LegId::B)?];
        let observer = CallObserver::new([sessions[0].handle(), sessions[1].handle()]);
        let ([session_a, session_b], [pair_a, pair_b]) = (sessions, pairs);
        let [secure_a, secure_b] = media.legs.each_ref().map(secure_media);
        let [peers_a, peers_b] = media.legs.each_ref().map(|leg| self.peers_of(leg));
        let legs =
            [Leg::new(peers_a, session_a, secure_a, pair_a), Leg::new(peers_b, session_b, secure_b, pair_b)];
        let info = MediaSessionInfo::new(dialog.clone(), local);

        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let worker = self.idlest();
        let (host, now_ns) = (self.host.clone(), self.clock.now_ns());
        let call = Call::new(id, dialog.clone(), legs, &media, observer.clone(), host, now_ns);
        let entry = CallEntry { worker, id, local, media, processing, observer };
        self.registry.enter(&dialog, Dialog::Carried(Box::new(entry)))?;
        if let Err(error) = self.workers[worker].start(call) {
            self.registry.withdraw(&dialog);
            return Err(error);
        }
        tracing::info!(%dialog, a = %local[0], b = %local[1], "call started");
        self.registry.publish(RelayEvent::Started(info.clone()));
        Ok(info)
    }

    /// Changes a call that runs to what `media` says: another address, another codec, other processing.
    /// Ports stay, and so does everything that `media` says as before: a direction that does not change
    /// loses no packet, and a peer that stays where it was stays latched. Processors whose settings stay go on with
    /// what they have learnt, unless the codec changes.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`]; [`RelayError::Remote`],
    /// [`RelayError::AddressFamily`], [`RelayError::Config`] and [`RelayError::Engine`] as for a new call: then nothing
    /// has changed.
    pub fn update_media(&self, dialog: &DialogId, mut media: MediaConfig) -> Result<(), RelayError> {
        let entry = self.registry.find(dialog)?;
        check_legs(&media, entry.local)?;
        media.complete(entry.processing.as_ref());
        let mut update = CallUpdate { media: Some(media.clone()), ..CallUpdate::default() };
        for leg in LegId::ALL {
            let (old, new) = (&entry.media.legs[leg.index()], &media.legs[leg.index()]);
            let update = &mut update.legs[leg.index()];
            let (peer, control) = self.peers_of(new);
            let hosts = |leg: &LegConfig| (leg.behind_nat, leg.signalled_from, leg.asymmetric);
            let has_moved = (old.remote, hosts(old)) != (new.remote, hosts(new));
            let control_has_moved = (old.rtcp_mux, old.rtcp_address(), hosts(old))
                != (new.rtcp_mux, new.rtcp_address(), hosts(new));
            update.peer = has_moved.then_some(peer);
            update.control = control_has_moved.then_some(control);
            update.secure = (old.srtp != new.srtp).then(|| secure_media(new));
            if entry.media.stream_differs(&media, leg) {
                update.session = Some(self.session_of(&media, leg)?);
            }
        }
        self.reprocess(&entry, &media)?;
        if !self.workers[entry.worker].update(entry.id, update)? {
            return Err(RelayError::UnknownDialog(dialog.clone()));
        }
        self.registry.note(dialog, media);
        Ok(())
    }

    /// Tells a call where the peer of one leg is: an address that arrives late, or a new one. The leg
    /// latches anew, also when the address is the one it had.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`]; [`RelayError::Remote`] and [`RelayError::AddressFamily`] for an
    /// address that cannot be sent to.
    pub fn announce(&self, dialog: &DialogId, leg: LegId, remote: SocketAddr) -> Result<(), RelayError> {
        let CallEntry { worker, id, local, mut media, .. } = *self.registry.find(dialog)?;
        check_remote(leg, local[leg.index()].ip(), remote)?;
        let config = &mut media.legs[leg.index()];
        config.remote = Some(remote);
        let (peer, control) = self.peers_of(config);
        let mut update = CallUpdate::default();
        update.legs[leg.index()] =
            LegUpdate { peer: Some(peer), control: Some(control), ..LegUpdate::default() };
        if !self.workers[worker].update(id, update)? {
            return Err(RelayError::UnknownDialog(dialog.clone()));
        }
        self.registry.note(dialog, media);
        Ok(())
    }

    /// Ends a call, closes its sockets and frees its ports; or ends a dialog that the application carries. Its
    /// processors are freed.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], also when the call has just ended by itself.
    pub fn stop_media(&self, dialog: &DialogId) -> Result<CallTotals, RelayError> {
        match self.registry.lookup(dialog)? {
            Dialog::Carried(entry) => {
                let totals = self.workers[entry.worker].stop(entry.id)?;
                totals.ok_or_else(|| RelayError::UnknownDialog(dialog.clone()))
            }
            Dialog::Processed(audio) => {
                let totals = audio.totals(dialog.clone(), &self.clock);
                self.registry.end(&totals);
                Ok(totals)
            }
        }
    }

    /// Ends every call and then the relay, and returns what there is to say about them.
    #[must_use = "the totals of calls that are still active"]
    pub fn shutdown(self) -> Vec<CallTotals> {
        // A call that ends by itself meanwhile is no longer there to be stopped.
        self.dialogs().iter().filter_map(|dialog| self.stop_media(dialog).ok()).collect()
    }

    /// The names of the dialogs that run, in no order.
    #[must_use]
    pub fn dialogs(&self) -> Vec<DialogId> {
        self.registry.dialogs()
    }

    /// Figures of a call so far.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn call_metrics(&self, dialog: &DialogId) -> Result<CallMetrics, RelayError> {
        Ok(self.registry.lookup(dialog)?.metrics())
    }

    /// What a call is to be, as it was started or [updated](Self::update_media) last.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`].
    pub fn media_config(&self, dialog: &DialogId) -> Result<MediaConfig, RelayError> {
        Ok(self.registry.find(dialog)?.media)
    }

    /// Figures of the relay, all calls since its start together.
    #[must_use]
    pub fn global_metrics(&self) -> RelayMetrics {
        let (port_pairs_taken, port_pairs) = self.port_pairs();
        let services = self.services.metrics();
        RelayMetrics { port_pairs_taken, port_pairs, services, ..self.registry.metrics() }
    }

    /// Pairs of ports that are taken, and pairs that there are.
    pub(crate) fn port_pairs(&self) -> (usize, usize) {
        self.ports.use_of_pairs()
    }

    /// Attaches something to a call, or takes it off.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub(crate) fn attach(&self, dialog: &DialogId, change: Attachment) -> Result<(), RelayError> {
        let entry = self.registry.find(dialog)?;
        if self.workers[entry.worker].attach(entry.id, change)? {
            Ok(())
        } else {
            Err(RelayError::UnknownDialog(dialog.clone()))
        }
    }

    /// Where services beside the calls count.
    pub(crate) const fn services(&self) -> &ServiceCounters {
        &self.services
    }

    /// The clock that packets are stamped by.
    pub(crate) const fn clock(&self) -> &MonotonicClock {
        &self.clock
    }

    /// Whether every worker answers within `patience`: one that does not is stuck or gone, and so are its
    /// calls.
    #[must_use]
    pub fn workers_answer(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        self.workers.iter().all(|worker| worker.answers(deadline))
    }

    /// The share of a core's time that the worker which the next call would go to is going to need with the calls
    /// that it has and its share of those that are [reserved](Self::reserve): 0 to 1, above that it is overloaded. It
    /// is measured over about a second; calls too new to be in the measure are taken to cost what the others do.
    #[must_use]
    pub fn expected_load(&self) -> f32 {
        let reserved = (self.port_pairs().0 / PAIRS_PER_CALL).saturating_sub(self.calls());
        let promised = reserved as f32 / self.workers.len() as f32;
        self.workers.get(self.idlest()).map_or(0.0, |worker| worker.load().expected(promised))
    }

    /// Whether another call would be refused because the workers are busy.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.config.max_load.is_some_and(|most| self.expected_load() >= most)
    }

    /// Share of its time that each worker was busy lately, 0 to 1.
    #[must_use]
    pub fn worker_loads(&self) -> Vec<f32> {
        self.workers.iter().map(|worker| worker.load().busy()).collect()
    }

    /// Calls that the workers carry.
    fn calls(&self) -> usize {
        self.workers.iter().map(|worker| worker.load().calls()).sum()
    }

    /// The worker with the fewest calls.
    fn idlest(&self) -> usize {
        let calls = |&index: &usize| self.workers[index].load().calls();
        (0..self.workers.len()).min_by_key(calls).unwrap_or_default()
    }

    /// The handle of one leg's media session: to mute it, for instance.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`].
    pub fn session(&self, dialog: &DialogId, leg: LegId) -> Result<MediaSessionHandle, RelayError> {
        Ok(self.registry.find(dialog)?.observer.session(leg))
    }

    /// Drops the keys that a leg's peer presses (RFC 4733) from the next packet on, or passes them again. They are
    /// counted and told all the same. Asks for the [payload type](crate::LegConfig::telephone_event) of keys.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`].
    pub fn block_keys(&self, dialog: &DialogId, leg: LegId, blocked: bool) -> Result<(), RelayError> {
        let entry = self.registry.find(dialog)?;
        entry.observer.counters.legs[leg.index()].watched.keys_blocked.store(blocked, Ordering::Relaxed);
        Ok(())
    }

    /// The oldest event that was not fetched yet; waits up to `timeout` for one.
    #[must_use]
    pub fn next_event(&self, timeout: Duration) -> Option<RelayEvent> {
        self.events.recv_timeout(timeout).ok()
    }

    /// Who a leg belongs to from now on.
    fn peers_of(&self, leg: &LegConfig) -> (Peer, ControlPeer) {
        peers_of(leg, self.config.latch_after, self.clock.now_ns())
    }

    /// Goes over to the processing that `media` says where a leg's stream stays what it is.
    fn reprocess(&self, entry: &CallEntry, media: &MediaConfig) -> Result<(), RelayError> {
        let processing = |media: &MediaConfig, leg: LegId| {
            let own = media.legs[leg.index()].processing.as_ref();
            own.unwrap_or(&self.config.engine.processing).clone()
        };
        for leg in LegId::ALL {
            let (before, after) = (processing(&entry.media, leg), processing(media, leg));
            if before == after || entry.media.stream_differs(media, leg) {
                continue;
            }
            if let Err(error) = entry.observer.session(leg).reconfigure(after) {
                if leg == LegId::B {
                    let restored =
                        entry.observer.session(LegId::A).reconfigure(processing(&entry.media, LegId::A));
                    debug_assert!(restored.is_ok(), "what worked before works again");
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// A media session for what one leg's peer sends.
    fn session_of(&self, media: &MediaConfig, leg: LegId) -> Result<MediaSession, RelayError> {
        let [own, other] = [&media.legs[leg.index()], &media.legs[leg.other().index()]];
        let numbers = random_u64();
        let rtp = RtpPipelineConfig::default()
            .with_ingress(own.format)
            .with_egress(other.format)
            .with_passed(own.passed)
            .with_identity(media.identity)
            .with_ssrc(random_u64() as u32)
            .with_first_sequence(numbers as u16)
            .with_first_timestamp((numbers >> 32) as u32);
        let mut params = MediaSessionParams::default().with_rtp(rtp);
        params.audio_processing_config = own.processing.clone();
        Ok(self.engine.create_media_session(params)?)
    }
}

/// What protects a leg's media, where it is to be protected.
fn secure_media(leg: &LegConfig) -> Option<Box<SecureMedia>> {
    leg.srtp.as_ref().map(|keys| Box::new(SecureMedia::new(keys)))
}

fn check_legs(media: &MediaConfig, local: [SocketAddr; 2]) -> Result<(), RelayError> {
    for leg in LegId::ALL {
        let (config, local) = (&media.legs[leg.index()], local[leg.index()].ip());
        config.packet_time().map(drop).map_err(RelayError::Config)?;
        // What the port above would be is not asked for by name: without one there is no RTCP.
        for remote in [config.remote, config.rtcp].into_iter().flatten() {
            check_remote(leg, local, remote)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EndReason, LegConfig};

    #[test]
    fn a_worker_that_comes_down_is_replaced() {
        let config = RelayConfig::default().with_workers(1).with_local_ip([127, 0, 0, 1].into());
        let relay = MediaSessionController::new(config).unwrap();
        let media = || {
            let leg = LegConfig::to("127.0.0.1:9".parse().unwrap());
            MediaConfig::new(leg.clone(), leg)
        };
        let patience = Duration::from_secs(20);
        relay.start_media("before", media()).unwrap();
        relay.workers[0].bring_down();
        loop {
            match relay.next_event(patience).unwrap() {
                RelayEvent::Ended(totals) => {
                    assert_eq!(totals.reason, EndReason::Failed);
                    break;
                }
                event => assert!(matches!(event, RelayEvent::Started(_)), "{event:?}"),
            }
        }
        relay.start_media("after", media()).unwrap();
        assert!(relay.workers_answer(patience));
        let metrics = relay.global_metrics();
        assert_eq!((metrics.worker_restarts, metrics.failed_calls, metrics.active_calls), (1, 1, 1));
        assert_eq!(metrics.port_pairs_taken, 2);
    }
}
