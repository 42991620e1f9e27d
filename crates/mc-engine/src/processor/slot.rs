//! The place of one processor, and what happens there when it fails.

use mc_dsp::{ConfigError, ProcessError, Processor};

use super::seam::Seam;
use super::status::{ProcessorState, SlotMonitor};
use crate::config::SlotPlan;
use crate::factory::Made;

/// A processor at work and the one that stands in when it fails.
pub(crate) struct Slot<P: ?Sized> {
    active: Option<Box<P>>,
    /// Made beforehand, so that nothing is allocated in the moment of need. After it the failed processor lies
    /// here: to free it is not for the packet path either.
    standby: Option<Box<P>>,
    state: ProcessorState,
    /// Whether a failure is final.
    fallback: bool,
    /// Room for the frame as it came in, where the processor is not ours to trust.
    untouched: Option<Box<[f32]>>,
    /// Evens out the step where the stand-in takes over; none for one that only listens.
    seam: Option<Seam>,
    /// Set when the slot has just taken the place of another.
    pub(crate) is_new: bool,
}

impl<P: Processor + ?Sized> Slot<P> {
    /// The slot of `plan`, for frames of up to `longest` samples. `seam` is for processors that change the audio.
    ///
    /// # Errors
    /// [`ConfigError`] of the simple processor; of the advanced one unless `fallback` allows to go without.
    pub(crate) fn new<S: Clone, A>(
        plan: &SlotPlan<S, A>,
        fallback: bool,
        longest: usize,
        seam: Option<Seam>,
        simple: impl Fn(S) -> Result<Box<P>, ConfigError>,
        advanced: impl Fn(&A) -> Result<Made<P>, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let slot = |active, standby, state, untouched| {
            Ok(Self { active, standby, state, fallback, untouched, seam, is_new: false })
        };
        let Some(config) = &plan.advanced else {
            let active = plan.simple.clone().map(simple).transpose()?;
            let state = if active.is_some() { ProcessorState::Simple } else { ProcessorState::Off };
            return slot(active, None, state, None);
        };
        let stand_in = || plan.simple.clone().map(&simple).transpose();
        match advanced(config) {
            Ok(Made { processor, foreign }) => {
                let standby = if fallback { stand_in()? } else { None };
                let untouched = foreign.then(|| vec![0.0; longest].into());
                slot(Some(processor), standby, ProcessorState::Advanced, untouched)
            }
            Err(error) if !fallback => Err(error),
            Err(_) => {
                let active = stand_in()?;
                let state =
                    if active.is_some() { ProcessorState::FellBack } else { ProcessorState::Bypassed };
                slot(active, None, state, None)
            }
        }
    }

    /// Tells `monitor` what stands here from now on.
    pub(crate) fn announce(&self, monitor: &SlotMonitor) {
        monitor.set_state(self.state);
        if self.state.has_failed() {
            monitor.fallbacks.add(1);
        }
    }

    pub(crate) const fn is_on(&self) -> bool {
        self.active.is_some()
    }

    pub(crate) fn latency_samples(&self) -> usize {
        self.active.as_ref().map_or(0, |processor| processor.latency_samples())
    }

    pub(crate) fn state_bytes(&self) -> usize {
        let both = [&self.active, &self.standby].into_iter().flatten();
        both.map(|processor| processor.state_bytes()).sum()
    }

    pub(crate) fn reset(&mut self) {
        if let Some(processor) = &mut self.active {
            processor.reset();
        }
        self.seam.iter_mut().for_each(Seam::reset);
    }

    /// Lets the processor work on `frame`. When it fails, its stand-in does the same frame, if there is one.
    /// `sound` says whether what it reported and wrote are numbers.
    pub(crate) fn run<R>(
        &mut self,
        frame: &mut [f32],
        monitor: &SlotMonitor,
        work: impl Fn(&mut P, &mut [f32]) -> Result<R, ProcessError>,
        sound: impl Fn(&R, &[f32]) -> bool,
    ) -> Option<R> {
        let processor = self.active.as_deref_mut()?;
        let untouched = self.untouched.as_deref_mut().and_then(|room| room.get_mut(..frame.len()));
        let untouched = untouched.map(|room| {
            room.copy_from_slice(frame);
            &*room
        });
        let spoilt = match work(processor, frame) {
            Ok(report) if self.state != ProcessorState::Advanced || sound(&report, frame) => {
                self.seam.iter_mut().for_each(|seam| seam.pass(frame));
                return Some(report);
            }
            Err(ProcessError::FrameLength { .. }) => {
                monitor.bypassed.add(1);
                return None;
            }
            // An error leaves the audio as it was, if the processor keeps the trait's promise.
            outcome => outcome.is_ok(),
        };
        match untouched {
            Some(untouched) => frame.copy_from_slice(untouched),
            None if spoilt && self.seam.is_some() => frame.fill(0.0),
            None => {}
        }
        self.recover(monitor);
        let stand_in = self.active.as_deref_mut().filter(|_| self.state.has_failed());
        let report = stand_in.and_then(|processor| work(processor, frame).ok());
        if report.is_none() {
            monitor.bypassed.add(1);
        }
        self.seam.iter_mut().for_each(|seam| seam.join(frame));
        report
    }

    /// After a failure: the stand-in's turn, or a new beginning.
    pub(crate) fn recover(&mut self, monitor: &SlotMonitor) {
        if self.state == ProcessorState::Advanced && self.fallback {
            std::mem::swap(&mut self.active, &mut self.standby);
            if self.active.is_some() {
                self.state = ProcessorState::FellBack;
            } else {
                self.state = ProcessorState::Bypassed;
            }
            self.announce(monitor);
        } else if let Some(processor) = &mut self.active {
            processor.reset();
        }
    }

    /// What listens beside the audio path, such as the far end's way to an echo canceller.
    pub(crate) fn tell(
        &mut self,
        monitor: &SlotMonitor,
        work: impl FnOnce(&mut P) -> Result<(), ProcessError>,
    ) {
        let Some(processor) = self.active.as_deref_mut() else { return };
        let Err(error) = work(processor) else { return };
        monitor.bypassed.add(1);
        if !matches!(error, ProcessError::FrameLength { .. }) {
            self.recover(monitor);
        }
    }

    /// Keeps `old`'s processor, its settings being the same, unless it has failed: then this one is a second
    /// chance.
    pub(crate) fn inherit(&mut self, old: &mut Self, same_settings: bool) {
        if same_settings && !old.state.has_failed() {
            std::mem::swap(self, old);
        } else {
            self.is_new = true;
        }
    }
}
