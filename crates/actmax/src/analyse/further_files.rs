//! Figures and files of what `--also` asked for.

use std::io::Cursor;

use analysis::agreement::{ComponentAgreement, RunAgreement};
use analysis::figure::FigureError;
use analysis::figure::code_components::{CodeComponents, CodeComponentsRow};
use analysis::figure::heat_map::{HeatMap, HeatMaps};
use experiments::NpzWriter;
use nalgebra::DMatrix;

use super::figures::{Group, groups};
use super::further::{Also, Components, Further};
use super::measures::Measures;
use super::tables;
use crate::CommandError;
use crate::console::{significant, warn};

/// Names (without extension) and SVG of the figures that the runs have.
pub(crate) fn further_figures(
    runs: &[Measures],
    further: &[Further],
    agreement: Option<&RunAgreement>,
) -> Result<Vec<(&'static str, String)>, FigureError> {
    let shown: Vec<(String, &Measures, &Further)> = groups(runs)
        .iter()
        .filter_map(|group| {
            let at = runs.iter().position(|run| std::ptr::eq(run, group.runs[0]))?;
            Some((heading(group), &runs[at], &further[at]))
        })
        .collect();
    let mut figures = Vec::new();
    let (mut rows, mut maps, mut distances) = (Vec::new(), Vec::new(), Vec::new());
    for (heading, run, further) in shown {
        if let (Some(codes), Some(means)) = (&further.codes, &further.means) {
            rows.push(CodeComponentsRow {
                optimizer: run.optimizer.clone(),
                heading: heading.clone(),
                means: means.pca.explained_variance_ratio.clone(),
                codes: codes.components.pca.explained_variance_ratio.clone(),
                projections: codes.projections.clone(),
            });
            let labels = ["component of the means", "component of all codes"];
            maps.push(vec![map(heading.clone(), labels, 1, &codes.agreement, Some([0.0, 1.0]))]);
        }
        if let Some(own) = &further.distances {
            let labels = ["generation", "generation"];
            distances.push(vec![
                map(format!("{heading}: angle, degrees"), labels, 0, &own.angles, None),
                map("distance".to_owned(), labels, 0, &own.euclidean, None),
            ]);
        }
    }
    if !rows.is_empty() {
        let title = "Principal components of all codes".to_owned();
        figures.push(("codes", CodeComponents { title, rows }.to_svg()?));
        let title = "Axes of the mean codes and of all codes, |cosine|".to_owned();
        figures.push(("codes_axes", HeatMaps { title, rows: maps, notes: Vec::new() }.to_svg()?));
    }
    if !distances.is_empty() {
        let title = "Mean codes of all generations, one against the other".to_owned();
        figures.push(("distances", HeatMaps { title, rows: distances, notes: Vec::new() }.to_svg()?));
    }
    if let Some(agreement) = agreement {
        figures.push(("agreement", agreement_figure(agreement, runs.len())?));
    }
    Ok(figures)
}

fn heading(group: &Group<'_>) -> String {
    let run = &group.runs[0];
    if run.control { format!("{}, driven by noise", run.run) } else { run.run.clone() }
}

fn map(title: String, labels: [&str; 2], first: usize, values: &DMatrix<f64>, range: Option<[f64; 2]>) -> HeatMap {
    let values = values.row_iter().map(|row| row.iter().copied().collect()).collect();
    HeatMap { title, labels: labels.map(str::to_owned), first, values, range }
}

fn agreement_figure(agreement: &RunAgreement, runs: usize) -> Result<String, FigureError> {
    let of = |run: &str| format!("component of {run}");
    let labels = [of("a run"), of("another run")];
    let labels = [labels[0].as_str(), labels[1].as_str()];
    let values = map("mean |cosine| over pairs of runs".to_owned(), labels, 1, &agreement.mean, Some([0.0, 1.0]));
    let mut notes = vec![
        format!(
            "If the axes of different runs are independent directions, all alike, |cosine| is {} in the mean, and p is",
            significant(agreement.by_chance)
        ),
        format!(
            "the probability of a mean squared cosine as large as this one (in brackets corrected for {} tests, Holm):",
            agreement.components.len()
        ),
    ];
    notes.extend(agreement.components.iter().map(component_words));
    let title = format!("Principal axes of {runs} runs");
    HeatMaps { title, rows: vec![vec![values]], notes }.to_svg()
}

