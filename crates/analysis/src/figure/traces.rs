//! Scores over a run, one panel a unit.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::series::{band, by_generation, line, longest};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{MUTED, optimizer_color};

const FRAME: (f64, f64) = (250.0, 165.0);
const MEAN_WIDTH: f64 = 2.0;
const BEST_WIDTH: f64 = 1.3;
const BEST_DASH: &str = "5 3";
const DOT: f64 = 2.8;
/// Circles of the noisy best along a run.
const DOTS: usize = 6;

/// The scores of one optimizer on one unit, activation (a.u.), as `[repeat][generation]`.
///
/// Values that are not finite are gaps, repeats may differ in length, and any of the three may be empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Mean clean score of the generation's images.
    pub mean_clean: Vec<Vec<f64>>,
    /// Largest clean score so far.
    pub best_clean: Vec<Vec<f64>>,
    /// Largest noisy score so far: what the optimizer saw. Leave it empty for runs without noise.
    pub best_noisy: Vec<Vec<f64>>,
}

/// All optimizers on one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct TracePanel {
    /// Name of the unit.
    pub unit: String,
    /// One trace an optimizer.
    pub traces: Vec<Trace>,
}

/// Small multiples of score traces.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// One panel a unit.
    pub panels: Vec<TracePanel>,
    /// Panels side by side, at least 1.
    pub columns: usize,
}

impl Traces {
    /// Draws the figure: mean over repeats of the mean clean score (with one standard deviation where there are
    /// repeats), of the best clean score so far (dashed) and of the best noisy score so far (circles).
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no score is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let traces = self.panels.iter().flat_map(|panel| &panel.traces);
        let runs = traces.flat_map(|trace| [&trace.mean_clean, &trace.best_clean, &trace.best_noisy]);
        check_any("traces", "score", runs.flatten().flatten().copied())?;
        let columns = self.columns.max(1);
        let count = self.panels.len();
        let panel = |index: usize| {
            let last_in_column = index + columns >= count;
            to_panel(&self.panels[index], index.is_multiple_of(columns), last_in_column)
        };
        let indices: Vec<usize> = (0..count).collect();
        let to_row = |row: &[usize]| Row { heading: String::new(), panels: row.iter().map(|&i| panel(i)).collect() };
        let rows = indices.chunks(columns).map(to_row).collect();
        Ok(Sheet { title: self.title.clone(), legend: self.legend(), rows, frame: FRAME }.to_svg())
    }

    fn legend(&self) -> Vec<Vec<Entry>> {
        let traces = || self.panels.iter().flat_map(|panel| &panel.traces);
        let repeated = traces().any(|trace| trace.mean_clean.len() > 1);
        let mut entries = Vec::new();
        if traces().any(|trace| longest(&trace.mean_clean) > 0) {
            let stroke = Stroke::solid(MUTED, MEAN_WIDTH);
            entries.push(if repeated {
                Entry { swatch: Swatch::Band(stroke), label: "mean clean score ± sd over repeats".to_owned() }
            } else {
                Entry::line(stroke, "mean clean score")
            });
        }
        if traces().any(|trace| longest(&trace.best_clean) > 0) {
            let stroke = Stroke { color: MUTED, width: BEST_WIDTH, dash: Some(BEST_DASH) };
            entries.push(Entry::line(stroke, "best clean score so far"));
        }
        if traces().any(|trace| longest(&trace.best_noisy) > 0) {
            entries.push(Entry::symbol(Symbol::Circle, MUTED, true, "best noisy score so far"));
        }
        vec![Entry::optimizers(traces().map(|trace| trace.optimizer.as_str())), entries]
    }
}

fn to_panel(unit: &TracePanel, first_column: bool, last_row: bool) -> Panel {
    let mut marks = Vec::new();
    for trace in &unit.traces {
        let means = by_generation(&trace.mean_clean);
        if trace.mean_clean.len() > 1 {
            marks.push(Mark::Band { points: band(&means), color: optimizer_color(&trace.optimizer) });
        }
    }
    unit.traces.iter().for_each(|trace| push_lines(&mut marks, trace));
    let lengths = unit.traces.iter().flat_map(|trace| [&trace.mean_clean, &trace.best_clean, &trace.best_noisy]);
    Panel {
        title: unit.unit.clone(),
        note: String::new(),
        x_label: if last_row { "generation".to_owned() } else { String::new() },
        y_label: if first_column { "activation (a.u.)".to_owned() } else { String::new() },
        x: Axis::generations(lengths.map(|runs| longest(runs)).max().unwrap_or(0), 5),
        y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 5),
        marks,
    }
}

fn push_lines(marks: &mut Vec<Mark>, trace: &Trace) {
    let color = optimizer_color(&trace.optimizer);
    let best = Stroke { color, width: BEST_WIDTH, dash: Some(BEST_DASH) };
    marks.push(Mark::Line { points: line(&by_generation(&trace.best_clean)), stroke: best });
    let mean = Stroke::solid(color, MEAN_WIDTH);
    marks.push(Mark::Line { points: line(&by_generation(&trace.mean_clean)), stroke: mean });
    let noisy = line(&by_generation(&trace.best_noisy));
    marks.push(Mark::Symbols { points: spaced(&noisy), symbol: Symbol::Circle, color, radius: DOT, hollow: true });
}

/// About [`DOTS`] points at even distances.
fn spaced(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let stride = points.len().div_ceil(DOTS).max(1);
    points.iter().skip(stride / 2).step_by(stride).copied().collect()
}
