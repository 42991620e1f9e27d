//! Dialogs with processors of the second generation: carried by the relay, or by the application.

mod config;
mod dialog;
mod set;

use std::sync::Arc;

use mc_engine::{CaptureReport, Clock, ProcessorStates};

pub use self::config::AdvancedProcessorConfig;
pub(crate) use self::dialog::AudioDialog;
pub use self::set::AdvancedProcessorSet;
use crate::registry::Dialog;
use crate::{DialogId, LegId, MediaConfig, MediaSessionController, MediaSessionInfo, RelayError};

impl MediaSessionController {
    /// As [`start_media`](Self::start_media), with processors of the second generation on each leg that brings no
    /// [processing](crate::LegConfig::processing) of its own. They work on the worker, in the packet; each leg's
    /// echo canceller takes what the other leg says as its reference. Legs keep them when the call is
    /// [updated](Self::update_media).
    ///
    /// # Errors
    /// Those of [`start_media`](Self::start_media).
    pub fn start_advanced_media(
        &self,
        dialog: impl Into<DialogId>,
        media: MediaConfig,
        processors: &AdvancedProcessorConfig,
    ) -> Result<MediaSessionInfo, RelayError> {
        self.start(dialog.into(), media, Some(processors.processing()))
    }

    /// Begins a dialog whose audio the application carries itself, and has processed by
    /// [`process_advanced_audio`](Self::process_advanced_audio). It takes no ports and no worker's time, and lasts
    /// until [`stop_media`](Self::stop_media).
    ///
    /// # Errors
    /// [`RelayError::DialogExists`]; [`RelayError::Config`] for processors that cannot be made.
    pub fn start_advanced_audio(
        &self,
        dialog: impl Into<DialogId>,
        processors: &AdvancedProcessorConfig,
    ) -> Result<(), RelayError> {
        let dialog = dialog.into();
        let set = AdvancedProcessorSet::new(processors, self.engine.config(), &self.factory)?;
        let audio = AudioDialog::new(set, self.clock.now_ns());
        self.registry.enter(&dialog, Dialog::Processed(Arc::new(audio)))?;
        tracing::info!(%dialog, "processors started");
        Ok(())
    }

    /// Processes what one leg of a dialog says (f32 mono, ±1.0, 2.5 to 60 ms at the dialog's
    /// [rate](AdvancedProcessorConfig::sample_rate)) in place, for callers with their own transport: the echo of
    /// what the other leg said is taken out, the level brought to its target, speech found.
    ///
    /// Waits for the other leg's frame if that is being processed; does not allocate. Who has the dialog's
    /// [`AdvancedProcessorSet`] in hand needs neither the name nor the wait.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`]; [`RelayError::Carried`] for a call that the relay itself carries, whose audio
    /// is processed on its way.
    pub fn process_advanced_audio(
        &self,
        dialog: &DialogId,
        leg: LegId,
        frame: &mut [f32],
    ) -> Result<CaptureReport, RelayError> {
        Ok(self.registry.find_processed(dialog)?.process(leg, frame, &self.clock))
    }

    /// Takes audio that a leg is about to hear and that did not come from the other leg as its echo canceller's
    /// reference, for callers with their own transport.
    ///
    /// # Errors
    /// As [`process_advanced_audio`](Self::process_advanced_audio).
    pub fn render_advanced_audio(
        &self,
        dialog: &DialogId,
        leg: LegId,
        far_end: &[f32],
    ) -> Result<(), RelayError> {
        self.registry.find_processed(dialog)?.render(leg, far_end);
        Ok(())
    }

    /// What stands in the place of each processor of a leg, whoever carries the audio.
    ///
    /// # Errors
    /// [`RelayError::UnknownDialog`].
    pub fn processors(&self, dialog: &DialogId, leg: LegId) -> Result<ProcessorStates, RelayError> {
        Ok(match self.registry.lookup(dialog)? {
            Dialog::Carried(entry) => entry.observer.session(leg).processors(),
            Dialog::Processed(audio) => audio.states(leg),
        })
    }
}
