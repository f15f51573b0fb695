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
    pub(super) optimizer: String,
    #[serde(rename = "N")]
    pub(super) dim: usize,
    population_size: Option<usize>,
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
    /// Codes an ask, budget and box of nevergrad's recordings.
    pub(super) num_workers: Option<usize>,
    pub(super) budget: Option<usize>,
    pub(super) bounds: Option<[f64; 2]>,
}

/// One generation: what was scored, what the step after it drew, and the state after that step.
#[derive(Deserialize)]
pub(super) struct Entry {
    #[serde(default)]
    codes: Value,
    codes_told: Option<Value>,
    #[serde(default)]
    scores: Vec<Option<f64>>,
    /// Instead of scores: lower is better.
    losses: Option<Vec<Option<f64>>>,
    #[serde(default)]
    pub(super) draws: Map<String, Value>,
    #[serde(default)]
    pub(super) state_after: Map<String, Value>,
    /// Eigenvectors and axis lengths behind the codes.
    #[serde(default)]
    pub(super) eig_at_ask: Map<String, Value>,
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
        if let Some(size) = self.population_size {
            options.insert("population_size".into(), size.into());
        }
        options
    }

    /// Codes a generation, for methods that record it.
    pub(super) fn population_size(&self) -> Result<usize, ReplayError> {
        self.population_size.ok_or_else(|| missing("recording", "population_size"))
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
            self.tell(method, entry, &own, generation)?;
            step(method, &place, entry, &mut own, deviations)?;
            if let Some(next) = &entry.next_codes {
                let next = codes(next, self.dim, &place.0, "next_codes")?;
                deviations.compare("codes", own.as_slice(), next.as_slice());
            }
        }
        Ok(())
    }

    /// Runs `method` over all generations of a recording whose draws are those behind the codes of the
    /// same entry: `ask` makes the codes from the draws, `compare` compares states.
    pub(super) fn run_asking<O: Optimizer>(
        &self,
        method: &mut O,
        deviations: &mut Deviations,
        mut ask: impl FnMut(&mut O, &Place, &Entry, &mut Population, &mut Deviations) -> Result<(), ReplayError>,
        mut compare: impl FnMut(&O, &Place, &Entry, &mut Deviations) -> Result<(), ReplayError>,
    ) -> Result<(), ReplayError> {
        let mut own = Population::new(self.dim);
        for (generation, entry) in self.generations.iter().enumerate() {
            let place = Place(format!("generation {generation}"));
            ask(method, &place, entry, &mut own, deviations)?;
            if !entry.codes.is_null() {
                let recorded = codes(&entry.codes, self.dim, &place.0, "codes")?;
                deviations.compare("codes", own.as_slice(), recorded.as_slice());
            }
            self.tell(method, entry, &own, generation)?;
            compare(method, &place, entry, deviations)?;
        }
        Ok(())
    }

    /// The codes that were told: own ones where the recorded run left its codes as they were, so that a
    /// method that looks for its samples finds them.
    fn told(&self, entry: &Entry, own: &Population, place: &str) -> Result<Population, ReplayError> {
        let Some(told) = &entry.codes_told else { return Ok(own.clone()) };
        let mut told = codes(told, self.dim, place, "codes_told")?;
        if !entry.codes.is_null() {
            let recorded = codes(&entry.codes, self.dim, place, "codes")?;
            for i in 0..told.len().min(own.len()).min(recorded.len()) {
                if told.code(i) == recorded.code(i) {
                    told.code_mut(i).copy_from_slice(own.code(i));
                }
            }
        }
        Ok(told)
    }

    /// Tells the recorded scores of `own`, or of the codes that were told in its place.
    fn tell<O: Optimizer>(
        &self,
        method: &mut O,
        entry: &Entry,
        own: &Population,
        generation: usize,
    ) -> Result<(), ReplayError> {
        let told = self.told(entry, own, &format!("generation {generation}"))?;
        let recorded = entry.losses.as_ref().unwrap_or(&entry.scores);
        let scores: Vec<f64> = recorded.iter().map(|s| s.unwrap_or(f64::NAN)).collect();
        let outcome = if entry.losses.is_none() && self.maximizes() {
            method.tell(&told, &scores)
        } else {
            Minimize(method).tell(&told, &scores)
        };
        outcome.map_err(|source| ReplayError::Tell { generation, source })
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
