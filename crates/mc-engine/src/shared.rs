//! What a session and its handles share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mc_dsp::{ConfigError, SampleRate};
use mc_metrics::MetricsCollector;
use mc_rtp_pipeline::{PacketCounters, PacketError};

use crate::config::ProcessingPlan;
use crate::endpoint::EndpointMonitor;
use crate::gauges::AudioGauges;
use crate::mailbox::Mailbox;
use crate::processor::ProcessorMonitor;
use crate::registry::Registry;
use crate::{
    AdvancedProcessorFactory, AudioProcessingConfig, AudioProcessor, AudioStatus, CaptureReport,
    EndpointStatus, EngineError, MediaEngineConfig, MediaMetrics, MediaSessionId, MediaSessionParams,
};

/// Makes the processors of one session: when it begins and when it is changed.
#[derive(Debug)]
pub(crate) struct ProcessorMaker {
    pub(crate) engine: Arc<MediaEngineConfig>,
    pub(crate) factory: AdvancedProcessorFactory,
    pub(crate) params: MediaSessionParams,
    pub(crate) rate: SampleRate,
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
        // A session that only passes packets on has one stage, and times would be most of what it takes.
        if plan.metrics && plan.works() {
            metrics.make_room();
        }
        AudioProcessor::build(plan, &self.factory, self.rate, metrics, monitor)
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
    mailbox: Mailbox,
    /// Of a leg that ends here.
    endpoint: Option<Box<EndpointMonitor>>,
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
        endpoint: Option<Box<EndpointMonitor>>,
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
            endpoint,
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

    /// For the session, at a frame's beginning: goes over to what a handle has left, and leaves what that replaced to be
    /// freed.
    #[inline]
    pub(crate) fn update(&self, processor: &mut AudioProcessor) {
        self.mailbox.exchange(processor);
    }

    /// Counts a datagram of an endpoint's that came in and perhaps was dropped.
    pub(crate) fn note_received(&self, bytes: usize, dropped: Option<PacketError>) {
        if let Some(reason) = dropped {
            self.metrics.count_dropped(bytes);
            self.counters.count_drop(reason);
        } else {
            self.metrics.count_received(bytes);
        }
    }

    /// Where an endpoint leaves its figures; `None` for a leg that is relayed.
    pub(crate) fn endpoint(&self) -> Option<&EndpointMonitor> {
        self.endpoint.as_deref()
    }

    pub(crate) fn endpoint_status(&self) -> Option<EndpointStatus> {
        self.endpoint().map(EndpointMonitor::status)
    }

    /// The session ends: its metrics go to the engine's sum, and what it left behind is said once, because the packet
    /// path does not log.
    pub(crate) fn end(&self, registry: &Registry) {
        self.deactivate();
        self.mailbox.clear();
        let metrics = registry.retire(self);
        let (id, faults) = (self.id, metrics.faults);
        if faults.total() > 0 {
            tracing::warn!(
                session = %id,
                echo_cancellation = faults.echo_cancellation,
                voice_detection = faults.voice_detection,
                gain_control = faults.gain_control,
                "processors were bypassed for some frames"
            );
        }
        tracing::debug!(session = %id, packets = metrics.performance.packets_in, "media session ended");
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
            endpoint: self.endpoint().map(EndpointMonitor::metrics),
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
