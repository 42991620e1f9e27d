//! A call between two baresip through Kamailio and `mc relay`: each plays a tone of its own and writes down what it
//! sends and what it hears.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::audio;
use super::peers::{self, Peer};
use super::proxy::{Kind, Options, Proxy};
use crate::{Outcome, process};

/// What the two sides play, in Hz: the caller's first. No divisors of 8 kHz, whose few samples a codec would always
/// change in the same way.
pub(super) const TONES_HZ: [u32; 2] = [440, 1_010];

/// How long the caller talks, in seconds, and how long the called one is there at most.
pub(super) const TALK_S: u64 = 10;
const WAIT_S: u64 = 30;

/// Time for a user agent to listen, and for a call to be up.
const START: Duration = Duration::from_secs(2);

/// Two user agents that talk.
pub(super) struct Conversation {
    pub(super) proxy: Proxy,
    caller: Peer,
    _called: Peer,
    folders: [PathBuf; 2],
}

/// What both sides have written down, the caller's first.
pub(super) struct Written {
    /// The line of totals that the relay prints at its end.
    pub(super) totals: String,
    pub(super) sent: [Vec<i16>; 2],
    pub(super) heard: [Vec<i16>; 2],
}

impl Conversation {
    /// Has a call set up, with a relay of these options, that is up when this returns; files go into the subfolder
    /// `name`.
    pub(super) fn start(
        mc: &Path,
        folder: &Path,
        name: &str,
        ip: Ipv4Addr,
        options: &Options,
    ) -> Outcome<Self> {
        let folders = ["caller", "called"].map(|side| folder.join(name).join(side));
        let proxy = Proxy::start(Kind::Kamailio, mc, folder, ip, options)?;
        let [caller, called] = &folders;
        let called = Peer::start(
            agent(called, proxy.server, "service", TONES_HZ[1])?.args(["-t", &WAIT_S.to_string()]),
            "baresip, called",
        )?;
        sleep(START);
        let port = peers::free_port()?;
        let caller = Peer::start(
            agent(caller, SocketAddrV4::new(ip, port), "caller", TONES_HZ[0])?
                .args(["-t", &TALK_S.to_string()])
                .args(["-e", &format!("/dial sip:service@{}", proxy.address)]),
            "baresip, calling",
        )?;
        sleep(START);
        Ok(Self { proxy, caller, _called: called, folders })
    }

    /// Waits until the caller has hung up.
    pub(super) fn end(self) -> Outcome<Written> {
        self.caller.wait()?;
        let totals = self.proxy.stop()?;
        let [caller, called] = &self.folders;
        let read = |folder, direction| audio::read(&dump(folder, direction)?);
        let sent = [read(caller, "enc")?, read(called, "enc")?];
        Ok(Written { totals, sent, heard: [read(caller, "dec")?, read(called, "dec")?] })
    }
}

/// The machine's address towards others, if it has one: baresip takes no other.
pub(super) fn own_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address kept for documentation (RFC 5737): nothing is sent there.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(ip) if !ip.is_loopback() => Some(ip),
        _ => None,
    }
}

/// baresip for one side, which answers by itself, with its tone, its configuration and its recordings in `folder`.
fn agent(folder: &Path, at: SocketAddrV4, user: &str, tone_hz: u32) -> Outcome<Command> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(failed)?;
    let tone = folder.join("tone.wav");
    process::run(
        Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i"])
            .arg(format!("sine=frequency={tone_hz}:sample_rate=8000:duration={WAIT_S}"))
            .args(["-af", "volume=8dB", "-ac", "1"])
            .arg(&tone),
    )?;
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
