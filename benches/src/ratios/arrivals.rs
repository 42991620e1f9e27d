//! Packets as they lie in memory when a socket has received them.

use std::time::Instant;

use mc_g711::{G711, Law};

use crate::Failure;
use crate::input::{HEADER, SAMPLES, VARIED_FRAMES, header, number, samples_of, varied_speech};

/// Packets that arrive together: as many as the first cache holds beside what processes them.
const BATCH: usize = 64;

/// Batches there are.
pub(super) const BATCHES: usize = VARIED_FRAMES / BATCH;

/// One packet at the start of a cache line.
#[derive(Clone)]
#[repr(align(64))]
struct Datagram([u8; HEADER + SAMPLES]);

/// One stream of [`VARIED_FRAMES`] distinct mu-law packets, over and over.
///
/// They are written before the clock starts: a packet that is read right after it was written waits for the write,
/// which a received one does not.
pub(super) struct Arrivals {
    codes: Vec<u8>,
    ring: Vec<Datagram>,
}

impl Arrivals {
    pub(super) fn new() -> Result<Self, Failure> {
        let samples = varied_speech()?;
        let mut codes = vec![0; samples.len()];
        G711::new(Law::Mu).encode(&samples, &mut codes)?;
        Ok(Self { codes, ring: vec![Datagram([0; HEADER + SAMPLES]); BATCH] })
    }

    /// Nanoseconds that `process` takes for a packet of this batch, numbered on from the `sent` that it has had.
    #[inline(never)]
    pub(super) fn time(&mut self, batch: usize, sent: &mut u64, process: &mut impl FnMut(&mut [u8])) -> f64 {
        for (place, Datagram(datagram)) in self.ring.iter_mut().enumerate() {
            datagram[..HEADER].copy_from_slice(&header());
            datagram[HEADER..].copy_from_slice(&self.codes[samples_of(batch * BATCH + place)]);
            number(datagram, *sent);
            *sent += 1;
        }
        let start = Instant::now();
        for Datagram(datagram) in &mut self.ring {
            process(datagram);
        }
        start.elapsed().as_secs_f64() * 1e9 / BATCH as f64
    }
}
