//! SRTP between programs that are not ours: ffmpeg protects what it sends with one suite, GStreamer opens what it
//! receives with another, and neither knows the other's keys.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread::sleep;

use base64ct::{Base64, Encoding};

use super::peers::{self, Codec, Protection, Receiver};
use super::relay::Service;
use super::{Call, DRAIN, audio, judge, ng};
use crate::Outcome;

/// What ffmpeg sends under: a key of the suite that everybody has.
const SENDS: Protection<'_> =
    Protection { suite: "AES_CM_128_HMAC_SHA1_80", key: "dGhpcyBrZXkgaXMgbm90IGEgc2VjcmV0IGtleSEh" };
/// What GStreamer is asked to open.
const RECEIVES: &str = "AEAD_AES_128_GCM";

/// Whether the recording arrives whole.
pub(super) fn run(mc: &Path, folder: &Path, recording: &Path) -> Outcome<bool> {
    let from = peers::free_port()?;
    let relay = Service::start(mc, Ipv4Addr::LOCALHOST, &[])?;
    let served_at = relay.address("ng")?;
    let request = |command, sdp: &str, tags: &[(&str, &str)]| {
        let common = [("command", command), ("call-id", "protected"), ("from-tag", "a"), ("sdp", sdp)];
        ng::ask(served_at, &[&common, tags].concat())
    };
    let offered = request("offer", &description(from, 1, &SENDS), &[])?;
    let (tag, key) = key_of(&offered, RECEIVES)?;
    let call = Call { name: "protected", receives: Codec::Pcmu };
    let file = folder.join(format!("{}.wav", call.name));
    let receiver = Receiver::start_secure(call.receives, &key, &file)?;
    // It sends nothing; any key will do for what it would send under.
    let unused = Base64::encode_string(&[7; 28]);
    let own = description(receiver.port(), tag, &Protection { suite: RECEIVES, key: &unused });
    let answered = request("answer", &own, &[("to-tag", "b")])?;
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, media_port(&answered)?));
    peers::send(recording, from, to, Some(&SENDS))?.wait()?;
    sleep(DRAIN);
    println!("protected     {}", relay.stop()?.trim_end());
    receiver.stop()?;
    judge(&call, folder, recording, &audio::read(recording)?)
}

/// A session description with one key.
fn description(port: u16, tag: u32, protection: &Protection<'_>) -> String {
    let Protection { suite, key } = protection;
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {port} RTP/SAVP 0\r\na=crypto:{tag} {suite} inline:{key}\r\n"
    )
}

/// The tag and the key of this suite in a session description.
fn key_of(description: &str, suite: &str) -> Outcome<(u32, Vec<u8>)> {
    let attributes = description.split("a=crypto:").skip(1);
    let key = attributes.filter_map(|attribute| {
        let mut words = attribute.split(['\r', ' ']);
        let (tag, name, key) = (words.next()?, words.next()?, words.next()?.strip_prefix("inline:")?);
        Some((tag.parse().ok()?, name, Base64::decode_vec(key).ok()?))
    });
    let found = key.into_iter().find(|(_, name, _)| *name == suite).map(|(tag, _, key)| (tag, key));
    found.ok_or_else(|| format!("mc relay offers no {suite}: {description}"))
}

/// The port of the audio in a session description.
fn media_port(description: &str) -> Outcome<u16> {
    let port = description.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    port.ok_or_else(|| format!("no audio in {description}"))
}
