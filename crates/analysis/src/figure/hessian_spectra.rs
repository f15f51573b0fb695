//! Curvature of a unit's landscape: eigenvalues of its Hessian in subspaces of the code space.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::facets::numbered;
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{CATEGORIES, Color, INK};

const FRAME: (f64, f64) = (300.0, 240.0);
const RADIUS: f64 = 2.2;
const ZERO: Stroke = Stroke { color: INK, width: 0.8, dash: None };

/// The code at which a Hessian was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbedCode {
    /// At the code that a run ended at.
    Peak,
    /// At a random code of the same norm.
    Random,
}

/// The directions that it was restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subspace {
    /// Leading eigenvectors of the generator's metric.
    TopMetric,
    /// Random orthonormal directions.
    Random,
}

/// Eigenvalues of one Hessian, activation over squared code units, in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct HessianSpectrum {
    /// Where it was taken.
    pub code: ProbedCode,
    /// Its subspace.
    pub subspace: Subspace,
    /// The eigenvalues; what is not finite is left out.
    pub eigenvalues: Vec<f64>,
}

/// Spectra of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct HessianPanel {
    /// Name of the unit.
    pub unit: String,
    /// Its spectra.
    pub spectra: Vec<HessianSpectrum>,
}

/// Spectra of Hessians, one panel a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct HessianSpectra {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// One panel a unit.
    pub panels: Vec<HessianPanel>,
    /// Panels side by side, at least 1.
    pub columns: usize,
}

impl HessianSpectra {
    /// Draws the figure: eigenvalues from the largest to the smallest on an axis that is logarithmic for either sign.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no eigenvalue is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let values = self.panels.iter().flat_map(|panel| &panel.spectra).flat_map(|spectrum| &spectrum.eigenvalues);
        check_any("hessian_spectra", "eigenvalue", values.copied())?;
        let columns = self.columns.max(1);
        let panels: Vec<Panel> =
            self.panels.iter().enumerate().map(|(index, panel)| to_panel(panel, index % columns == 0)).collect();
        let row = |panels: &[Panel]| Row { heading: String::new(), panels: panels.to_vec() };
        let rows = panels.chunks(columns).map(row).collect();
        Ok(Sheet { title: self.title.clone(), legend: vec![legend()], rows, frame: FRAME }.to_svg())
    }
}

fn to_panel(panel: &HessianPanel, first_column: bool) -> Panel {
    let longest = panel.spectra.iter().map(|spectrum| spectrum.eigenvalues.len()).max().unwrap_or(0).max(2);
    let mut marks = vec![Mark::Line { points: vec![(0.0, 0.0), (2.0 * longest as f64, 0.0)], stroke: ZERO }];
    for spectrum in &panel.spectra {
        let (stroke, symbol, hollow) = look(spectrum.code, spectrum.subspace);
        let mut sorted: Vec<f64> = spectrum.eigenvalues.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let points = numbered(&sorted);
        marks.push(Mark::Line { points: points.clone(), stroke });
        marks.push(Mark::Symbols { points, symbol, color: stroke.color, radius: RADIUS, hollow });
    }
    Panel {
        title: panel.unit.clone(),
        note: String::new(),
        x_label: "rank".to_owned(),
        y_label: if first_column { "eigenvalue".to_owned() } else { String::new() },
        x: Axis::around([1.0, longest as f64], 5),
        y: Axis::signed_logarithmic(marks.iter().flat_map(Mark::ordinates)),
        marks,
    }
}

/// Colour by code; line and symbol by subspace.
fn look(code: ProbedCode, subspace: Subspace) -> (Stroke, Symbol, bool) {
    let color: Color = match code {
        ProbedCode::Peak => CATEGORIES[1],
        ProbedCode::Random => CATEGORIES[0],
    };
    let symbol = if code == ProbedCode::Peak { Symbol::Circle } else { Symbol::Square };
    match subspace {
        Subspace::TopMetric => (Stroke { color, width: 1.6, dash: None }, symbol, false),
        Subspace::Random => (Stroke { color, width: 1.2, dash: Some("4 3") }, symbol, true),
    }
}

fn legend() -> Vec<Entry> {
    let entry = |code, subspace, label: &str| {
        let (stroke, symbol, hollow) = look(code, subspace);
        let swatch = match hollow {
            false => Swatch::Marked { stroke, symbol },
            true => Swatch::Symbol { symbol, color: stroke.color, hollow },
        };
        Entry { swatch, label: label.to_owned() }
    };
    vec![
        entry(ProbedCode::Peak, Subspace::TopMetric, "peak, top metric directions"),
        entry(ProbedCode::Peak, Subspace::Random, "peak, random directions"),
        entry(ProbedCode::Random, Subspace::TopMetric, "random code, top metric directions"),
        entry(ProbedCode::Random, Subspace::Random, "random code, random directions"),
    ]
}
