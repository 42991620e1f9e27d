//! A program with a WebSocket library that is not ours (Python's `websockets`) says what it hears, in pieces of 100 ms:
//! the caller hears itself, as loud and as pure as it speaks, and the other side notices nothing. The program is told when
//! the call begins, when its first piece has been said, and when the call ends.

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::conversation::{Conversation, TONES_HZ};
use super::peers::Peer;
use super::proxy::Options;
use super::{audio, ng};
use crate::Outcome;

/// Debian's own Python, which has Debian's packages.
pub(super) const PYTHON: &str = "/usr/bin/python3";

/// The program: five frames make a piece. It prints the events.
const ECHO: &str = "
import asyncio, contextlib, json, sys, websockets

async def echo(url):
    async with websockets.connect(url) as socket:
        piece, first = b'', True
        # The call may end while it says something.
        with contextlib.suppress(websockets.ConnectionClosedOK):
            async for message in socket:
                if isinstance(message, bytes):
                    piece += message
                    if len(piece) >= 5 * 640:
                        await socket.send(piece)
                        piece = b''
                        if first:
                            await socket.send(json.dumps({'command': 'mark', 'name': 'first'}))
                        first = False
                else:
                    print(json.loads(message)['event'])

asyncio.run(echo(sys.argv[1]))
";

/// Time for the program to connect and for its voice to be heard.
const SETTLE: Duration = Duration::from_secs(3);
/// What is judged: so many seconds at the end.
const JUDGED_S: usize = 3;

/// Most by which the echo's level may change on its way, in dB.
const ALLOWED_CHANGE_DB: f64 = 0.1;
/// How much purer than all else it has to be, in dB: it has gone through A-law twice.
const PURE_DB: f64 = 30.0;

/// Whether the caller heard itself.
pub(super) fn run(mc: &Path, folder: &Path, ip: Ipv4Addr) -> Outcome<bool> {
    let options = Options::with(&[("--fork", "127.0.0.1:0")]);
    let talk = Conversation::start(mc, folder, "fork", ip, &options)?;
    let address = talk.proxy.relay.address("fork")?;
    let calls = ng::calls(talk.proxy.ng)?;
    let [call] = calls.as_slice() else { return Err(format!("not one call, but {calls:?}")) };
    let mut program = Command::new(PYTHON);
    program.args(["-c", ECHO]).arg(format!("ws://{address}/calls/{}/A", percent_encoded(call)));
    let mut program = Peer::start(program.stdout(Stdio::piped()), "the program at the WebSocket")?;
    let events = program.child().stdout.take().ok_or("the program at the WebSocket has no output")?;
    sleep(SETTLE);
    let written = talk.end()?;
    // The call has ended, and so does it.
    program.wait()?;
    let events =
        io::read_to_string(events).map_err(|error| format!("the program at the WebSocket: {error}"))?;
    let events: Vec<&str> = events.lines().collect();
    let told = events.first() == Some(&"start") && events.contains(&"mark") && events.last() == Some(&"stop");
    println!(
        "fork          the program was told: {}{}",
        events.join(", "),
        if told { "" } else { "  FAILED" }
    );
    let sent = audio::tone_db(audio::last(&written.sent[0], JUDGED_S), TONES_HZ[0]);
    let mut good = told;
    for (side, what) in [(0, "the caller hears itself"), (1, "the called side hears the caller")] {
        let heard = audio::last(&written.heard[side], JUDGED_S);
        let change = audio::tone_db(heard, TONES_HZ[0]) - sent;
        let purity = audio::purity_db(heard, TONES_HZ[0]);
        let fine = heard.len() == 8_000 * JUDGED_S && change.abs() <= ALLOWED_CHANGE_DB && purity >= PURE_DB;
        good &= fine;
        println!(
            "fork          {what}: level changed by {change:+.3} dB, {purity:.1} dB above all else{}",
            if fine { "" } else { "  FAILED" }
        );
    }
    Ok(good)
}

/// A Call-ID as it stands in an address (RFC 3986 §2.1).
fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_call_id_is_one_part_of_a_path() {
        assert_eq!(super::percent_encoded("a/b@h-1.ö"), "a%2Fb%40h-1.%C3%B6");
    }
}
