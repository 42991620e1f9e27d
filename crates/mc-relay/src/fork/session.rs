//! One consumer's connection, from its handshake to its end.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mc_engine::{Clock, SAMPLE_RATE};
use rustix::net::sockopt::set_socket_send_buffer_size;
use serde_json::json;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, Utf8Bytes, WebSocket};

use super::RATE;
use super::ears::{Ears, Tell};
use super::handshake::{Opening, open};
use super::mouth::{Mouth, Said, Unsaid};
use crate::attach::{Attachment, Fork, Heard, TapQueue, TapStatus, tap};
use crate::play::{Player, Source};
use crate::{DialogId, LegId, MediaSessionController};

/// How long is waited for what the consumer says before what it hears is sent: half a packet.
const ROUND: Duration = Duration::from_millis(10);
/// Packets that wait for a consumer that is slow: a second.
const QUEUE: usize = 50;
/// How long a consumer may take nothing before it is given up.
const DEAF: Duration = Duration::from_secs(10);
/// Bytes that the system holds for a consumer that is slow: two seconds of audio.
const SEND_BUFFER: usize = 65_536;

/// Longest name of a mark, in bytes.
const LONGEST_NAME: usize = 256;
/// Samples in a millisecond of what is said.
const SAMPLES_PER_MS: usize = SAMPLE_RATE.samples_in_ms(1);

/// A consumer at one leg.
struct Session<'a> {
    relay: &'a MediaSessionController,
    socket: WebSocket<TcpStream>,
    queue: Arc<TapQueue>,
    status: Arc<TapStatus>,
    /// A packet that comes after the frame that is due.
    next: Option<Heard>,
    ears: Ears,
    mouth: Mouth,
    /// Since when nothing could be sent, by the relay's clock.
    stuck_ns: Option<u64>,
}

/// Serves a client until it leaves, the call ends or `stop` says so. `id` is its own.
pub(super) fn serve(
    relay: &MediaSessionController,
    stream: TcpStream,
    id: u64,
    stop: &AtomicBool,
) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(ROUND))?;
    set_socket_send_buffer_size(&stream, SEND_BUFFER).map_err(io::Error::from)?;
    let (socket, Opening { dialog, leg }) = open(relay, stream)?;
    socket.get_ref().set_read_timeout(Some(ROUND))?;
    let queue = Arc::new(TapQueue::new(QUEUE));
    let (tap, status) = tap(id, Arc::clone(&queue));
    let (ears, mouth) = (Ears::new(relay.clock().now_ns()).map_err(io::Error::other)?, Mouth::new());
    let voice = Player::new(Source::Live(mouth.live()), relay.clock().now_ns());
    relay.attach(&dialog, Attachment::Fork(leg, Box::new(Fork { tap, voice }))).map_err(io::Error::other)?;
    let services = relay.services();
    services.forks.add();
    services.forks_active.add();
    tracing::info!(%dialog, %leg, "a consumer listens");
    let mut session = Session { relay, socket, queue, status, next: None, ears, mouth, stuck_ns: None };
    let ended = session.run(&dialog, leg, stop);
    // One that has ended, or another consumer's, is not there any more to be taken off.
    let _ = relay.attach(&dialog, Attachment::EndFork(leg, id));
    services.forks_active.subtract();
    tracing::info!(%dialog, %leg, "a consumer has left");
    ended
}

