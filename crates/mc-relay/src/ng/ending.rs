//! The end of a call, at once or after a while.

use std::time::Duration;

use mc_ng::{Reply, Request};

use super::refusal::Refusal;
use super::service::NgService;
use crate::RelayEvent;

impl NgService {
    /// Ends a call, or says when it is to end; its figures are the answer. Until then an offer takes it up again.
    pub(super) fn delete(&mut self, request: &Request<'_>, now: Duration) -> Result<Vec<u8>, Refusal> {
        let call_id = request.text("call-id")?;
        let delay = self.options(request)?.delete_delay_s.unwrap_or(0);
        let Some(call) = self.calls.get(call_id) else {
            return Ok(Reply::warning("unknown call-id").datagram(request.cookie));
        };
        // A telephone of several that did not take the call, or one that was replaced, does not end it for the others.
        let mut tags = ["from-tag", "to-tag"].into_iter().filter_map(|key| request.parameters.text(key));
        if tags.any(|tag| call.known_side(tag).is_err()) {
            return Ok(Reply::warning("tags of nobody in the call").datagram(request.cookie));
        }
        let figures = self.figures(call, request.cookie);
        if delay == 0 {
            self.end_call(call_id);
        } else if let Some(call) = self.calls.get_mut(call_id) {
            call.ends = Some(now + Duration::from_secs(delay.into()));
        }
        Ok(figures)
    }

    /// Takes note of calls that have ended by themselves, and ends those whose time has come at `now`.
    pub fn note_ended(&mut self, now: Duration) {
        while let Some(event) = self.relay.next_event(Duration::ZERO) {
            if let RelayEvent::Ended(totals) = event {
                self.forget(&totals.dialog);
            }
        }
        let due = self.calls.iter().filter(|(_, call)| call.ends.is_some_and(|ends| ends <= now));
        let due: Vec<String> = due.map(|(call_id, _)| call_id.clone()).collect();
        due.iter().for_each(|call_id| self.end_call(call_id));
        self.metrics.note_calls(self.calls.len());
    }

    pub(super) fn end_call(&mut self, call_id: &str) {
        self.forget_record(call_id);
        for stream in self.calls.remove(call_id).into_iter().flat_map(|call| call.streams) {
            self.end_stream(stream);
        }
    }
}
