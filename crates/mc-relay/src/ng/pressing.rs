//! `play DTMF`.

use std::time::Duration;

use mc_engine::DtmfKey;
use mc_ng::bencode::Value;
use mc_ng::{NgError, Reply, Request};

use super::refusal::Refusal;
use super::service::NgService;
use crate::KeyPress;

impl NgService {
    /// Presses the key `code` in the place of the side that `from-tag` or `label` names: `duration` and `pause` in
    /// milliseconds, `volume` in dB, above or below 0 as proxies like it.
    pub(super) fn press(&self, request: &Request<'_>) -> Result<Vec<u8>, Refusal> {
        let keys = keys(request)?;
        let usual = KeyPress::default();
        let time = |key: &'static str, usual: Duration| {
            let ms = request.number(key)?.map(i64::unsigned_abs);
            // What nobody could press is pressed as well as it can be.
            Ok::<_, Refusal>(ms.map_or(usual, |ms| Duration::from_millis(ms.clamp(40, 5_000))))
        };
        let volume = request.number("volume")?.map_or(usual.volume, |db| db.unsigned_abs().min(63) as u8);
        let press = usual
            .with_duration(time("duration", usual.duration)?)
            .with_pause(time("pause", usual.pause)?)
            .with_volume(volume);
        for (dialog, leg) in self.speaking_g711(request)? {
            self.relay.press_keys(&dialog, leg, &keys, press)?;
        }
        Ok(Reply::ok().datagram(request.cookie))
    }
}

/// The keys of `code`: their symbols, or the number of one event.
fn keys(request: &Request<'_>) -> Result<Vec<DtmfKey>, Refusal> {
    let code = request.parameters.get("code").ok_or(NgError::Missing("code"))?;
    let keys = match code {
        Value::Integer(event) => u8::try_from(*event).ok().and_then(DtmfKey::from_event).map(|key| vec![key]),
        other => other.text().and_then(|text| text.chars().map(DtmfKey::from_symbol).collect()),
    };
    let wrong = NgError::Malformed { key: "code", expected: "0 to 9, *, # or A to D" };
    Ok(keys.filter(|keys| !keys.is_empty()).ok_or(wrong)?)
}
