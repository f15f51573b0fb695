//! Geometry of steps: angles and distances of codes and images, contrast against norm, and one step at several norms.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::facets::distinct;
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::series::{band, by_generation, line, longest};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{Color, MUTED, optimizer_color, sequential};

const FRAME: (f64, f64) = (270.0, 180.0);
const WIDTH: f64 = 2.0;

/// Three measures of how far codes are apart, as `[run][generation]`; values that are not finite are gaps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distances {
    /// Angle between codes, degrees.
    pub angle: Vec<Vec<f64>>,
    /// Euclidean distance of codes.
    pub euclidean: Vec<Vec<f64>>,
    /// Distance of their images in the features of a network, in its units.
    pub perceptual: Vec<Vec<f64>>,
}

/// Steps of one optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSeries {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Between codes of one generation, averaged over pairs.
    pub within: Distances,
    /// Between the mean codes of successive generations.
    pub across: Distances,
}

/// A quantity of images against the norm of their codes.
#[derive(Debug, Clone, PartialEq)]
pub struct NormCurve {
    /// What the curve is, for example a tangent vector; of a run the name of its optimizer on the command line.
    pub label: String,
    /// Whether it is a run: a bare line in the optimizer's colour instead of a marked one in a colour of its own.
    pub run: bool,
    /// Norms of the codes and the quantity there.
    pub points: Vec<(f64, f64)>,
}

/// Geometry of steps in code and image space.
#[derive(Debug, Clone, PartialEq)]
pub struct StepGeometry {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// One series an optimizer; may be empty.
    pub series: Vec<StepSeries>,
    /// Contrast of the image (standard deviation of its pixels) against the norm of its code; may be empty.
    pub contrast: Vec<NormCurve>,
    /// Perceptual distance that one tangent step makes against the norm of the code that it is added to; may be empty.
    pub tangent: Vec<NormCurve>,
}

