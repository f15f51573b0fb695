//! Distributions as boxes or violins with their points, one row an optimizer, in a grid of panels.

use super::axis::Axis;
use super::facets::distinct;
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::density::Density;
use crate::style::{Color, INK, MUTED, optimizer_color, optimizer_label};
use crate::summary::{mean, quantiles};

/// Width of a coordinate system, and height of one optimizer's row in it.
const WIDTH: f64 = 240.0;
const PLACE: f64 = 27.0;
/// Half heights of the box and of the cloud of points, in rows.
const BOX: f64 = 0.34;
const CLOUD: f64 = 0.27;
/// Half height of a violin where it is highest, in rows, and points along it.
const VIOLIN: f64 = 0.42;
const VIOLIN_STEPS: usize = 64;
/// Points drawn of one distribution; of more, as many at even ranks, the extremes among them.
const POINTS: usize = 80;
/// Fewest values with a box.
const BOXED: usize = 5;
/// Whiskers end at the last value within so many interquartile ranges of the box (Tukey, 1977).
const WHISKER: f64 = 1.5;
const FILL: f64 = 0.22;
const FADED: f64 = 0.62;
const POINT: f64 = 1.7;
const MEAN: f64 = 3.2;
const PUBLISHED: f64 = 4.6;

/// What one optimizer reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Distribution<'a> {
    pub(crate) optimizer: &'a str,
    /// One value a run; what is not finite is left out.
    pub(crate) values: &'a [f64],
    pub(crate) published: Option<f64>,
}

/// One panel's heading and its distributions.
#[derive(Debug, Clone)]
pub(crate) struct Facet<'a> {
    pub(crate) title: String,
    pub(crate) distributions: Vec<Distribution<'a>>,
}

/// A grid of panels over one axis of values.
#[derive(Debug, Clone)]
pub(crate) struct Distributions<'a> {
    pub(crate) title: &'a str,
    /// Heading and panels of every row.
    pub(crate) rows: Vec<(String, Vec<Facet<'a>>)>,
    pub(crate) x_label: &'a str,
    /// What one value is, for example "run".
    pub(crate) value: &'a str,
    pub(crate) logarithmic: bool,
    pub(crate) shape: Shape,
}

/// What is drawn around the points of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Quartiles, median and whiskers.
    Boxes,
    /// The estimated density, from the lowest value to the highest, with the median. All violins are equally high.
    Violins,
}

impl Distributions<'_> {
    pub(crate) fn to_svg(&self) -> String {
        let optimizers = distinct(self.all().map(|distribution| distribution.optimizer));
        let values = self.all().flat_map(|group| group.values.iter().copied().chain(group.published));
        let x = if self.logarithmic { Axis::logarithmic(values) } else { Axis::from_zero(values, 5) };
        let last = self.rows.len().saturating_sub(1);
        let to_row = |(index, (heading, facets)): (usize, &(String, Vec<Facet<'_>>))| Row {
            heading: heading.clone(),
            panels: (0..facets.len())
                .map(|column| self.panel(facets, column, index == last, &optimizers, &x))
                .collect(),
        };
        let rows = self.rows.iter().enumerate().map(to_row).collect();
        let frame = (WIDTH, PLACE * optimizers.len().max(1) as f64);
        Sheet { title: self.title.to_owned(), legend: vec![self.legend()], rows, frame }.to_svg()
    }

    fn all(&self) -> impl Iterator<Item = &Distribution<'_>> {
        self.rows.iter().flat_map(|row| &row.1).flat_map(|facet| &facet.distributions)
    }

    fn panel(&self, facets: &[Facet<'_>], column: usize, last: bool, optimizers: &[&str], x: &Axis) -> Panel {
        let facet = &facets[column];
        let labels: Vec<String> = optimizers.iter().map(|name| optimizer_label(name).to_owned()).collect();
        let y = Axis::rows(&labels);
        let place = |name: &str| optimizers.iter().position(|known| *known == name).unwrap_or(0) as f64;
        let group = |group: &Distribution<'_>| marks(group, place(group.optimizer), self.logarithmic, self.shape);
        let marks: Vec<Mark> = facet.distributions.iter().flat_map(group).collect();
        Panel {
            title: facet.title.clone(),
            note: counts(facet),
            x_label: if last { self.x_label.to_owned() } else { String::new() },
            y_label: String::new(),
            x: x.clone(),
            y: if column == 0 { y } else { y.unlabelled() },
            marks,
        }
    }

    fn point_label(&self) -> String {
        match self.all().any(|group| finite(group.values).len() > POINTS) {
            true => format!("{} (at most {POINTS} shown)", self.value),
            false => self.value.to_owned(),
        }
    }

    fn legend(&self) -> Vec<Entry> {
        let area = Swatch::Area(MUTED.faded(FILL));
        let mut entries = Vec::new();
        if self.all().any(|group| finite(group.values).len() >= BOXED) {
            let label = match self.shape {
                Shape::Boxes => "quartiles and median, whiskers within 1.5 interquartile ranges",
                Shape::Violins => "density (Gaussian kernel, Scott's bandwidth) and median",
            };
            entries.push(Entry { swatch: area, label: label.to_owned() });
        }
        entries.extend([
            Entry::symbol(Symbol::Circle, MUTED.faded(FADED), false, &self.point_label()),
            Entry::symbol(Symbol::Diamond, INK, false, "our mean"),
        ]);
        if self.all().any(|group| group.published.is_some()) {
            entries.push(Entry::published("published mean"));
        }
        entries
    }
}

