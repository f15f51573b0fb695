//! Analysis of variance of round 2.

use analysis::anova::{Factor, TypeTwo};
use analysis::report::{Cell, Table};
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{headings, p_cell};

/// Names of the factors, in the order of their indices.
const FACTORS: [&str; 3] = ["optimizer", "layer", "noise"];

/// What optimizer, layer and noise level explain, with their interactions of two.
pub(in super::super) fn anova(study: &Study<'_>) -> Result<Content> {
    let scores = study.scores(Grid::Round2)?;
    let (mut y, mut optimizers, mut layers, mut levels) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in &scores.rows {
        for (optimizer, score) in scores.optimizers.iter().zip(&row.scores) {
            y.push(*score);
            optimizers.push(optimizer.as_str());
            layers.push(scores.units[row.unit].layer.as_str());
            levels.push(row.noise.to_string());
        }
    }
    let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
    let categories = [optimizers, layers, levels].map(|names| numbered(&names));
    let terms = terms(&categories);
    let factors = categories.each_ref().map(|numbers| Factor::Categories(numbers));
    let references: Vec<&[usize]> = terms.iter().map(Vec::as_slice).collect();
    let (rows, note) = match TypeTwo::fit(&y, &factors, &references) {
        Ok(fit) => (rows(&fit, &terms), String::new()),
        Err(error) => (Vec::new(), format!(" It cannot be computed here: {error}.")),
    };
    let table = Table {
        caption: format!("Type II analysis of variance of {} normalised clean scores", y.len()),
        headings: headings(["term", "degrees of freedom", "sum of squares", "F", "p", "partial η²"]),
        rows,
    };
    Ok(Content {
        summary: format!(
            "All factors are categories. As in the publication, runs of one unit count as independent. They are not, so the F \
             values are too large. Partial η² is the share of the variance that the term explains of what other terms \
             leave.{note}"
        ),
        caption: describe(study.runs(Grid::Round2)?),
        tables: vec![NamedTable { stem: "anova", table }],
        ..Content::default()
    })
}

/// Numbers of names, by first appearance.
fn numbered(names: &[&str]) -> Vec<usize> {
    let mut known: Vec<&str> = Vec::new();
    let mut numbers = Vec::with_capacity(names.len());
    for &name in names {
        numbers.push(known.iter().position(|other| *other == name).unwrap_or_else(|| {
            known.push(name);
            known.len() - 1
        }));
    }
    numbers
}

/// Factors with several levels, and their pairs.
fn terms(factors: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let varies = |index: &usize| factors[*index].iter().any(|level| *level != factors[*index][0]);
    let main: Vec<usize> = (0..factors.len()).filter(varies).collect();
    let pairs = main.iter().flat_map(|&a| main.iter().filter(move |&&b| b > a).map(move |&b| vec![a, b]));
    main.iter().map(|&index| vec![index]).chain(pairs).collect()
}

fn rows(fit: &TypeTwo, terms: &[Vec<usize>]) -> Vec<Vec<Cell>> {
    let row = |(term, test): (&Vec<usize>, &analysis::anova::TermTest)| {
        let name: Vec<&str> = term.iter().map(|&index| FACTORS[index]).collect();
        vec![
            Cell::text(name.join(" × ")),
            Cell::number(test.degrees_of_freedom as f64, 0),
            Cell::number(test.sum_of_squares, 3),
            Cell::number(test.f, 2),
            p_cell(test.p),
            Cell::number(test.partial_eta_squared, 3),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = terms.iter().zip(&fit.terms).map(row).collect();
    rows.push(vec![
        Cell::text("residual"),
        Cell::number(fit.residual_degrees_of_freedom as f64, 0),
        Cell::number(fit.residual_sum_of_squares, 3),
    ]);
    rows
}
