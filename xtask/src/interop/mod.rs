//! `cargo xtask interop`: a real recording through `mc relay`, between programs that are not ours.
//!
//! ffmpeg sends the recording as PCMU over RTP to the relay's one leg; GStreamer receives what the other leg
//! sends and writes a WAV file. What arrived is the recording with the noise of G.711, and no more of it than
//! the same recording has after ffmpeg's codecs alone, without any network; tshark has seen every packet of it. Once
//! more, it is protected on both ways (SRTP), with another suite on each.
//! Then sipp calls itself, and baresip another baresip, through Kamailio, which drives the relay as it drives
//! rtpengine; a browser shows the relay's status page meanwhile. Further calls of that kind are recorded, echoed by a
//! program at a WebSocket, and carried on by another relay that finds them in Redis. Where there is an OpenSIPS, sipp
//! calls through it, too.

mod audio;
mod baresip;
mod browser;
mod conversation;
mod fork;
mod ng;
mod peers;
mod protected;
mod proxy;
mod recorded;
mod recording;
mod relay;
mod sipp;
mod takeover;
mod tshark;

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::{Outcome, debian, workspace};
use audio::Difference;
use peers::{Codec, Receiver};
use relay::Relay;
use tshark::Capture;

/// What received audio may have less than the recording after the codecs alone, in dB. ffmpeg's A-law encoder
/// differs from ITU-T G.711 at 964 of the 65,536 samples, so the two are not the same to the last bit.
const ALLOWED_LOSS_DB: f64 = 0.1;

/// Time for the last packets to arrive and be written.
const DRAIN: Duration = Duration::from_secs(1);

/// One call: what is sent as PCMU is received as this.
struct Call {
    name: &'static str,
    receives: Codec,
}

const CALLS: [Call; 2] = [
    Call { name: "pcmu-to-pcmu", receives: Codec::Pcmu },
    Call { name: "pcmu-to-pcma", receives: Codec::Pcma },
];

/// Run `mc relay` between programs that are not ours: ffmpeg, GStreamer, tshark, sipp, baresip, Kamailio,
/// OpenSIPS, Redis, a WebSocket library
///
/// The programs and the recording come from Debian's packages; what is missing is installed as root or
/// through sudo. Debian has no OpenSIPS: calls go through it where it is installed.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Use this program instead of building `mc`
    #[arg(long, value_name = "PROGRAM")]
    mc: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    debian::need(&[
        (&["ffmpeg", "-version"], "ffmpeg"),
        (&["gst-launch-1.0", "--version"], "gstreamer1.0-tools"),
        (&["gst-inspect-1.0", "--exists", "playbin"], "gstreamer1.0-plugins-base"),
        (&["gst-inspect-1.0", "--exists", "rtppcmudepay"], "gstreamer1.0-plugins-good"),
        (&["gst-inspect-1.0", "--exists", "srtpdec"], "gstreamer1.0-plugins-bad"),
        (&["kamailio", "-v"], "kamailio"),
        (&["sh", "-c", "command -v sipp"], "sip-tester"),
        (&["sh", "-c", "command -v baresip"], "baresip-core"),
        (&["tshark", "--version"], "tshark"),
        (&["redis-server", "--version"], "redis-server"),
        (&[fork::PYTHON, "-c", "import websockets"], "python3-websockets"),
    ])?;
    let mc = match &arguments.mc {
        Some(program) => program.clone(),
        None => relay::build()?,
    };
    let folder = workspace::target_dir()?.join("interop");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let recording = recording::fetch(&folder)?;
    let sent = audio::read(&recording)?;
    println!("interop: {} ({:.1} s)", recording.display(), sent.len() as f64 / 8_000.0);

    let mut receivers = Vec::new();
    for call in &CALLS {
        receivers.push(Receiver::start(call.receives, &folder.join(format!("{}.wav", call.name)))?);
    }
    let ports: Vec<u16> = (0..CALLS.len()).map(|_| peers::free_port()).collect::<Outcome<_>>()?;
    let legs = CALLS.iter().zip(&ports).zip(&receivers);
    let calls = legs.map(|((call, from), to)| {
        format!("127.0.0.1:{from}/pcmu,127.0.0.1:{}/{}", to.port(), call.receives.option())
    });
    let relay = Relay::start(&mc, &calls.collect::<Vec<_>>())?;
    let to: Vec<u16> = receivers.iter().map(Receiver::port).collect();
    let capture = Capture::start(&folder, &to)?;
    let senders: Vec<_> = ports
        .iter()
        .zip(relay.first_legs())
        .map(|(from, to)| peers::send(&recording, *from, *to, None))
        .collect::<Outcome<_>>()?;
    for sender in senders {
        sender.wait()?;
    }
    sleep(DRAIN);
    let mut failures = 0;
    if let Some(capture) = capture {
        let packets = (sent.len() / peers::SAMPLES_PER_PACKET) as u64;
        failures += usize::from(!capture.judge(&to, packets)?);
    }
    println!("{}", relay.stop()?.trim_end());
    for receiver in receivers {
        receiver.stop()?;
    }
    for call in &CALLS {
        failures += usize::from(!judge(call, &folder, &recording, &sent)?);
    }
    failures += usize::from(!protected::run(&mc, &folder, &recording)?);
    failures += usize::from(!sipp::run(&mc, &folder)?);
    match conversation::own_address() {
        Some(ip) => {
            for step in [baresip::run, recorded::run, fork::run, takeover::run] {
                failures += usize::from(!step(&mc, &folder, ip)?);
            }
        }
        None => println!(
            "baresip       skipped, and what it takes part in: it does not talk over the loopback address, and there \
             is no other one"
        ),
    }
    if failures == 0 { Ok(()) } else { Err(format!("interop: {failures} runs failed")) }
}

/// Compares what a call delivered with the recording, says so, and whether it is good enough.
fn judge(call: &Call, folder: &Path, recording: &Path, sent: &[i16]) -> Outcome<bool> {
    let received = audio::read(&folder.join(format!("{}.wav", call.name)))?;
    let codecs_alone = peers::codecs_alone(recording, call.receives, folder)?;
    let expected = Difference::between(sent, &codecs_alone);
    let shift = audio::shift(sent, &received);
    let got = Difference::between(sent, audio::shifted(&received, shift));
    let complete = received.len() >= sent.len() + shift;
    let good = got.snr_db >= expected.snr_db - ALLOWED_LOSS_DB && complete;
    println!(
        "{:<14}received {} of {} samples, shifted by {shift}; SNR {:.2} dB, RMS difference {:.1} LSB; \
         codecs alone: {:.2} dB, {:.1} LSB{}",
        call.name,
        received.len(),
        sent.len(),
        got.snr_db,
        got.rms,
        expected.snr_db,
        expected.rms,
        if good { "" } else { "  FAILED" }
    );
    Ok(good)
}
