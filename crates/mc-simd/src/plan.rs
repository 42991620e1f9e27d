//! Which strategy each operation uses for each size of frame.

use std::fmt;
use std::str::FromStr;

use crate::{Operation, SimdLevel, SizeClass, Strategy};

/// The choices of a [`SimdProcessor`](crate::SimdProcessor): a level, and per operation and size class a
/// strategy.
///
/// A plan is printed as a table, which [`FromStr`] reads back: what was measured once can be kept in a
/// configuration, so that every start works alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelectionPlan {
    level: SimdLevel,
    choices: [[Strategy; SizeClass::COUNT]; Operation::COUNT],
}

impl SelectionPlan {
    /// `strategy` for everything.
    #[must_use]
    pub const fn uniform(level: SimdLevel, strategy: Strategy) -> Self {
        Self { level, choices: [[strategy; SizeClass::COUNT]; Operation::COUNT] }
    }

    /// The same plan but for one operation and class.
    #[must_use]
    pub const fn with_strategy(mut self, operation: Operation, class: SizeClass, strategy: Strategy) -> Self {
        self.choices[operation as usize][class as usize] = strategy;
        self
    }

    /// The level that hybrid and SIMD strategies run at.
    #[must_use]
    pub const fn level(&self) -> SimdLevel {
        self.level
    }

    /// The choice for `operation` on frames of `class`.
    #[must_use]
    #[inline]
    pub const fn strategy(&self, operation: Operation, class: SizeClass) -> Strategy {
        self.choices[operation as usize][class as usize]
    }
}

impl fmt::Display for SelectionPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<16}", self.level)?;
        SizeClass::ALL.iter().try_for_each(|class| write!(f, "{class:>7}"))?;
        for operation in Operation::ALL {
            write!(f, "\n{operation:<16}")?;
            for class in SizeClass::ALL {
                write!(f, "{:>7}", self.strategy(operation, class))?;
            }
        }
        Ok(())
    }
}

/// A text that is no [`SelectionPlan`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanParseError {
    line: usize,
    expected: &'static str,
}

impl PlanParseError {
    /// The line that could not be read, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for PlanParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "selection plan, line {}: expected {}", self.line, self.expected)
    }
}

impl std::error::Error for PlanParseError {}

impl FromStr for SelectionPlan {
    type Err = PlanParseError;

    /// Reads a printed plan: the line of the level and the classes, then one per operation, in any spacing.
    ///
    /// # Errors
    /// [`PlanParseError`] at the first line that is not as printed.
    fn from_str(text: &str) -> Result<Self, PlanParseError> {
        let at = |line, expected| move || PlanParseError { line: line + 1, expected };
        let mut lines = text.lines().map(str::split_whitespace).enumerate();

        let (_, mut header) = lines.next().ok_or_else(at(0, "a level and the size classes"))?;
        let level = find(&SimdLevel::ALL, SimdLevel::name, header.next()).ok_or_else(at(0, "a level"))?;
        if !header.eq(SizeClass::ALL.map(SizeClass::name)) {
            return Err(at(0, "the size classes after the level")());
        }

        let mut plan = Self::uniform(level, Strategy::Simd);
        for (choices, operation) in plan.choices.iter_mut().zip(Operation::ALL) {
            let (line, mut words) =
                lines.next().ok_or_else(at(operation as usize + 1, "one line per operation"))?;
            if words.next() != Some(operation.name()) {
                return Err(at(line, operation.name())());
            }
            for choice in choices {
                *choice = find(&Strategy::ALL, Strategy::name, words.next())
                    .ok_or_else(at(line, "scalar, hybrid or simd per size class"))?;
            }
            if words.next().is_some() {
                return Err(at(line, "nothing after the last size class")());
            }
        }
        match lines.find(|(_, words)| words.clone().next().is_some()) {
            Some((line, _)) => Err(at(line, "nothing after the last operation")()),
            None => Ok(plan),
        }
    }
}

fn find<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, word: Option<&str>) -> Option<T> {
    all.iter().copied().find(|&value| Some(name(value)) == word)
}
