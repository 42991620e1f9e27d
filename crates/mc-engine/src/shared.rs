//! What a session and its handles share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mc_dsp::ConfigError;
use mc_metrics::MetricsCollector;
use mc_rtp_pipeline::{PacketCounters, SAMPLE_RATE};

use crate::config::ProcessingPlan;
use crate::gauges::AudioGauges;
use crate::mailbox::Mailbox;
use crate::processor::ProcessorMonitor;
use crate::{
    AdvancedProcessorFactory, AudioProcessingConfig, AudioProcessor, AudioStatus, CaptureReport, EngineError,
    MediaEngineConfig, MediaMetrics, MediaSessionId, MediaSessionParams,
};

/// Makes the processors of one session: when it begins and when it is changed.
#[derive(Debug)]
pub(crate) struct ProcessorMaker {
    pub(crate) engine: Arc<MediaEngineConfig>,
    pub(crate) factory: AdvancedProcessorFactory,
    pub(crate) params: MediaSessionParams,
    /// What holds about generations where the session does not say.
    pub(crate) advanced: bool,
}

impl ProcessorMaker {
    pub(crate) fn make(
        &self,
        metrics: Arc<MetricsCollector>,
        monitor: Arc<ProcessorMonitor>,
    ) -> Result<AudioProcessor, ConfigError> {
        self.params.validate()?;
        let plan = ProcessingPlan::new(&self.engine, &self.params, self.advanced);
        AudioProcessor::build(plan, &self.factory, SAMPLE_RATE, metrics, monitor)
    }
}

/// Written by either side, each field by one of them.
#[derive(Debug)]
pub(crate) struct SessionShared {
    pub(crate) id: MediaSessionId,
    muted: AtomicBool,
    active: AtomicBool,
    pub(crate) metrics: Arc<MetricsCollector>,
    counters: Arc<PacketCounters>,
    pub(crate) monitor: Arc<ProcessorMonitor>,
    gauges: AudioGauges,
    pub(crate) mailbox: Mailbox,
    /// For handles only.
    maker: Mutex<ProcessorMaker>,
}

impl SessionShared {
    pub(crate) fn new(
        id: MediaSessionId,
        metrics: Arc<MetricsCollector>,
        counters: Arc<PacketCounters>,
        monitor: Arc<ProcessorMonitor>,
        maker: ProcessorMaker,
    ) -> Self {
        Self {
            id,
            muted: AtomicBool::new(false),
            active: AtomicBool::new(true),
            metrics,
            counters,
            monitor,
            gauges: AudioGauges::default(),
            mailbox: Mailbox::default(),
            maker: Mutex::new(maker),
        }
    }

    pub(crate) fn set_muted(&self, muted: bool) {
        self.muted.store(muted, Ordering::Relaxed);
    }

    pub(crate) fn is_muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }

    pub(crate) fn deactivate(&self) {
        self.active.store(false, Ordering::Relaxed);
    }

    pub(crate) fn publish(&self, report: &CaptureReport) {
        self.gauges.write(report);
    }

    pub(crate) fn audio(&self) -> AudioStatus {
        self.gauges.read()
    }

    pub(crate) fn metrics(&self) -> MediaMetrics {
        self.tell_news();
        MediaMetrics {
            performance: self.metrics.snapshot(),
            packets: self.counters.snapshot(),
            faults: self.monitor.faults(),
            fallbacks: self.monitor.fallbacks(),
        }
    }

    pub(crate) fn processing(&self) -> AudioProcessingConfig {
        self.with_maker(|maker| {
            maker.params.audio_processing_config.clone().unwrap_or_else(|| maker.engine.processing.clone())
        })
    }

    pub(crate) fn reconfigure(&self, processing: AudioProcessingConfig) -> Result<(), EngineError> {
        self.with_maker(|maker| {
            if !self.is_active() {
                return Err(EngineError::Ended);
            }
            let before = maker.params.audio_processing_config.replace(processing);
            match maker.make(Arc::clone(&self.metrics), Arc::clone(&self.monitor)) {
                Ok(processor) => {
                    self.mailbox.send(Box::new(processor));
                    Ok(())
                }
                Err(error) => {
                    maker.params.audio_processing_config = before;
                    Err(error.into())
                }
            }
        })
    }

    fn with_maker<T>(&self, work: impl FnOnce(&mut ProcessorMaker) -> T) -> T {
        work(&mut self.maker.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says once that a processor was given up, from whichever thread comes by: the packet path does not log.
    fn tell_news(&self) {
        if !self.monitor.has_news() {
            return;
        }
        let (states, fallbacks) = (self.monitor.states(), self.monitor.fallbacks());
        tracing::warn!(
            session = %self.id,
            echo_cancellation = ?states.echo_cancellation,
            voice_detection = ?states.voice_detection,
            gain_control = ?states.gain_control,
            fallbacks = fallbacks.total(),
            "a processor failed and was replaced"
        );
    }
}
