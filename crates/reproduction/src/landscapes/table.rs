//! Comparisons as text, CSV and Markdown.

use std::fmt::Write;

use super::verdict::{Comparison, Sample};

const COLUMNS: [&str; 9] =
    ["method", "N", "landscape", "noise", "quantity", "ours, mean +- sd (n)", "reference (n)", "limit", "verdict"];

fn fields(c: &Comparison) -> [String; 9] {
    [
        c.cell.method().to_owned(),
        c.cell.dim.to_string(),
        c.cell.landscape.to_string(),
        c.cell.noise().to_string(),
        c.quantity.label().to_owned(),
        format!("{} +- {} ({})", digits(c.ours.mean), digits(c.ours.sd), c.ours.n),
        format!("{} ({})", digits(c.reference.mean), c.reference.n),
        digits(c.limit()),
        verdict(c),
    ]
}

fn verdict(c: &Comparison) -> String {
    let single = if c.reference.n == 1 { ", n_ref = 1" } else { "" };
    format!("{}{single}", if c.holds() { "holds" } else { "DIFFERS" })
}

/// Four significant digits.
fn digits(x: f64) -> String {
    let decimals = if x == 0.0 || !x.is_finite() { 0.0 } else { (3.0 - x.abs().log10().floor()).clamp(0.0, 6.0) };
    format!("{x:.*}", decimals as usize)
}

/// One aligned line a comparison.
#[must_use]
pub fn text(comparisons: &[Comparison]) -> String {
    let rows: Vec<[String; 9]> =
        std::iter::once(COLUMNS.map(str::to_owned)).chain(comparisons.iter().map(fields)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
    let line = |row: &[String; 9]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One row a comparison, unrounded.
#[must_use]
pub fn csv(comparisons: &[Comparison]) -> String {
    let mut out = String::from(
        "method,dim,landscape,noise,quantity,ours_mean,ours_sd,ours_n,reference_mean,reference_sd,reference_n,limit,holds\n",
    );
    for c in comparisons {
        let sample = |s: &Sample| format!("{},{},{}", s.mean, s.sd, s.n);
        let (cell, limit, holds) = (&c.cell, c.limit(), c.holds());
        let key = format!("{},{},{},{}", cell.method(), cell.dim, cell.landscape, cell.noise());
        let (ours, reference) = (sample(&c.ours), sample(&c.reference));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{key},{},{ours},{reference},{limit},{holds}", c.quantity.label());
    }
    out
}

/// A Markdown table, method by method, two quantities a row.
#[must_use]
pub fn markdown(comparisons: &[Comparison]) -> String {
    let mut out = String::from(
        "| method | N | landscape | noise | best clean score: ours | reference | final norm: ours | reference |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for pair in comparisons.chunks_exact(2) {
        let cell = &pair[0].cell;
        let key = format!("`{}` | {} | {} | {}", cell.method(), cell.dim, cell.landscape, cell.noise());
        let values: Vec<String> = pair.iter().map(markdown_pair).collect();
        let _ = writeln!(out, "| {key} | {} |", values.join(" | "));
    }
    out
}

fn markdown_pair(c: &Comparison) -> String {
    let ours = format!("{} ± {} ({})", digits(c.ours.mean), digits(c.ours.sd), c.ours.n);
    let reference = format!("{} ({})", digits(c.reference.mean), c.reference.n);
    if c.holds() { format!("{ours} | {reference}") } else { format!("{ours} | **{reference}**") }
}

/// How many comparisons hold, by method.
#[must_use]
pub fn summary(comparisons: &[Comparison]) -> String {
    let mut out = String::new();
    for method in comparisons.chunk_by(|a, b| a.cell.place == b.cell.place) {
        let holding = method.iter().filter(|c| c.holds()).count();
        let _ = writeln!(out, "{:24} {holding} of {} hold", method[0].cell.method(), method.len());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::objective::Kind;
    use super::super::reference::{Cell, Finish, Quantity};
    use super::*;

    fn comparisons() -> Vec<Comparison> {
        let run = |best_clean, final_norm| Finish { evaluations: 3000, best_clean, final_norm };
        let cell = Cell::new(0, 512, Kind::Ellipsoid, 0.2);
        let compare = |q| Comparison::new(&cell, q, &[run(10.0, 1234.5), run(12.0, 1234.5)], &[run(11.0, 5.0)]);
        Quantity::ALL.map(compare).to_vec()
    }

    #[test]
    fn a_table_shows_each_comparison_with_its_verdict() {
        let table = text(&comparisons());
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].contains("11.00 +- 1.414 (2)") && lines[1].ends_with("holds, n_ref = 1"), "{table}");
        assert!(lines[2].contains("1235 +- 0 (2)") || lines[2].contains("1234 +- 0 (2)"), "{table}");
        assert!(lines[2].ends_with("DIFFERS, n_ref = 1"), "{table}");
        assert!(summary(&comparisons()).ends_with("1 of 2 hold\n"));
    }

    #[test]
    fn files_have_a_row_a_comparison_or_a_cell() {
        let csv = csv(&comparisons());
        assert_eq!(csv.lines().count(), 3);
        assert!(csv.lines().all(|line| line.split(',').count() == 13));
        assert!(csv.ends_with("0.1,false\n"), "{csv}");
        let page = markdown(&comparisons());
        assert_eq!(page.lines().count(), 3);
        assert!(page.lines().all(|line| line.matches('|').count() == 9));
        assert!(page.contains("**5.000 (1)**") && page.contains("| 11.00 (1) |"), "{page}");
    }
}
