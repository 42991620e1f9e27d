//! Which way of doing something was chosen, where there are several.

use std::sync::{Mutex, PoisonError};

/// An operation and the way in which it is done, such as `codec` by `AVX2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Choice {
    /// What is done.
    pub operation: &'static str,
    /// How: usually an instruction set.
    pub strategy: &'static str,
}

/// The choices of a session. They are made before its first packet, so a lock is no cost to it.
#[derive(Debug, Default)]
pub(crate) struct Choices(Mutex<Vec<Choice>>);

impl Choices {
    pub(crate) fn note(&self, operation: &'static str, strategy: &'static str) {
        let mut choices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        choices.retain(|choice| choice.operation != operation);
        choices.push(Choice { operation, strategy });
    }

    pub(crate) fn list(&self) -> Vec<Choice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