/// The test of a component in words.
pub(crate) fn component_words(one: &ComponentAgreement) -> String {
    let [squared, chance] = [one.mean_squared, one.by_chance].map(significant);
    let (name, p, holm) = (format!("PC{}", one.component), p_words(one.p), p_words(one.p_holm));
    format!("{name:4} mean squared cosine {squared}, by chance {chance}, p = {p} ({holm})")
}

/// A probability in a few digits.
fn p_words(p: f64) -> String {
    if p < 1e-4 { format!("{p:.0e}") } else { format!("{p:.3}") }
}

/// The agreement of all runs; none if it was not asked for, or with `all` where the runs have none.
pub(crate) fn agreement(
    runs: &[Measures],
    further: &[Further],
    asked: &[Also],
) -> Result<Option<RunAgreement>, CommandError> {
    if !Also::Agreement.is_among(asked) || (runs.len() < 2 && !asked.contains(&Also::Agreement)) {
        return Ok(None);
    }
    if runs.len() < 2 {
        return Err(CommandError::OneRun);
    }
    let axes: Vec<&DMatrix<f64>> = further.iter().filter_map(|further| Some(&further.means.as_ref()?.axes)).collect();
    let components = axes.iter().map(|axes| axes.ncols()).min().unwrap_or(0);
    let axes: Vec<DMatrix<f64>> = axes.into_iter().map(|axes| axes.columns(0, components).into_owned()).collect();
    match RunAgreement::of(&axes) {
        Ok(agreement) => Ok(Some(agreement)),
        Err(source) if asked.contains(&Also::Agreement) => Err(CommandError::Agreement { source }),
        Err(source) => {
            warn(&format!("the agreement of the runs is left out, their axes cannot be compared: {source}"));
            Ok(None)
        }
    }
}

/// Names and contents of the arrays and tables that the runs have.
pub(crate) fn further_files(
    runs: &[Measures],
    further: &[Further],
    agreement: Option<&RunAgreement>,
    asked: &[Also],
) -> Result<Vec<(String, Vec<u8>)>, CommandError> {
    let mut files = Vec::new();
    for (number, of_run) in further.iter().enumerate() {
        let name = |stem: &str| if runs.len() == 1 { format!("{stem}.npz") } else { format!("{stem}_{number:03}.npz") };
        if let (true, Some(means)) = (Also::Axes.is_among(asked), &of_run.means) {
            let codes = of_run.codes.as_ref().map(|codes| ("codes_", &codes.components));
            files.push((name("pca"), pca_file([("", means)].into_iter().chain(codes))?));
        }
        if let Some(distances) = &of_run.distances {
            files.push((
                name("distances"),
                archive(|npz| {
                    matrix_array(npz, "angles", &distances.angles)?;
                    matrix_array(npz, "distances", &distances.euclidean)
                })?,
            ));
        }
    }
    if let Some(agreement) = agreement {
        files.push(("agreement.csv".to_owned(), tables::agreement(agreement)?));
        files.push(("agreement_pairs.csv".to_owned(), tables::agreement_pairs(agreement, runs)?));
    }
    Ok(files)
}

type Archive = NpzWriter<Cursor<Vec<u8>>>;

fn archive(fill: impl FnOnce(&mut Archive) -> std::io::Result<()>) -> Result<Vec<u8>, CommandError> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    fill(&mut npz)?;
    Ok(npz.finish()?.into_inner())
}

fn pca_file<'a>(analysed: impl Iterator<Item = (&'a str, &'a Components)>) -> Result<Vec<u8>, CommandError> {
    archive(|npz| {
        for (prefix, Components { pca, axes, mean }) in analysed {
            let name = |name: &str| format!("{prefix}{name}");
            let list = |npz: &mut Archive, array: &str, values: &[f64]| {
                npz.array(&name(array), &[values.len() as u64], values.iter().copied())
            };
            matrix_array(npz, &name("axes"), &axes.transpose())?;
            list(npz, "eigenvalues", &pca.explained_variance)?;
            list(npz, "explained_variance_ratio", &pca.explained_variance_ratio)?;
            matrix_array(npz, &name("projections"), &pca.projections)?;
            list(npz, "mean", mean)?;
        }
        Ok(())
    })
}

/// Adds a matrix, rows first.
fn matrix_array(npz: &mut Archive, name: &str, matrix: &DMatrix<f64>) -> std::io::Result<()> {
    let shape = [matrix.nrows() as u64, matrix.ncols() as u64];
    npz.array(name, &shape, matrix.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<f64>>()))
}
