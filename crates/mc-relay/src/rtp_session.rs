//! One leg of a call, as signalling sees it.

use std::net::SocketAddr;

use mc_engine::{AudioStatus, MediaSessionHandle, ProcessorStates};

use crate::{Clip, DialogId, LegId, LegMetrics, MediaSessionController, RelayError};

/// The RTP session of one leg of a call that the relay carries: what its peer sends and is sent.
///
/// Packets pass in the worker's own buffer, where they are decoded into a pooled frame, processed, and encoded again.
/// What is [transmitted](Self::transmit) in the place of the other side goes the same way, so that nobody allocates for
/// it either. This is a handle: the session ends with its call, and every method says so then.
#[derive(Clone, Debug)]
pub struct RtpSessionWrapper<'relay> {
    relay: &'relay MediaSessionController,
    dialog: DialogId,
    leg: LegId,
    local: SocketAddr,
}

impl MediaSessionController {
    /// The session of one leg of a call.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`].
    pub fn rtp_session(&self, dialog: &DialogId, leg: LegId) -> Result<RtpSessionWrapper<'_>, RelayError> {
        let local = self.registry.find(dialog)?.local[leg.index()];
        Ok(RtpSessionWrapper { relay: self, dialog: dialog.clone(), leg, local })
    }
}

impl RtpSessionWrapper<'_> {
    /// The call.
    #[must_use]
    pub const fn dialog(&self) -> &DialogId {
        &self.dialog
    }

    /// Which side of it.
    #[must_use]
    pub const fn leg(&self) -> LegId {
        self.leg
    }

    /// Where the peer sends to.
    #[must_use]
    pub const fn local_address(&self) -> SocketAddr {
        self.local
    }

    /// Replaces what the peer sends by silence, from the next packet on, or lets it through again.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn set_muted(&self, muted: bool) -> Result<(), RelayError> {
        self.handle()?.set_muted(muted);
        Ok(())
    }

    /// Whether the peer is muted.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn is_muted(&self) -> Result<bool, RelayError> {
        Ok(self.handle()?.is_muted())
    }

    /// Plays a tone, a file or silence (see [`Clip`]) to the peer, `times` times, in the place of what the other side
    /// says: in its packets while it sends, in packets of our own while it does not.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn transmit(&self, clip: &Clip, times: u32) -> Result<(), RelayError> {
        self.relay.play_media(&self.dialog, self.leg, clip, times)
    }

    /// Lets the peer hear the other side again.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn stop_transmitting(&self) -> Result<(), RelayError> {
        self.relay.stop_playing(&self.dialog, self.leg).map(drop)
    }

    /// Figures of the leg so far.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn metrics(&self) -> Result<LegMetrics, RelayError> {
        let [a, b] = self.relay.call_metrics(&self.dialog)?.legs;
        Ok(match self.leg {
            LegId::A => a,
            LegId::B => b,
        })
    }

    /// What stands in the place of each processor.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn processors(&self) -> Result<ProcessorStates, RelayError> {
        Ok(self.handle()?.processors())
    }

    /// What the processors said of the latest frame.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn audio(&self) -> Result<AudioStatus, RelayError> {
        Ok(self.handle()?.audio())
    }

    fn handle(&self) -> Result<MediaSessionHandle, RelayError> {
        self.relay.session(&self.dialog, self.leg)
    }
}
