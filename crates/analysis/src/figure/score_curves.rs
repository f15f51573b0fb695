//! Mean score over a run by optimizer, against generation and against evaluations.
//!
//! Methods differ in the codes of a generation, so that the two abscissae tell different stories.

use super::axis::Axis;
use super::error::{FigureError, check_any, check_length};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::series::{by_generation, error_band, line, longest};
use super::sheet::{Row, Sheet};
use super::svg::Stroke;
use crate::style::{INK, optimizer_color};

const FIGURE: &str = "score_curves";
const FRAME: (f64, f64) = (380.0, 230.0);
const WIDTH: f64 = 2.0;
/// Most curves with bands; those of more would hide each other.
const BANDED: usize = 6;

/// Scores of one optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Scores as `[run][generation]`, in the units of [`ScoreCurves::y_label`]; runs may differ in length, and values
    /// that are not finite are gaps.
    pub scores: Vec<Vec<f64>>,
    /// Codes evaluated up to the end of every generation, as many as the longest run has generations.
    pub evaluations: Vec<f64>,
}

/// Curves of one condition: a row of two panels.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveRow {
    /// Heading of the row, for example a noise level; may be empty.
    pub heading: String,
    /// One curve an optimizer.
    pub curves: Vec<Curve>,
}

/// Mean score over a run with its standard error.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreCurves {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// What the scores are, for example "normalised clean score".
    pub y_label: String,
    /// One row a condition.
    pub rows: Vec<CurveRow>,
}

impl ScoreCurves {
    /// Draws the figure: means over runs, with a band of one standard error where a panel has at most six curves.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no score is finite, [`FigureError::Length`] where `evaluations` has not one number
    /// a generation.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let curves = || self.rows.iter().flat_map(|row| &row.curves);
        check_any(FIGURE, "score", curves().flat_map(|curve| curve.scores.iter().flatten().copied()))?;
        for curve in curves() {
            check_length(FIGURE, "numbers of evaluations", longest(&curve.scores), curve.evaluations.len())?;
        }
        let last = self.rows.len().saturating_sub(1);
        let row = |(index, row): (usize, &CurveRow)| Row {
            heading: row.heading.clone(),
            panels: vec![self.panel(row, false, index == last), self.panel(row, true, index == last)],
        };
        let rows = self.rows.iter().enumerate().map(row).collect();
        let stroke = Stroke::solid(INK, WIDTH);
        let meaning = match self.rows.iter().any(banded) {
            true => Entry { swatch: Swatch::Band(stroke), label: "mean over runs ± standard error".to_owned() },
            false => Entry::line(stroke, "mean over runs"),
        };
        let legend = vec![Entry::optimizers(curves().map(|curve| curve.optimizer.as_str())), vec![meaning]];
        Ok(Sheet { title: self.title.clone(), legend, rows, frame: FRAME }.to_svg())
    }

    fn panel(&self, row: &CurveRow, by_evaluation: bool, last: bool) -> Panel {
        let with_bands = row.curves.iter().filter(|curve| banded(row) && curve.scores.len() > 1);
        let bands = with_bands.map(|curve| band(curve, by_evaluation));
        let lines = row.curves.iter().map(|curve| mean_line(curve, by_evaluation));
        let marks: Vec<Mark> = bands.chain(lines).collect();
        let end = marks.iter().flat_map(Mark::abscissae).fold(1.0, f64::max);
        let x_label = if by_evaluation { "evaluations" } else { "generation" };
        Panel {
            title: format!("by {}", x_label.trim_end_matches('s')),
            note: String::new(),
            x_label: if last { x_label.to_owned() } else { String::new() },
            y_label: if by_evaluation { String::new() } else { self.y_label.clone() },
            x: Axis::linear(0.0, end, 6),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 5),
            marks,
        }
    }
}

fn banded(row: &CurveRow) -> bool {
    row.curves.len() <= BANDED
}

fn abscissa(curve: &Curve, generation: f64, by_evaluation: bool) -> f64 {
    if by_evaluation { curve.evaluations[generation as usize] } else { generation }
}

fn band(curve: &Curve, by_evaluation: bool) -> Mark {
    let points = error_band(&by_generation(&curve.scores)).into_iter();
    let moved = points.map(|(t, low, high)| (abscissa(curve, t, by_evaluation), low, high)).collect();
    Mark::Band { points: moved, color: optimizer_color(&curve.optimizer) }
}

fn mean_line(curve: &Curve, by_evaluation: bool) -> Mark {
    let points = line(&by_generation(&curve.scores)).into_iter();
    let moved = points.map(|(t, mean)| (abscissa(curve, t, by_evaluation), mean)).collect();
    Mark::Line { points: moved, stroke: Stroke::solid(optimizer_color(&curve.optimizer), WIDTH) }
}
