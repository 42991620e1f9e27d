//! What people think of a call, by its mean opinion score.

/// What people think of a call with a given score (ITU-T G.107 Annex B, table B.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opinion {
    /// Below 3.10: nearly all users are dissatisfied.
    NearlyAllDissatisfied,
    /// 3.10 and above: many users are dissatisfied.
    ManyDissatisfied,
    /// 3.60 and above: some users are dissatisfied.
    SomeDissatisfied,
    /// 4.03 and above: users are satisfied.
    Satisfied,
}

impl Opinion {
    /// Every opinion, the worst first.
    pub const ALL: [Self; 4] =
        [Self::NearlyAllDissatisfied, Self::ManyDissatisfied, Self::SomeDissatisfied, Self::Satisfied];

    /// The opinion that goes with a mean opinion score.
    #[must_use]
    pub fn of(mos: f32) -> Self {
        match mos {
            mos if mos >= 4.03 => Self::Satisfied,
            mos if mos >= 3.60 => Self::SomeDissatisfied,
            mos if mos >= 3.10 => Self::ManyDissatisfied,
            _ => Self::NearlyAllDissatisfied,
        }
    }

    /// A short name in `snake_case`, for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NearlyAllDissatisfied => "nearly_all_dissatisfied",
            Self::ManyDissatisfied => "many_dissatisfied",
            Self::SomeDissatisfied => "some_dissatisfied",
            Self::Satisfied => "satisfied",
        }
    }
}
