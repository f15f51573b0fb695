//! Growth of the norm, against noise-driven controls.

use analysis::figure::norms::{NormSeries, Norms};
use analysis::norm_growth::{AgainstControl, Contrast, NormGrowth};
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, over_runs};
use super::super::runs::{Run, rows};
use super::super::study::{Content, NamedTable, Study, describe};
use super::{WALKERS, headings, mean_cell, p_cell, published_cell};
use crate::published::Over;

/// Norms by generation, R2 of the squared norm, final norm and spread.
pub(in super::super) fn norms(study: &Study<'_>) -> Result<Content> {
    let (mut series, mut cells, mut claims) = (Vec::new(), Vec::new(), Vec::new());
    let (mut shown, mut driven) = (Vec::new(), Vec::new());
    for optimizer in WALKERS {
        let units = study.noise_free(Grid::Round2, optimizer)?;
        let controls = study.noise_free(Grid::NoiseControl, optimizer)?;
        let norms = |runs: &[&Run]| runs.iter().map(|run| run.mean_code_norms.clone()).collect();
        series.push(NormSeries { optimizer: optimizer.to_owned(), norms: norms(&units), control: norms(&controls) });
        let (evolved, control) = (growths(&units)?, growths(&controls)?);
        cells.push(row(study, optimizer, &units, &evolved, &control));
        if optimizer == "cholesky-cmaes" {
            claims = linear_claims(&evolved, &control)?;
        }
        shown.extend(units);
        driven.extend(controls);
    }
    let table = Table {
        caption: "Growth of the norm: mean ± standard error over runs; p of a rank-sum test of units against controls"
            .to_owned(),
        headings: headings([
            "optimizer",
            "R², units",
            "R², controls",
            "final norm, units",
            "controls",
            "p",
            "final spread, units",
            "controls",
            "p",
            "norm of proposed codes",
            "published",
        ]),
        rows: cells,
    };
    let title = "Norm of the mean code by generation".to_owned();
    Ok(Content {
        svg: Some(Norms { title, series }.to_svg()?),
        summary: "Where scores are noise (dashed), CholeskyCMAES is a random walk: the squared norm of its mean code grows in \
                  proportion to the generation, with R² near 1. Where growth on units (solid) differs, \
                  selection does it; the table compares them. SphereCMA stays on its sphere with and without selection. Its mean code lies inside the \
                  sphere, by the spread of the samples, and moves outwards as the angle shrinks. The control does the same, \
                  and a regression describes nothing.\n\nR² is that of the squared norm on the generation. Spread is the \
                  standard deviation of the last generation's codes, averaged over coordinates. The published norm is that \
                  of the generation proposed last, on AlexNet without noise. Where a unit has several runs, these are \
                  alike, and the p values of the rank-sum test are too small. With five runs against five no p is below 0.008."
            .to_owned(),
        caption: format!("Units: {} Controls: {}", describe(shown), describe(driven)),
        tables: vec![NamedTable { stem: "norms", table }],
        claims,
    })
}

fn growths(runs: &[&Run]) -> Result<Vec<NormGrowth>> {
    let growth = |run: &&Run| {
        let arrays = run.arrays()?;
        Ok(NormGrowth::of(&run.mean_code_norms, &rows(&arrays.last_codes, arrays.dim))?)
    };
    runs.iter().map(growth).collect()
}

fn row(
    study: &Study<'_>,
    optimizer: &str,
    units: &[&Run],
    evolved: &[NormGrowth],
    control: &[NormGrowth],
) -> Vec<Cell> {
    let of = |runs: &[NormGrowth], value: fn(&NormGrowth) -> f64| -> Vec<f64> { runs.iter().map(value).collect() };
    let squared = |runs: &[NormGrowth]| -> Vec<f64> { runs.iter().filter_map(|growth| growth.r_squared).collect() };
    let p = |value: fn(&NormGrowth) -> f64| {
        let test = Contrast::of(&of(evolved, value), &of(control, value));
        p_cell(test.map_or(f64::NAN, |contrast| contrast.rank_sum.p))
    };
    let norm: fn(&NormGrowth) -> f64 = |growth| growth.final_norm;
    let spread: fn(&NormGrowth) -> f64 = |growth| growth.final_spread;
    let proposed: Vec<f64> = units.iter().map(|run| run.codenorm).collect();
    let over = Over { noise: Some(0.0), layer: None };
    vec![
        Cell::text(optimizer_label(optimizer)),
        mean_cell(&squared(evolved), 3),
        mean_cell(&squared(control), 3),
        mean_cell(&of(evolved, norm), 1),
        mean_cell(&of(control, norm), 1),
        p(norm),
        mean_cell(&of(evolved, spread), 3),
        mean_cell(&of(control, spread), 3),
        p(spread),
        mean_cell(&proposed, 1),
        published_cell(study.published.mean("round2", "codenorm", optimizer, over), 1),
    ]
}

/// Squared norm linear in the generation, on units and in controls.
fn linear_claims(evolved: &[NormGrowth], control: &[NormGrowth]) -> Result<Vec<Claim>> {
    let mut claims = Vec::new();
    for (runs, whose) in [(evolved, "on units"), (control, "noise-driven")] {
        let values: Vec<f64> = runs.iter().filter_map(|growth| growth.r_squared).collect();
        let statement = Statement {
            words: format!("CholeskyCMAES {whose}: the squared norm of the mean code is linear in the generation"),
            source: "figure on norms",
            claimed: "R² near 1".to_owned(),
            ..Statement::default()
        };
        claims.push(over_runs(statement, "R²", &values, (Side::Above, 0.95), Notation::Decimals(3))?);
    }
    if let Ok(against) = AgainstControl::of(evolved, control) {
        let ratio = against.final_norm.evolved.mean / against.final_norm.control.mean;
        claims.iter_mut().for_each(|claim| {
            claim.reason.push_str(&format!(" The final norm on units is {ratio:.2} times that of the control."));
        });
    }
    Ok(claims)
}
