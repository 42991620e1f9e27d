//! From bytes to a [`Value`].

use std::fmt;

use super::{Dictionary, Value};

/// Deepest nesting of lists and dictionaries; NG requests need four.
pub const MAX_DEPTH: usize = 16;

/// What is wrong with bencoded bytes, and at which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BencodeError {
    /// Offset of the byte that does not fit.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for BencodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bencoding: {} expected at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for BencodeError {}

/// Reads one value that takes all of `bytes`.
///
/// # Errors
/// [`BencodeError`] for what is cut short, followed by more, nested deeper than [`MAX_DEPTH`], or no
/// bencoding at all.
pub fn read(bytes: &[u8]) -> Result<Value<'_>, BencodeError> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    if reader.at == bytes.len() { Ok(value) } else { Err(reader.expected("the end")) }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    const fn expected(&self, expected: &'static str) -> BencodeError {
        BencodeError { offset: self.at, expected }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over `byte` if it comes next.
    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, BencodeError> {
        if depth > MAX_DEPTH {
            return Err(self.expected("a shallower value"));
        }
        match self.peek() {
            Some(b'i') => {
                self.at += 1;
                Ok(Value::Integer(self.number(b'e')?))
            }
            Some(b'0'..=b'9') => Ok(Value::Bytes(self.string()?)),
            Some(b'l') => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.skip(b'e') {
                    items.push(self.value(depth + 1)?);
                }
                Ok(Value::List(items))
            }
            Some(b'd') => {
                self.at += 1;
                let mut pairs = Vec::new();
                while !self.skip(b'e') {
                    pairs.push((self.string()?, self.value(depth + 1)?));
                }
                Ok(Value::Dictionary(Dictionary(pairs)))
            }
            _ => Err(self.expected("a value")),
        }
    }

    fn string(&mut self) -> Result<&'a [u8], BencodeError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.expected("a string"));
        }
        let length = self.number(b':')?;
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        let string = end.and_then(|end| self.bytes.get(self.at..end));
        let string = string.ok_or_else(|| self.expected("a string of that length"))?;
        self.at += string.len();
        Ok(string)
    }

    /// A decimal number and the byte that ends it.
    fn number(&mut self, end: u8) -> Result<i64, BencodeError> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| byte == end).ok_or_else(|| self.expected("a number"))?;
        let digits = std::str::from_utf8(&rest[..length]).ok().filter(|digits| !digits.starts_with('+'));
        let number =
            digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| self.expected("a number"))?;
        self.at += length + 1;
        Ok(number)
    }
}
