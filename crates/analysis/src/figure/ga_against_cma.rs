//! A genetic algorithm against a CMA-ES, unit by unit, one panel a noise level.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::facets::{distinct, noise_heading, noise_levels};
use super::legend::Entry;
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{Color, MUTED, optimizer_label, sequential};

const FRAME: (f64, f64) = (250.0, 250.0);
const RADIUS: f64 = 3.6;
const IDENTITY: Stroke = Stroke { color: MUTED, width: 1.2, dash: Some("5 3") };

/// Scores of the two optimizers on one unit at one noise level, in the units of [`GaAgainstCma::score`].
#[derive(Debug, Clone, PartialEq)]
pub struct UnitPair {
    /// Layer of the unit.
    pub layer: String,
    /// Noise level.
    pub noise: f64,
    /// Mean score of the genetic algorithm over repeats.
    pub genetic: f64,
    /// The same of the CMA-ES.
    pub cma: f64,
}

/// Paired comparison of two optimizers over units.
#[derive(Debug, Clone, PartialEq)]
pub struct GaAgainstCma {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// What is compared, for example "normalised clean score".
    pub score: String,
    /// Name of the genetic algorithm on the command line.
    pub genetic: String,
    /// Name of the CMA-ES on the command line.
    pub cma: String,
    /// One pair a unit and noise level; layers in the order of first appearance, from the input of the network upwards.
    pub pairs: Vec<UnitPair>,
}

impl GaAgainstCma {
    /// Draws the figure: a symbol a unit, its colour and shape by layer, with the line of equal scores. The note of a
    /// panel counts the units above the line.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no pair has two finite scores.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let finite = |pair: &&UnitPair| pair.genetic.is_finite() && pair.cma.is_finite();
        let pairs: Vec<&UnitPair> = self.pairs.iter().filter(finite).collect();
        check_any("ga_against_cma", "pair of scores", pairs.iter().map(|pair| pair.cma))?;
        let layers = distinct(pairs.iter().map(|pair| pair.layer.as_str()));
        let levels = noise_levels(pairs.iter().map(|pair| pair.noise));
        let values: Vec<f64> = pairs.iter().flat_map(|pair| [pair.genetic, pair.cma]).collect();
        let panel = |(column, &noise): (usize, &f64)| {
            let shown: Vec<&UnitPair> = pairs.iter().copied().filter(|pair| pair.noise == noise).collect();
            self.panel(&shown, &layers, &Axis::from_zero(values.iter().copied(), 5), column == 0)
        };
        let panels = levels.iter().enumerate().map(panel).collect();
        let entry = |(index, layer): (usize, &&str)| {
            let (symbol, color) = look(index, layers.len());
            Entry::symbol(symbol, color, false, layer)
        };
        let legend = vec![layers.iter().enumerate().map(entry).collect(), vec![Entry::line(IDENTITY, "equal scores")]];
        let rows = vec![Row { heading: String::new(), panels }];
        Ok(Sheet { title: self.title.clone(), legend, rows, frame: FRAME }.to_svg())
    }

    fn panel(&self, pairs: &[&UnitPair], layers: &[&str], axis: &Axis, first: bool) -> Panel {
        let corners = axis.ends().map(|end| (end, end)).to_vec();
        let mut marks = vec![Mark::Line { points: corners, stroke: IDENTITY }];
        for (index, layer) in layers.iter().enumerate() {
            let (symbol, color) = look(index, layers.len());
            let own = pairs.iter().filter(|pair| pair.layer == *layer);
            let points = own.map(|pair| (pair.genetic, pair.cma)).collect();
            marks.push(Mark::Symbols { points, symbol, color, radius: RADIUS, hollow: false });
        }
        let above = pairs.iter().filter(|pair| pair.cma > pair.genetic).count();
        Panel {
            title: pairs.first().map_or_else(String::new, |pair| noise_heading(pair.noise)),
            note: format!("above the line: {above} of {}", pairs.len()),
            x_label: format!("{}, {}", optimizer_label(&self.genetic), self.score),
            y_label: if first { format!("{}, {}", optimizer_label(&self.cma), self.score) } else { String::new() },
            x: axis.clone(),
            y: axis.clone(),
            marks,
        }
    }
}

/// Symbol and colour of a layer: darker towards the input of the network.
fn look(layer: usize, layers: usize) -> (Symbol, Color) {
    (Symbol::of(layer), sequential(layer as f64 / layers.saturating_sub(1).max(1) as f64))
}
