//! Claims on noise-driven runs, which need no network.

use analysis::drift::Drift;
use analysis::pca::Pca;
use analysis::random_walk::explained_variance_ratio;
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use anyhow::Result;
use nalgebra::DMatrix;
use optim_core::methods::{AngleSchedule, SphereCmaConfig};

use super::super::campaigns::Grid;
use super::super::claims::{Expected, Notation, Statement, equals, not_tested};
use super::super::runs::{Run, rows};
use super::super::study::{Content, NamedTable, Study, describe};
use super::schedules::{angles, mean_angle};
use super::{headings, mean_cell};

/// Generations of the published runs, to which the expected values belong.
const GENERATIONS: usize = 75;
/// Runs of the published algorithm behind the expected values.
const REFERENCE_RUNS: usize = 20;
/// Samples of a generation of SphereCMA.
const SAMPLES: f64 = 40.0;
/// Length of the published codes.
const DIM: usize = 4096;
const SOURCE: &str = "noise-driven runs of the published algorithm";

/// Claims on drift and covariance, and how every optimizer drifts.
pub(in super::super) fn drift(study: &Study<'_>) -> Result<Content> {
    let runs = study.runs(Grid::NoiseControl)?;
    let as_published = |run: &&Run| run.generations() == GENERATIONS && run.stored().run.unit.dim == DIM;
    let [cholesky, sphere] = ["cholesky-cmaes", "sphere-cma"]
        .map(|optimizer| runs.iter().filter(|run| run.label == optimizer).filter(as_published).collect::<Vec<&Run>>());
    let mut claims = cholesky_claims(&cholesky)?;
    claims.extend(sphere_claims(&sphere)?);
    Ok(Content {
        summary: "Scores are drawn from N(0, 1) and know nothing of the codes. CholeskyCMAES then does to its covariance, norms \
                  and trajectory nearly what it does on units: the covariance hardly adapts, the mean code drifts. Expected \
                  values come from noise-driven runs of the published algorithm and from the schedule of SphereCMA. Angles \
                  are expected at the schedule's times the root of (N − 1) / N, the root mean square length of the tangents, \
                  and spread as the length of normal vectors does.\n\nEach claim allows three standard errors, which chance \
                  alone exceeds in one of 370 cases. A difference within them can still be as large as they are: the \
                  interval around it stands in the row. The table gives all optimizers of the control."
            .to_owned(),
        caption: describe(runs),
        tables: vec![NamedTable { stem: "drift", table: table(runs)? }],
        claims,
        ..Content::default()
    })
}

/// How a trajectory resembles a random walk: R2 of the squared norm on the generation (NaN for a constant norm), and the
/// share of the variance that the first principal component explains.
fn walk(trajectory: &DMatrix<f64>) -> Result<(f64, f64)> {
    let r_squared = Drift::of(trajectory)?.growth.r_squared.unwrap_or(f64::NAN);
    Ok((r_squared, Pca::fit(trajectory, 1)?.explained_variance_ratio[0]))
}

fn table(runs: &[Run]) -> Result<Table> {
    let mut labels: Vec<&str> = Vec::new();
    for run in runs {
        if !labels.contains(&run.label.as_str()) {
            labels.push(&run.label);
        }
    }
    let mut lines = Vec::new();
    for label in labels {
        let own: Vec<&Run> = runs.iter().filter(|run| run.label == label).collect();
        let walks = own.iter().map(|run| walk(&run.trajectory()?)).collect::<Result<Vec<_>>>()?;
        let norms: Vec<f64> = own.iter().map(|run| run.codenorm).collect();
        lines.push(row(label, "mean of each sampled generation, as published; used in the claims", &walks, &norms));
        let recommendations = own.iter().map(|run| recommended(run)).collect::<Result<Vec<_>>>()?;
        // A recommended code that never moves has no walk.
        let walks: Vec<(f64, f64)> = recommendations.iter().flatten().filter_map(|codes| walk(codes).ok()).collect();
        if !walks.is_empty() {
            lines.push(row(label, "recommended code (CMA-ES: mean of the distribution)", &walks, &[]));
        }
    }
    let number = |value| Cell::number(value, 4);
    lines.push(vec![
        Cell::text("random-walk theory"),
        Cell::text(format!("{GENERATIONS} positions, steps of one length")),
        Cell::text(""),
        Cell::text(""),
        number(explained_variance_ratio(1, GENERATIONS)?),
    ]);
    Ok(Table {
        caption: "Noise-driven runs: mean ± standard error".to_owned(),
        headings: headings([
            "optimizer",
            "trajectory",
            "runs",
            "R² of the squared norm",
            "share of PC1",
            "norm of the generation proposed last",
        ]),
        rows: lines,
    })
}

