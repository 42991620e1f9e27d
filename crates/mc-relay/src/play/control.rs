//! Starting and ending what is played.

use crate::attach::Attachment;
use crate::{Clip, DialogId, LegId, MediaSessionController, RelayError};

use super::player::{Player, Source};

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
        let source = Source::Clip { samples: clip.0.clone(), at: 0, again: times.max(1) - 1 };
        let player = Player::new(source, self.clock());
        self.attach(dialog, Attachment::Player(leg, Some(Box::new(player))))?;
        self.services().plays.add();
        Ok(())
    }

    /// Ends what is played to the peer of `leg`, if anything is.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn stop_playing(&self, dialog: &DialogId, leg: LegId) -> Result<(), RelayError> {
        self.attach(dialog, Attachment::Player(leg, None))
    }
}
