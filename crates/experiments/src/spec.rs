//! What determines a run.

use optim_core::{AnyOptimizer, Method, Optimizer, Population};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::Keep;
use crate::{BudgetError, EvolveError, Noise, ObjectiveSpec, StopRules, codes_sha256, random_codes};

/// Whether high or low activations are sought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// High activations.
    #[default]
    Maximize,
    /// Low activations. Records keep the natural sign; [`optim_core::Minimize`] flips it for the
    /// method.
    Minimize,
}

impl Goal {
    /// Whether score `a` is strictly better than `b`. NaN never is; any number is better than NaN.
    #[must_use]
    pub fn is_better(self, a: f64, b: f64) -> bool {
        match self {
            _ if a.is_nan() => false,
            _ if b.is_nan() => true,
            Self::Maximize => a > b,
            Self::Minimize => a < b,
        }
    }
}

/// What the loop needs to know besides the method and the objective.
#[derive(Clone, Debug, PartialEq)]
pub struct RunPlan {
    /// Seed of all of the run's random numbers.
    pub seed: u64,
    /// Generations to score, 1 or more.
    pub generations: u32,
    /// Response noise.
    pub noise: Noise,
    /// Presentations of each code, whose mean the method is told; 1 or more. Each draws its own noise.
    pub reps: u32,
    /// High or low activations.
    pub goal: Goal,
    /// When the run ends before its last generation.
    pub stop: StopRules,
    /// Which codes the record keeps.
    pub keep: Keep,
    /// Whether the record keeps the code that the method recommends after every generation.
    pub keep_recommended: bool,
    /// Warn after this many generations in a row in which all clean scores are equal; 0: never.
    pub unresponsive_after: u32,
}

impl RunPlan {
    /// A noise-free maximization that keeps all codes and warns after five equal generations.
    #[must_use]
    pub fn new(seed: u64, generations: u32) -> Self {
        Self {
            seed,
            generations,
            noise: Noise::None,
            reps: 1,
            goal: Goal::Maximize,
            stop: StopRules::default(),
            keep: Keep::All,
            keep_recommended: false,
            unresponsive_after: 5,
        }
    }

    /// Checks generations, noise, repeats and stops.
    ///
    /// # Errors
    /// If there are no generations or repeats, or noise or stops are out of range.
    pub fn validate(&self) -> Result<(), EvolveError> {
        if self.generations == 0 {
            return Err(BudgetError::ZeroGenerations.into());
        }
        if self.reps == 0 {
            return Err(BudgetError::ZeroRepeats.into());
        }
        self.stop.validate()?;
        Ok(self.noise.validate()?)
    }
}

/// The specification of a run, as configurations, journals and summaries hold it. With the scores that the method saw it
/// determines every code of the run, on one binary and one CPU model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSpec {
    /// The method with its options.
    pub method: Method,
    /// Length N of a code.
    pub dim: usize,
    /// Seed of all of the run's random numbers.
    pub seed: u64,
    /// Generations to score.
    pub generations: u32,
    /// Response noise.
    #[serde(default)]
    pub noise: Noise,
    /// High or low activations.
    #[serde(default)]
    pub goal: Goal,
    /// What is maximized.
    #[serde(default)]
    pub objective: ObjectiveSpec,
    /// SHA-256 of the initial codes, see [`codes_sha256`]; none if the method starts by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_codes_sha256: Option<String>,
    /// Presentations of each code, whose mean the method is told. The objective is asked once: a network answers the same
    /// every time, and each presentation draws its own noise.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub reps: u32,
    /// When the run ends before its last generation.
    #[serde(default, skip_serializing_if = "StopRules::is_empty")]
    pub stop: StopRules,
    /// Norm of the random codes of the first generation, see [`random_codes`]; none: the method starts by itself, or from
    /// codes that were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_norm: Option<f64>,
}

pub(crate) fn one() -> u32 {
    1
}

pub(crate) fn is_one(reps: &u32) -> bool {
    *reps == 1
}

