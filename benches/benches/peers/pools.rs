//! A buffer got, touched and returned: mc-pool's own contest, and opool.

use std::hint::black_box;

use mc_benches::Failure;
use opool::{LocalPool, Pool, PoolAllocator};

use crate::comparison::{Comparison, ROUNDS, Rounds};
use crate::contest::{self, Timer};

/// Long against the clock's resolution, short against the scheduler's slices.
const TURNS: usize = 20_000;

/// Buffers in each pool, as in the contest.
const BUFFERS: usize = 16;

const OURS: [&str; 4] =
    ["local, touched", "owned and put, touched", "owned and dropped, touched", "many owners, touched"];
const PEERS: [&str; 4] =
    ["Vec, touched", "ArrayQueue of boxes, touched", "opool::LocalPool, touched", "opool::Pool, touched"];

/// Makes the boxes of opool's pools, which show what was there before.
struct Boxes(usize);

impl PoolAllocator<Box<[u8]>> for Boxes {
    fn allocate(&self) -> Box<[u8]> {
        vec![0; self.0].into_boxed_slice()
    }
}

pub(crate) fn compare(bytes: usize) -> Result<Comparison, Failure> {
    let mut rounds = Rounds::new(TURNS);
    let local = LocalPool::new_prefilled(BUFFERS, Boxes(bytes));
    let many = Pool::new_prefilled(BUFFERS, Boxes(bytes));
    for _ in 0..ROUNDS {
        contest::contest(bytes, &mut rounds);
        rounds.time("opool::LocalPool, touched", || {
            let mut buffer = black_box(&local).get();
            buffer[0] = 1;
            black_box(buffer.as_ptr());
        });
        rounds.time("opool::Pool, touched", || {
            let mut buffer = black_box(&many).get();
            buffer[0] = 1;
            black_box(buffer.as_ptr());
        });
    }
    Comparison::new(format!("buffer of {bytes} B"), &OURS, &PEERS, &rounds)
}
