//! Errors: one type for constructors, one for the packet path.

use std::fmt;

/// A configuration that a constructor refused: which field, what it was, what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    field: &'static str,
    value: String,
    allowed: &'static str,
}

impl ConfigError {
    /// An error for `field`, whose `value` is outside `allowed` (a phrase such as `"-40 to 0 dBFS"`).
    #[must_use]
    pub fn new(field: &'static str, value: impl fmt::Display, allowed: &'static str) -> Self {
        Self { field, value: value.to_string(), allowed }
    }

    /// Name of the refused field, as it is written in the configuration type.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// The refused value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What would have been accepted.
    #[must_use]
    pub const fn allowed(&self) -> &'static str {
        self.allowed
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, but must be {}", self.field, self.value, self.allowed)
    }
}

impl std::error::Error for ConfigError {}

/// Checks that `value` is finite and within `min..=max`; the building block of every `validate`.
///
/// # Errors
/// [`ConfigError`] naming `field`.
pub fn check_range(
    field: &'static str,
    value: f32,
    range: std::ops::RangeInclusive<f32>,
    allowed: &'static str,
) -> Result<(), ConfigError> {
    if range.contains(&value) { Ok(()) } else { Err(ConfigError::new(field, value, allowed)) }
}

/// What a processor can refuse on the packet path. Small and `Copy`: making one never allocates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProcessError {
    /// The frame is shorter or longer than the processor takes; the audio is left as it was.
    FrameLength {
        /// Samples in the frame that was given.
        samples: usize,
        /// Fewest samples accepted.
        min: usize,
        /// Most samples accepted.
        max: usize,
    },
    /// The processor's own state is no longer finite; it must be reset or replaced.
    NonFiniteState,
}

impl fmt::Display for ProcessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrameLength { samples, min, max } => {
                write!(f, "frame has {samples} samples, but must have {min} to {max}")
            }
            Self::NonFiniteState => write!(f, "processor state is not finite"),
        }
    }
}

impl std::error::Error for ProcessError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_field_value_and_range() {
        let error = check_range("target_dbfs", 3.0, -40.0..=0.0, "-40 to 0 dBFS").unwrap_err();
        assert_eq!(error.to_string(), "target_dbfs is 3, but must be -40 to 0 dBFS");
        assert_eq!((error.field(), error.value(), error.allowed()), ("target_dbfs", "3", "-40 to 0 dBFS"));
    }

    #[test]
    fn not_a_number_is_in_no_range() {
        assert!(check_range("gain_db", f32::NAN, f32::MIN..=f32::MAX, "finite").is_err());
        assert!(check_range("gain_db", f32::INFINITY, f32::MIN..=f32::MAX, "finite").is_err());
        assert!(check_range("gain_db", -40.0, -40.0..=0.0, "-40 to 0 dB").is_ok());
    }
}
