//! A call between two baresip through Kamailio and `mc relay`: each plays a tone and writes down what it sends and
//! what it hears. What goes in comes out, at the same level, and the relay's status page shows the call.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::peers::Peer;
use super::proxy::{self, Proxy};
use super::{audio, browser, peers};
use crate::{Outcome, process};

/// Most by which the tone's level may change on its way, in dB.
const ALLOWED_CHANGE_DB: f64 = 0.1;

/// How long the caller talks, in seconds; and how much of it the other side has to have heard: all but setting up
/// and taking down.
const TALK_S: u64 = 10;
const HEARD_S: usize = 8;

/// Time for a user agent to listen.
const START: Duration = Duration::from_secs(2);

/// Whether both sides heard what the other one played.
pub(super) fn run(mc: &Path, folder: &Path) -> Outcome<bool> {
    let Some(ip) = own_address() else {
        println!(
            "baresip       skipped: it does not talk over the loopback address, and there is no other one"
        );
        return Ok(true);
    };
    let tone = folder.join("tone.wav");
    process::run(
        Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y", "-f", "lavfi"])
            .args(["-i", "sine=frequency=440:sample_rate=8000:duration=30", "-af", "volume=8dB", "-ac", "1"])
            .arg(&tone),
    )?;
    let proxy = Proxy::start(mc, folder, ip)?;
    let [called, caller] = ["called", "caller"].map(|side| folder.join("baresip").join(side));
    let called_agent =
        Peer::start(agent(&called, proxy.server, "service", &tone)?.args(["-t", "30"]), "baresip, called")?;
    sleep(START);
    let port = peers::free_port()?;
    let caller_agent = Peer::start(
        agent(&caller, SocketAddrV4::new(ip, port), "caller", &tone)?
            .args(["-t", &TALK_S.to_string()])
            .args(["-e", &format!("/dial sip:service@{}", proxy.address)]),
        "baresip, calling",
    )?;
    sleep(START);
    let page = browser::judge(proxy.http, folder)?;
    caller_agent.wait()?;
    drop(called_agent);
    let totals = proxy.stop()?;
    let mut good = page && proxy::count(&totals, "dropped")? == 0;
    for (from, to, what) in [(&caller, &called, "caller to called"), (&called, &caller, "called to caller")] {
        let (sent, heard) = (level(&dump(from, "enc")?)?, audio::read(&dump(to, "dec")?)?);
        let change = decibels(&heard) - sent;
        let fine = change.abs() <= ALLOWED_CHANGE_DB && heard.len() >= 8_000 * HEARD_S;
        good &= fine;
        println!(
            "baresip       {what}: {:.1} s heard, level changed by {change:+.3} dB{}",
            heard.len() as f64 / 8_000.0,
            if fine { "" } else { "  FAILED" }
        );
    }
    println!("baresip       {totals}{}", if good { "" } else { "  FAILED" });
    Ok(good)
}

/// The machine's address towards others, if it has one: baresip takes no other.
fn own_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address kept for documentation (RFC 5737): nothing is sent there.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(ip) if !ip.is_loopback() => Some(ip),
        _ => None,
    }
}

/// baresip for one side, which answers by itself, with its configuration and recordings in `folder`.
fn agent(folder: &Path, at: SocketAddrV4, user: &str, tone: &Path) -> Outcome<Command> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(failed)?;
    let (tone, here) = (tone.display(), folder.display());
    let config = format!(
        "sip_listen {at}\nmodule_path /usr/lib/baresip/modules\nmodule g711.so\nmodule sndfile.so\n\
         module aufile.so\nmodule_tmp account.so\nmodule_app menu.so\nsnd_path {here}\n\
         audio_source aufile,{tone}\naudio_player aufile,{here}/heard.wav\n"
    );
    fs::write(folder.join("config"), config).map_err(failed)?;
    let account = format!("<sip:{user}@{}>;regint=0;answermode=auto;audio_codecs=PCMA\n", at.ip());
    fs::write(folder.join("accounts"), account).map_err(failed)?;
    fs::write(folder.join("contacts"), "").map_err(failed)?;
    let log = fs::File::create(folder.join("log")).map_err(failed)?;
    let mut command = Command::new("baresip");
    command.args(["-4", "-f"]).arg(folder).stdout(log).stderr(Stdio::null());
    Ok(command)
}

/// The recording of what was sent (`enc`) or heard (`dec`), whose name has the time of the call in it.
fn dump(folder: &Path, direction: &str) -> Outcome<PathBuf> {
    let end = format!("-{direction}.wav");
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = files.filter_map(|file| Some(file.ok()?.path()));
    paths
        .find(|path| path.to_string_lossy().ends_with(&end))
        .ok_or_else(|| format!("baresip left no …{end} in {}: see its log there", folder.display()))
}

fn level(file: &Path) -> Outcome<f64> {
    Ok(decibels(&audio::read(file)?))
}

/// Mean power, in dB against full scale.
fn decibels(samples: &[i16]) -> f64 {
    let power: f64 = samples.iter().map(|sample| (f64::from(*sample) / 32_768.0).powi(2)).sum();
    10.0 * (power / samples.len().max(1) as f64).log10()
}
