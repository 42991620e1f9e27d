//! Starting and ending what is played.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mc_engine::{Clock, DtmfKey};

use super::Playback;
use super::keys::{KeyPress, Keys};
use super::player::{Player, Source};
use crate::attach::Attachment;
use crate::{Clip, DialogId, LegId, MediaSessionController, RelayError};

impl MediaSessionController {
    /// Plays `clip` to the peer of `leg`, `times` times (0 is once, too), in the place of what the other side says
    /// and of what was played before. It is heard as if the other side sent it; when it is over, the other side is
    /// heard again.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn play_media(
        &self,
        dialog: &DialogId,
        leg: LegId,
        clip: &Clip,
        times: u32,
    ) -> Result<(), RelayError> {
        self.play_media_as(dialog, leg, clip, Playback::default().with_times(times))
    }

    /// As [`play_media`](Self::play_media), from another place than the beginning or for a certain time.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn play_media_as(
        &self,
        dialog: &DialogId,
        leg: LegId,
        clip: &Clip,
        playback: Playback,
    ) -> Result<(), RelayError> {
        let player = Player::new(Source::clip(clip, playback), self.clock().now_ns());
        self.attach(dialog, Attachment::Player(leg, Box::new(player)))?;
        self.services().plays.add();
        Ok(())
    }

    /// Ends what is played to the peer of `leg`, if anything is. Returns how far in its clip it was.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn stop_playing(&self, dialog: &DialogId, leg: LegId) -> Result<Option<Duration>, RelayError> {
        let place = Arc::<OnceLock<Duration>>::default();
        self.attach(dialog, Attachment::EndPlayer(leg, Arc::clone(&place)))?;
        Ok(place.get().copied())
    }

    /// Presses `keys` one after the other in the place of what the peer of `from` says, as the other peer hears it: as
    /// events where signalling has named [their payload type](crate::LegConfig::telephone_event), as tones otherwise.
    /// Keys that are pressed already come first, and make room for 64.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`], [`RelayError::NotCarried`], [`RelayError::Config`].
    pub fn press_keys(
        &self,
        dialog: &DialogId,
        from: LegId,
        keys: &[DtmfKey],
        press: KeyPress,
    ) -> Result<(), RelayError> {
        press.validate().map_err(RelayError::Config)?;
        let payload_type = self.media_config(dialog)?.legs[from.index()].telephone_event;
        let keys = Source::Keys(Keys::new(payload_type, keys, press));
        let player = Player::new(keys, self.clock().now_ns());
        self.attach(dialog, Attachment::Player(from.other(), Box::new(player)))
    }
}
