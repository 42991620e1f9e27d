//! The thread that writes recordings.

use std::collections::HashMap;
use std::io::{self, Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError};

use super::file::Recording;
use super::{Origins, RecordingFormat};
use crate::MediaSessionController;
use crate::attach::{TapQueue, TapStatus};

/// How often the queue is emptied. It holds four times what 1,000 recorded calls say in that time.
const ROUND: Duration = Duration::from_millis(20);

/// A recording that is to begin. Packets named `tap` are its own.
pub(super) struct Order {
    pub(super) tap: u64,
    pub(super) path: PathBuf,
    pub(super) format: RecordingFormat,
    pub(super) origins: Origins,
    pub(super) status: Arc<TapStatus>,
}

/// Recordings that are being written, to what `open` makes of a path.
pub(super) struct Writer<W: Write + Seek, O> {
    relay: Arc<MediaSessionController>,
    queue: Arc<TapQueue>,
    open: O,
    recordings: HashMap<u64, Entry<W>>,
}

struct Entry<W: Write + Seek> {
    recording: Recording<W>,
    path: PathBuf,
    status: Arc<TapStatus>,
}

impl<W: Write + Seek, O: Fn(&std::path::Path) -> std::io::Result<W>> Writer<W, O> {
    pub(super) fn new(relay: Arc<MediaSessionController>, queue: Arc<TapQueue>, open: O) -> Self {
        Self { relay, queue, open, recordings: HashMap::new() }
    }

    /// Writes until nobody can order any more; what is being recorded then ends as it is.
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let order = match self.recordings.is_empty() {
                true => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => orders.recv_timeout(ROUND),
            };
            match order {
                Ok(order) => self.begin(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.round(orders);
        }
        let left: Vec<u64> = self.recordings.keys().copied().collect();
        self.round(orders);
        left.into_iter().for_each(|tap| self.finish(tap));
    }

    /// Takes what has come. Whatever is looked at first has come first: of a tap that had ended every packet is in
    /// the queue, and of each of these packets the order has been given.
    fn round(&mut self, orders: &Receiver<Order>) {
        let ended: Vec<u64> = self
            .recordings
            .iter()
            .filter(|(_, entry)| entry.status.has_ended())
            .map(|(tap, _)| *tap)
            .collect();
        let packets = self.queue.len();
        while let Ok(order) = orders.try_recv() {
            self.begin(order);
        }
        for _ in 0..packets {
            let Some(heard) = self.queue.pop() else { break };
            if let Some(entry) = self.recordings.get_mut(&heard.tap)
                && let Err(error) = entry.recording.hear(&heard)
            {
                self.fail(heard.tap, &error);
            }
        }
        let failed: Vec<(u64, io::Error)> = self
            .recordings
            .iter_mut()
            .filter_map(|(tap, entry)| Some((*tap, entry.recording.write().err()?)))
            .collect();
        failed.into_iter().for_each(|(tap, error)| self.fail(tap, &error));
        ended.into_iter().for_each(|tap| self.finish(tap));
        for entry in self.recordings.values() {
            self.note_lost(entry);
        }
    }

    fn begin(&mut self, order: Order) {
        let services = self.relay.services();
        services.recordings.add();
        let opened = (self.open)(&order.path).and_then(|to| Recording::new(order.format, order.origins, to));
        match opened {
            Ok(recording) => {
                services.recordings_active.add();
                let Order { tap, path, status, .. } = order;
                self.recordings.insert(tap, Entry { recording, path, status });
            }
            Err(error) => {
                order.status.close();
                services.recordings_failed.add();
                tracing::error!(path = %order.path.display(), %error, "a recording could not begin");
            }
        }
    }

    fn finish(&mut self, tap: u64) {
        let Some(entry) = self.recordings.remove(&tap) else { return };
        self.note_lost(&entry);
        let services = self.relay.services();
        if let Err(error) = entry.recording.finish() {
            services.recordings_failed.add();
            tracing::error!(path = %entry.path.display(), %error, "the end of a recording was lost");
        }
        services.recordings_active.subtract();
    }

    /// Gives a recording up; its call goes on.
    fn fail(&mut self, tap: u64, error: &io::Error) {
        let Some(entry) = self.recordings.remove(&tap) else { return };
        entry.status.close();
        let services = self.relay.services();
        services.recordings_active.subtract();
        services.recordings_failed.add();
        tracing::error!(path = %entry.path.display(), %error, "a recording ends here: it cannot be written");
    }

    fn note_lost(&self, entry: &Entry<W>) {
        let lost = entry.status.take_lost();
        if lost > 0 {
            self.relay.services().recording_packets_lost.add_many(lost);
            tracing::warn!(path = %entry.path.display(), lost, "a recording lacks packets: the disk is too slow");
        }
    }
}