/// How many values the distributions of a panel have.
fn counts(facet: &Facet<'_>) -> String {
    let counts = distinct(facet.distributions.iter().map(|group| finite(group.values).len()));
    match counts.iter().copied().max() {
        None | Some(0) => "no values".to_owned(),
        Some(count) if counts.len() == 1 => format!("n = {count}"),
        Some(count) => format!("n ≤ {count}"),
    }
}

/// All that is drawn of one distribution in its row.
fn marks(group: &Distribution<'_>, row: f64, logarithmic: bool, shape: Shape) -> Vec<Mark> {
    let color = optimizer_color(group.optimizer);
    let mut sorted = finite(group.values);
    if logarithmic {
        sorted.retain(|value| *value > 0.0);
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let mut marks = Vec::new();
    if sorted.len() >= BOXED {
        match shape {
            Shape::Boxes => push_box(&mut marks, &sorted, row, logarithmic, color),
            Shape::Violins => push_violin(&mut marks, &sorted, row, logarithmic, color),
        }
    }
    let points = thinned(&sorted).into_iter().enumerate().map(|(index, value)| (value, row + jitter(index))).collect();
    marks.push(Mark::dots(points, color.faded(FADED), POINT));
    if let Some(published) = group.published {
        let (symbol, points) = (Symbol::Diamond, vec![(published, row)]);
        marks.push(Mark::Symbols { points, symbol, color: MUTED, radius: PUBLISHED, hollow: true });
    }
    if !sorted.is_empty() {
        let points = vec![(mean(&sorted), row)];
        marks.push(Mark::Symbols { points, symbol: Symbol::Diamond, color: INK, radius: MEAN, hollow: false });
    }
    marks
}

fn push_box(marks: &mut Vec<Mark>, sorted: &[f64], row: f64, logarithmic: bool, color: Color) {
    let Ok([low, median, high]) = quantiles(sorted, [0.25, 0.5, 0.75]) else { return };
    let [lowest, highest] = whiskers(sorted, low, high, logarithmic);
    let edge = Stroke::solid(color, 1.2);
    marks.push(Mark::horizontal_bars([(row, lowest, low), (row, high, highest)], edge));
    let boxes = vec![[low, high, row - BOX, row + BOX]];
    marks.push(Mark::Boxes { boxes, fill: color.faded(FILL), edge: Some(edge) });
    marks.push(Mark::vertical_bars([(median, row - BOX, row + BOX)], Stroke::solid(color, 2.6)));
}

/// A density mirrored at its row; nothing of values that are all equal.
fn push_violin(marks: &mut Vec<Mark>, sorted: &[f64], row: f64, logarithmic: bool, color: Color) {
    let scaled: Vec<f64> = sorted.iter().map(|value| if logarithmic { value.ln() } else { *value }).collect();
    let (Ok(density), Ok([median])) = (Density::of(&scaled), quantiles(sorted, [0.5])) else { return };
    let (low, high) = (scaled[0], scaled[scaled.len() - 1]);
    let at = |step: usize| low + (high - low) * step as f64 / (VIOLIN_STEPS - 1) as f64;
    let heights: Vec<f64> = (0..VIOLIN_STEPS).map(|step| density.at(at(step))).collect();
    let highest = heights.iter().copied().fold(0.0, f64::max);
    let half = |height: f64| VIOLIN * height / highest;
    let along = |step: usize| if logarithmic { at(step).exp() } else { at(step) };
    let side = |sign: f64| {
        let points = heights.iter().enumerate().map(move |(step, height)| (along(step), row + sign * half(*height)));
        Mark::Line { points: points.collect(), stroke: Stroke::solid(color, 1.2) }
    };
    let points =
        heights.iter().enumerate().map(|(step, height)| (along(step), row - half(*height), row + half(*height)));
    marks.push(Mark::Band { points: points.collect(), color });
    marks.extend([side(1.0), side(-1.0)]);
    let own = half(density.at(if logarithmic { median.ln() } else { median }));
    marks.push(Mark::vertical_bars([(median, row - own, row + own)], Stroke::solid(color, 2.6)));
}

/// The last values within [`WHISKER`] interquartile ranges of the box, measured on the scale of the axis.
fn whiskers(sorted: &[f64], low: f64, high: f64, logarithmic: bool) -> [f64; 2] {
    let (from, to) = if logarithmic {
        let reach = (high / low).powf(WHISKER);
        (low / reach, high * reach)
    } else {
        let reach = WHISKER * (high - low);
        (low - reach, high + reach)
    };
    let within = |value: &&f64| (from..=to).contains(*value);
    [sorted.iter().find(within).copied().unwrap_or(low), sorted.iter().rev().find(within).copied().unwrap_or(high)]
}

fn finite(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| value.is_finite()).collect()
}

