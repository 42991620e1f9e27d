//! One consumer's connection, from its handshake to its end.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_send_buffer_size;
use serde_json::json;
use tungstenite::{Error, Message, WebSocket};

use super::RATE;
use super::ears::{Ears, Tell};
use super::handshake::{Opening, open};
use super::mouth::Mouth;
use crate::attach::{Attachment, Fork, TapQueue, TapStatus, tap};
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

/// A consumer at one leg.
struct Session<'a> {
    relay: &'a MediaSessionController,
    socket: WebSocket<TcpStream>,
    queue: Arc<TapQueue>,
    status: Arc<TapStatus>,
    ears: Ears,
    mouth: Mouth,
    /// Since when nothing could be sent.
    stuck: Option<Instant>,
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
    let (ears, mouth) = (Ears::new().map_err(io::Error::other)?, Mouth::new());
    let voice = Player::new(Source::Live(mouth.live()), relay.clock());
    relay.attach(&dialog, Attachment::Fork(leg, Box::new(Fork { tap, voice }))).map_err(io::Error::other)?;
    let services = relay.services();
    services.forks.add();
    services.forks_active.add();
    tracing::info!(%dialog, %leg, "a consumer listens");
    let ended = Session { relay, socket, queue, status, ears, mouth, stuck: None }.run(&dialog, leg, stop);
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
            if self.mouth.speak() {
                self.tell(&json!({ "event": "played" }))?;
            }
            self.pass_on()?;
            if ended || stop.load(Ordering::Relaxed) {
                self.tell(&json!({ "event": "stop" }))?;
                let _ = self.socket.close(None);
                let _ = self.socket.flush();
                return Ok(());
            }
        }
    }

    /// Takes a message of the consumer's, if there is one. False when it was its last.
    fn listen(&mut self) -> Result<bool, Error> {
        match self.socket.read() {
            Ok(Message::Binary(audio)) => {
                let lost = self.mouth.take(&audio);
                if lost > 0 {
                    self.relay.services().fork_samples_refused.add_many(lost as u64);
                    self.tell(&json!({ "event": "overflow", "lost_ms": lost / 8 }))?;
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
        let command = serde_json::from_str::<serde_json::Value>(text).ok();
        match command.as_ref().and_then(|command| command.get("command")?.as_str()) {
            Some("flush") => {
                self.mouth.fall_silent();
                self.tell(&json!({ "event": "flushed" }))
            }
            _ => self.tell(&json!({ "event": "error", "reason": "no command that is known" })),
        }
    }

    /// Sends what was heard, as far as the consumer takes it; the rest waits, and what finds no room to wait is lost.
    fn pass_on(&mut self) -> Result<(), Error> {
        let lost = self.status.take_lost();
        if lost > 0 {
            self.relay.services().fork_packets_lost.add_many(lost);
            self.tell(&json!({ "event": "lost", "packets": lost }))?;
        }
        while self.flush()? {
            let Some(heard) = self.queue.pop() else { return Ok(()) };
            let mut messages = Vec::new();
            self.ears.hear(&heard, |tell| {
                messages.push(match tell {
                    Tell::Audio(audio) => Message::binary(audio),
                    Tell::Speech { begins, at_ms } => {
                        let event = if begins { "speech_start" } else { "speech_end" };
                        Message::text(json!({ "event": event, "at_ms": at_ms }).to_string())
                    }
                });
            });
            messages.into_iter().try_for_each(|message| self.write(message))?;
        }
        Ok(())
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
                self.stuck = None;
                Ok(true)
            }
            Err(Error::Io(error)) if is_passing(&error) => {
                if self.stuck.get_or_insert_with(Instant::now).elapsed() > DEAF {
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
