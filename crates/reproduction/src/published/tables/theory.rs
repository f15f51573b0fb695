//! Closed forms beside the tables: the random walk, the schedules of angles, the strategy constants.

use analysis::random_walk::{explained_variance_ratio, limiting_ratio};
use anyhow::Result;
use optim_core::methods::{AngleSchedule, CholeskyCmaes, CholeskyCmaesConfig, SphereCmaConfig};

use crate::published::record::{Name, Place, Record};

/// Latent dimension of the published runs.
const DIM: usize = 4096;
/// Generations of the published runs.
pub(in crate::published) const GENERATIONS: usize = 75;

/// Scope of the strategy constants.
pub(in crate::published) const CONSTANTS: &str = "lambda=40,N=4096";

fn place(quantity: &'static str, scope: &str) -> Place {
    Place { table: "theory", quantity, of: None, scope: Name::from(scope) }
}

/// Scope of a principal component of a walk of [`GENERATIONS`] positions.
pub(in crate::published) fn component(k: usize) -> String {
    format!("component={k},generations={GENERATIONS}")
}

/// Scope of a component in the limit of infinitely many generations.
pub(in crate::published) fn limiting_component(k: usize) -> String {
    format!("component={k},generations=inf")
}

/// Scope of a generation of a schedule, counted from 1.
pub(in crate::published) fn generation(schedule: &str, generation: usize) -> String {
    format!("schedule={schedule},generation={generation}")
}

/// All closed forms.
pub(super) fn records() -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for k in 1..GENERATIONS {
        let finite =
            place("explained_variance", &component(k)).record("ratio", explained_variance_ratio(k, GENERATIONS));
        let limit = place("explained_variance", &limiting_component(k)).record("ratio", limiting_ratio(k));
        records.extend([finite, limit]);
    }
    for (name, schedule) in [("exp", AngleSchedule::Exp), ("inv", AngleSchedule::Inv), ("lin", AngleSchedule::Lin)] {
        // A tangent step has N - 1 free directions of mu each, mu = angle / sqrt(N).
        let exploration = ((DIM - 1) as f64 / DIM as f64).sqrt();
        for (index, degrees) in schedule.degrees(GENERATIONS, SphereCmaConfig::default().lim).into_iter().enumerate() {
            let place = place("angle", &generation(name, index + 1));
            records.push(place.record("scheduled_degrees", Ok(degrees)));
            records.push(place.record("expected_degrees", Ok(degrees * exploration)));
        }
    }
    let run = CholeskyCmaes::new(DIM, CholeskyCmaesConfig::default())?;
    let constants = run.constants();
    let named = [
        ("mueff", constants.mueff),
        ("cs", constants.cs),
        ("cc", constants.cc),
        ("c1", constants.c1),
        ("damps", constants.damps),
        ("chiN", constants.chi_n),
    ];
    let place = place("constant", CONSTANTS);
    records.extend(named.map(|(statistic, value)| place.record(statistic, Ok(value))));
    Ok(records)
}