impl RunSpec {
    /// The loop's part of the specification, with all codes kept and warnings after five equal
    /// generations.
    #[must_use]
    pub fn plan(&self) -> RunPlan {
        let Self { noise, reps, goal, stop, .. } = *self;
        RunPlan { noise, reps, goal, stop, ..RunPlan::new(self.seed, self.generations) }
    }

    /// How often each code is presented: the repeats of the run, times the counts that Poisson noise averages.
    #[must_use]
    pub fn presentations(&self) -> u32 {
        self.noise.repeats().saturating_mul(self.reps)
    }

    /// Builds the method and starts it from the initial codes, if there are any.
    ///
    /// If the method has a schedule without a length of its own, the schedule gets the length of the run.
    ///
    /// # Errors
    /// If the method does not fit, or the codes are not those that the specification names.
    pub fn optimizer(&self, initial_codes: Option<&Population>) -> Result<AnyOptimizer, EvolveError> {
        let found = initial_codes.map(codes_sha256);
        if found != self.initial_codes_sha256 {
            return Err(EvolveError::OtherInitialCodes { expected: self.initial_codes_sha256.clone(), found });
        }
        let mut optimizer = self.method.clone().for_generations(self.generations as usize).build(self.dim)?;
        let drawn = match self.initial_norm {
            Some(norm) if initial_codes.is_none() => {
                Some(random_codes(self.dim, self.method.population_size(self.dim), norm, self.seed)?)
            }
            _ => None,
        };
        if let Some(codes) = initial_codes.or(drawn.as_ref()) {
            optimizer.start_from(codes)?;
        }
        Ok(optimizer)
    }

    /// Whether it is `recorded` with more generations, or with other stops: then both have the same codes as far as they
    /// go.
    #[must_use]
    pub fn extends(&self, recorded: &Self) -> bool {
        let (generations, stop) = (recorded.generations, recorded.stop);
        let differs = self.generations > generations || (self.generations == generations && self.stop != stop);
        differs && Self { generations, stop, ..self.clone() } == *recorded
    }

    /// The options of the method that follow the length of the run, such as the length of a schedule: those that differ
    /// in a run of `generations`.
    #[must_use]
    pub fn options_of_length(&self, generations: u32) -> Vec<String> {
        let options = |generations: u32| self.method.clone().for_generations(generations as usize).options();
        let (here, there) = (options(self.generations), options(generations));
        here.into_iter().filter(|(name, value)| there.get(name) != Some(value)).map(|(name, _)| name).collect()
    }

    /// The fields in which `recorded` differs, as `path: recorded, not requested`.
    #[must_use]
    pub fn differences(&self, recorded: &Self) -> Vec<String> {
        let json = |spec: &Self| serde_json::to_value(spec).unwrap_or_default();
        let mut differences = Vec::new();
        compare("", &json(recorded), &json(self), &mut differences);
        differences
    }
}

/// Longest value that a message repeats, in characters.
const LONGEST_VALUE: usize = 60;

/// A value as a message repeats it: of a long one the beginning.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Collects the leaves in which two JSON values differ, by dotted path.
pub(crate) fn compare(path: &str, recorded: &Value, requested: &Value, differences: &mut Vec<String>) {
    let (Value::Object(a), Value::Object(b)) = (recorded, requested) else {
        if recorded != requested {
            differences.push(format!("{path} ({} recorded, {} requested)", brief(recorded), brief(requested)));
        }
        return;
    };
    let mut keys: Vec<&String> = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))).collect();
    keys.sort();
    for key in keys {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let value = |of: &serde_json::Map<String, Value>| of.get(key).cloned().unwrap_or_default();
        compare(&path, &value(a), &value(b), differences);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_of_long_values_are_cut() {
        let mut differences = Vec::new();
        let (before, after) =
            (json!({ "arms": {}, "seed": 1 }), json!({ "arms": { "late": vec![7; 400] }, "seed": 2 }));
        compare("", &before, &after, &mut differences);
        assert_eq!(differences[1], "seed (1 recorded, 2 requested)");
        assert!(
            differences[0].starts_with("arms.late (null recorded, [7,7,") && differences[0].ends_with("... requested)")
        );
        assert!(differences[0].len() < 120, "{}", differences[0]);
    }
}
