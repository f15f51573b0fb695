//! Recordings of nevergrad's methods without a covariance matrix.

use serde_json::Value;

use super::recording::{Entry, Place, Recording, missing};
use super::{Deviations, ReplayError, Report};
use crate::methods::nevergrad::{
    Archive, Crossover, CrossoverDraws, Estimate, NgDe, NgDeConfig, NgDeDraws, NgEs, NgEsConfig, NgOnePlusOne,
    NgOnePlusOneConfig, NgPso, NgPsoConfig, NgPsoDraws, NgRandomSearch, NgRandomSearchConfig, NgTbpsa, NgTbpsaConfig,
};
use crate::{Optimizer, Population};

pub(super) fn replay_de(recording: &Recording) -> Result<Report, ReplayError> {
    let (crossover, name) = if recording.optimizer.ends_with("TwoPointsDE") {
        (Crossover::TwoPoints, "ng-two-points-de")
    } else {
        (Crossover::VariableWise, "ng-de")
    };
    let (dim, workers, bounds) = (recording.dim, recording.workers()?, recording.walls()?);
    let method = NgDe::new(dim, NgDeConfig { workers, bounds, crossover, ..NgDeConfig::default() })?;
    let llambda = method.llambda();
    let ask = |method: &mut NgDe, calls: &mut Calls, own: &mut Population| {
        let draws: Result<Vec<NgDeDraws>, ReplayError> = (0..workers)
            .map(|i| {
                if method.is_initial(i) {
                    return Ok(NgDeDraws::Initial(calls.vector(i, "normal", dim)?));
                }
                let (a, b) = (calls.index(i, "randint", llambda)?, calls.index(i, "randint", llambda)?);
                let draws = crossover_draws(calls, i, crossover, dim)?;
                draws.fit(crossover, dim).then_some(()).ok_or_else(|| missing(&calls.place, "choice"))?;
                Ok(NgDeDraws::Child { a, b, crossover: draws })
            })
            .collect();
        method.ask_with(&draws?, own);
        Ok(())
    };
    let state = |method: &NgDe, key: &str| (key == "llambda").then(|| real(method.llambda()));
    drive(recording, method, name, ask, |method| &method.base.archive, state)
}

fn crossover_draws(
    calls: &mut Calls,
    i: usize,
    crossover: Crossover,
    dim: usize,
) -> Result<CrossoverDraws, ReplayError> {
    if crossover == Crossover::VariableWise || dim < 4 {
        let donated = calls.index(i, "randint", dim)?;
        let uniforms: Result<Vec<f64>, ReplayError> = (1..dim).map(|_| calls.number(i, "uniform")).collect();
        return Ok(CrossoverDraws::VariableWise { donated, uniforms: uniforms? });
    }
    let points = calls.indices(i, "choice", dim + 1)?;
    let whole = points[0].abs_diff(points[1]) == dim;
    let mut moved = None;
    if whole {
        moved = Some((calls.index(i, "randint", dim)?, calls.index(i, "randint", 2)?));
    }
    Ok(CrossoverDraws::TwoPoints { points, moved, parent_inside: calls.coin(i, "choice")? })
}

pub(super) fn replay_es(recording: &Recording) -> Result<Report, ReplayError> {
    let (dim, workers, bounds) = (recording.dim, recording.workers()?, recording.walls()?);
    let method = NgEs::new(dim, NgEsConfig { workers, bounds, ..NgEsConfig::default() })?;
    let ask = |method: &mut NgEs, calls: &mut Calls, own: &mut Population| {
        let draws = calls.population(workers, dim, |calls, i| {
            calls.vector(i, if method.is_initial(i) { "sample_uniform01" } else { "normal" }, dim)
        })?;
        method.ask_with(&draws, own);
        Ok(())
    };
    drive(recording, method, "ng-es", ask, |method| &method.base.archive, |_, _| None)
}