fn row(label: &str, trajectory: &str, walks: &[(f64, f64)], norms: &[f64]) -> Vec<Cell> {
    let finite = |of: fn(&(f64, f64)) -> f64| walks.iter().map(of).filter(|x| x.is_finite()).collect::<Vec<f64>>();
    vec![
        Cell::text(optimizer_label(label)),
        Cell::text(trajectory),
        Cell::number(walks.len() as f64, 0),
        mean_cell(&finite(|walk| walk.0), 4),
        mean_cell(&finite(|walk| walk.1), 4),
        mean_cell(norms, 1),
    ]
}

/// The code that the method recommended after every generation, `[T, N]`, where the run kept it.
fn recommended(run: &Run) -> Result<Option<DMatrix<f64>>> {
    let arrays = run.arrays()?;
    Ok(arrays.recommendations.map(|codes| rows(&codes, arrays.dim)))
}

fn cholesky_claims(runs: &[&Run]) -> Result<Vec<Claim>> {
    let walks = runs.iter().map(|run| walk(&run.trajectory()?)).collect::<Result<Vec<_>>>()?;
    let last =
        |name: &str| -> Vec<f64> { runs.iter().filter_map(|run| run.diagnostics.get(name)?.last().copied()).collect() };
    let reference_runs = Some(REFERENCE_RUNS);
    let expected = [
        (
            "CholeskyCMAES: condition number of C (on AlexNet units 1.000175)",
            Expected {
                value: 1.000_171,
                sd: Some(3.7e-6),
                reference_runs,
                rounding: 5e-7,
                notation: Notation::Decimals(7),
            },
            last("condition_number"),
        ),
        (
            "CholeskyCMAES: ‖C − I‖² / ‖C‖² (on AlexNet units 8.05e−12)",
            Expected {
                value: 7.7e-12,
                sd: Some(3e-13),
                reference_runs,
                rounding: 5e-14,
                notation: Notation::Scientific(2),
            },
            last("deviation_from_identity"),
        ),
        (
            "CholeskyCMAES: mean norm of the generation proposed last (on AlexNet units 423.7 over all noise levels)",
            Expected { value: 418.0, sd: Some(7.0), reference_runs, rounding: 0.5, notation: Notation::Decimals(1) },
            runs.iter().map(|run| run.codenorm).collect(),
        ),
        (
            "CholeskyCMAES: R² of the squared norm of the mean code against generation",
            Expected { value: 0.998, sd: None, reference_runs, rounding: 5e-4, notation: Notation::Decimals(4) },
            walks.iter().map(|walk| walk.0).collect(),
        ),
        (
            "CholeskyCMAES: share of variance of the first principal component",
            Expected { value: 0.600, sd: Some(0.005), reference_runs, rounding: 5e-4, notation: Notation::Decimals(4) },
            walks.iter().map(|walk| walk.1).collect(),
        ),
    ];
    expected.into_iter().map(|(words, expected, values)| judge(words, SOURCE, &expected, &values)).collect()
}

/// Angles measured from samples: of the first generation with a base point, of the last evaluated one and of the one that
/// is proposed after the last `tell`, to which the schedule's last angle belongs.
fn sphere_claims(runs: &[&Run]) -> Result<Vec<Claim>> {
    let schedule = AngleSchedule::Exp.degrees(GENERATIONS, SphereCmaConfig::default().lim);
    let (mut first, mut evaluated, mut proposed) = (Vec::new(), Vec::new(), Vec::new());
    for run in runs {
        let arrays = run.arrays()?;
        let own = angles(run)?;
        first.extend(own.first());
        evaluated.extend(own.last());
        proposed.push(mean_angle(&rows(&arrays.next_codes, arrays.dim))?);
    }
    let expected = |degrees: f64| Expected {
        value: degrees * ((DIM - 1) as f64 / DIM as f64).sqrt(),
        sd: Some(degrees / (2.0 * DIM as f64 * SAMPLES).sqrt()),
        reference_runs: None,
        rounding: 0.005,
        notation: Notation::Decimals(3),
    };
    [
        (
            "SphereCMA: angle of the samples in the first generation that has a base point, degrees (schedule: 50)",
            0,
            first,
        ),
        (
            "SphereCMA: angle of the samples in the last evaluated generation, degrees (schedule: 74th of 75 angles)",
            GENERATIONS - 2,
            evaluated,
        ),
        ("SphereCMA: angle in the generation proposed last, degrees (schedule: 7.33)", GENERATIONS - 1, proposed),
    ]
    .into_iter()
    .map(|(words, step, angles)| judge(words, "schedule", &expected(schedule[step]), &angles))
    .collect()
}

fn judge(words: &str, source: &'static str, expected: &Expected, values: &[f64]) -> Result<Claim> {
    if values.is_empty() {
        let claimed = expected.notation.write(expected.value);
        let statement = Statement { words: words.to_owned(), source, claimed, ..Statement::default() };
        let why = format!("needs runs of {GENERATIONS} generations in {DIM} dimensions");
        return Ok(not_tested(statement, &why));
    }
    equals(words, source, expected, values)
}
