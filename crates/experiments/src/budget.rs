//! How long a run is.

use serde::{Deserialize, Serialize};

use crate::BudgetError;

/// The length of a run, in generations or in evaluations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// This many generations.
    Generations(u64),
    /// As many whole generations of the nominal population as fit into this many evaluations.
    ///
    /// This is the published rule: `floor(3000 / 40) = 75` generations. The number of codes that the method then
    /// evaluates may differ: 2961 with CholeskyCMAES, whose first generation is one code, and 3074 with SphereCMA, which
    /// adds its base point to every later generation.
    Evaluations(u64),
}

impl Budget {
    /// Number of generations with a nominal population of `population` codes, each of which is presented `presentations`
    /// times. Every presentation is an evaluation, as XDream counts: 3000 evaluations are 300 codes that are presented 10
    /// times.
    ///
    /// # Errors
    /// If that is no generation at all, or more than `u32::MAX`.
    pub fn generations(self, population: usize, presentations: u32) -> Result<u32, BudgetError> {
        let generation = (population as u64).saturating_mul(presentations.into());
        let generations = match self {
            Self::Generations(0) => return Err(BudgetError::ZeroGenerations),
            Self::Generations(generations) => generations,
            Self::Evaluations(evaluations) if population == 0 => {
                return Err(BudgetError::ZeroPopulation { evaluations });
            }
            Self::Evaluations(_) if presentations == 0 => return Err(BudgetError::ZeroRepeats),
            Self::Evaluations(evaluations) if evaluations < generation => {
                return Err(BudgetError::LessThanOneGeneration { evaluations, population, presentations });
            }
            Self::Evaluations(evaluations) => evaluations / generation,
        };
        u32::try_from(generations).map_err(|_| BudgetError::TooManyGenerations { generations })
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, BudgetError};

    #[test]
    fn evaluations_are_whole_generations_as_published() {
        assert_eq!(Budget::Evaluations(3000).generations(40, 1), Ok(75));
        assert_eq!(Budget::Evaluations(3039).generations(40, 1), Ok(75));
        assert_eq!(Budget::Evaluations(3040).generations(40, 1), Ok(76));
        assert_eq!(Budget::Evaluations(40).generations(40, 1), Ok(1));
        assert_eq!(Budget::Generations(75).generations(0, 1), Ok(75));
    }

    #[test]
    fn a_budget_without_a_generation_is_an_error() {
        assert_eq!(Budget::Generations(0).generations(40, 1), Err(BudgetError::ZeroGenerations));
        assert_eq!(
            Budget::Evaluations(39).generations(40, 1),
            Err(BudgetError::LessThanOneGeneration { evaluations: 39, population: 40, presentations: 1 })
        );
        assert_eq!(Budget::Evaluations(39).generations(0, 1), Err(BudgetError::ZeroPopulation { evaluations: 39 }));
        let generations = u64::from(u32::MAX) + 1;
        assert_eq!(
            Budget::Generations(generations).generations(40, 1),
            Err(BudgetError::TooManyGenerations { generations })
        );
    }

    #[test]
    fn repeats_are_evaluations() {
        assert_eq!(Budget::Evaluations(3000).generations(30, 10), Ok(10));
        assert_eq!(Budget::Evaluations(3000).generations(40, 10), Ok(7));
        assert_eq!(Budget::Generations(75).generations(40, 10), Ok(75));
        assert_eq!(
            Budget::Evaluations(399).generations(40, 10),
            Err(BudgetError::LessThanOneGeneration { evaluations: 399, population: 40, presentations: 10 })
        );
        assert_eq!(Budget::Evaluations(399).generations(40, 0), Err(BudgetError::ZeroRepeats));
    }

    #[test]
    fn configurations_spell_it_in_one_word() {
        assert_eq!(serde_json::from_str::<Budget>(r#"{"evaluations": 3000}"#).unwrap(), Budget::Evaluations(3000));
        assert_eq!(serde_json::from_str::<Budget>(r#"{"generations": 75}"#).unwrap(), Budget::Generations(75));
        assert!(serde_json::from_str::<Budget>(r#"{"generation": 75}"#).is_err());
    }
}
