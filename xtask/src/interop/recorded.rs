//! A call that the relay records: ffmpeg hears each side on its channel, and tshark finds both streams whole.

use std::net::Ipv4Addr;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::conversation::{Conversation, TONES_HZ};
use super::proxy::Options;
use super::{audio, ng, tshark};
use crate::Outcome;

/// How long each recording lasts, and how much of it there has to be at least.
const LONG: Duration = Duration::from_secs(3);
const HEARD_S: f64 = 2.5;
const PACKETS: u64 = 125;

/// How much purer than noise a tone has to be, in dB: G.711 leaves 35 and more.
const PURE_DB: f64 = 30.0;

/// Whether both formats hold what was said.
pub(super) fn run(mc: &Path, folder: &Path, ip: Ipv4Addr) -> Outcome<bool> {
    let records = folder.join("recorded");
    let _ = std::fs::remove_dir_all(&records);
    let options = Options::with(&[("--record-dir", &records.display().to_string())]);
    let talk = Conversation::start(mc, folder, "recorded-call", ip, &options)?;
    let calls = ng::calls(talk.proxy.ng)?;
    let [call] = calls.as_slice() else { return Err(format!("not one call, but {calls:?}")) };
    for format in ["wav", "pcap"] {
        let start = [("command", "start recording"), ("call-id", call), ("output-destination", "talk")];
        ng::ask(talk.proxy.ng, &[&start[..], &[("recording-method", format)]].concat())?;
        sleep(LONG);
        ng::ask(talk.proxy.ng, &[("command", "stop recording"), ("call-id", call)])?;
    }
    talk.end()?;
    let mut good = true;
    for (channel, hz) in TONES_HZ.into_iter().enumerate() {
        let heard = audio::read_channel(&records.join("talk.wav"), channel)?;
        let seconds = heard.len() as f64 / 8_000.0;
        let purity = audio::purity_db(audio::last(&heard, LONG.as_secs() as usize), hz);
        let fine = seconds >= HEARD_S && purity >= PURE_DB;
        good &= fine;
        println!(
            "recorded      WAV, channel {channel}: {seconds:.1} s, {hz} Hz {purity:.1} dB above all else{}",
            if fine { "" } else { "  FAILED" }
        );
    }
    let streams = tshark::streams(&records.join("talk.pcap"), &[])?;
    for stream in &streams {
        let fine = stream.packets >= PACKETS && stream.lost == 0 && !stream.has_problems;
        good &= fine;
        println!("recorded      pcap: {stream}{}", if fine { "" } else { "  FAILED" });
    }
    if streams.len() != 2 {
        println!("recorded      pcap: {} streams instead of 2  FAILED", streams.len());
    }
    Ok(good && streams.len() == 2)
}
