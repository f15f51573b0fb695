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
const PUBLISHED: f64 = 4.2;
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
    /// Published means of layers at the same noise levels; may be empty.
    pub published: Vec<UnitPair>,
}

impl GaAgainstCma {
    /// Draws the figure: a symbol a unit, its colour and shape by layer, with the line of equal scores; a hollow diamond a
    /// published layer. The note of a panel counts the units above the line.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no pair has two finite scores.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let (pairs, published) = (finite(&self.pairs), finite(&self.published));
        check_any("ga_against_cma", "pair of scores", pairs.iter().map(|pair| pair.cma))?;
        let layers = distinct(pairs.iter().map(|pair| pair.layer.as_str()));
        let levels = noise_levels(pairs.iter().map(|pair| pair.noise));
        let values = pairs.iter().chain(&published).flat_map(|pair| [pair.genetic, pair.cma]);
        let axis = Axis::from_zero(values, 5);
        let at = |pairs: &[&UnitPair], noise: f64| -> Vec<UnitPair> {
            pairs.iter().filter(|pair| pair.noise == noise).map(|pair| (*pair).clone()).collect()
        };
        let panel = |(column, &noise): (usize, &f64)| {
            self.panel([at(&pairs, noise), at(&published, noise)], &layers, &axis, column == 0)
        };
        let panels = levels.iter().enumerate().map(panel).collect();
        let entry = |(index, layer): (usize, &&str)| {
            let (symbol, color) = look(index, layers.len());
            Entry::symbol(symbol, color, false, layer)
        };
        let mut lines = vec![Entry::line(IDENTITY, "equal scores")];
        if !published.is_empty() {
            lines.push(Entry::published("published mean of the layer of that colour"));
        }
        let legend = vec![layers.iter().enumerate().map(entry).collect(), lines];
        let rows = vec![Row { heading: String::new(), panels }];
        Ok(Sheet { title: self.title.clone(), legend, rows, frame: FRAME }.to_svg())
    }

    fn panel(&self, [pairs, published]: [Vec<UnitPair>; 2], layers: &[&str], axis: &Axis, first: bool) -> Panel {
        let corners = axis.ends().map(|end| (end, end)).to_vec();
        let mut marks = vec![Mark::Line { points: corners, stroke: IDENTITY }];
        let of = |pairs: &[UnitPair], layer: &str| -> Vec<(f64, f64)> {
            pairs.iter().filter(|pair| pair.layer == layer).map(|pair| (pair.genetic, pair.cma)).collect()
        };
        for (index, layer) in layers.iter().enumerate() {
            let (symbol, color) = look(index, layers.len());
            let (diamond, points) = (Symbol::Diamond, of(&published, layer));
            marks.push(Mark::Symbols { points, symbol: diamond, color, radius: PUBLISHED, hollow: true });
            let points = of(&pairs, layer);
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

fn finite(pairs: &[UnitPair]) -> Vec<&UnitPair> {
    pairs.iter().filter(|pair| pair.genetic.is_finite() && pair.cma.is_finite()).collect()
}

/// Symbol and colour of a layer: darker towards the input of the network.
fn look(layer: usize, layers: usize) -> (Symbol, Color) {
    (Symbol::of(layer), sequential(layer as f64 / layers.saturating_sub(1).max(1) as f64))
}
