//! Claims on drift and covariance that need no network.

use analysis::random_walk::explained_variance_ratio;
use analysis::report::{Cell, Table, Verdict, VerdictRow};
use analysis::summary::Summary;
use anyhow::{Context, Result};
use optim_core::methods::{AngleSchedule, SphereCmaConfig};

use super::drift::{DriftRun, GENERATIONS, Walk};

/// Optimizers of the claims.
pub(super) const OPTIMIZERS: [&str; 2] = ["cholesky-cmaes", "sphere-cma"];

/// A value that many runs must give on average.
struct Claim {
    words: &'static str,
    /// Value given, and its spread over runs where one is given.
    expected: f64,
    sd: Option<f64>,
    /// Half a unit of the last digit of `expected` as it was published.
    rounding: f64,
    notation: Notation,
}

/// How a value is written.
#[derive(Clone, Copy)]
enum Notation {
    Decimals(usize),
    Scientific(usize),
}

impl Notation {
    fn write(self, value: f64) -> String {
        match self {
            Self::Decimals(decimals) => format!("{value:.decimals$}"),
            Self::Scientific(decimals) => format!("{value:.decimals$e}"),
        }
    }
}

impl Claim {
    /// Holds where the difference is at most three standard errors plus the rounding of the published digits. Where a
    /// spread is given, the expected value is taken to be the mean of as many runs as ours.
    fn judge(&self, values: &[f64]) -> Result<VerdictRow> {
        let ours = Summary::of(values).with_context(|| format!("claim '{}'", self.words))?;
        let expected_error = self.sd.map_or(0.0, |sd| sd / (ours.n as f64).sqrt());
        let tolerance = 3.0 * ours.standard_error().hypot(expected_error) + self.rounding;
        let holds = (ours.mean - self.expected).abs() <= tolerance;
        let write = |value| self.notation.write(value);
        let with_sd = |mean: f64, sd: Option<f64>| match sd {
            Some(sd) => format!("{} (sd {})", write(mean), two_digits(sd)),
            None => write(mean),
        };
        Ok(VerdictRow {
            claim: self.words.to_owned(),
            expected: with_sd(self.expected, self.sd),
            ours: with_sd(ours.mean, Some(ours.sd)),
            tolerance: format!("± {}", two_digits(tolerance)),
            verdict: if holds { Verdict::Holds } else { Verdict::DoesNotHold },
        })
    }
}

/// A spread with two significant digits.
fn two_digits(value: f64) -> String {
    let exponent = value.log10().floor();
    if (-3.0..=3.0).contains(&exponent) {
        let decimals = (1.0 - exponent).max(0.0) as usize;
        format!("{value:.decimals$}")
    } else {
        format!("{value:.1e}")
    }
}

/// The claims beside what the runs gave.
pub(super) fn rows(runs: &[DriftRun]) -> Result<Vec<VerdictRow>> {
    let mut rows = cholesky_rows(&by_optimizer(runs, OPTIMIZERS[0]))?;
    rows.extend(sphere_rows(&by_optimizer(runs, OPTIMIZERS[1]))?);
    Ok(rows)
}

fn by_optimizer<'a>(runs: &'a [DriftRun], optimizer: &str) -> Vec<&'a DriftRun> {
    runs.iter().filter(|run| run.job.optimizer == optimizer).collect()
}

