//! The opening handshake (RFC 6455 §4.2): which leg is asked for.

use std::net::TcpStream;
use std::time::Duration;

use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::StatusCode;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{HandshakeError, WebSocket, accept_hdr_with_config};

use super::RATE;
use crate::{DialogId, LegId, MediaSessionController};

/// How long a client may be silent while it says what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest message that is taken, in bytes: 60 s of audio.
const MAX_MESSAGE: usize = 2 * RATE.samples_in_ms(60_000);

/// The leg that a client asks for.
pub(super) struct Opening {
    pub(super) dialog: DialogId,
    pub(super) leg: LegId,
}

/// Opens a connection for a leg of a call that runs; everybody else is told no.
///
/// # Errors
/// Why there is no connection.
pub(super) fn open(
    relay: &MediaSessionController,
    stream: TcpStream,
) -> Result<(WebSocket<TcpStream>, Opening), tungstenite::Error> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let config =
        WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let mut opening = None;
    #[expect(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
    let decide = |request: &Request, response: Response| match asked(relay, request) {
        Ok(asked) => {
            opening = Some(asked);
            Ok(response)
        }
        Err(status) => {
            let mut refused = ErrorResponse::new(Some(format!("{status}\n")));
            *refused.status_mut() = status;
            Err(refused)
        }
    };
    let socket = accept_hdr_with_config(stream, decide, Some(config)).map_err(|error| match error {
        HandshakeError::Failure(error) => error,
        HandshakeError::Interrupted(_) => std::io::Error::from(std::io::ErrorKind::TimedOut).into(),
    })?;
    opening.map(|opening| (socket, opening)).ok_or(tungstenite::Error::ConnectionClosed)
}

fn asked(relay: &MediaSessionController, request: &Request) -> Result<Opening, StatusCode> {
    // Pages in a browser, which may be anybody's, have an origin; programs have none.
    if request.headers().contains_key("origin") {
        return Err(StatusCode::FORBIDDEN);
    }
    let (call, leg) = named(request.uri().path()).ok_or(StatusCode::NOT_FOUND)?;
    // Of a proxy's call, the first stream needs no number.
    let candidates = [DialogId::new(format!("{call}/0")), DialogId::from(call)];
    let running = candidates.into_iter().find(|dialog| relay.call_metrics(dialog).is_ok());
    running.map(|dialog| Opening { dialog, leg }).ok_or(StatusCode::NOT_FOUND)
}

/// The call and the leg of `/calls/CALL/LEG`.
fn named(path: &str) -> Option<(String, LegId)> {
    let (call, leg) = path.strip_prefix("/calls/")?.rsplit_once('/')?;
    let leg = LegId::ALL.into_iter().find(|known| known.to_string() == leg)?;
    Some((decoded(call)?, leg))
}

/// Percent-encoding taken off (RFC 3986 §2.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                (digit(rest.next())? * 16 + digit(rest.next())?) as u8
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_call_and_a_leg() {
        assert_eq!(named("/calls/a%2Fb@h/B"), Some(("a/b@h".to_owned(), LegId::B)));
        assert_eq!(named("/calls/x/0/A"), Some(("x/0".to_owned(), LegId::A)));
        for path in
            ["/", "/calls/x", "/calls/x/C", "/call/x/A", "/calls/%2/A", "/calls/%zz/A", "/calls/%FF/A"]
        {
            assert_eq!(named(path), None, "{path}");
        }
    }
}
