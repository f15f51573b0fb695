//! Variants of CMA-ES by layer and noise level.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::estimate::Estimate;
use super::facets::{distinct, noise_heading, noise_levels};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{MUTED, optimizer_color, optimizer_label};

/// Width of a layer's place, and the narrowest and the widest frame.
const PLACE: f64 = 46.0;
const WIDTHS: (f64, f64) = (210.0, 560.0);
const HEIGHT: f64 = 230.0;
/// Panels stand side by side up to this width.
const WIDEST: f64 = 1150.0;
/// Share of a place over which optimizers are spread.
const SPREAD: f64 = 0.72;
const RADIUS: f64 = 3.0;
const PUBLISHED: f64 = 3.6;
/// Width of the bars of one standard error.
const BAR: f64 = 1.4;

/// Mean score of one optimizer on one layer at one noise level.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantCell {
    /// Name of the layer.
    pub layer: String,
    /// Noise level.
    pub noise: f64,
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Normalised clean score with its standard error.
    pub score: Estimate,
    /// Published mean of the same quantity.
    pub published: Option<f64>,
}

/// Normalised score by layer, one panel a noise level.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantsByLayerAndNoise {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Cells in any order; layers and optimizers appear in that of their first cell, noise levels ascending.
    pub cells: Vec<VariantCell>,
}

impl VariantsByLayerAndNoise {
    /// Draws the figure: means with their standard errors, joined over layers, and published means as diamonds in the
    /// optimizer's colour.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no mean is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check_any("variants_by_layer_and_noise", "mean score", self.cells.iter().map(|cell| cell.score.mean))?;
        let layers: Vec<String> = distinct(self.cells.iter().map(|cell| cell.layer.clone()));
        let optimizers = distinct(self.cells.iter().map(|cell| cell.optimizer.as_str()));
        let levels = noise_levels(self.cells.iter().map(|cell| cell.noise));
        let width = (PLACE * layers.len() as f64).clamp(WIDTHS.0, WIDTHS.1);
        let columns = ((WIDEST / width) as usize).clamp(1, levels.len().max(1));
        let panel = |index: usize| {
            let (first, last) = (index.is_multiple_of(columns), index + columns >= levels.len());
            self.panel(levels[index], &layers, &optimizers, width, (first, last))
        };
        let indices: Vec<usize> = (0..levels.len()).collect();
        let row =
            |row: &[usize]| Row { heading: String::new(), panels: row.iter().map(|&index| panel(index)).collect() };
        let rows = indices.chunks(columns).map(row).collect();
        let legend = vec![self.legend(&optimizers)];
        Ok(Sheet { title: self.title.clone(), legend, rows, frame: (width, HEIGHT) }.to_svg())
    }

    fn legend(&self, optimizers: &[&str]) -> Vec<Entry> {
        let entry = |(index, name): (usize, &&str)| {
            let stroke = Stroke::solid(optimizer_color(name), 1.4);
            let swatch = Swatch::Marked { stroke, symbol: Symbol::of(index) };
            Entry { swatch, label: optimizer_label(name).to_owned() }
        };
        let mut entries: Vec<Entry> = optimizers.iter().enumerate().map(entry).collect();
        if self.cells.iter().any(|cell| cell.score.low < cell.score.high) {
            let label = "one standard error to either side".to_owned();
            entries.push(Entry { swatch: Swatch::Bar(Stroke::solid(MUTED, BAR)), label });
        }
        if self.cells.iter().any(|cell| cell.published.is_some()) {
            entries.push(Entry::published("published mean"));
        }
        entries
    }

    fn panel(
        &self,
        noise: f64,
        layers: &[String],
        optimizers: &[&str],
        width: f64,
        (first_column, last_row): (bool, bool),
    ) -> Panel {
        let mut marks = Vec::new();
        for (index, optimizer) in optimizers.iter().enumerate() {
            let shift = SPREAD * ((index as f64 + 0.5) / optimizers.len() as f64 - 0.5);
            let place = |layer: usize| layer as f64 + shift;
            let cell = |layer: &str| {
                let own = |cell: &&VariantCell| cell.noise == noise && cell.optimizer == *optimizer;
                self.cells.iter().filter(own).find(|cell| cell.layer == layer)
            };
            let placed: Vec<(f64, Option<&VariantCell>)> =
                layers.iter().enumerate().map(|(layer, name)| (place(layer), cell(name))).collect();
            push_marks(&mut marks, optimizer, Symbol::of(index), &placed);
        }
        let values = self
            .cells
            .iter()
            .flat_map(|cell| [cell.score.low, cell.score.high, cell.score.mean, cell.published.unwrap_or(f64::NAN)]);
        Panel {
            title: noise_heading(noise),
            note: String::new(),
            x_label: if last_row { "layer".to_owned() } else { String::new() },
            y_label: if first_column { "normalised clean score".to_owned() } else { String::new() },
            x: Axis::columns(layers, width),
            y: Axis::from_zero(values, 5),
            marks,
        }
    }
}

/// One optimizer over all layers: `(place, cell)`.
fn push_marks(marks: &mut Vec<Mark>, optimizer: &str, symbol: Symbol, placed: &[(f64, Option<&VariantCell>)]) {
    let color = optimizer_color(optimizer);
    let mean = |cell: Option<&VariantCell>| cell.map_or(f64::NAN, |cell| cell.score.mean);
    let points: Vec<(f64, f64)> = placed.iter().map(|&(x, cell)| (x, mean(cell))).collect();
    marks.push(Mark::Line { points: points.clone(), stroke: Stroke::solid(color.faded(0.45), 1.0) });
    let bars = placed.iter().filter_map(|&(x, cell)| cell.map(|cell| (x, cell.score.low, cell.score.high)));
    marks.push(Mark::vertical_bars(bars, Stroke::solid(color, BAR)));
    let published = placed.iter().filter_map(|&(x, cell)| Some((x, cell?.published?))).collect();
    let diamond = Symbol::Diamond;
    marks.push(Mark::Symbols { points: published, symbol: diamond, color, radius: PUBLISHED, hollow: true });
    marks.push(Mark::Symbols { points, symbol, color, radius: RADIUS, hollow: false });
}
