//! Do evolved codes align with the directions that images are sensitive to?

use super::axis::Axis;
use super::error::{FigureError, check_any, check_length};
use super::facets::numbered;
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::series::{Spread, band, by_generation, line};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{CATEGORIES, Color};
use crate::summary::mean;

const FIGURE: &str = "alignment";
const FRAME: (f64, f64) = (420.0, 260.0);
const EVOLVED: Color = CATEGORIES[0];
const NOISE_DRIVEN: Color = CATEGORIES[1];
const SHUFFLED: Color = CATEGORIES[6];
/// Groups of equally many eigenvectors that the lines are means of.
const GROUPS: usize = 40;
/// Single eigenvectors drawn.
const POINTS: usize = 500;
/// Eigenvalues below this share of the largest are rounding.
const ROUNDING: f64 = 1e-14;

/// Coefficients of codes on the eigenvectors of a metric, and the spectrum of the codes themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Correlation of the coefficients with the logarithm of the eigenvalue, for the legend.
    pub correlations: Option<Correlations>,
    /// Eigenvalues of the metric, largest first, `[N]`.
    pub eigenvalues: Vec<f64>,
    /// Mean absolute coefficient of the evolved codes on every eigenvector, `[N]`.
    pub evolved: Vec<f64>,
    /// The same of codes with their entries shuffled, `[N]`, or empty.
    pub shuffled: Vec<f64>,
    /// The same of runs whose scores are noise, `[N]`, or empty.
    pub noise_driven: Vec<f64>,
    /// Singular values of the pooled final codes, largest first; may be empty.
    pub singular_values: Vec<f64>,
    /// The same of every shuffle, as `[shuffle][rank]`; may be empty.
    pub shuffled_singular_values: Vec<Vec<f64>>,
}

/// Correlations of coefficients with the logarithm of the eigenvalue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlations {
    /// Of the evolved codes.
    pub evolved: f64,
    /// Of the shuffled codes.
    pub shuffled: f64,
    /// Of the noise-driven codes.
    pub noise_driven: f64,
}

impl Alignment {
    /// Draws the figure: mean absolute coefficient against the eigenvalue (points: eigenvectors, at most 500 of them;
    /// lines: means of 40 groups of neighbours), and the singular values of the codes with the range of the shuffles.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no coefficient is finite, [`FigureError::Length`] where a list has not one
    /// coefficient an eigenvalue.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check_any(FIGURE, "coefficient", self.evolved.iter().copied())?;
        for coefficients in [&self.evolved, &self.shuffled, &self.noise_driven] {
            if !coefficients.is_empty() {
                check_length(FIGURE, "coefficients", self.eigenvalues.len(), coefficients.len())?;
            }
        }
        let mut panels = vec![self.coefficients()];
        if !self.singular_values.is_empty() {
            panels.push(self.spectrum());
        }
        let rows = vec![Row { heading: String::new(), panels }];
        Ok(Sheet { title: self.title.clone(), legend: vec![self.legend()], rows, frame: FRAME }.to_svg())
    }

    fn legend(&self) -> Vec<Entry> {
        let label = |name: &str, pick: fn(&Correlations) -> f64| match &self.correlations {
            Some(correlations) => format!("{name} (r = {})", format!("{:.2}", pick(correlations)).replace('-', "−")),
            None => name.to_owned(),
        };
        let marked = Swatch::Marked { stroke: Stroke::solid(EVOLVED, 2.2), symbol: Symbol::Circle };
        let mut entries = vec![Entry { swatch: marked, label: label("evolved codes", |found| found.evolved) }];
        if !self.noise_driven.is_empty() {
            entries.push(Entry::line(noise_stroke(), &label("noise-driven codes", |found| found.noise_driven)));
        }
        if !self.shuffled.is_empty() || !self.shuffled_singular_values.is_empty() {
            let swatch = Swatch::Band(shuffled_stroke());
            entries.push(Entry { swatch, label: label("shuffled codes, range of shuffles", |found| found.shuffled) });
        }
        entries
    }

    fn coefficients(&self) -> Panel {
        let pairs = self.pairs(&self.evolved);
        let stride = pairs.len().div_ceil(POINTS).max(1);
        let points = pairs.iter().step_by(stride).copied().collect();
        let mut marks = vec![
            Mark::dots(points, EVOLVED.faded(0.4), 1.5),
            Mark::Line { points: grouped(&self.pairs(&self.shuffled)), stroke: shuffled_stroke() },
            Mark::Line { points: grouped(&self.pairs(&self.noise_driven)), stroke: noise_stroke() },
        ];
        marks.push(Mark::Line { points: grouped(&pairs), stroke: Stroke::solid(EVOLVED, 2.2) });
        Panel {
            title: "Coefficients on the eigenvectors".to_owned(),
            note: String::new(),
            x_label: "log₁₀ eigenvalue of the metric".to_owned(),
            y_label: "mean |coefficient|".to_owned(),
            x: Axis::around(marks.iter().flat_map(Mark::abscissae), 7),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 5),
            marks,
        }
    }

    /// Logarithm of the eigenvalue and coefficient, where the eigenvalue is above rounding.
    fn pairs(&self, coefficients: &[f64]) -> Vec<(f64, f64)> {
        let largest = self.eigenvalues.iter().copied().fold(0.0, f64::max);
        let pairs = self.eigenvalues.iter().zip(coefficients).map(|(eigenvalue, value)| (*eigenvalue, *value));
        let usable = pairs.filter(|(eigenvalue, value)| *eigenvalue > ROUNDING * largest && value.is_finite());
        usable.map(|(eigenvalue, value)| (eigenvalue.log10(), value)).collect()
    }

    fn spectrum(&self) -> Panel {
        let spreads: Vec<Spread> = by_generation(&self.shuffled_singular_values);
        let shifted = |(rank, low, high): (f64, f64, f64)| (rank + 1.0, low, high);
        let shuffled = line(&spreads).into_iter().map(|(rank, mean)| (rank + 1.0, mean)).collect();
        let evolved = numbered(&self.singular_values);
        let marks = vec![
            Mark::Band { points: band(&spreads).into_iter().map(shifted).collect(), color: SHUFFLED },
            Mark::Line { points: shuffled, stroke: shuffled_stroke() },
            Mark::Line { points: evolved.clone(), stroke: Stroke::solid(EVOLVED, 1.4) },
            Mark::dots(evolved, EVOLVED, 2.2),
        ];
        Panel {
            title: "Singular values of the pooled codes".to_owned(),
            note: String::new(),
            x_label: "rank".to_owned(),
            y_label: "singular value".to_owned(),
            x: Axis::from_zero(marks.iter().flat_map(Mark::abscissae), 6),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 5),
            marks,
        }
    }
}

/// Means of groups of neighbours.
fn grouped(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let size = pairs.len().div_ceil(GROUPS).max(1);
    let centre = |group: &[(f64, f64)]| {
        let (x, y): (Vec<f64>, Vec<f64>) = group.iter().copied().unzip();
        (mean(&x), mean(&y))
    };
    pairs.chunks(size).map(centre).collect()
}

fn shuffled_stroke() -> Stroke {
    Stroke { color: SHUFFLED, width: 1.6, dash: Some("2 2") }
}

fn noise_stroke() -> Stroke {
    Stroke { color: NOISE_DRIVEN, width: 1.8, dash: Some("6 3") }
}
