//! How many times faster the kernels are than the plain way, each measured within one process.

mod arrivals;
mod engine;
mod frames;
mod g711;
mod lengths;
mod metrics;
mod naive;
mod path;
mod plain;
mod pool;
mod race;
mod simd;

pub use race::Measured;

use crate::Failure;

/// A kernel beside the plain way of doing the same thing.
#[derive(Clone, Copy)]
struct Contest {
    /// `crate/operation`, and what it is measured against where that is not obvious.
    name: &'static str,
    /// Races the two, the kernel at the level of this name.
    race: fn(level: &str) -> Result<Measured, Failure>,
}

/// The level of what has no level.
const ANY_LEVEL: &str = "any";

/// Races the `contest` with the kernel at `level`, by the name that its crate prints; `any` where levels do not
/// matter.
///
/// # Errors
/// When there is no contest of that name, or it has no such level.
pub fn measure(contest: &str, level: &str) -> Result<Measured, Failure> {
    let contests = [
        g711::CONTESTS,
        simd::CONTESTS,
        lengths::CONTESTS,
        pool::CONTESTS,
        path::CONTESTS,
        metrics::CONTESTS,
        engine::CONTESTS,
    ];
    let found = contests.into_iter().flatten().find(|candidate| candidate.name == contest);
    let found = found.ok_or_else(|| format!("there is no contest `{contest}`"))?;
    (found.race)(level)
}

/// For contests without levels.
fn without_level(level: &str) -> Result<(), Failure> {
    if level == ANY_LEVEL { Ok(()) } else { Err(format!("level is {level}, only `any` is there").into()) }
}
