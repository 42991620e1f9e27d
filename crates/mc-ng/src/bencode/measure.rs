//! Where a value ends, in a stream that may not hold all of it yet.

use super::{BencodeError, MAX_DEPTH};

/// Longest number that is looked at for its end: a sign and the digits of any 64-bit integer.
const MAX_DIGITS: usize = 20;

/// How many bytes the value at the front of `stream` takes; `None` while its end has not come.
///
/// What lies within is looked at no further than it takes to find the end: [`read`](super::read) judges it.
///
/// # Errors
/// [`BencodeError`] where no value begins or goes on, whatever may follow.
pub fn length(stream: &[u8]) -> Result<Option<usize>, BencodeError> {
    let (mut at, mut depth) = (0, 0);
    loop {
        let expected = |expected| BencodeError { offset: at, expected };
        match stream.get(at) {
            None => return Ok(None),
            Some(b'i') => match end_of_number(&stream[at + 1..], b'e') {
                Some(digits) => at += digits + 2,
                None if stream.len() - at > MAX_DIGITS + 1 => return Err(expected("a number")),
                None => return Ok(None),
            },
            Some(b'0'..=b'9') => match end_of_number(&stream[at..], b':') {
                Some(digits) => {
                    let text = std::str::from_utf8(&stream[at..at + digits]).ok();
                    let bytes = text.and_then(|text| text.parse::<usize>().ok());
                    let end = bytes.and_then(|bytes| (at + digits + 1).checked_add(bytes));
                    at = end.ok_or(expected("a string of a possible length"))?;
                }
                None if stream.len() - at > MAX_DIGITS => return Err(expected("a number")),
                None => return Ok(None),
            },
            Some(b'l' | b'd') if depth <= MAX_DEPTH => {
                at += 1;
                depth += 1;
            }
            Some(b'e') if depth > 0 => {
                at += 1;
                depth -= 1;
            }
            Some(_) => return Err(expected("a value")),
        }
        if depth == 0 {
            return Ok((at <= stream.len()).then_some(at));
        }
    }
}

/// Bytes before `end`, if it is near.
fn end_of_number(bytes: &[u8], end: u8) -> Option<usize> {
    bytes.iter().take(MAX_DIGITS + 1).position(|&byte| byte == end)
}
