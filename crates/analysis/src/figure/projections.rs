//! Principal projections of the mean code's trajectory, with cosines, and their explained variance.

use nalgebra::DMatrix;

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::legend::Entry;
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::Stroke;
use crate::cosine::CosineFit;
use crate::error::StatsError;
use crate::pca::Pca;
use crate::published_cosine;
use crate::random_walk;
use crate::style::{INK, MUTED, optimizer_color, optimizer_label};

const FRAME: (f64, f64) = (128.0, 104.0);
const FIT: Stroke = Stroke { color: INK, width: 1.0, dash: None };
const THEORY: Stroke = Stroke { color: MUTED, width: 1.5, dash: Some("5 3") };
/// Components drawn against generation.
const DRAWN: usize = 5;
/// Components whose explained variance is drawn.
const SPECTRUM: usize = 10;

/// One principal projection.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Projection of the mean code at every generation, in the units of the code.
    pub values: Vec<f64>,
    /// Its cosine; `None` where there is none to draw.
    pub fit: Option<CosineFit>,
}

/// The trajectory of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionRow {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// What else names the run, for example its unit or "noise-driven"; may be empty.
    pub note: String,
    /// Leading components; the figure draws the first five.
    pub projections: Vec<Projection>,
    /// Explained variance ratio of the leading components; the figure draws the first ten.
    pub explained_variance_ratio: Vec<f64>,
}

impl ProjectionRow {
    /// Analyses a trajectory of mean codes of shape `[T, N]`: the first five projections, each with the
    /// cosine of [`published_cosine::fit`], and the explained variance of the first ten (fewer where `T` or `N` is small).
    ///
    /// # Errors
    /// As [`Pca::fit`] and [`published_cosine::fit`].
    pub fn of(optimizer: &str, note: &str, trajectory: &DMatrix<f64>) -> Result<Self, StatsError> {
        let available = trajectory.nrows().saturating_sub(1).min(trajectory.ncols());
        let pca = Pca::fit(trajectory, SPECTRUM.min(available))?;
        let project = |k: usize| {
            let values = pca.projection(k)?;
            let fit = published_cosine::fit(&values, k + 1)?.at_generations(values.len());
            Ok(Projection { values, fit: Some(fit) })
        };
        Ok(Self {
            optimizer: optimizer.to_owned(),
            note: note.to_owned(),
            projections: (0..DRAWN.min(pca.components())).map(project).collect::<Result<_, StatsError>>()?,
            explained_variance_ratio: pca.explained_variance_ratio,
        })
    }
}

/// Projections against generation, one row a run, and the explained variance against random-walk theory.
#[derive(Debug, Clone, PartialEq)]
pub struct Projections {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// One row a run.
    pub rows: Vec<ProjectionRow>,
}

impl Projections {
    /// Draws the figure: PC1 to PC5 against generation with the cosine fits (thin, dark) and their R², and on the
    /// right the explained variance ratio by component, with that of a random walk of as many generations.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no projection and no explained variance is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let values = |row: &ProjectionRow| -> Vec<f64> {
            let projections = row.projections.iter().flat_map(|projection| &projection.values);
            projections.chain(&row.explained_variance_ratio).copied().collect()
        };
        check_any("projections", "projection or explained variance", self.rows.iter().flat_map(values))?;
        let count = self.rows.len();
        let to_row = |(index, row): (usize, &ProjectionRow)| Row {
            heading: row_heading(row),
            panels: row_panels(row, index + 1 == count),
        };
        let rows = self.rows.iter().enumerate().map(to_row).collect();
        Ok(Sheet { title: self.title.clone(), legend: self.legend(), rows, frame: FRAME }.to_svg())
    }

    fn legend(&self) -> Vec<Vec<Entry>> {
        let mut entries = Entry::optimizers(self.rows.iter().map(|row| row.optimizer.as_str()));
        entries.push(Entry::line(FIT, "cosine fit, with its R²"));
        entries.push(Entry::line(THEORY, "random-walk theory"));
        vec![entries]
    }
}

fn row_panels(row: &ProjectionRow, last: bool) -> Vec<Panel> {
    let mut panels: Vec<Panel> = (0..DRAWN)
        .map(|k| {
            let empty = Projection { values: Vec::new(), fit: None };
            let projection = row.projections.get(k).unwrap_or(&empty);
            projection_panel(row, projection, k, last)
        })
        .collect();
    panels.push(spectrum_panel(row, last));
    panels
}

fn projection_panel(row: &ProjectionRow, projection: &Projection, k: usize, last: bool) -> Panel {
    let points = |value: &dyn Fn(usize) -> f64| (0..projection.values.len()).map(|t| (t as f64, value(t))).collect();
    let color = optimizer_color(&row.optimizer);
    let mut marks = vec![Mark::Line { points: points(&|t| projection.values[t]), stroke: Stroke::solid(color, 3.0) }];
    if let Some(fit) = projection.fit {
        marks.push(Mark::Line { points: points(&|t| fit.value(t as f64)), stroke: FIT });
    }
    Panel {
        title: format!("PC{}", k + 1),
        note: projection.fit.map_or_else(String::new, |fit| format!("R² {:.3}", fit.r_squared)),
        x_label: if last { "generation".to_owned() } else { String::new() },
        y_label: if k == 0 { "projection".to_owned() } else { String::new() },
        x: Axis::generations(projection.values.len(), 3),
        y: Axis::around(marks.iter().flat_map(Mark::ordinates), 4),
        marks,
    }
}

fn row_heading(row: &ProjectionRow) -> String {
    let label = optimizer_label(&row.optimizer);
    if row.note.is_empty() { label.to_owned() } else { format!("{label}, {}", row.note) }
}

fn spectrum_panel(row: &ProjectionRow, last: bool) -> Panel {
    let color = optimizer_color(&row.optimizer);
    let numbered = |ratios: &[f64]| ratios.iter().enumerate().map(|(k, ratio)| ((k + 1) as f64, *ratio)).collect();
    let measured: Vec<(f64, f64)> =
        numbered(&row.explained_variance_ratio[..row.explained_variance_ratio.len().min(SPECTRUM)]);
    let generations = row.projections.first().map_or(0, |projection| projection.values.len());
    let theory: Vec<(f64, f64)> = (1..=measured.len())
        .filter_map(|k| Some((k as f64, random_walk::explained_variance_ratio(k, generations).ok()?)))
        .collect();
    // Below a millionth of the variance there is rounding only.
    let shown: Vec<f64> = measured.iter().chain(&theory).map(|point| point.1).filter(|ratio| *ratio > 1e-6).collect();
    Panel {
        title: format!("PC1–PC{SPECTRUM}"),
        note: String::new(),
        x_label: if last { "component".to_owned() } else { String::new() },
        y_label: "explained variance".to_owned(),
        x: Axis::logarithmic([1.0, SPECTRUM as f64]),
        y: Axis::logarithmic(shown),
        marks: vec![Mark::Line { points: theory, stroke: THEORY }, Mark::dots(measured, color, 3.0)],
    }
}
