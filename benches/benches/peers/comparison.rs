//! Times of contestants over rounds, and how they compare.

use std::time::Instant;

use mc_benches::Failure;
use mc_metrics::BenchmarkResults;

use crate::contest::Timer;

/// Rounds in which every contestant has its turns.
pub(crate) const ROUNDS: usize = 31;

/// What contestants took, a sample a round.
pub(crate) struct Rounds {
    turns: usize,
    times_ns: Vec<(&'static str, Vec<f64>)>,
}

impl Rounds {
    /// Rounds in which each contestant has `turns` turns.
    pub(crate) const fn new(turns: usize) -> Self {
        Self { turns, times_ns: Vec::new() }
    }

    /// Nanoseconds of one turn of `name`, by round.
    fn of(&self, name: &str) -> &[f64] {
        self.times_ns.iter().find(|(known, _)| *known == name).map_or(&[], |(_, times)| times)
    }
}

impl Timer for Rounds {
    fn time(&mut self, name: &'static str, mut turn: impl FnMut()) {
        for _ in 0..self.turns / 10 {
            turn();
        }
        let start = Instant::now();
        for _ in 0..self.turns {
            turn();
        }
        let ns = start.elapsed().as_secs_f64() * 1e9 / self.turns as f64;
        match self.times_ns.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => times.push(ns),
            None => self.times_ns.push((name, vec![ns])),
        }
    }
}

/// One operation, done by us and by others.
pub(crate) struct Comparison {
    title: String,
    ours: Vec<Row>,
    peers: Vec<Peer>,
}

struct Row {
    name: &'static str,
    ns: BenchmarkResults,
}

struct Peer {
    row: Row,
    /// The median over the rounds of its time over ours, in the order of ours.
    ratios: Vec<f64>,
}

impl Comparison {
    /// Compares each of `ours` with each of `peers`, by their names in `rounds`.
    pub(crate) fn new(
        title: String,
        ours: &[&'static str],
        peers: &[&'static str],
        rounds: &Rounds,
    ) -> Result<Self, Failure> {
        let row = |name| -> Result<Row, Failure> {
            Ok(Row { name, ns: BenchmarkResults::from_samples(rounds.of(name))? })
        };
        let ratio = |peer, our| -> Result<f64, Failure> {
            let pairs = rounds.of(peer).iter().zip(rounds.of(our));
            Ok(BenchmarkResults::from_samples(&pairs.map(|(peer, our)| peer / our).collect::<Vec<_>>())?
                .median)
        };
        let peer = |&name: &&'static str| -> Result<Peer, Failure> {
            let ratios = ours.iter().map(|our| ratio(name, our)).collect::<Result<_, _>>()?;
            Ok(Peer { row: row(name)?, ratios })
        };
        Ok(Self {
            title,
            ours: ours.iter().map(|&name| row(name)).collect::<Result<_, _>>()?,
            peers: peers.iter().map(peer).collect::<Result<_, _>>()?,
        })
    }

    /// Prints what each took, ours first.
    pub(crate) fn print_times(&self) {
        println!("\n{}: ns, median of {ROUNDS} rounds (least)", self.title);
        for Row { name, ns } in self.ours.iter().chain(self.peers.iter().map(|peer| &peer.row)) {
            println!("  {name:<28}{:>8.1} ({:.1})", ns.median, ns.min);
        }
    }

    /// Prints the ratios, a line per peer.
    pub(crate) fn print_ratios(&self) {
        print!("\n{:<30}", self.title);
        self.ours.iter().for_each(|row| print!("  {:>11}", row.name));
        println!();
        for peer in &self.peers {
            print!("  {:<28}", peer.row.name);
            for (row, ratio) in self.ours.iter().zip(&peer.ratios) {
                print!("  {ratio:>width$.1}x", width = row.name.chars().count().max(11) - 1);
            }
            println!();
        }
    }
}
