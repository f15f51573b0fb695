//! What became of a claim.

use super::table::Tone;

/// Whether a published claim holds here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Our value lies within the tolerance.
    Holds,
    /// It does not.
    DoesNotHold,
    /// Our value is too uncertain to tell.
    Undecided,
    /// It was not measured, or not under the published settings.
    NotComparable,
    /// Nothing was run that could tell.
    NotTested,
}

impl Verdict {
    /// All verdicts, from good to open.
    pub const ALL: [Self; 5] = [Self::Holds, Self::DoesNotHold, Self::Undecided, Self::NotComparable, Self::NotTested];

    /// The words of the verdict.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::DoesNotHold => "does not hold",
            Self::Undecided => "undecided",
            Self::NotComparable => "not comparable",
            Self::NotTested => "not tested",
        }
    }

    /// A sign that tells the verdict without its colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Holds => "✓",
            Self::DoesNotHold => "✗",
            Self::Undecided => "?",
            Self::NotComparable => "≠",
            Self::NotTested => "–",
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Holds => Tone::Good,
            Self::DoesNotHold => Tone::Bad,
            Self::Undecided | Self::NotComparable | Self::NotTested => Tone::Open,
        }
    }
}
