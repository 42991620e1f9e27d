//! `start recording`, `stop recording`, and the option of an offer that asks for the same.

use mc_ng::{NgError, Reply, Request};

use super::call::NgCall;
use super::refusal::Refusal;
use super::service::NgService;
use crate::{Recorder, RecordingFormat};

impl NgService {
    /// Records every stream of a call that runs. `output-destination` names the files, `recording-method` their format.
    pub(super) fn start_recording(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let (call, recorder) = self.to_record(request)?;
        let format = match request.parameters.text("recording-method") {
            Some(name) => {
                let malformed = NgError::Malformed { key: "recording-method", expected: "wav or pcap" };
                name.parse().map_err(|_| malformed)?
            }
            None => recorder.format(),
        };
        record(recorder, format, call, request.parameters.text("output-destination"))?;
        Ok(Reply::ok().datagram(request.cookie))
    }

    pub(super) fn stop_recording(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let (call, recorder) = self.to_record(request)?;
        for stream in call.running() {
            recorder.stop(&stream.dialog)?;
        }
        Ok(Reply::ok().datagram(request.cookie))
    }

    /// Begins the recording that an offer or an answer of the call asked for, once it runs.
    pub(super) fn record_as_asked(&mut self, call_id: &str) -> Result<(), Refusal> {
        let (Some(recorder), Some(call)) = (&self.recorder, self.calls.get_mut(call_id)) else {
            return Ok(());
        };
        if std::mem::take(&mut call.record) {
            record(recorder, recorder.format(), call, None)
        } else {
            Ok(())
        }
    }

    fn to_record(&self, request: &Request<'_>) -> Result<(&NgCall, &Recorder), Refusal> {
        let call = self.calls.get(request.text("call-id")?).ok_or(Refusal::UnknownCall)?;
        let recorder = self.recorder.as_deref().ok_or(Refusal::NotConfigured("a folder for recordings"))?;
        Ok((call, recorder))
    }
}

/// Records each stream; with a name that is given, the second and further ones have their number behind it.
fn record(
    recorder: &Recorder,
    format: RecordingFormat,
    call: &NgCall,
    name: Option<&str>,
) -> Result<(), Refusal> {
    for (index, stream) in call.running().enumerate() {
        let numbered = name.filter(|_| index > 0).map(|name| format!("{name}-{index}"));
        recorder.start_as(format, &stream.dialog, numbered.as_deref().or(name))?;
    }
    Ok(())
}