pub(super) fn replay_pso(recording: &Recording) -> Result<Report, ReplayError> {
    let (dim, workers, bounds) = (recording.dim, recording.workers()?, recording.walls()?);
    let method = NgPso::new(dim, NgPsoConfig { workers, bounds, ..NgPsoConfig::default() })?;
    let ask = |method: &mut NgPso, calls: &mut Calls, own: &mut Population| {
        let first = calls.population(workers, dim, |calls, i| {
            calls.vector(i, if method.is_initial(i) { "sample_uniform01" } else { "uniform" }, dim)
        })?;
        let second = calls.population(workers, dim, |calls, i| calls.vector(i, "uniform", dim))?;
        method.ask_with(&NgPsoDraws { first, second }, own);
        Ok(())
    };
    let state = |method: &NgPso, key: &str| (key == "llambda").then(|| real(method.llambda()));
    drive(recording, method, "ng-pso", ask, |method| &method.base.archive, state)
}

pub(super) fn replay_one_plus_one(recording: &Recording) -> Result<Report, ReplayError> {
    let (dim, workers, bounds) = (recording.dim, recording.workers()?, recording.walls()?);
    let method = NgOnePlusOne::new(dim, NgOnePlusOneConfig { workers, bounds, ..NgOnePlusOneConfig::default() })?;
    let ask = |method: &mut NgOnePlusOne, calls: &mut Calls, own: &mut Population| {
        let normals = calls.population(workers, dim, |calls, i| {
            if method.is_origin(i) { Ok(vec![0.0; dim]) } else { calls.vector(i, "normal", dim) }
        })?;
        method.ask_with(&normals, own);
        Ok(())
    };
    let state = |method: &NgOnePlusOne, key: &str| (key == "sigma").then(|| method.sigma());
    drive(recording, method, "ng-one-plus-one", ask, |method| &method.base.archive, state)
}

pub(super) fn replay_tbpsa(recording: &Recording) -> Result<Report, ReplayError> {
    let (dim, workers, bounds) = (recording.dim, recording.workers()?, recording.walls()?);
    let config = NgTbpsaConfig { workers, bounds, budget: recording.budget, ..NgTbpsaConfig::default() };
    let method = NgTbpsa::new(dim, config)?;
    let ask = |method: &mut NgTbpsa, calls: &mut Calls, own: &mut Population| {
        let steps: Result<Vec<f64>, ReplayError> = (0..workers).map(|i| calls.number(i, "normal")).collect();
        let normals = calls.population(workers, dim, |calls, i| calls.vector(i, "normal", dim))?;
        method.ask_with(&steps?, &normals, own);
        Ok(())
    };
    let state = |method: &NgTbpsa, key: &str| match key {
        "sigma" => Some(method.sigma()),
        "llambda" => Some(real(method.llambda())),
        _ => None,
    };
    drive(recording, method, "ng-tbpsa", ask, |method| &method.base.archive, state)
}

pub(super) fn replay_random_search(recording: &Recording) -> Result<Report, ReplayError> {
    let (dim, workers, bounds) = (recording.dim, recording.workers()?, recording.walls()?);
    let method = NgRandomSearch::new(dim, NgRandomSearchConfig { workers, bounds, ..NgRandomSearchConfig::default() })?;
    let ask = |method: &mut NgRandomSearch, calls: &mut Calls, own: &mut Population| {
        method.ask_with(&calls.population(workers, dim, |calls, i| calls.vector(i, "normal", dim))?, own);
        Ok(())
    };
    drive(recording, method, "ng-random-search", ask, |method| &method.base.archive, |_, _| None)
}

