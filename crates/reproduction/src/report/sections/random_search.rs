//! The genetic algorithm against random search, on the units that both rounds have.

use analysis::bootstrap::GroupBootstrap;
use analysis::comparison::PooledRatio;
use analysis::figure::Estimate;
use analysis::report::Claim;
use anyhow::Result;
use optim_core::{Stream, stream_rng};
use rand::RngExt;

use super::super::campaigns::Grid;
use super::super::claims::{Side, Statement, not_tested, over_units};
use super::super::runs::Run;
use super::super::scores::{RESAMPLING_SEED, coverage};
use super::super::study::Study;

const GENETIC: &str = "genetic";
const RANDOM: &str = "ng-random-search";

/// Noise-free clean scores over the larger of the two on each unit, so that units count alike.
pub(super) fn claim(study: &Study<'_>) -> Result<Claim> {
    let statement = Statement {
        words: "Genetic (round 2) above RandomSearch (round 1), on the units of both rounds".to_owned(),
        condition: "noise 0".to_owned(),
        source: "rounds 1 and 2",
        claimed: "above 1".to_owned(),
    };
    let (genetic, random) = (study.noise_free(Grid::Round2, GENETIC)?, study.noise_free(Grid::Round1, RANDOM)?);
    let pairs = shared(&genetic, &random);
    if pairs.is_empty() {
        return Ok(not_tested(statement, "no unit that responds is in both rounds with as many evaluations"));
    }
    let units: Vec<usize> = (0..pairs.len()).collect();
    let (above, below): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let mut rng = stream_rng(RESAMPLING_SEED, Stream::Resampling, 1);
    let draw = GroupBootstrap::draw(units.len(), study.analyses.resamples, |n| rng.random_range(0..n))?;
    let found = match PooledRatio::of(&above, &below, &units, &draw, coverage(units.len())?) {
        Ok(PooledRatio { ratio, low, high }) => Estimate { mean: ratio, low, high },
        Err(error) => return Ok(not_tested(statement, &format!("there is no ratio: {error}"))),
    };
    Ok(over_units(statement, "ratio of means", found, (Side::Above, 1.0), units.len()))
}

/// Mean scores of both on every shared unit, over the larger of them.
fn shared(genetic: &[&Run], random: &[&Run]) -> Vec<(f64, f64)> {
    let mut names: Vec<String> = Vec::new();
    for run in genetic {
        let name = run.unit().to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mean = |runs: &[&Run], name: &str| {
        let own: Vec<&&Run> = runs.iter().filter(|run| run.unit().to_string() == name).collect();
        let evaluations = own.first()?.evaluations.last().copied()?;
        Some((own.iter().map(|run| run.best_clean).sum::<f64>() / own.len() as f64, evaluations))
    };
    let pair = |name: &String| {
        let ((genetic, evaluated), (random, drawn)) = (mean(genetic, name)?, mean(random, name)?);
        let largest = genetic.max(random);
        (largest > 0.0 && evaluated == drawn).then(|| (genetic / largest, random / largest))
    };
    names.iter().filter_map(pair).collect()
}