fn thinned(sorted: &[f64]) -> Vec<f64> {
    if sorted.len() <= POINTS {
        return sorted.to_vec();
    }
    (0..POINTS).map(|index| sorted[index * (sorted.len() - 1) / (POINTS - 1)]).collect()
}

/// Offsets that fill the cloud evenly without chance: multiples of the golden ratio (Weyl, 1916).
fn jitter(index: usize) -> f64 {
    let golden = 0.618_033_988_749_894_9;
    2.0 * CLOUD * ((index as f64 * golden).fract() - 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whiskers_end_at_values() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 30.0];
        assert_eq!(whiskers(&values, 2.25, 4.75, false), [1.0, 5.0]);
        assert_eq!(whiskers(&[0.01, 1.0, 2.0, 4.0, 100.0], 1.0, 4.0, true), [1.0, 4.0]);
    }

    #[test]
    fn violins_span_their_values_and_are_equally_high() {
        let violin = |values: &[f64], logarithmic| {
            let mut marks = Vec::new();
            push_violin(&mut marks, values, 3.0, logarithmic, INK);
            let Some(Mark::Band { points, .. }) = marks.first() else { return None };
            let highest = points.iter().map(|point| point.2 - point.1).fold(0.0, f64::max);
            Some((points[0].0, points[points.len() - 1].0, highest))
        };
        let (low, high, height) = violin(&[1.0, 2.0, 2.5, 3.0, 7.0], false).unwrap();
        assert!((low, high) == (1.0, 7.0) && (height - 2.0 * VIOLIN).abs() < 1e-12);
        let (low, high, height) = violin(&[0.01, 0.1, 0.2, 1.0, 100.0], true).unwrap();
        assert!((low / 0.01 - 1.0).abs() < 1e-12 && (high / 100.0 - 1.0).abs() < 1e-12);
        assert!((height - 2.0 * VIOLIN).abs() < 1e-12);
        assert!(violin(&[2.0; 5], false).is_none());
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let thinned = thinned(&values);
        assert_eq!((thinned.len(), thinned[0], thinned[POINTS - 1]), (POINTS, 0.0, 999.0));
        assert!((0..50).all(|index| jitter(index).abs() <= CLOUD));
    }
}
