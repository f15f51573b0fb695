//! A population that is a number, or the reference's rule.

use crate::options::{OptionValue, ValueKind};

/// Number of codes a generation of [`CholeskyCmaes`](super::CholeskyCmaes) and [`LmMaEs`](super::LmMaEs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopulationSize {
    /// This many.
    Codes(usize),
    /// What the reference of the method takes if it is given none; the options of the method have the rule.
    Reference,
}

impl PopulationSize {
    /// The number, where that of the reference is `reference`.
    #[must_use]
    pub fn or_reference(self, reference: usize) -> usize {
        match self {
            Self::Codes(codes) => codes,
            Self::Reference => reference,
        }
    }
}

impl From<usize> for PopulationSize {
    fn from(codes: usize) -> Self {
        Self::Codes(codes)
    }
}

impl OptionValue for PopulationSize {
    const KIND: ValueKind = ValueKind::CountOrWord(&["reference"]);
}

/// A number, or the word `reference` where the format has words. In a binary format, a number alone:
/// 0, which is no population, stands for the reference's.
#[cfg(feature = "serde")]
mod stored {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::PopulationSize;

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Reference,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum CodesOrWord {
        Codes(usize),
        Word(Word),
    }

    impl Serialize for PopulationSize {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Codes(codes) => codes.serialize(serializer),
                Self::Reference if serializer.is_human_readable() => serializer.serialize_str("reference"),
                Self::Reference => 0usize.serialize(serializer),
            }
        }
    }

    impl<'de> Deserialize<'de> for PopulationSize {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            if deserializer.is_human_readable() {
                return Ok(match CodesOrWord::deserialize(deserializer)? {
                    CodesOrWord::Codes(codes) => Self::Codes(codes),
                    CodesOrWord::Word(Word::Reference) => Self::Reference,
                });
            }
            Ok(match usize::deserialize(deserializer)? {
                0 => Self::Reference,
                codes => Self::Codes(codes),
            })
        }
    }
}
