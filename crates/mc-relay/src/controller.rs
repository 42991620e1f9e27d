//! The control side: starts calls, stops them, and says how they are.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crossbeam::channel::{Receiver, bounded};
use mc_engine::{Clock, MediaEngine, MediaSessionHandle, MediaSessionParams};
use mc_rtp_pipeline::RtpPipelineConfig;

use crate::call::Call;
use crate::counters::CallObserver;
use crate::crew::WorkerHandle;
use crate::leg::Leg;
use crate::media::check_remote;
use crate::peer::Peer;
use crate::ports::PortPool;
use crate::random::random_u64;
use crate::registry::{CallEntry, Registry};
use crate::{
    CallMetrics, CallTotals, DialogId, LegId, MediaConfig, MediaSessionInfo, MonotonicClock, RelayConfig,
    RelayError, RelayEvent, RelayMetrics,
};

/// Carries calls: two legs each, over UDP, on worker threads of its own.
///
/// Every method may be called from any thread. Dropping the controller stops all calls, joins the
/// threads and frees the ports.
#[derive(Debug)]
pub struct MediaSessionController {
    config: RelayConfig,
    engine: MediaEngine,
    clock: MonotonicClock,
    ports: Arc<PortPool>,
    registry: Arc<Registry>,
    events: Receiver<RelayEvent>,
    workers: Vec<WorkerHandle>,
    next_id: AtomicU64,
}

impl MediaSessionController {
    /// A relay without calls. Starts the worker threads.
    ///
    /// # Errors
    /// [`RelayError::Config`] and [`RelayError::Engine`] for a configuration that is out of range,
    /// [`RelayError::System`] when the system refuses a thread or an epoll instance.
    pub fn new(config: RelayConfig) -> Result<Self, RelayError> {
        config.validate()?;
        let engine = MediaEngine::new(config.engine.clone())?;
        let clock = MonotonicClock::new();
        let (sender, events) = bounded(config.event_capacity);
        let registry = Arc::new(Registry::new(sender));
        let workers = (0..config.workers)
            .map(|index| WorkerHandle::spawn(index, Arc::clone(&registry), clock, config.media_timeout))
            .collect::<Result<_, _>>()?;
        let ports = PortPool::new(config.ports.clone());
        Ok(Self { config, engine, clock, ports, registry, events, workers, next_id: AtomicU64::new(0) })
    }

    /// Starts a call: binds a socket for each leg and carries media from now on.
    ///
    /// # Errors
    /// [`RelayError::DialogExists`]; [`RelayError::Remote`] and [`RelayError::AddressFamily`] for an
    /// address that cannot be sent to; [`RelayError::PortsExhausted`] and [`RelayError::Bind`] for the
    /// local side; [`RelayError::Engine`] for a leg whose processing is out of range.
    pub fn start_media(
        &self,
        dialog: impl Into<DialogId>,
        media: MediaConfig,
    ) -> Result<MediaSessionInfo, RelayError> {
        let dialog = dialog.into();
        if self.registry.find(&dialog).is_ok() {
            return Err(RelayError::DialogExists(dialog));
        }
        let (leg_a, address_a) = self.leg(&media, LegId::A)?;
        let (leg_b, address_b) = self.leg(&media, LegId::B)?;
        let legs = [leg_a, leg_b];
        let info = MediaSessionInfo::new(dialog.clone(), [address_a, address_b]);

        let observer = CallObserver {
            counters: Arc::default(),
            sessions: [legs[0].session.handle(), legs[1].session.handle()],
        };
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let worker = (id % self.workers.len() as u64) as usize;
        let entry = CallEntry { worker, id, local: info.local, observer: observer.clone() };
        self.registry.enter(&dialog, entry)?;
        let now_ns = self.clock.now_ns();
        let call = Call::new(id, dialog.clone(), legs, observer, self.config.allocation_probe, now_ns);
        if let Err(error) = self.workers[worker].start(call) {
            self.registry.withdraw(&dialog);
            return Err(error);
        }
        tracing::info!(%dialog, a = %address_a, b = %address_b, "call started");
        self.registry.publish(RelayEvent::Started(info.clone()));
        Ok(info)
    }

