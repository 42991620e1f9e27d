/// The two companding laws of ITU-T G.711.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// Mu-law (G.711 table 2), RTP payload type 0 `PCMU`: North America and Japan.
    Mu,
    /// A-law (G.711 table 1), RTP payload type 8 `PCMA`: the rest of the world.
    A,
}

impl Law {
    /// The code of the sample 0: what an idle channel carries.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xFF,
            Self::A => 0xD5,
        }
    }
}

/// Which mu-law code a negative sample gets when it lies exactly on a decision value.
///
/// G.711 draws its decision values on a continuous axis and leaves samples that fall on one to the
/// implementation. Encoders in use settled it in three ways, which differ only for negative samples and
/// amount to a magnitude of `!x`, `!x + 1` or `!x + 4` for a negative 16-bit sample `x`. Decoders do not differ,
/// and these implementations encode A-law alike, so a convention changes nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Convention {
    /// The reference code of ITU-T G.191: a 16-bit sample stands for the interval above it, so the
    /// quantiser is symmetric: the code of `!x` is the code of `x` with the other sign.
    #[default]
    Itu,
    /// libspandsp, libsndfile and GStreamer: the magnitude is `-x`; 127 samples differ from ITU.
    Spandsp,
    /// Python's `audioop`: the magnitude is `-x` rounded up to 14 bits; 508 samples differ from ITU, and
    /// the code 0x7F, negative zero, is never sent.
    Audioop,
}

impl Convention {
    /// Every convention.
    pub const ALL: [Self; 3] = [Self::Itu, Self::Spandsp, Self::Audioop];

    /// What a negative sample's magnitude `!x` gains before it is quantised, in 16-bit steps.
    pub(crate) const fn negative_bias(self) -> i16 {
        match self {
            Self::Itu => 0,
            Self::Spandsp => 1,
            Self::Audioop => 4,
        }
    }
}
