//! How far covariance matrices move away from the identity.

use analysis::figure::covariance::{Covariance, CovarianceSeries, PublishedCovariance};
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use analysis::summary::Summary;
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, not_tested, over_runs};
use super::super::runs::Run;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{headings, scientific_cell};
use crate::published::Over;

/// Scalars of the methods, with their names in the published tables.
const MEASURES: [(&str, &str); 4] = [
    ("largest_eigenvalue", "maxeig"),
    ("smallest_eigenvalue", "mineig"),
    ("condition_number", "condnum"),
    ("deviation_from_identity", "devi2id"),
];

/// Departure of the condition number from 1, in units of the published one, up to which it is as small as claimed.
const AS_PUBLISHED: f64 = 2.0;

/// Eigenvalue range, condition number and distance from the identity by generation and method.
pub(in super::super) fn covariance(study: &Study<'_>) -> Result<Content> {
    let runs = study.runs(Grid::Covariance)?;
    let mut labels: Vec<&str> = Vec::new();
    for run in runs {
        if !labels.contains(&run.label.as_str()) {
            labels.push(&run.label);
        }
    }
    let (mut series, mut rows, mut claims) = (Vec::new(), Vec::new(), Vec::new());
    for label in labels {
        let own: Vec<&Run> = runs.iter().filter(|run| run.label == label).collect();
        let [largest, smallest, condition, distance] = MEASURES.map(|(name, _)| {
            own.iter().map(|run| run.diagnostics.get(name).cloned().unwrap_or_default()).collect::<Vec<Vec<f64>>>()
        });
        let published = MEASURES.map(|(_, name)| study.published.mean("spectra", name, label, Over::default()));
        let last = |values: &[Vec<f64>]| -> Vec<f64> {
            values.iter().filter_map(|values| values.last().copied()).filter(|value| value.is_finite()).collect()
        };
        for ((name, _), (values, published)) in
            MEASURES.iter().zip([&largest, &smallest, &condition, &distance].into_iter().zip(published))
        {
            rows.push(row(label, name, &last(values), published));
        }
        claims.push(claim(label, &last(&condition), published[2])?);
        series.push(CovarianceSeries {
            optimizer: label.to_owned(),
            control: false,
            largest,
            smallest,
            condition,
            distance,
            published: match published {
                [Some(largest), Some(smallest), Some(condition), Some(distance)] => {
                    Some(PublishedCovariance { largest, smallest, condition, distance })
                }
                _ => None,
            },
        });
    }
    let table = Table {
        caption: "C at the end of the run, without its step size: mean over runs".to_owned(),
        headings: headings(["optimizer", "quantity", "runs", "mean", "mean less 1", "published", "published less 1"]),
        rows,
    };
    let title = "Departure of the covariance matrix from the identity".to_owned();
    Ok(Content {
        svg: Some(Covariance { title, series }.to_svg()?),
        summary: "A covariance matrix of 4096 dimensions can hardly adapt in 3000 evaluations. The table gives how far from 1 \
                  its eigenvalues are at the end of a run. The publication concludes that the covariance is not what wins. \
                  CholeskyCMAES updates its factor every eleventh generation. CholeskyCMAES_Aupdate1 is the \
                  same method with an update every second one, as the original does when asked for every one. Published \
                  values (diamonds) are of runs of 75 generations on AlexNet."
            .to_owned(),
        caption: describe(runs),
        tables: vec![NamedTable { stem: "covariance", table }],
        claims,
    })
}

fn row(label: &str, name: &str, values: &[f64], published: Option<f64>) -> Vec<Cell> {
    let mean = Summary::of(values).map_or(f64::NAN, |summary| summary.mean);
    let published = published.unwrap_or(f64::NAN);
    let distance = name == "deviation_from_identity";
    let both = |value: f64| match distance {
        true => [scientific_cell(value), Cell::text("")],
        false => [Cell::number(value, 6), scientific_cell(value - 1.0)],
    };
    let mut cells = vec![
        Cell::text(optimizer_label(label)),
        Cell::text(name.replace('_', " ")),
        Cell::number(values.len() as f64, 0),
    ];
    cells.extend(both(mean));
    cells.extend(both(published));
    cells
}

/// The condition number stays near 1: its departure is at most [`AS_PUBLISHED`] times the published one.
fn claim(label: &str, conditions: &[f64], published: Option<f64>) -> Result<Claim> {
    let bound = published.map(|published| 1.0 + AS_PUBLISHED * (published - 1.0));
    let statement = Statement {
        words: format!(
            "{}: the covariance matrix hardly changes (its condition number exceeds 1 by less than {AS_PUBLISHED} times the published excess)",
            optimizer_label(label)
        ),
        source: "covariance tables",
        claimed: published.map_or_else(String::new, |value| format!("{value:.6}")),
        ..Statement::default()
    };
    match bound {
        None => Ok(not_tested(statement, "the published tables have no such method to compare with")),
        Some(_) if conditions.is_empty() => Ok(not_tested(statement, "the runs hold no condition number")),
        Some(bound) => {
            over_runs(statement, "condition number", conditions, (Side::Below, bound), Notation::Decimals(6))
        }
    }
}
