//! Norm of the mean code over a run, against a control that is driven by noise alone.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::series::{Spread, band, by_generation, line, longest};
use super::sheet::{Row, Sheet};
use super::svg::Stroke;
use crate::regression::LinearFit;
use crate::style::{INK, MUTED, optimizer_color, optimizer_label};
use crate::summary::Summary;

const FRAME: (f64, f64) = (380.0, 250.0);
const WIDTH: f64 = 2.0;
const CONTROL_WIDTH: f64 = 1.5;
const CONTROL_DASH: &str = "5 3";
const FIT: Stroke = Stroke { color: INK, width: 1.2, dash: Some("1.5 2.5") };

/// Norms of one optimizer's mean code, as `[repeat][generation]`.
#[derive(Debug, Clone, PartialEq)]
pub struct NormSeries {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Euclidean norm of the mean code in runs driven by a unit's scores.
    pub norms: Vec<Vec<f64>>,
    /// The same in runs whose scores are drawn from N(0, 1); may be empty.
    pub control: Vec<Vec<f64>>,
}

/// Norm and squared norm of the mean code against generation.
#[derive(Debug, Clone, PartialEq)]
pub struct Norms {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// One series an optimizer.
    pub series: Vec<NormSeries>,
}

impl Norms {
    /// Draws the figure: the norm on the left, the squared norm with its linear regression on the right, the control
    /// dashed. The same regression is the square-root law on the left; a control of another length than the units' runs
    /// has one of its own. The legend gives the mean over runs of the R² of the regression of a run's squared norm.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no norm is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let runs = self.series.iter().flat_map(|series| [&series.norms, &series.control]);
        check_any("norms", "norm", runs.flatten().flatten().copied())?;
        let row = Row { heading: String::new(), panels: vec![self.norm_panel(), self.squared_panel()] };
        Ok(Sheet { title: self.title.clone(), legend: self.legend(), rows: vec![row], frame: FRAME }.to_svg())
    }

    fn norm_panel(&self) -> Panel {
        let mut marks = Vec::new();
        for series in &self.series {
            let color = optimizer_color(&series.optimizer);
            let means = by_generation(&series.norms);
            if series.norms.len() > 1 {
                marks.push(Mark::Band { points: band(&means), color });
            }
            marks.push(control_line(series, &by_generation(&series.control)));
            marks.push(Mark::Line { points: line(&means), stroke: Stroke::solid(color, WIDTH) });
        }
        for squared in self.series.iter().flat_map(regressed) {
            marks.extend(square_root_law(&squared));
        }
        self.panel("Norm of the mean code", "‖mean code‖", marks)
    }

    fn squared_panel(&self) -> Panel {
        let (mut marks, mut fits) = (Vec::new(), Vec::new());
        for series in &self.series {
            let color = optimizer_color(&series.optimizer);
            let squared = by_generation(&squares(&series.norms));
            let control = by_generation(&squares(&series.control));
            marks.push(control_line(series, &control));
            marks.push(Mark::Line { points: line(&squared), stroke: Stroke::solid(color, WIDTH) });
            fits.extend(regressed(series).iter().filter_map(|squared| regression_line(squared)));
        }
        marks.append(&mut fits);
        self.panel("Squared norm and linear regression", "‖mean code‖²", marks)
    }

    fn panel(&self, title: &str, y_label: &str, marks: Vec<Mark>) -> Panel {
        let lengths = self.series.iter().map(|series| longest(&series.norms).max(longest(&series.control)));
        Panel {
            title: title.to_owned(),
            note: String::new(),
            x_label: "generation".to_owned(),
            y_label: y_label.to_owned(),
            x: Axis::generations(lengths.max().unwrap_or(0), 6),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 5),
            marks,
        }
    }

    fn legend(&self) -> Vec<Vec<Entry>> {
        let mut lines = Vec::new();
        if self.series.iter().any(|series| series.norms.len() > 1) {
            let swatch = Swatch::Band(Stroke::solid(INK, WIDTH));
            lines.push(Entry { swatch, label: "mean over runs ± one standard deviation".to_owned() });
        }
        if self.series.iter().any(|series| !series.control.is_empty()) {
            let stroke = Stroke { color: MUTED, width: CONTROL_WIDTH, dash: Some(CONTROL_DASH) };
            lines.push(Entry::line(stroke, "noise-driven control, scores from N(0, 1)"));
        }
        let fit =
            "linear regression of the mean squared norm, and its square root; R²: mean over the runs' own regressions";
        lines.push(Entry::line(FIT, fit));
        vec![self.series.iter().map(series_entry).collect(), lines]
    }
}

/// Mean squared norms that have a regression drawn: of the units' runs, and of controls of another length, whose line
/// the first does not reach or stand for.
fn regressed(series: &NormSeries) -> Vec<Vec<Spread>> {
    let [units, control] = [&series.norms, &series.control].map(|runs| by_generation(&squares(runs)));
    if control.len() == units.len() { vec![units] } else { vec![units, control] }
}

/// The regression of the squared norm.
fn regression_line(squared: &[Spread]) -> Option<Mark> {
    let fit = regression(squared)?;
    let ends = [0.0, squared.len().saturating_sub(1) as f64];
    Some(Mark::Line { points: ends.map(|t| (t, fit.value(t))).to_vec(), stroke: FIT })
}

/// Square root of the regression of the squared norm, where that is positive and describes something.
fn square_root_law(squared: &[Spread]) -> Option<Mark> {
    let fit = regression(squared).filter(|fit| fit.r_squared.is_some())?;
    // The root of a negative number is NaN, which is a gap.
    let points = (0..squared.len()).map(|t| (t as f64, fit.value(t as f64).sqrt())).collect();
    Some(Mark::Line { points, stroke: FIT })
}

fn control_line(series: &NormSeries, means: &[Spread]) -> Mark {
    let stroke = Stroke { color: optimizer_color(&series.optimizer), width: CONTROL_WIDTH, dash: Some(CONTROL_DASH) };
    Mark::Line { points: line(means), stroke }
}

fn series_entry(series: &NormSeries) -> Entry {
    let driven = r_squared_label(&series.norms);
    let control = if series.control.is_empty() {
        String::new()
    } else {
        format!(" (control: {})", r_squared_label(&series.control))
    };
    let label = format!("{}: {driven}{control}", optimizer_label(&series.optimizer));
    Entry { label, ..Entry::optimizer(&series.optimizer) }
}

/// Mean over runs of the R² of a run's squared norm on the generation; "constant" where none has variation to explain.
fn r_squared_label(runs: &[Vec<f64>]) -> String {
    let fits: Vec<LinearFit> = squares(runs).into_iter().filter_map(|run| regression(&by_generation(&[run]))).collect();
    let explained: Vec<f64> = fits.iter().filter_map(|fit| fit.r_squared).collect();
    match (Summary::of(&explained), fits.is_empty()) {
        (Ok(summary), _) => format!("R² {:.3}", summary.mean),
        (Err(_), true) => "no regression".to_owned(),
        (Err(_), false) => "constant".to_owned(),
    }
}

fn regression(means: &[Spread]) -> Option<LinearFit> {
    let (x, y): (Vec<f64>, Vec<f64>) = line(means).into_iter().filter(|point| point.1.is_finite()).unzip();
    LinearFit::fit(&x, &y).ok()
}

fn squares(runs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    runs.iter().map(|run| run.iter().map(|norm| norm * norm).collect()).collect()
}
