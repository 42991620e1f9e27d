//! Two user agents talk through the relay: what goes in comes out, at the same level, and the relay's status page
//! shows the call.

use std::net::Ipv4Addr;
use std::path::Path;

use super::conversation::Conversation;
use super::proxy::{self, Options};
use super::{audio, browser};
use crate::Outcome;

/// Most by which the tone's level may change on its way, in dB.
const ALLOWED_CHANGE_DB: f64 = 0.1;

/// How much the other side has to have heard, in seconds: all but setting up and taking down.
const HEARD_S: usize = 8;

/// Whether both sides heard what the other one played.
pub(super) fn run(mc: &Path, folder: &Path, ip: Ipv4Addr) -> Outcome<bool> {
    let talk = Conversation::start(mc, folder, "baresip", ip, &Options::default())?;
    let page = browser::judge(talk.proxy.http, folder)?;
    let written = talk.end()?;
    let mut good = page && proxy::count(&written.totals, "dropped")? == 0;
    for (from, to, what) in [(0, 1, "caller to called"), (1, 0, "called to caller")] {
        let heard = &written.heard[to];
        let change = audio::decibels(heard) - audio::decibels(&written.sent[from]);
        let fine = change.abs() <= ALLOWED_CHANGE_DB && heard.len() >= 8_000 * HEARD_S;
        good &= fine;
        println!(
            "baresip       {what}: {:.1} s heard, level changed by {change:+.3} dB{}",
            heard.len() as f64 / 8_000.0,
            if fine { "" } else { "  FAILED" }
        );
    }
    println!("baresip       {}{}", written.totals, if good { "" } else { "  FAILED" });
    Ok(good)
}
