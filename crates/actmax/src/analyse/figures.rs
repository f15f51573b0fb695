//! The figures of analysed runs.

use analysis::figure::FigureError;
use analysis::figure::cosine_panels::{CosineGroup, CosinePanels, CosineRun};
use analysis::figure::lissajous::{Lissajous, LissajousPanel};
use analysis::figure::norms::{NormSeries, Norms};
use analysis::figure::step_geometry::{Distances, StepGeometry, StepSeries};
use analysis::lissajous::LissajousPair;
use analysis::style::optimizer_label;

use super::measures::{ComponentMeasures, GenerationMeasures, Measures};

/// Pairs of components that stand side by side.
const IN_A_ROW: usize = 6;

/// Runs of one optimizer, evolved or driven by noise.
pub(super) struct Group<'a> {
    optimizer: &'a str,
    control: bool,
    pub(super) runs: Vec<&'a Measures>,
}

/// Names (without extension) and SVG of the figures; there is at least one run.
pub(crate) fn figures(runs: &[Measures]) -> Result<Vec<(&'static str, String)>, FigureError> {
    let groups = groups(runs);
    let title = |what: &str| match runs {
        [run] => format!("{what}: {}", run.run),
        runs => format!("{what}: {} runs", runs.len()),
    };
    Ok(vec![
        ("norms", norms(title("Norm of the mean code"), &groups)?),
        ("cosines", cosines(title("Principal components of the trajectory"), runs, &groups)?),
        ("lissajous", lissajous(title("Principal components against each other"), &groups)?),
        ("steps", steps(title("Steps"), &groups)?),
    ])
}

/// In the order in which optimizers appear, evolved ones before their controls.
pub(super) fn groups(runs: &[Measures]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for control in [false, true] {
        for run in runs.iter().filter(|run| run.control == control) {
            match groups.iter_mut().find(|group| group.optimizer == run.optimizer && group.control == control) {
                Some(group) => group.runs.push(run),
                None => groups.push(Group { optimizer: &run.optimizer, control, runs: vec![run] }),
            }
        }
    }
    groups
}

impl Group<'_> {
    fn note(&self) -> String {
        let what = if self.control { "driven by noise" } else { "" };
        match self.runs.len() {
            1 => what.to_owned(),
            count => format!("{what} ({count} runs)").trim_start().to_owned(),
        }
    }

    /// `[run][generation]`
    fn series(&self, pick: fn(&GenerationMeasures) -> f64) -> Vec<Vec<f64>> {
        self.runs.iter().map(|run| run.generations.iter().map(pick).collect()).collect()
    }
}

fn norms(title: String, groups: &[Group<'_>]) -> Result<String, FigureError> {
    let mut series: Vec<NormSeries> = Vec::new();
    for group in groups {
        let norms = group.series(|generation| generation.mean_norm);
        let at = series.iter().position(|series| series.optimizer == group.optimizer).unwrap_or_else(|| {
            let optimizer = group.optimizer.to_owned();
            series.push(NormSeries { optimizer, norms: Vec::new(), control: Vec::new() });
            series.len() - 1
        });
        *if group.control { &mut series[at].control } else { &mut series[at].norms } = norms;
    }
    Norms { title, series }.to_svg()
}

fn cosines(title: String, runs: &[Measures], groups: &[Group<'_>]) -> Result<String, FigureError> {
    let to_run = |run: &&Measures| {
        let of = |pick: fn(&ComponentMeasures) -> f64| run.components.iter().map(pick).collect();
        CosineRun {
            periods: of(|component| component.periods),
            r_squared_free: of(|component| component.r_squared_free),
            r_squared_fixed: of(|component| component.r_squared_fixed),
            explained_variance_ratio: of(|component| component.explained_variance_ratio),
        }
    };
    let to_group = |group: &Group<'_>| CosineGroup {
        optimizer: group.optimizer.to_owned(),
        note: group.note(),
        control: group.control,
        generations: group.runs.iter().map(|run| run.generations.len()).max().unwrap_or(0),
        runs: group.runs.iter().map(to_run).collect(),
    };
    let shown = groups.first().map_or(&runs[0], |group| group.runs[0]);
    let groups = groups.iter().map(to_group).collect();
    CosinePanels { title, shown: shown.projections.clone(), groups }.to_svg()
}

/// The first run of every group. Pairs stand in one row, or of many in a triangle with a row a vertical component.
fn lissajous(title: String, groups: &[Group<'_>]) -> Result<String, FigureError> {
    let points = |points: &[[f64; 2]]| points.iter().map(|&[x, y]| (x, y)).collect();
    let panel = |pair: &LissajousPair| LissajousPanel {
        horizontal: pair.horizontal,
        vertical: pair.vertical,
        measured: points(&pair.points),
        ideal: points(&pair.theory),
    };
    let mut rows: Vec<(String, Vec<LissajousPanel>)> = Vec::new();
    for group in groups {
        let heading = match group.control {
            true => format!("{}, driven by noise", optimizer_label(group.optimizer)),
            false => optimizer_label(group.optimizer).to_owned(),
        };
        let pairs = &group.runs[0].pairs;
        let first = rows.len();
        match pairs.len() {
            ..=IN_A_ROW => rows.push((String::new(), pairs.iter().map(panel).collect())),
            _ => {
                let by_vertical = pairs.chunk_by(|a, b| a.vertical == b.vertical);
                rows.extend(by_vertical.map(|pairs| (String::new(), pairs.iter().map(panel).collect())));
            }
        }
        rows[first].0 = heading;
    }
    Lissajous { title, rows }.to_svg()
}

/// Of evolved runs; of controls where there are no others.
fn steps(title: String, groups: &[Group<'_>]) -> Result<String, FigureError> {
    let evolved = groups.iter().any(|group| !group.control);
    let series = |group: &Group<'_>| StepSeries {
        optimizer: group.optimizer.to_owned(),
        within: Distances {
            angle: group.series(|generation| generation.angle_within),
            euclidean: group.series(|generation| generation.distance_within),
            perceptual: Vec::new(),
        },
        across: Distances {
            angle: group.series(|generation| generation.step_angle),
            euclidean: group.series(|generation| generation.step_length),
            perceptual: Vec::new(),
        },
    };
    let series = groups.iter().filter(|group| group.control != evolved).map(series).collect();
    StepGeometry { title, series, contrast: Vec::new(), tangent: Vec::new() }.to_svg()
}
