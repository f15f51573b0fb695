//! Step sizes of SphereCMA: schedules, scheme, and the angles that runs show.

use analysis::figure::step_schedules::{Schedule, StepSchedules};
use analysis::geometry::angle_degrees;
use analysis::report::{Cell, Claim, Table};
use anyhow::Result;
use nalgebra::DMatrix;
use optim_core::methods::{AngleSchedule, SphereCmaConfig};

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, not_tested, over_runs};
use super::super::runs::Run;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{headings, mean_cell};

/// Generations of the published runs, for which the schedules are drawn.
const GENERATIONS: usize = 75;

/// The three schedules.
pub(in super::super) fn schedules(study: &Study<'_>) -> Result<Content> {
    let lim = SphereCmaConfig::default().lim;
    let runs = study.noise_free(Grid::NoiseControl, "sphere-cma")?;
    let measured = measured(&runs)?;
    let points = points(&measured);
    let comparable = runs.iter().all(|run| run.generations() == GENERATIONS);
    let mean = |(step, angles): &(usize, Vec<f64>)| (*step as f64, angles.iter().sum::<f64>() / angles.len() as f64);
    let drawn = points.iter().filter(|(step, _)| comparable && step % 6 == 0).map(mean);
    let drawn: Vec<(f64, f64)> = drawn.collect();
    let schedule = |(optimizer, schedule): (&str, AngleSchedule)| Schedule {
        optimizer: optimizer.to_owned(),
        degrees: schedule.degrees(GENERATIONS, lim),
        measured: if schedule == AngleSchedule::Exp { drawn.clone() } else { Vec::new() },
    };
    let all = [
        ("sphere-cma", AngleSchedule::Exp),
        ("sphere-cma-inv", AngleSchedule::Inv),
        ("sphere-cma-lin", AngleSchedule::Lin),
    ];
    let title = "Angular steps of SphereCMA".to_owned();
    Ok(Content {
        svg: Some(StepSchedules { title, schedules: all.into_iter().map(schedule).collect() }.to_svg()?),
        summary: "SphereCMA moves its base point along a random tangent by an angle, and back onto the sphere: this is a sample. \
                  The angle follows a schedule. The exponential one falls from 50 to 7.33 degrees (default limits). \
                  Circles and table give the angle between base point and samples as measured on the codes. The first \
                  generation is drawn all over the sphere and has no base point. The schedule's last angle belongs to the \
                  generation that is proposed after the last score."
            .to_owned(),
        caption: format!(
            "Schedules for {GENERATIONS} generations. Measured: SphereCMA exp, {} Codes of every generation are made again \
             by telling the method its recorded scores.",
            describe(runs)
        ),
        tables: vec![NamedTable { stem: "schedules", table: table(&points) }],
        claims: claims(&measured)?,
    })
}

/// Mean angle of every run and generation from the second on, `[run][generation - 1]`.
fn measured(runs: &[&Run]) -> Result<Vec<Vec<f64>>> {
    runs.iter().map(|run| angles(run)).collect()
}

/// Means over runs by generation after the first, which has no base point.
fn points(measured: &[Vec<f64>]) -> Vec<(usize, Vec<f64>)> {
    let generations = measured.iter().map(Vec::len).min().unwrap_or(0);
    (0..generations).map(|step| (step, measured.iter().map(|run| run[step]).collect())).collect()
}

fn table(points: &[(usize, Vec<f64>)]) -> Table {
    let schedule = AngleSchedule::Exp.degrees(points.len() + 1, SphereCmaConfig::default().lim);
    let shown = points.iter().filter(|(step, _)| step % 10 == 0 || step + 1 == points.len());
    let row = |(step, angles): &(usize, Vec<f64>)| {
        vec![Cell::number(*step as f64, 0), Cell::number(schedule[*step], 2), mean_cell(angles, 2)]
    };
    Table {
        caption: "SphereCMA exp: angle between the base point and its samples".to_owned(),
        headings: headings([
            "generation after the first",
            "schedule, degrees",
            "measured, degrees (mean ± standard error over runs)",
        ]),
        rows: shown.map(row).collect(),
    }
}

/// The claim that steps shrink.
fn claims(measured: &[Vec<f64>]) -> Result<Vec<Claim>> {
    let ratio = |run: &Vec<f64>| Some(run.last()? / run.first()?);
    let ratios: Vec<f64> = measured.iter().filter(|run| run.len() > 1).filter_map(ratio).collect();
    let generations = measured.iter().map(Vec::len).min().unwrap_or(0);
    let schedule = AngleSchedule::Exp.degrees(generations + 1, SphereCmaConfig::default().lim);
    let statement = Statement {
        words: "SphereCMA: angular steps decay over a run (last over first)".to_owned(),
        source: "section on SphereCMA",
        claimed: match generations {
            0 => String::new(),
            generations => format!("{:.2} by the schedule", schedule[generations - 1] / schedule[0]),
        },
        ..Statement::default()
    };
    if ratios.is_empty() {
        return Ok(vec![not_tested(statement, "no run has two generations with a base point")]);
    }
    Ok(vec![over_runs(statement, "last over first angle", &ratios, (Side::Below, 1.0), Notation::Decimals(3))?])
}

/// Mean angle in degrees between the base point of SphereCMA and its samples, of every generation after the first.
pub(super) fn angles(run: &Run) -> Result<Vec<f64>> {
    let mut angles = Vec::new();
    let mut failed = None;
    crate::replay::replay(run.stored(), |codes| {
        let rows: Vec<f64> = (0..codes.len()).flat_map(|index| codes.code(index).to_vec()).collect();
        match mean_angle(&DMatrix::from_row_slice(codes.len(), codes.dim(), &rows)) {
            Ok(angle) => angles.push(angle),
            Err(error) => failed = Some(error),
        }
    })?;
    match failed {
        Some(error) => Err(error),
        None => Ok(angles.split_off(1.min(angles.len()))),
    }
}

/// Mean angle in degrees between code 0, the base point of SphereCMA, and the others.
pub(super) fn mean_angle(codes: &DMatrix<f64>) -> Result<f64> {
    let row = |index: usize| codes.row(index).iter().copied().collect::<Vec<f64>>();
    let base = row(0);
    let mut sum = 0.0;
    for index in 1..codes.nrows() {
        sum += angle_degrees(&base, &row(index))?;
    }
    Ok(sum / (codes.nrows() - 1) as f64)
}