/// Runs `method` through `recording`: `ask` makes codes from the recorded calls, `state` knows the scalars of
/// the method's own.
fn drive<M: Optimizer>(
    recording: &Recording,
    mut method: M,
    name: &'static str,
    mut ask: impl FnMut(&mut M, &mut Calls, &mut Population) -> Result<(), ReplayError>,
    archive: impl Fn(&M) -> &Archive,
    state: impl Fn(&M, &str) -> Option<f64>,
) -> Result<Report, ReplayError> {
    let mut deviations = Deviations::new();
    let asking = |method: &mut M, place: &Place, entry: &Entry, own: &mut Population, _: &mut Deviations| {
        let mut calls = Calls::read(entry, place)?;
        ask(method, &mut calls, own)?;
        calls.finish(own.len())
    };
    let comparing = |method: &M, place: &Place, entry: &Entry, deviations: &mut Deviations| {
        let archive = archive(method);
        place.compare_all(&entry.state_after, deviations, |key| match key {
            "best_loss" => archive.best(Estimate::Average).map(|(_, score)| vec![-score]),
            "best_code" => archive.best(Estimate::Average).map(|(code, _)| code.to_vec()),
            "pessimistic_best_code" => archive.best(Estimate::Pessimistic).map(|(code, _)| code.to_vec()),
            "max_archive_count" => Some(vec![f64::from(archive.largest_count())]),
            _ => state(method, key).map(|value| vec![value]),
        })
    };
    recording.run_asking(&mut method, &mut deviations, asking, comparing)?;
    Ok(deviations.report(recording, name))
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn real(count: usize) -> f64 {
    count as f64
}

impl Recording {
    pub(super) fn workers(&self) -> Result<usize, ReplayError> {
        self.num_workers.ok_or_else(|| missing("recording", "num_workers"))
    }

    pub(super) fn walls(&self) -> Result<[f64; 2], ReplayError> {
        self.bounds.ok_or_else(|| missing("recording", "bounds"))
    }
}

/// The random calls behind the codes of one generation, read from the front of each ask's list.
struct Calls {
    place: String,
    asks: Vec<std::vec::IntoIter<(String, Value)>>,
}

impl Calls {
    fn read(entry: &Entry, place: &Place) -> Result<Self, ReplayError> {
        if let Some(key) = entry.draws.keys().find(|key| *key != "per_ask") {
            return Err(ReplayError::Unknown { place: place.0.clone(), key: key.clone() });
        }
        let recorded = entry.draws.get("per_ask").ok_or_else(|| missing(&place.0, "per_ask"))?;
        let asks: Vec<Vec<(String, Value)>> = serde_json::from_value(recorded.clone())?;
        Ok(Self { place: place.0.clone(), asks: asks.into_iter().map(Vec::into_iter).collect() })
    }

    /// Value of the next call of ask `i`, which must be `method`.
    fn next(&mut self, i: usize, method: &str) -> Result<Value, ReplayError> {
        let call = self.asks.get_mut(i).and_then(Iterator::next);
        call.filter(|(name, _)| name == method).map(|(_, value)| value).ok_or_else(|| self.unfit(i, method))
    }

    fn unfit(&self, i: usize, method: &str) -> ReplayError {
        missing(&format!("{}, ask {i}", self.place), method)
    }

    fn number(&mut self, i: usize, method: &str) -> Result<f64, ReplayError> {
        let value = self.next(i, method)?;
        value.as_f64().ok_or_else(|| self.unfit(i, method))
    }

    fn vector(&mut self, i: usize, method: &str, len: usize) -> Result<Vec<f64>, ReplayError> {
        let values = serde_json::from_value(self.next(i, method)?).ok();
        values.filter(|values: &Vec<f64>| values.len() == len).ok_or_else(|| self.unfit(i, method))
    }

    fn index(&mut self, i: usize, method: &str, end: usize) -> Result<usize, ReplayError> {
        let index = serde_json::from_value(self.next(i, method)?).ok();
        index.filter(|&index: &usize| index < end).ok_or_else(|| self.unfit(i, method))
    }

    fn indices(&mut self, i: usize, method: &str, end: usize) -> Result<[usize; 2], ReplayError> {
        let indices = serde_json::from_value(self.next(i, method)?).ok();
        indices.filter(|pair: &[usize; 2]| pair.iter().all(|&j| j < end)).ok_or_else(|| self.unfit(i, method))
    }

    fn coin(&mut self, i: usize, method: &str) -> Result<bool, ReplayError> {
        self.next(i, method)?.as_bool().ok_or_else(|| self.unfit(i, method))
    }

    /// One vector of length `dim` an ask.
    fn population(
        &mut self,
        workers: usize,
        dim: usize,
        mut vector: impl FnMut(&mut Self, usize) -> Result<Vec<f64>, ReplayError>,
    ) -> Result<Population, ReplayError> {
        let mut draws = Population::zeros(dim, workers);
        for i in 0..workers {
            draws.code_mut(i).copy_from_slice(&vector(self, i)?);
        }
        Ok(draws)
    }

    /// Whether every call of the `workers` asks was read.
    fn finish(self, workers: usize) -> Result<(), ReplayError> {
        if self.asks.len() != workers {
            return Err(missing(&self.place, "per_ask"));
        }
        match self.asks.into_iter().flatten().next() {
            Some((key, _)) => Err(ReplayError::Unknown { place: self.place, key }),
            None => Ok(()),
        }
    }
}
