//! The format of a recording.

use nalgebra::DMatrix;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Deviations, ReplayError};
use crate::{Minimize, Optimizer, Population};

/// One recorded run.
#[derive(Deserialize)]
pub(super) struct Recording {
    pub(super) name: String,
    #[serde(rename = "N")]
    pub(super) dim: usize,
    pub(super) population_size: usize,
    maximize: Option<bool>,
    #[serde(default)]
    pub(super) params: Map<String, Value>,
    #[serde(default)]
    pub(super) init_code: Value,
    #[serde(default)]
    pub(super) constants: Map<String, Value>,
    #[serde(default)]
    pub(super) initial_draws: Map<String, Value>,
    pub(super) generations: Vec<Entry>,
}

/// One generation: what was scored, what the step after it drew, and the state after that step.
#[derive(Deserialize)]
pub(super) struct Entry {
    codes: Value,
    codes_told: Option<Value>,
    scores: Vec<Option<f64>>,
    #[serde(default)]
    pub(super) draws: Map<String, Value>,
    #[serde(default)]
    pub(super) state_after: Map<String, Value>,
    next_codes: Option<Value>,
}

impl Recording {
    /// Whether higher scores are better; stands at the top or among the parameters.
    fn maximizes(&self) -> bool {
        self.maximize.or_else(|| self.params.get("maximize")?.as_bool()).unwrap_or(true)
    }

    /// The recorded parameters as options of a method: what is no option is left out by `skip`.
    pub(super) fn options(&self, skip: &[&str]) -> Map<String, Value> {
        let mut options: Map<String, Value> = self.params.clone();
        options.retain(|key, _| !skip.contains(&key.as_str()));
        options.insert("population_size".into(), self.population_size.into());
        options
    }

    /// Codes of the first generation.
    pub(super) fn first_codes(&self) -> Result<Population, ReplayError> {
        let entry = self.generations.first().ok_or_else(|| missing("recording", "generations"))?;
        codes(&entry.codes, self.dim, "generation 0", "codes")
    }

    /// Runs `method` over all generations: compares its codes with the recorded ones, tells the
    /// recorded scores, and lets `step` make the next codes from the recorded draws and compare states.
    pub(super) fn run<O: Optimizer>(
        &self,
        method: &mut O,
        first: Population,
        deviations: &mut Deviations,
        mut step: impl FnMut(&mut O, &Place, &Entry, &mut Population, &mut Deviations) -> Result<(), ReplayError>,
    ) -> Result<(), ReplayError> {
        let mut own = first;
        for (generation, entry) in self.generations.iter().enumerate() {
            let place = Place(format!("generation {generation}"));
            let recorded = codes(&entry.codes, self.dim, &place.0, "codes")?;
            deviations.compare("codes", own.as_slice(), recorded.as_slice());
            let told = match &entry.codes_told {
                Some(told) => codes(told, self.dim, &place.0, "codes_told")?,
                None => own.clone(),
            };
            let scores: Vec<f64> = entry.scores.iter().map(|s| s.unwrap_or(f64::NAN)).collect();
            let outcome = if self.maximizes() {
                method.tell(&told, &scores)
            } else {
                Minimize(&mut *method).tell(&told, &scores)
            };
            outcome.map_err(|source| ReplayError::Tell { generation, source })?;
            step(method, &place, entry, &mut own, deviations)?;
            if let Some(next) = &entry.next_codes {
                let next = codes(next, self.dim, &place.0, "next_codes")?;
                deviations.compare("codes", own.as_slice(), next.as_slice());
            }
        }
        Ok(())
    }
}

/// Where in a recording something stands, for messages.
pub(super) struct Place(pub(super) String);

impl Place {
    /// A vector of numbers, or a single number as a vector of one.
    pub(super) fn vector(&self, map: &Map<String, Value>, key: &str) -> Result<Vec<f64>, ReplayError> {
        map.get(key).and_then(flat_numbers).ok_or_else(|| missing(&self.0, key))
    }

    /// Draws recorded as `columns` rows of length `dim`, as a `dim x columns` matrix.
    pub(super) fn matrix(
        &self,
        map: &Map<String, Value>,
        key: &str,
        dim: usize,
        columns: usize,
    ) -> Result<DMatrix<f64>, ReplayError> {
        let values = self.vector(map, key)?;
        if values.len() != dim * columns {
            return Err(missing(&self.0, key));
        }
        Ok(DMatrix::from_vec(dim, columns, values))
    }

    /// Compares every recorded variable with what `own` says of it.
    pub(super) fn compare_all(
        &self,
        recorded: &Map<String, Value>,
        deviations: &mut Deviations,
        mut own: impl FnMut(&str) -> Option<Vec<f64>>,
    ) -> Result<(), ReplayError> {
        for key in recorded.keys() {
            let theirs = self.vector(recorded, key)?;
            let ours = own(key).ok_or_else(|| ReplayError::Unknown { place: self.0.clone(), key: key.clone() })?;
            deviations.compare(key, &ours, &theirs);
        }
        Ok(())
    }
}

pub(super) fn missing(place: &str, key: &str) -> ReplayError {
    ReplayError::Missing { place: place.to_owned(), key: key.to_owned() }
}

/// Rows of length `dim`.
pub(super) fn codes(value: &Value, dim: usize, place: &str, key: &str) -> Result<Population, ReplayError> {
    let values = flat_numbers(value).filter(|v| dim > 0 && !v.is_empty() && v.len().is_multiple_of(dim));
    values.map(|v| Population::from_rows(dim, &v)).ok_or_else(|| missing(place, key))
}

/// All numbers of nested lists, in order.
fn flat_numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Number(number) => Some(vec![number.as_f64()?]),
        Value::Array(items) => {
            let parts: Option<Vec<Vec<f64>>> = items.iter().map(flat_numbers).collect();
            Some(parts?.concat())
        }
        _ => None,
    }
}