fn cholesky_rows(runs: &[&DriftRun]) -> Result<Vec<VerdictRow>> {
    let diagnostic = |name: &str| runs.iter().map(|run| run.diagnostic(name)).collect::<Result<Vec<f64>>>();
    let values = |of: fn(&DriftRun) -> f64| runs.iter().map(|run| of(run)).collect::<Vec<f64>>();
    let condition = Claim {
        words: "CholeskyCMAES: condition number of C (on AlexNet units 1.000175)",
        expected: 1.000_171,
        sd: Some(3.7e-6),
        rounding: 5e-7,
        notation: Notation::Decimals(7),
    };
    let deviation = Claim {
        words: "CholeskyCMAES: ‖C − I‖² / ‖C‖² (on AlexNet units 8.05e-12)",
        expected: 7.7e-12,
        sd: Some(3e-13),
        rounding: 5e-14,
        notation: Notation::Scientific(2),
    };
    let codenorm = Claim {
        words: "CholeskyCMAES: mean norm of the generation proposed last (on AlexNet units 423.7)",
        expected: 418.0,
        sd: Some(7.0),
        rounding: 0.5,
        notation: Notation::Decimals(1),
    };
    let r_squared = Claim {
        words: "CholeskyCMAES: R² of the squared norm of the mean code against generation",
        expected: 0.998,
        sd: None,
        rounding: 5e-4,
        notation: Notation::Decimals(4),
    };
    let share = Claim {
        words: "CholeskyCMAES: share of variance of the first principal component",
        expected: 0.600,
        sd: Some(0.005),
        rounding: 5e-4,
        notation: Notation::Decimals(4),
    };
    Ok(vec![
        condition.judge(&diagnostic("condition_number")?)?,
        deviation.judge(&diagnostic("deviation_from_identity")?)?,
        codenorm.judge(&values(|run| run.codenorm))?,
        r_squared.judge(&values(|run| run.sampled.r_squared))?,
        share.judge(&values(|run| run.sampled.first_share))?,
    ])
}

/// Angles measured from samples. The schedule's last angle belongs to the generation that is proposed after the last
/// `tell`; the last evaluated one has the angle before it.
fn sphere_rows(runs: &[&DriftRun]) -> Result<Vec<VerdictRow>> {
    let generations = GENERATIONS as usize;
    let schedule = AngleSchedule::Exp.degrees(generations, SphereCmaConfig::default().lim);
    let claim = |words, expected| Claim { words, expected, sd: None, rounding: 0.005, notation: Notation::Decimals(3) };
    let claims = [
        claim("SphereCMA: angle of the samples in the second generation, degrees (schedule: 50)", schedule[0]),
        claim("SphereCMA: in the last evaluated generation (schedule: 74th of 75 angles)", schedule[generations - 2]),
        claim("SphereCMA: in the generation proposed last (schedule: 7.33)", schedule[generations - 1]),
    ];
    let measured = |index: usize| runs.iter().map(|run| run.angles[index]).collect::<Vec<f64>>();
    claims.iter().enumerate().map(|(index, claim)| claim.judge(&measured(index))).collect()
}

/// What R2 and the first share are by either definition of the mean trajectory.
pub(super) fn definitions(runs: &[DriftRun]) -> Result<Table> {
    let runs = by_optimizer(runs, OPTIMIZERS[0]);
    let sampled: Vec<Walk> = runs.iter().map(|run| run.sampled).collect();
    let recommended: Vec<Walk> = runs.iter().filter_map(|run| run.recommended).collect();
    let row = |name: &str, walks: &[Walk]| -> Result<Vec<Cell>> {
        let r_squared = Summary::of(&walks.iter().map(|walk| walk.r_squared).collect::<Vec<f64>>())?;
        let share = Summary::of(&walks.iter().map(|walk| walk.first_share).collect::<Vec<f64>>())?;
        let cell = |summary: Summary| {
            let text = format!("{:.4} ± {:.4}", summary.mean, summary.standard_error());
            Cell { number: true, ..Cell::text(text) }
        };
        Ok(vec![Cell::text(name), cell(r_squared), cell(share)])
    };
    let theory = Cell::number(explained_variance_ratio(1, GENERATIONS as usize)?, 4);
    Ok(Table {
        caption: "CholeskyCMAES by either definition of the mean trajectory: mean ± standard error".to_owned(),
        headings: ["trajectory", "R² of the squared norm", "share of PC1"].map(str::to_owned).to_vec(),
        rows: vec![
            row("mean of each sampled generation, as published; used in the claims", &sampled)?,
            row("mean of the distribution (xmean) after each generation", &recommended)?,
            vec![
                Cell::text("random-walk theory, 75 positions, steps of one length"),
                Cell { number: true, ..Cell::text("–") },
                theory,
            ],
        ],
    })
}
