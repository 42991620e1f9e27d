//! The thread that writes: it holds what should stand in Redis, and brings Redis to it.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError};

use super::redis::Redis;
use crate::MediaSessionController;

/// Rest between two tries to reach Redis.
const REST: Duration = Duration::from_secs(1);

/// Records that are written at a time when everything is written anew.
const BATCH: usize = 256;

/// A call's record is this from now on; `None` when the call is over.
pub(super) struct Change {
    pub(super) call: String,
    pub(super) record: Option<Vec<u8>>,
}

pub(super) struct Writer {
    pub(super) relay: Arc<MediaSessionController>,
    pub(super) address: SocketAddr,
    pub(super) key: String,
    /// What should stand there.
    pub(super) records: HashMap<String, Vec<u8>>,
    pub(super) redis: Option<Redis>,
}

impl Writer {
    /// Writes until nobody can change anything any more.
    pub(super) fn run(mut self, changes: &Receiver<Change>) {
        loop {
            match changes.recv_timeout(REST) {
                Ok(change) => self.note(change),
                Err(RecvTimeoutError::Timeout) if self.redis.is_none() => self.bring_up_to_date(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn note(&mut self, Change { call, record }: Change) {
        let (key, field) = (self.key.as_bytes(), call.as_bytes());
        let written = self.redis.as_mut().map(|redis| match &record {
            Some(record) => redis.ask(&[&[b"HSET", key, field, record]]),
            None => redis.ask(&[&[b"HDEL", key, field]]),
        });
        match record {
            Some(record) => self.records.insert(call, record),
            None => self.records.remove(&call),
        };
        match written {
            Some(Ok(_)) => self.relay.services().checkpoints.add(),
            Some(Err(error)) => self.lose(&error),
            None => {}
        }
    }

    /// Writes everything, after a time without Redis.
    fn bring_up_to_date(&mut self) {
        match self.write_all() {
            Ok(redis) => {
                self.redis = Some(redis);
                self.relay.services().redis_connected.set(1);
                tracing::info!(address = %self.address, calls = self.records.len(), "Redis is up to date again");
            }
            Err(error) => tracing::debug!(address = %self.address, %error, "Redis is still away"),
        }
    }

    fn write_all(&self) -> io::Result<Redis> {
        let mut redis = Redis::connect(self.address)?;
        let key = self.key.as_bytes();
        redis.ask(&[&[b"DEL", key]])?;
        let records: Vec<_> = self.records.iter().collect();
        for batch in records.chunks(BATCH) {
            let mut command: Vec<&[u8]> = vec![b"HSET", key];
            command.extend(batch.iter().flat_map(|(call, record)| [call.as_bytes(), record]));
            redis.ask(&[&command])?;
            self.relay.services().checkpoints.add_many(batch.len() as u64);
        }
        Ok(redis)
    }

    fn lose(&mut self, error: &io::Error) {
        self.redis = None;
        self.relay.services().redis_connected.set(0);
        tracing::warn!(address = %self.address, %error, "Redis is away; calls go on without being written down");
    }
}