impl StepGeometry {
    /// Draws the figure; rows and perceptual panels without data are left out.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no value is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let distances = || self.series.iter().flat_map(|series| [&series.within, &series.across]);
        let values =
            distances().flat_map(Distances::values).chain(self.curves().flat_map(|c| c.points.iter().map(|p| p.1)));
        check_any("step_geometry", "distance or contrast", values)?;
        let mut rows = Vec::new();
        if distances().next().is_some() {
            let measured = |which: fn(&StepSeries) -> &Distances| {
                self.series.iter().flat_map(|series| which(series).values()).any(f64::is_finite)
            };
            if measured(|series| &series.within) {
                rows.push(self.row("Between codes of one generation", |series| &series.within));
            }
            if measured(|series| &series.across) {
                rows.push(self.row("Between mean codes of successive generations", |series| &series.across));
            }
        }
        if self.curves().next().is_some() {
            rows.push(self.norm_row());
        }
        Ok(Sheet { title: self.title.clone(), legend: self.legend(), rows, frame: FRAME }.to_svg())
    }

    fn legend(&self) -> Vec<Vec<Entry>> {
        let runs = self.curves().filter(|curve| curve.run).map(|curve| curve.label.as_str());
        let mut first = Entry::optimizers(self.series.iter().map(|series| series.optimizer.as_str()).chain(runs));
        if self.series.iter().any(|series| series.within.angle.len().max(series.across.angle.len()) > 1) {
            let swatch = Swatch::Band(Stroke::solid(MUTED, WIDTH));
            first.push(Entry { swatch, label: "mean over runs ± sd".to_owned() });
        }
        let count = self.curve_labels().len();
        let entry = |(index, label): (usize, &str)| Entry {
            swatch: Swatch::Marked {
                stroke: Stroke::solid(curve_color(index, count), WIDTH),
                symbol: Symbol::of(index),
            },
            label: label.to_owned(),
        };
        vec![first, self.curve_labels().into_iter().enumerate().map(entry).collect()]
    }

    /// What the marked curves are.
    fn curve_labels(&self) -> Vec<&str> {
        distinct(self.curves().filter(|curve| !curve.run).map(|curve| curve.label.as_str()))
    }

    fn curves(&self) -> impl Iterator<Item = &NormCurve> {
        self.contrast.iter().chain(&self.tangent)
    }

    fn row(&self, heading: &str, which: fn(&StepSeries) -> &Distances) -> Row {
        let panel = |title: &str, y_label: &str, values: fn(&Distances) -> &Vec<Vec<f64>>| {
            let of = |series: &StepSeries| (optimizer_color(&series.optimizer), values(which(series)).clone());
            generation_panel(title, y_label, &self.series.iter().map(of).collect::<Vec<_>>())
        };
        let mut panels = vec![
            panel("Angle", "degrees", |distances| &distances.angle),
            panel("Euclidean distance", "distance of codes", |distances| &distances.euclidean),
        ];
        let perceptual = self.series.iter().flat_map(|series| &which(series).perceptual).flatten();
        if perceptual.copied().any(f64::is_finite) {
            panels.push(panel("Perceptual distance", "distance of images", |distances| &distances.perceptual));
        }
        Row { heading: heading.to_owned(), panels }
    }

    fn norm_row(&self) -> Row {
        let mut panels = Vec::new();
        if !self.contrast.is_empty() {
            panels.push(self.norm_panel("Contrast", "sd of pixels", &self.contrast));
        }
        if !self.tangent.is_empty() {
            panels.push(self.norm_panel("One tangent step at several norms", "distance of images", &self.tangent));
        }
        Row { heading: "Against the norm of the code".to_owned(), panels }
    }

    fn norm_panel(&self, title: &str, y_label: &str, curves: &[NormCurve]) -> Panel {
        let labels = self.curve_labels();
        let mut marks = Vec::new();
        for curve in curves {
            if curve.run {
                let stroke = Stroke::solid(optimizer_color(&curve.label), WIDTH);
                marks.push(Mark::Line { points: curve.points.clone(), stroke });
                continue;
            }
            let index = labels.iter().position(|label| *label == curve.label).unwrap_or(0);
            let (color, symbol) = (curve_color(index, labels.len()), Symbol::of(index));
            let points = curve.points.clone();
            marks.push(Mark::Line { points: points.clone(), stroke: Stroke::solid(color, WIDTH) });
            marks.push(Mark::Symbols { points, symbol, color, radius: 3.0, hollow: false });
        }
        Panel {
            title: title.to_owned(),
            note: String::new(),
            x_label: "norm of the code".to_owned(),
            y_label: y_label.to_owned(),
            x: Axis::from_zero(marks.iter().flat_map(Mark::abscissae), 5),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 4),
            marks,
        }
    }
}

impl Distances {
    fn values(&self) -> impl Iterator<Item = f64> {
        [&self.angle, &self.euclidean, &self.perceptual].into_iter().flatten().flatten().copied()
    }
}

fn generation_panel(title: &str, y_label: &str, series: &[(Color, Vec<Vec<f64>>)]) -> Panel {
    let mut marks = Vec::new();
    for (color, runs) in series.iter().filter(|(_, runs)| runs.len() > 1) {
        marks.push(Mark::Band { points: band(&by_generation(runs)), color: *color });
    }
    for (color, runs) in series {
        marks.push(Mark::Line { points: line(&by_generation(runs)), stroke: Stroke::solid(*color, WIDTH) });
    }
    Panel {
        title: title.to_owned(),
        note: String::new(),
        x_label: "generation".to_owned(),
        y_label: y_label.to_owned(),
        x: Axis::generations(series.iter().map(|(_, runs)| longest(runs)).max().unwrap_or(0), 5),
        y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 4),
        marks,
    }
}

/// Colours apart from those of the optimizers: along the sequential map without its light end.
fn curve_color(index: usize, count: usize) -> Color {
    sequential(0.8 * index as f64 / count.saturating_sub(1).max(1) as f64)
}
