//! The control side of a session, for any thread.

use std::sync::Arc;

use crate::shared::SessionShared;
use crate::{
    AudioProcessingConfig, AudioStatus, EndpointStatus, EngineError, MediaMetrics, MediaSessionId,
    ProcessorStates,
};

/// Watches and steers a session from any thread, through atomics: the session never waits for it. It may
/// outlive the session.
#[derive(Clone, Debug)]
pub struct MediaSessionHandle {
    shared: Arc<SessionShared>,
}

impl MediaSessionHandle {
    pub(crate) const fn new(shared: Arc<SessionShared>) -> Self {
        Self { shared }
    }

    /// The session's number.
    #[must_use]
    pub fn id(&self) -> MediaSessionId {
        self.shared.id
    }

    /// Replaces what comes from the leg (of an endpoint, its [near end](crate::NearEnd)) by silence, from the next packet
    /// on, or lets it through again. The stream of packets goes on, and so do the processors.
    pub fn set_muted(&self, muted: bool) {
        self.shared.set_muted(muted);
    }

    /// Whether the leg is muted.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.shared.is_muted()
    }

    /// Ends the session's work for good: it drops every packet from now on, and whoever owns it sees
    /// [`MediaSession::is_active`](crate::MediaSession::is_active), or an endpoint's, turn false and can let go of it.
    pub fn stop(&self) {
        self.shared.deactivate();
    }

    /// Whether the session works: neither stopped nor gone.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.shared.is_active()
    }

    /// What the session has done so far. Allocates.
    #[must_use]
    pub fn metrics(&self) -> MediaMetrics {
        self.shared.metrics()
    }

    /// What the processors said of the latest frame.
    #[must_use]
    pub fn audio(&self) -> AudioStatus {
        self.shared.audio()
    }

    /// How good the call is, of a leg that ends here; `None` for one that is relayed.
    #[must_use]
    pub fn endpoint(&self) -> Option<EndpointStatus> {
        self.shared.endpoint_status()
    }

    /// What stands in the place of each processor.
    #[must_use]
    pub fn processors(&self) -> ProcessorStates {
        self.shared.monitor.states()
    }

    /// The settings that the session was last given here, or else began with.
    #[must_use]
    pub fn processing(&self) -> AudioProcessingConfig {
        self.shared.processing()
    }

    /// Goes over to other processors with the next packet: its audio fades from what the old ones make of it to
    /// what the new ones do. A processor whose settings stay the same goes on with what it has learnt, unless it
    /// was given up: that one is tried again. `processing` goes before what the session and the engine say, as
    /// when the session began.
    ///
    /// Processors are made and freed here, not on the packet path. Of two changes between two packets only the
    /// later one happens. May wait for other calls of this on the same session, never for the session.
    ///
    /// # Errors
    /// [`EngineError::Config`] when a field is out of range or a processor cannot be made, and
    /// [`EngineError::Ended`] when the session has ended; nothing changes then.
    pub fn reconfigure(&self, processing: AudioProcessingConfig) -> Result<(), EngineError> {
        self.shared.reconfigure(processing)
    }
}
