use core::fmt;

/// Two slices that should be equally long are not; nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthMismatch {
    /// Values in the slice to read.
    pub source: usize,
    /// Values that fit into the slice to write.
    pub destination: usize,
}

impl LengthMismatch {
    /// The check that every slice function begins with.
    pub(crate) fn check(source: usize, destination: usize) -> Result<(), Self> {
        if source == destination { Ok(()) } else { Err(Self { source, destination }) }
    }
}

impl fmt::Display for LengthMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, destination } = self;
        write!(f, "destination holds {destination} values, source {source}; G.711 needs as many of both")
    }
}

impl core::error::Error for LengthMismatch {}
