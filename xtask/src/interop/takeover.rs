//! A relay is killed in the middle of a call, and another one finds it in Redis: both sides hear each other again, and
//! the call ends as it should.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::conversation::{Conversation, TONES_HZ};
use super::peers::Peer;
use super::proxy::{self, Options};
use super::{audio, ng};
use crate::Outcome;

/// Time for Redis to listen; how long the call goes on before.
const START: Duration = Duration::from_secs(1);
const BEFORE: Duration = Duration::from_secs(1);

/// What is judged: so many seconds at the end.
const JUDGED_S: usize = 3;

/// How much purer than all else the tones have to be, in dB: nothing is missing.
const PURE_DB: f64 = 30.0;

/// Whether the call outlived its relay.
pub(super) fn run(mc: &Path, folder: &Path, ip: Ipv4Addr) -> Outcome<bool> {
    let address = proxy::free_address()?;
    let _redis = Peer::start(
        Command::new("redis-server")
            .args(["--bind", &address.ip().to_string(), "--port", &address.port().to_string()])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null()),
        "Redis",
    )?;
    sleep(START);
    let options = Options::with(&[("--redis", &address.to_string())]);
    let mut talk = Conversation::start(mc, folder, "takeover", ip, &options)?;
    let before = ng::calls(talk.proxy.ng)?;
    sleep(BEFORE);
    talk.proxy.replace_relay()?;
    let after = ng::calls(talk.proxy.ng)?;
    let written = talk.end()?;
    let mut good = before.len() == 1 && after == before && proxy::count(&written.totals, "calls_cut")? == 0;
    println!("takeover      {} call before, {} after: {}", before.len(), after.len(), written.totals);
    for (side, hz) in [(1, TONES_HZ[0]), (0, TONES_HZ[1])] {
        let heard = audio::last(&written.heard[side], JUDGED_S);
        let purity = audio::purity_db(heard, hz);
        let fine = heard.len() == 8_000 * JUDGED_S && purity >= PURE_DB;
        good &= fine;
        println!(
            "takeover      {hz} Hz heard {purity:.1} dB above all else afterwards{}",
            if fine { "" } else { "  FAILED" }
        );
    }
    println!("takeover      {}", if good { "the call went on" } else { "FAILED" });
    Ok(good)
}