    /// Tells a call where the peer of one leg is: an address that arrives late, or a new one. The leg
    /// latches anew.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`]; [`RelayError::Remote`] and [`RelayError::AddressFamily`] for an
    /// address that cannot be sent to.
    pub fn announce(&self, dialog: &DialogId, leg: LegId, remote: SocketAddr) -> Result<(), RelayError> {
        let entry = self.registry.find(dialog)?;
        check_remote(leg, entry.local[leg.index()].ip(), remote)?;
        if self.workers[entry.worker].announce(entry.id, leg, remote)? {
            Ok(())
        } else {
            Err(RelayError::UnknownDialog(dialog.clone()))
        }
    }

    /// Ends a call, closes its sockets and frees its ports.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], also when the call has just ended by itself.
    pub fn stop_media(&self, dialog: &DialogId) -> Result<CallTotals, RelayError> {
        let entry = self.registry.find(dialog)?;
        let totals = self.workers[entry.worker].stop(entry.id)?;
        totals.ok_or_else(|| RelayError::UnknownDialog(dialog.clone()))
    }

    /// Ends every call and then the relay, and returns what there is to say about them.
    #[must_use = "the totals of calls that are still active"]
    pub fn shutdown(self) -> Vec<CallTotals> {
        // A call that ends by itself meanwhile is no longer there to be stopped.
        self.dialogs().iter().filter_map(|dialog| self.stop_media(dialog).ok()).collect()
    }

    /// The names of the calls that are carried, in no order.
    #[must_use]
    pub fn dialogs(&self) -> Vec<DialogId> {
        self.registry.dialogs()
    }

    /// Figures of a call so far.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn call_metrics(&self, dialog: &DialogId) -> Result<CallMetrics, RelayError> {
        Ok(self.registry.find(dialog)?.observer.metrics())
    }

    /// Figures of the relay, all calls since its start together.
    #[must_use]
    pub fn global_metrics(&self) -> RelayMetrics {
        self.registry.metrics()
    }

    /// The handle of one leg's media session: to mute it, for instance.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn session(&self, dialog: &DialogId, leg: LegId) -> Result<MediaSessionHandle, RelayError> {
        let [a, b] = self.registry.find(dialog)?.observer.sessions;
        Ok(match leg {
            LegId::A => a,
            LegId::B => b,
        })
    }

    /// The oldest event that was not fetched yet; waits up to `timeout` for one.
    #[must_use]
    pub fn next_event(&self, timeout: Duration) -> Option<RelayEvent> {
        self.events.recv_timeout(timeout).ok()
    }

    /// Binds and equips one leg; returns its local address too.
    fn leg(&self, media: &MediaConfig, leg: LegId) -> Result<(Leg, SocketAddr), RelayError> {
        let [own, other] = [&media.legs[leg.index()], &media.legs[leg.other().index()]];
        let local_ip = own.local_ip.unwrap_or(self.config.local_ip);
        if let Some(remote) = own.remote {
            check_remote(leg, local_ip, remote)?;
        }
        let numbers = random_u64();
        let rtp = RtpPipelineConfig::default()
            .with_ingress(own.format)
            .with_egress(other.format)
            .with_ssrc(random_u64() as u32)
            .with_first_sequence(numbers as u16)
            .with_first_timestamp((numbers >> 32) as u32);
        let mut params = MediaSessionParams::default().with_rtp(rtp);
        params.processing = own.processing.clone();
        let session = self.engine.create_media_session(params)?;
        let (socket, port) = self.ports.bind(local_ip)?;
        let address = SocketAddr::new(local_ip, port.port());
        Ok((Leg::new(Peer::new(own.remote), session, socket, port), address))
    }
}
