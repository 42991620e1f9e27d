//! The programs at both ends of a call: ffmpeg sends, GStreamer receives.

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::audio;
use crate::{Outcome, process};

/// Samples of 20 ms.
pub(super) const SAMPLES_PER_PACKET: usize = 160;

/// Bytes of an RTP packet with 20 ms of G.711.
const PACKET_BYTES: usize = 12 + SAMPLES_PER_PACKET;

/// Bytes that ffmpeg keeps room for in a packet that it protects.
const SRTP_BYTES: usize = 14;

/// The source that ffmpeg is.
const SSRC: &str = "1234";

/// What protects media, as SDP says it (RFC 4568).
pub(super) struct Protection<'a> {
    pub(super) suite: &'a str,
    /// Key and salt in base64.
    pub(super) key: &'a str,
}

/// A form of G.711 in RTP (RFC 3551 §6).
#[derive(Clone, Copy)]
pub(super) enum Codec {
    Pcmu,
    Pcma,
}

impl Codec {
    /// As `mc relay` names it.
    pub(super) const fn option(self) -> &'static str {
        match self {
            Self::Pcmu => "pcmu",
            Self::Pcma => "pcma",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU",
            Self::Pcma => "PCMA",
        }
    }

    const fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }

    const fn ffmpeg_encoder(self) -> &'static str {
        match self {
            Self::Pcmu => "pcm_mulaw",
            Self::Pcma => "pcm_alaw",
        }
    }

    const fn gstreamer_elements(self) -> [&'static str; 2] {
        match self {
            Self::Pcmu => ["rtppcmudepay", "mulawdec"],
            Self::Pcma => ["rtppcmadepay", "alawdec"],
        }
    }
}

/// An even port of the loopback address that is free, as is the next one, which RTCP uses (RFC 3550 §11).
pub(super) fn free_port() -> Outcome<u16> {
    for _ in 0..100 {
        let bind = |port: u16| UdpSocket::bind(("127.0.0.1", port)).ok();
        let Some(port) = bind(0).and_then(|socket| socket.local_addr().ok()).map(|address| address.port())
        else {
            break;
        };
        if port % 2 == 0 && bind(port).is_some() && bind(port + 1).is_some() {
            return Ok(port);
        }
    }
    Err("interop: no two neighbouring UDP ports are free".to_owned())
}

/// A program that ends with its owner.
pub(super) struct Peer {
    child: Child,
    name: &'static str,
}

impl Peer {
    pub(super) fn start(command: &mut Command, name: &'static str) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).spawn().map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { child, name })
    }

    pub(super) const fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Asks it to end, as Ctrl-C does, and waits until it has.
    pub(super) fn interrupt(self) -> Outcome {
        process::run(Command::new("kill").args(["-INT", &self.child.id().to_string()]))?;
        self.wait()
    }

    /// Waits until it has ended by itself.
    pub(super) fn wait(mut self) -> Outcome {
        let status = self.child.wait().map_err(|error| format!("{}: {error}", self.name))?;
        if status.success() { Ok(()) } else { Err(format!("{}: {status}", self.name)) }
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        // One that has ended by itself is not there to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Ended already in the good case; where an error came first, nothing is left running.
        self.kill();
    }
}

/// GStreamer, which receives RTP and writes it to a WAV file.
pub(super) struct Receiver {
    peer: Peer,
    port: u16,
}

impl Receiver {
    pub(super) fn start(codec: Codec, file: &Path) -> Outcome<Self> {
        Self::start_behind(codec, "application/x-rtp", &[], file)
    }

    /// Starts one that opens what it receives with a key of the suite `AEAD_AES_128_GCM`.
    pub(super) fn start_secure(codec: Codec, key: &[u8], file: &Path) -> Outcome<Self> {
        let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let suites = "srtp-cipher=aes-128-gcm,srtp-auth=null,srtcp-cipher=aes-128-gcm,srtcp-auth=null";
        let kind = format!("application/x-srtp,ssrc=(uint){SSRC},srtp-key=(buffer){key},{suites}");
        Self::start_behind(codec, &kind, &["srtpdec", "!"], file)
    }

    /// Starts one that receives packets of this `kind`, which are turned into RTP by these elements.
    fn start_behind(codec: Codec, kind: &str, opens: &[&str], file: &Path) -> Outcome<Self> {
        let port = free_port()?;
        let caps = format!(
            "caps={kind},media=audio,clock-rate=8000,encoding-name={},payload={}",
            codec.name(),
            codec.payload_type()
        );
        let [depayload, decode] = codec.gstreamer_elements();
        let location = format!("location={}", file.display());
        let mut command = Command::new("gst-launch-1.0");
        command.args(["-q", "-e", "udpsrc", &format!("port={port}"), &caps, "!"]);
        command.args(opens).args(["rtpjitterbuffer", "!"]);
        command.args([depayload, "!", decode, "!", "wavenc", "!", "filesink", &location]);
        let receiver = Self { peer: Peer::start(&mut command, "GStreamer")?, port };
        receiver.wait_until_bound()?;
        Ok(receiver)
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Lets it finish its file.
    pub(super) fn stop(self) -> Outcome {
        self.peer.interrupt()
    }

    fn wait_until_bound(&self) -> Outcome {
        for _ in 0..200 {
            if UdpSocket::bind(("0.0.0.0", self.port)).is_err() {
                return Ok(());
            }
            sleep(Duration::from_millis(50));
        }
        Err("GStreamer did not open its port within 10 s".to_owned())
    }
}

/// ffmpeg, which sends `recording` in real time as PCMU from port `from`, protected or not.
pub(super) fn send(
    recording: &Path,
    from: u16,
    to: SocketAddr,
    protection: Option<&Protection<'_>>,
) -> Outcome<Peer> {
    let (scheme, longer_by) = if protection.is_some() { ("srtp", SRTP_BYTES) } else { ("rtp", 0) };
    let packet_bytes = PACKET_BYTES + longer_by;
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-re", "-i"])
        .arg(recording)
        .args([
            "-af",
            &format!("asetnsamples=n={SAMPLES_PER_PACKET}:p=0"),
            "-c:a",
            Codec::Pcmu.ffmpeg_encoder(),
            "-f",
            "rtp",
        ])
        .args(["-ssrc", SSRC]);
    if let Some(Protection { suite, key }) = protection {
        command.args(["-srtp_out_suite", suite, "-srtp_out_params", key]);
    }
    command
        .arg(format!("{scheme}://{to}?localrtpport={from}&pkt_size={packet_bytes}"))
        // It prints a session description.
        .stdout(Stdio::null());
    Peer::start(&mut command, "ffmpeg")
}

/// The recording after ffmpeg's mu-law and, unless that is what is received, `receives`' encoder and decoder.
pub(super) fn codecs_alone(recording: &Path, receives: Codec, folder: &Path) -> Outcome<Vec<i16>> {
    let mu = encoded(recording, Codec::Pcmu, folder)?;
    let last = match receives {
        Codec::Pcmu => mu,
        Codec::Pcma => encoded(&mu, Codec::Pcma, folder)?,
    };
    audio::read(&last)
}

fn encoded(from: &Path, codec: Codec, folder: &Path) -> Outcome<PathBuf> {
    let file = folder.join(format!("codec-{}.wav", codec.option()));
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y", "-i"]).arg(from);
    process::run(command.args(["-c:a", codec.ffmpeg_encoder()]).arg(&file))?;
    Ok(file)
}
