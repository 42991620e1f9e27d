//! One datagram from a proxy.

use crate::bencode::{self, Dictionary, Value};
use crate::{Command, MediaOptions, NgError};

/// A request: `cookie SP dictionary`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Names the request; the reply carries it, and a retransmission repeats it.
    pub cookie: &'a [u8],
    /// Its parameters.
    pub parameters: Dictionary<'a>,
}

impl<'a> Request<'a> {
    /// Longest cookie that is kept.
    const MAX_COOKIE: usize = 256;

    /// Splits a datagram into cookie and the rest. The cookie alone is enough to answer by, whatever
    /// the rest turns out to be.
    #[must_use]
    pub fn split(datagram: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let end = datagram.iter().take(Self::MAX_COOKIE + 1).position(|&byte| byte == b' ')?;
        (end > 0).then(|| (&datagram[..end], &datagram[end + 1..]))
    }

    /// How many bytes the request at the front of a stream takes, where requests follow one another without
    /// datagrams; `None` while its end has not come.
    ///
    /// # Errors
    /// [`NgError::Frame`] and [`NgError::Bencode`] where there is none and whatever follows cannot make it one: the
    /// stream is of no use any more.
    pub fn length(stream: &'a [u8]) -> Result<Option<usize>, NgError> {
        match Self::split(stream) {
            Some((cookie, rest)) => Ok(bencode::length(rest)?.map(|length| cookie.len() + 1 + length)),
            None if stream.len() <= Self::MAX_COOKIE && !stream.starts_with(b" ") => Ok(None),
            None => Err(NgError::Frame),
        }
    }

    /// Reads a datagram.
    ///
    /// # Errors
    /// [`NgError::Frame`] and [`NgError::Bencode`].
    pub fn read(datagram: &'a [u8]) -> Result<Self, NgError> {
        let (cookie, rest) = Self::split(datagram).ok_or(NgError::Frame)?;
        match bencode::read(rest)? {
            Value::Dictionary(parameters) => Ok(Self { cookie, parameters }),
            _ => Err(NgError::Frame),
        }
    }

    /// What is asked for.
    ///
    /// # Errors
    /// [`NgError::Missing`] and [`NgError::UnknownCommand`].
    pub fn command(&self) -> Result<Command, NgError> {
        let name = self.text("command")?;
        Command::named(name).ok_or_else(|| NgError::UnknownCommand(name.to_owned()))
    }

    /// The text under `key`.
    ///
    /// # Errors
    /// [`NgError::Missing`], [`NgError::Malformed`].
    pub fn text(&self, key: &'static str) -> Result<&'a str, NgError> {
        let value = self.parameters.get(key).ok_or(NgError::Missing(key))?;
        value.text().ok_or(NgError::Malformed { key, expected: "text" })
    }

    /// The number under `key`, if there is one, as such or as text.
    ///
    /// # Errors
    /// [`NgError::Malformed`].
    pub fn number(&self, key: &'static str) -> Result<Option<i64>, NgError> {
        let Some(value) = self.parameters.get(key) else { return Ok(None) };
        value.number().map(Some).ok_or(NgError::Malformed { key, expected: "a number" })
    }

    /// The flags and options of an offer, an answer or another command about media.
    ///
    /// # Errors
    /// [`NgError::Malformed`].
    pub fn options(&self) -> Result<MediaOptions, NgError> {
        MediaOptions::read(&self.parameters)
    }
}
