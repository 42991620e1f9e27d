//! What the pool must be worth: ratios within one run, so that the machine cancels out. Exits with status 1
//! when one is below its floor.

#![allow(clippy::print_stdout, reason = "a program that reports")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run may stop")]

mod contest;

use std::process::ExitCode;
use std::time::Instant;

use contest::Timer;

/// Turns timed together: long against the clock's resolution, short against the scheduler's slices.
const TURNS: u32 = 20_000;
/// Rounds in which every contestant has its turns; odd, so that there is a median.
const ROUNDS: usize = 51;

/// `(bytes, contestant, rival, floor, aim)`: the rival takes at least `floor` times as long.
const FLOORS: [(usize, &str, &str, f64, f64); 6] = [
    (320, "local, touched", "Vec, touched", 3.0, 3.5),
    (1920, "local, touched", "Vec, touched", 7.0, 8.0),
    (320, "local, touched", "ArrayQueue of boxes, touched", 6.0, 8.0),
    (1920, "local, touched", "ArrayQueue of boxes, touched", 6.0, 8.0),
    (320, "local, zeroed", "Vec, zeroed", 1.0, 2.0),
    (1920, "local, zeroed", "Vec, zeroed", 1.0, 1.5),
];

/// One round: nanoseconds per turn of each contestant, in the order of the contest.
struct Round(Vec<(&'static str, f64)>);

impl Timer for Round {
    fn time(&mut self, name: &'static str, mut turn: impl FnMut()) {
        for _ in 0..TURNS / 10 {
            turn();
        }
        let start = Instant::now();
        for _ in 0..TURNS {
            turn();
        }
        self.0.push((name, start.elapsed().as_secs_f64() * 1e9 / f64::from(TURNS)));
    }
}

impl Round {
    fn of(&self, name: &str) -> f64 {
        self.0.iter().find(|(contestant, _)| *contestant == name).unwrap().1
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("floors are for `cargo bench`: an unoptimised build says nothing");
        return ExitCode::SUCCESS;
    }
    let mut all_hold = true;
    for bytes in [320, 1920] {
        let rounds: Vec<Round> = (0..ROUNDS)
            .map(|_| {
                let mut round = Round(Vec::new());
                contest::contest(bytes, &mut round);
                round
            })
            .collect();
        println!("{bytes} B, median of {ROUNDS} rounds");
        for (name, _) in &rounds[0].0 {
            println!("  {:6.2} ns  {name}", median(rounds.iter().map(|round| round.of(name)).collect()));
        }
        for (_, name, rival, floor, aim) in FLOORS.into_iter().filter(|&(of, ..)| of == bytes) {
            let ratio = median(rounds.iter().map(|round| round.of(rival) / round.of(name)).collect());
            let holds = ratio >= floor;
            all_hold &= holds;
            let verdict = if holds { "holds" } else { "BELOW" };
            println!("  {ratio:5.2}x {verdict} (floor {floor}, aim {aim})  {rival} : {name}");
        }
    }
    if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
