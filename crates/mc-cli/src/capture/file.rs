//! The classic pcap file format (draft-ietf-opsawg-pcap): a header, then one record per frame.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes before the first record.
const FILE_HEADER: usize = 24;
/// Bytes before each record's data.
const RECORD_HEADER: usize = 16;
/// First bytes as a little-endian machine writes them, with timestamps in microseconds and nanoseconds.
const MAGIC: [[u8; 4]; 2] = [[0xD4, 0xC3, 0xB2, 0xA1], [0x4D, 0x3C, 0xB2, 0xA1]];
/// First bytes of a pcapng file (draft-ietf-opsawg-pcapng), which is another format.
const PCAPNG: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

/// Whether the file at `path` begins like a capture, be it one that can be read or not.
pub(crate) fn is_capture(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok()
        && (magic == PCAPNG || byte_order(magic).is_some())
}

#[derive(Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

fn byte_order(magic: [u8; 4]) -> Option<ByteOrder> {
    let mut reversed = magic;
    reversed.reverse();
    if MAGIC.contains(&magic) {
        Some(ByteOrder::Little)
    } else if MAGIC.contains(&reversed) {
        Some(ByteOrder::Big)
    } else {
        None
    }
}

impl ByteOrder {
    /// The number in the four bytes at `offset`.
    fn number(self, bytes: &[u8], offset: usize) -> Option<u32> {
        let bytes = *bytes.get(offset..)?.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }
}

/// Walks over the frames of a capture.
pub(super) struct Records<'a> {
    order: ByteOrder,
    link: u32,
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    /// The frames in `capture`, the whole file.
    pub(super) fn new(capture: &'a [u8]) -> Result<Self, &'static str> {
        let magic = capture.first_chunk().copied().unwrap_or_default();
        if magic == PCAPNG {
            return Err("is a pcapng file, but must be a classic pcap (editcap -F pcap converts it)");
        }
        let order = byte_order(magic).ok_or("is not a pcap file")?;
        let link = order.number(capture, 20).ok_or("is cut off within the file header")?;
        // The upper bits say whether frames carry a checksum at their end.
        Ok(Self { order, link: link & 0xFFFF, rest: &capture[FILE_HEADER..] })
    }

    /// The LINKTYPE of all frames.
    pub(super) fn link(&self) -> u32 {
        self.link
    }

    fn record(&mut self) -> Option<&'a [u8]> {
        let length = self.order.number(self.rest, 8)? as usize;
        let end = RECORD_HEADER.checked_add(length)?;
        let data = self.rest.get(RECORD_HEADER..end)?;
        self.rest = &self.rest[end..];
        Some(data)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<&'a [u8], &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = self.record().ok_or("is cut off within a record");
        if record.is_err() {
            self.rest = &[];
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(number: impl Fn(u32) -> [u8; 4], records: &[&[u8]]) -> Vec<u8> {
        let mut bytes = number(0xA1B2_C3D4).to_vec();
        bytes.extend([0; 16]);
        bytes.extend(number(101));
        for record in records {
            bytes.extend([0; 8]);
            bytes.extend(number(record.len() as u32));
            bytes.extend(number(record.len() as u32));
            bytes.extend(*record);
        }
        bytes
    }

    #[test]
    fn both_byte_orders_are_read() {
        let frames: [&[u8]; 3] = [b"one", b"", b"three"];
        for bytes in [capture(u32::to_le_bytes, &frames), capture(u32::to_be_bytes, &frames)] {
            let records = Records::new(&bytes).unwrap();
            assert_eq!(records.link(), 101);
            assert_eq!(records.collect::<Result<Vec<_>, _>>().unwrap(), frames);
        }
    }

    #[test]
    fn a_file_cut_off_anywhere_is_an_error_and_ends() {
        let whole = capture(u32::to_le_bytes, &[b"one", b"two"]);
        let boundaries = [FILE_HEADER, FILE_HEADER + RECORD_HEADER + 3, whole.len()];
        for length in 0..=whole.len() {
            let outcome =
                Records::new(&whole[..length]).and_then(|records| records.collect::<Result<Vec<_>, _>>());
            assert_eq!(outcome.is_ok(), boundaries.contains(&length), "{length}");
        }
    }

    #[test]
    fn pcapng_is_named() {
        let reason = Records::new(&PCAPNG).err().unwrap();
        assert!(reason.contains("pcapng"), "{reason}");
    }
}
