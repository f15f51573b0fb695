//! The population of the Cholesky CMA-ES: a number, or the reference's rule.

use crate::linalg::real;
use crate::options::{OptionValue, ValueKind};

/// Number of codes a generation of [`CholeskyCmaes`](super::CholeskyCmaes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopulationSize {
    /// This many.
    Codes(usize),
    /// `floor(4 + 3 log2 N)`, which the reference takes if it is given none: 28 at N = 256, 33 at 1000,
    /// 40 at 4096, 43 at 9216.
    Reference,
}

impl PopulationSize {
    /// The number in `dim` dimensions.
    #[must_use]
    pub fn codes(self, dim: usize) -> usize {
        match self {
            Self::Codes(codes) => codes,
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 4 and 196")]
            Self::Reference => (4.0 + 3.0 * real(dim.max(1)).log2()) as usize,
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

#[cfg(test)]
mod tests {
    use super::PopulationSize;

    #[test]
    fn the_reference_takes_more_codes_in_more_dimensions() {
        let sizes = [1, 256, 1000, 4096, 9216].map(|dim| PopulationSize::Reference.codes(dim));
        assert_eq!(sizes, [4, 28, 33, 40, 43]);
    }
}
