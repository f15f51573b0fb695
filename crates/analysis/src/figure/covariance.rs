//! How far covariance matrices move away from the identity.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::series::{band, by_generation, line, longest};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{MUTED, optimizer_color};

const FRAME: (f64, f64) = (280.0, 240.0);
const WIDTH: f64 = 2.0;
const SMALLEST_DASH: &str = "6 3";
const CONTROL_DASH: &str = "1.5 2.5";
/// Departures below this one are rounding of double precision.
const ROUNDING: f64 = 1e-16;

/// Published values at the end of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedCovariance {
    /// Largest eigenvalue.
    pub largest: f64,
    /// Smallest eigenvalue.
    pub smallest: f64,
    /// Condition number.
    pub condition: f64,
    /// `|C - I|^2 / |C|^2` in the Frobenius norm.
    pub distance: f64,
}

/// The covariance matrix of one optimizer, as `[run][generation]`; values that are not finite are gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct CovarianceSeries {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Whether scores were noise alone: dotted.
    pub control: bool,
    /// Largest eigenvalue.
    pub largest: Vec<Vec<f64>>,
    /// Smallest eigenvalue.
    pub smallest: Vec<Vec<f64>>,
    /// Condition number.
    pub condition: Vec<Vec<f64>>,
    /// `|C - I|^2 / |C|^2` in the Frobenius norm.
    pub distance: Vec<Vec<f64>>,
    /// Published values, drawn at the last generation.
    pub published: Option<PublishedCovariance>,
}

/// Eigenvalue range, condition number and distance from the identity by generation.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// One series an optimizer, and one a control.
    pub series: Vec<CovarianceSeries>,
}

/// A quantity of a series, how its values are turned into departures from the identity, and its published value.
type Quantity = (fn(&CovarianceSeries) -> &Vec<Vec<f64>>, fn(f64) -> f64, fn(&PublishedCovariance) -> f64);

const LARGEST: Quantity = (|series| &series.largest, |value| value - 1.0, |published| published.largest);
const SMALLEST: Quantity = (|series| &series.smallest, |value| 1.0 - value, |published| published.smallest);
const CONDITION: Quantity = (|series| &series.condition, |value| value - 1.0, |published| published.condition);
const DISTANCE: Quantity = (|series| &series.distance, |value| value, |published| published.distance);

impl Covariance {
    /// Draws the figure, all axes logarithmic: the departures of the extreme eigenvalues from 1, the condition number
    /// less 1, and the squared relative distance from the identity, as means over runs with one standard deviation.
    /// Zeros, as in the first generation, cannot be shown.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no value departs from the identity.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let panels = vec![
            self.panel("Range of eigenvalues", "departure from 1", &[(LARGEST, None), (SMALLEST, Some(SMALLEST_DASH))]),
            self.panel("Condition number", "condition number − 1", &[(CONDITION, None)]),
            self.panel("Distance from the identity", "‖C − I‖² / ‖C‖²", &[(DISTANCE, None)]),
        ];
        let drawn = panels.iter().flat_map(|panel| panel.marks.iter().flat_map(Mark::ordinates));
        check_any("covariance", "departure from the identity", drawn)?;
        let rows = vec![Row { heading: String::new(), panels }];
        Ok(Sheet { title: self.title.clone(), legend: self.legend(), rows, frame: FRAME }.to_svg())
    }

    fn legend(&self) -> Vec<Vec<Entry>> {
        let line = |dash, label| Entry::line(Stroke { color: MUTED, width: WIDTH, dash }, label);
        let mut kinds =
            vec![line(None, "largest eigenvalue − 1"), line(Some(SMALLEST_DASH), "1 − smallest eigenvalue")];
        if self.series.iter().any(|series| series.control) {
            kinds.push(line(Some(CONTROL_DASH), "noise-driven control"));
        }
        if self.series.iter().any(|series| series.largest.len().max(series.distance.len()) > 1) {
            let swatch = Swatch::Band(Stroke::solid(MUTED, WIDTH));
            kinds.push(Entry { swatch, label: "mean over runs ± sd".to_owned() });
        }
        if self.series.iter().any(|series| series.published.is_some()) {
            kinds.push(Entry::published("published, end of the run"));
        }
        vec![Entry::optimizers(self.series.iter().map(|series| series.optimizer.as_str())), kinds]
    }

    fn panel(&self, title: &str, y_label: &str, quantities: &[(Quantity, Option<&'static str>)]) -> Panel {
        let mut marks = Vec::new();
        for series in &self.series {
            quantities.iter().for_each(|(quantity, dash)| push_marks(&mut marks, series, quantity, *dash));
        }
        let length = |series: &CovarianceSeries| {
            quantities.iter().map(|((values, ..), _)| longest(values(series))).max().unwrap_or(0)
        };
        Panel {
            title: title.to_owned(),
            note: String::new(),
            x_label: "generation".to_owned(),
            y_label: y_label.to_owned(),
            x: Axis::around([0.0, self.series.iter().map(length).max().unwrap_or(2).max(2) as f64 - 1.0], 5),
            y: Axis::logarithmic(marks.iter().flat_map(Mark::ordinates)),
            marks,
        }
    }
}

fn push_marks(marks: &mut Vec<Mark>, series: &CovarianceSeries, quantity: &Quantity, dash: Option<&'static str>) {
    let (values, departure, published) = quantity;
    let color = optimizer_color(&series.optimizer);
    let shown = |value: f64| if value > ROUNDING { value } else { f64::NAN };
    let departures: Vec<Vec<f64>> =
        values(series).iter().map(|run| run.iter().map(|&value| shown(departure(value))).collect()).collect();
    let spreads = by_generation(&departures);
    if departures.len() > 1 {
        marks.push(Mark::Band { points: band(&spreads), color });
    }
    let dash = if series.control { Some(CONTROL_DASH) } else { dash };
    marks.push(Mark::Line { points: line(&spreads), stroke: Stroke { color, width: WIDTH, dash } });
    if let Some(value) = &series.published {
        let points = vec![(spreads.len().saturating_sub(1) as f64, shown(departure(published(value))))];
        marks.push(Mark::Symbols { points, symbol: Symbol::Diamond, color, radius: 4.6, hollow: true });
    }
}
