//! Every optimizer against every other.

use analysis::compare::TTest;
use analysis::figure::Estimate;
use analysis::figure::pairwise_ratios::PairwiseRatios;
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::claims::FEWEST;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{headings, p_cell};

/// Ratios of mean normalised scores over all noise levels, with paired tests over units.
pub(in super::super) fn pairs(study: &Study<'_>, round: Grid) -> Result<Content> {
    let scores = study.scores(round)?;
    let count = scores.optimizers.len();
    let means: Vec<f64> = (0..count).map(|column| Ok(scores.summary(column, None)?.mean)).collect::<Result<_>>()?;
    let by_unit: Vec<Vec<f64>> = (0..count).map(|column| scores.by_unit(column, None)).collect();
    let units = scores.units.len();
    let tested = units >= FEWEST;
    let test = |a: usize, b: usize| match TTest::paired(&by_unit[a], &by_unit[b]) {
        Ok(test) if tested => test.p,
        _ => f64::NAN,
    };
    let square = |of: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
        (0..count).map(|row| (0..count).map(|column| of(row, column)).collect()).collect()
    };
    let (ratios, p_values) = (square(&|row, column| means[row] / means[column]), square(&test));
    let mut rows = Vec::new();
    for (a, row) in p_values.iter().enumerate() {
        for (b, p) in row.iter().enumerate().skip(a + 1) {
            let found = scores.ratio(a, b, None);
            let end = |of: fn(&Estimate) -> f64| Cell::number(found.as_ref().map_or(f64::NAN, of), 3);
            let label = |index: usize| Cell::text(optimizer_label(&scores.optimizers[index]));
            rows.push(vec![
                label(a),
                label(b),
                Cell::number(ratios[a][b], 3),
                end(|found| found.low),
                end(|found| found.high),
                p_cell(*p),
            ]);
        }
    }
    let table = Table {
        caption: format!(
            "Ratio of mean normalised clean scores, 95 % bootstrap interval, p of a paired t test; units: {units}"
        ),
        headings: headings(["optimizer", "against", "ratio", "low", "high", "p"]),
        rows,
    };
    let figure = PairwiseRatios {
        title: round.titled("ratio of mean normalised clean scores, row over column"),
        optimizers: scores.optimizers.clone(),
        ratios,
        p_values,
        test: match tested {
            true => format!("paired t over {units} units"),
            false => format!("not tested: {units} of at least {FEWEST} units"),
        },
    };
    let stem = if round == Grid::Round1 { "round1-pairs" } else { "round2-pairs" };
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: "Means over all runs and noise levels. The test takes one mean difference a unit, so repeats and noise \
                  levels of a unit do not count as independent. The p values are not corrected for the number of pairs. A \
                  ratio has no interval where the optimizer in its denominator scores nothing on the units of some resample."
            .to_owned(),
        caption: describe(study.runs(round)?),
        tables: vec![NamedTable { stem, table }],
        ..Content::default()
    })
}