impl Session<'_> {
    fn run(&mut self, dialog: &DialogId, leg: LegId, stop: &AtomicBool) -> Result<(), Error> {
        self.tell(&json!({
            "event": "start", "call": dialog.as_str(), "leg": leg.to_string(),
            "encoding": "s16le", "rate": RATE.hz(), "channels": 1, "frame_ms": 20,
        }))?;
        loop {
            let ended = self.status.has_ended();
            if !self.listen()? {
                return Ok(());
            }
            self.speak()?;
            self.pass_on()?;
            if ended || stop.load(Ordering::Relaxed) {
                self.tell(&json!({ "event": "stop" }))?;
                // Without a code, some libraries take it for a failure.
                let normal = CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::default() };
                let _ = self.socket.close(Some(normal));
                let _ = self.socket.flush();
                return Ok(());
            }
        }
    }

    /// Takes a message of the consumer's, if there is one. False when it was its last.
    fn listen(&mut self) -> Result<bool, Error> {
        match self.socket.read() {
            Ok(Message::Binary(audio)) => {
                let lost = self.mouth.take(&audio, self.relay.clock().now_ns());
                if lost > 0 {
                    self.relay.services().fork_samples_refused.add_many(lost as u64);
                    self.tell(&json!({ "event": "overflow", "lost_ms": lost / SAMPLES_PER_MS }))?;
                }
            }
            Ok(Message::Text(text)) => self.obey(&text)?,
            Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => {
                let _ = self.socket.flush();
                return Ok(false);
            }
            Ok(_) => {}
            Err(Error::Io(error)) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    fn obey(&mut self, text: &str) -> Result<(), Error> {
        let message = serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
        let word = |key| message.get(key).and_then(serde_json::Value::as_str);
        let refuse = |reason| json!({ "event": "error", "reason": reason });
        let answer = match (word("command"), word("name")) {
            (Some("flush"), _) => {
                let Unsaid { samples, marks } = self.mouth.fall_silent();
                json!({ "event": "flushed", "unsaid_ms": samples / SAMPLES_PER_MS, "marks": marks })
            }
            (Some("mark"), Some(name)) if name.len() <= LONGEST_NAME => {
                if self.mouth.mark(name.to_owned()) {
                    return Ok(());
                }
                refuse("too many marks")
            }
            (Some("mark"), _) => refuse("a mark needs a name of up to 256 bytes"),
            _ => refuse("no command that is known"),
        };
        self.tell(&answer)
    }

    /// Lets be said what is to be said, and tells what was.
    fn speak(&mut self) -> Result<(), Error> {
        let mut events = Vec::new();
        self.mouth.speak(self.relay.clock().now_ns(), |said| {
            events.push(match said {
                Said::Mark(name) => json!({ "event": "mark", "name": name }),
                Said::All => json!({ "event": "played" }),
            });
        });
        events.iter().try_for_each(|event| self.tell(event))
    }

    /// Sends the frames that are due, as far as the consumer takes them. Packets wait meanwhile, and what finds no room
    /// to wait is lost; the frames stand for the time that it took.
    fn pass_on(&mut self) -> Result<(), Error> {
        let lost = self.status.take_lost();
        if lost > 0 {
            self.relay.services().fork_packets_lost.add_many(lost);
            self.tell(&json!({ "event": "lost", "packets": lost }))?;
        }
        let now_ns = self.relay.clock().now_ns();
        loop {
            self.next = self.next.take().or_else(|| self.queue.pop());
            let known_ns = self.next.as_ref().map_or(now_ns, |heard| heard.at_ns);
            if self.ears.due_ns() <= known_ns {
                if !self.flush()? {
                    return Ok(());
                }
                for tell in self.ears.frame() {
                    self.write(match tell {
                        Tell::Audio(audio) => Message::binary(audio),
                        Tell::Speech { begins, at_ms } => {
                            let event = if begins { "speech_start" } else { "speech_end" };
                            Message::text(json!({ "event": event, "at_ms": at_ms }).to_string())
                        }
                    })?;
                }
            } else if let Some(heard) = self.next.take() {
                self.ears.hear(&heard);
            } else {
                return self.flush().map(drop);
            }
        }
    }

    fn tell(&mut self, event: &serde_json::Value) -> Result<(), Error> {
        self.write(Message::text(event.to_string()))
    }

    /// Puts a message behind what is still to be sent.
    fn write(&mut self, message: Message) -> Result<(), Error> {
        match self.socket.write(message) {
            Ok(()) => Ok(()),
            Err(Error::Io(error)) if is_passing(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sends what is to be sent. False while the consumer does not take it.
    fn flush(&mut self) -> Result<bool, Error> {
        match self.socket.flush() {
            Ok(()) => {
                self.stuck_ns = None;
                Ok(true)
            }
            Err(Error::Io(error)) if is_passing(&error) => {
                let now_ns = self.relay.clock().now_ns();
                let since_ns = *self.stuck_ns.get_or_insert(now_ns);
                if now_ns.saturating_sub(since_ns) > DEAF.as_nanos() as u64 {
                    return Err(
                        io::Error::new(ErrorKind::TimedOut, "the consumer takes nothing any more").into()
                    );
                }
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether an error only says that it takes longer.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
