//! Session descriptions (RFC 8866) as a relay sees them: where media goes, in which formats, and how to
//! put itself in between (RFC 3264).

mod arrange;
mod continuity;
mod format;
mod mark;
mod negotiate;
mod order;
mod rewrite;
mod stream;
mod transport;

pub use continuity::Continuity;
pub use format::Format;
pub use mark::{is_marked, mark};
pub use negotiate::{Agreement, agree};
pub use rewrite::{RelayPorts, Rewrite, StreamChange, turn_off};
pub use sdp_types::Session;
pub use stream::{Direction, MediaStream, streams};
pub use transport::{is_relayed, is_secure};

use crate::NgError;

/// Reads a session description.
///
/// # Errors
/// [`NgError::Sdp`], [`NgError::Missing`] when it has no media.
pub fn read(text: &str) -> Result<Session, NgError> {
    let session = Session::parse(text.as_bytes()).map_err(|error| NgError::Sdp(error.to_string()))?;
    if session.medias.is_empty() {
        return Err(NgError::Sdp("no media".to_owned()));
    }
    Ok(session)
}

/// The text of a session description.
///
/// # Errors
/// [`NgError::Sdp`] when it cannot be written.
pub fn write(session: &Session) -> Result<String, NgError> {
    let mut bytes = Vec::new();
    session.write(&mut bytes).map_err(|error| NgError::Sdp(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| NgError::Sdp(error.to_string()))
}

/// The text of a session description, with the session's own lines in the order that they have in `original`.
///
/// # Errors
/// As [`write()`].
pub fn write_like(session: &Session, original: &str) -> Result<String, NgError> {
    Ok(order::arrange_like(&write(session)?, original))
}
