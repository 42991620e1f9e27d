//! Calls that another relay left behind, carried on at the same ports.

use std::net::SocketAddr;
use std::time::Duration;

use mc_ng::{Command, Request};

use super::refusal::Refusal;
use super::service::NgService;
use crate::Checkpoint;
use crate::checkpoint::Record;

impl NgService {
    /// Writes calls down with `checkpoint`, and carries on at once what is found there: the requests that made each
    /// call are served again, at the ports that it had. A call whose ports are taken, or that cannot be for another
    /// reason, is forgotten with a warning.
    #[must_use]
    pub fn with_checkpoint(mut self, mut checkpoint: Checkpoint, now: Duration) -> Self {
        for (call_id, record) in checkpoint.take_found() {
            match self.restore(&call_id, &record, now) {
                Ok(()) => self.relay.services().restored.add(),
                Err(reason) => {
                    tracing::warn!(call_id, %reason, "a call was not carried on");
                    self.end_call(&call_id);
                    checkpoint.forget(&call_id);
                }
            }
        }
        self.checkpoint = Some(checkpoint);
        self
    }

    fn restore(&mut self, call_id: &str, record: &Record, now: Duration) -> Result<(), Refusal> {
        self.ports_to_restore.clone_from(&record.local);
        let restored = record.requests.iter().try_for_each(|datagram| {
            let request = Request::read(datagram)?;
            self.serve(&request, now)?;
            self.note_request(&request, datagram);
            Ok(())
        });
        self.ports_to_restore.clear();
        if let Some(call) = self.calls.get_mut(call_id) {
            (call.created_s, call.blocked) = (record.created_s, record.blocked);
        }
        if let Some(call) = self.calls.get(call_id) {
            self.block_again(call);
            self.write_down(call_id);
        }
        restored
    }

    /// Where the stream at `index` was, if its call is being carried on.
    pub(super) fn restored_ports(&self, index: usize) -> Option<[SocketAddr; 2]> {
        self.ports_to_restore.get(index).copied().flatten()
    }

    /// Takes note of a request that was served, for whoever carries the call on.
    pub(super) fn note_request(&mut self, request: &Request<'_>, datagram: &[u8]) {
        let Ok(Command::Offer | Command::Answer) = request.command() else { return };
        let Ok(call_id) = request.text("call-id") else { return };
        let Some(call) = self.calls.get_mut(call_id) else { return };
        call.history.add(datagram);
        self.write_down(call_id);
    }

    /// Brings up to date what is written down of a call.
    pub(super) fn write_down(&mut self, call_id: &str) {
        let Some(call) = self.calls.get_mut(call_id) else { return };
        if call.is_protected() {
            // Whoever carried it on would not know how far its keys have been used.
            return self.forget_record(call_id);
        }
        let history = &mut call.history;
        history.local =
            call.streams.iter().map(|stream| stream.as_ref().map(|stream| stream.local)).collect();
        (history.created_s, history.blocked) = (call.created_s, call.blocked);
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.write(call_id, &call.history);
        }
    }

    /// Lets a call that is over be forgotten everywhere.
    pub(super) fn forget_record(&self, call_id: &str) {
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.forget(call_id);
        }
    }
}
