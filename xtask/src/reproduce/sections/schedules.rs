//! Step sizes of SphereCMA: schedules, scheme, and the angles that runs show.

use analysis::figure::step_schedules::{Schedule, StepSchedules};
use analysis::report::{Cell, Claim, Table};
use anyhow::Result;
use optim_core::methods::{AngleSchedule, SphereCmaConfig};

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, over_runs};
use super::super::runs::Run;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{headings, mean_cell};

/// Generations of the published runs, for which the schedules are drawn.
const GENERATIONS: usize = 75;

/// The three schedules.
pub(in super::super) fn schedules(study: &Study<'_>) -> Result<Content> {
    let lim = SphereCmaConfig::default().lim;
    let schedule = |(optimizer, schedule): (&str, AngleSchedule)| Schedule {
        optimizer: optimizer.to_owned(),
        degrees: schedule.degrees(GENERATIONS, lim),
    };
    let all = [
        ("sphere-cma", AngleSchedule::Exp),
        ("sphere-cma-inv", AngleSchedule::Inv),
        ("sphere-cma-lin", AngleSchedule::Lin),
    ];
    let runs = study.noise_free(Grid::NoiseControl, "sphere-cma")?;
    let (rows, claims) = measured(&runs)?;
    let table = Table {
        caption: "SphereCMA exp: angle between the base point and its samples".to_owned(),
        headings: headings(["generation", "schedule, degrees", "measured, degrees (mean ± standard error over runs)"]),
        rows,
    };
    let title = "Angular steps of SphereCMA".to_owned();
    Ok(Content {
        svg: Some(StepSchedules { title, schedules: all.into_iter().map(schedule).collect() }.to_svg()?),
        summary: "A sample is the base point moved along a random tangent by an angle and brought back to the sphere; the \
                  angle follows a schedule, from 50 to 7.3 degrees in the exponential one (limits by default). The table \
                  measures the angle from the samples: from the norms of a generation's mean and of its codes, since the \
                  mean of samples at angle θ from a common base lies inside the sphere."
            .to_owned(),
        caption: format!("Schedules for {GENERATIONS} generations, no runs. Table: {}", describe(runs)),
        tables: vec![NamedTable { stem: "schedules", table }],
        claims,
    })
}

/// Angles of some generations, and the claim that they shrink.
fn measured(runs: &[&Run]) -> Result<(Vec<Vec<Cell>>, Vec<Claim>)> {
    let generations = runs.iter().map(|run| run.generations()).min().unwrap_or(0);
    let schedule = AngleSchedule::Exp.degrees(generations, SphereCmaConfig::default().lim);
    let at = |generation: usize| -> Vec<f64> { runs.iter().filter_map(|run| angle(run, generation)).collect() };
    let mut rows = Vec::new();
    for generation in (1..generations).filter(|g| *g == 1 || *g + 1 == generations || g % 10 == 0) {
        rows.push(vec![
            Cell::number(generation as f64, 0),
            Cell::number(schedule[generation - 1], 2),
            mean_cell(&at(generation), 2),
        ]);
    }
    if generations < 3 || runs.is_empty() {
        return Ok((rows, Vec::new()));
    }
    let statement = Statement {
        words: "SphereCMA: angular steps decay over a run (last over first)".to_owned(),
        source: "section on SphereCMA",
        claimed: format!("{:.2} by the schedule", schedule[generations - 2] / schedule[0]),
    };
    let ratios: Vec<f64> = runs.iter().filter_map(|run| Some(angle(run, generations - 1)? / angle(run, 1)?)).collect();
    let claim = over_runs(statement, "last over first angle", &ratios, (Side::Below, 1.0), Notation::Decimals(3))?;
    Ok((rows, vec![claim]))
}

/// Angle in degrees between the base point and the samples of a generation after the first, whose codes are the base point
/// and `n` samples on a sphere of radius R: with samples at right angles to each other but for the base,
/// `|mean|^2 / R^2 = (1 + n + 2 n cos a + n (n - 1) cos^2 a) / (n + 1)^2`.
fn angle(run: &Run, generation: usize) -> Option<f64> {
    let codes = run.evaluations.get(generation)? - run.evaluations.get(generation.checked_sub(1)?)?;
    let ratio = run.mean_code_norms.get(generation)? / run.code_norms.get(generation)?;
    let n = codes - 1.0;
    let (a, b, c) = (n * (n - 1.0), 2.0 * n, 1.0 + n - (ratio * codes).powi(2));
    let cosine = ((b * b - 4.0 * a * c).sqrt() - b) / (2.0 * a);
    let angle = cosine.clamp(-1.0, 1.0).acos().to_degrees();
    angle.is_finite().then_some(angle)
}
