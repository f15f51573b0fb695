//! Optimizers beside each other, unit by unit, one panel a noise level.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::estimate::Estimate;
use super::facets::{distinct, noise_heading, noise_levels};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{INK, MUTED, optimizer_color, optimizer_label};

const WIDTH: f64 = 270.0;
const PLACE: f64 = 40.0;
const UNIT: Stroke = Stroke { color: MUTED, width: 0.8, dash: None };
const POINT: f64 = 1.8;
const MEAN: f64 = 4.2;
const PUBLISHED: f64 = 5.0;
/// How far published means stand below their row's middle, in rows.
const BELOW: f64 = 0.27;

/// Scores of one optimizer at one noise level.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitScores {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Noise level.
    pub noise: f64,
    /// Mean normalised score of every unit, in the same order of units in every group of a noise level; NaN where a unit
    /// is missing.
    pub by_unit: Vec<f64>,
    /// Mean over units with a confidence interval.
    pub mean: Estimate,
    /// Published mean.
    pub published: Option<f64>,
}

/// Paired comparison of several optimizers.
#[derive(Debug, Clone, PartialEq)]
pub struct PairedByUnit {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// What the interval of the means is, for example "95 % interval over units".
    pub interval: String,
    /// Groups in any order; optimizers appear in that of their first group, noise levels ascending.
    pub groups: Vec<UnitScores>,
}

impl PairedByUnit {
    /// Draws the figure: a line a unit through the rows of the optimizers, means with their intervals, and published
    /// means.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no mean is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check_any("paired_by_unit", "mean", self.groups.iter().map(|group| group.mean.mean))?;
        let optimizers = distinct(self.groups.iter().map(|group| group.optimizer.as_str()));
        let levels = noise_levels(self.groups.iter().map(|group| group.noise));
        let panels =
            levels.iter().enumerate().map(|(column, &noise)| self.panel(noise, &optimizers, column == 0)).collect();
        let rows = vec![Row { heading: String::new(), panels }];
        let frame = (WIDTH, PLACE * optimizers.len() as f64);
        Ok(Sheet { title: self.title.clone(), legend: vec![self.legend()], rows, frame }.to_svg())
    }

    fn legend(&self) -> Vec<Entry> {
        let mean = Swatch::Marked { stroke: Stroke::solid(INK, 2.2), symbol: Symbol::Circle };
        let mut entries = vec![
            Entry { swatch: mean, label: ["mean,", &self.interval].join(" ").trim_end_matches([',', ' ']).to_owned() },
            Entry::line(Stroke { color: MUTED.faded(0.5), ..UNIT }, "a unit"),
        ];
        if self.groups.iter().any(|group| group.published.is_some()) {
            entries.push(Entry::published("published mean"));
        }
        entries
    }

    fn panel(&self, noise: f64, optimizers: &[&str], first: bool) -> Panel {
        let group = |name: &str| self.groups.iter().find(|group| group.noise == noise && group.optimizer == name);
        let shown: Vec<Option<&UnitScores>> = optimizers.iter().map(|name| group(name)).collect();
        let mut marks = unit_lines(&shown);
        for (row, group) in shown.iter().enumerate() {
            if let Some(group) = group {
                push_group(&mut marks, group, row as f64);
            }
        }
        let all = self.groups.iter().flat_map(|group| {
            group.by_unit.iter().copied().chain([group.mean.low, group.mean.high]).chain(group.published)
        });
        let labels: Vec<String> = optimizers.iter().map(|name| optimizer_label(name).to_owned()).collect();
        let y = Axis::rows(&labels);
        Panel {
            title: noise_heading(noise),
            note: String::new(),
            x_label: "normalised clean score".to_owned(),
            y_label: String::new(),
            x: Axis::from_zero(all, 5),
            y: if first { y } else { y.unlabelled() },
            marks,
        }
    }
}

/// A line a unit through all optimizers.
fn unit_lines(shown: &[Option<&UnitScores>]) -> Vec<Mark> {
    let units = shown.iter().flatten().map(|group| group.by_unit.len()).max().unwrap_or(0);
    let value = |group: &Option<&UnitScores>, unit: usize| {
        group.and_then(|group| group.by_unit.get(unit).copied()).unwrap_or(f64::NAN)
    };
    let line = |unit: usize| {
        let points = shown.iter().enumerate().map(|(row, group)| (value(group, unit), row as f64)).collect();
        Mark::Line { points, stroke: Stroke { color: MUTED.faded(0.35), ..UNIT } }
    };
    (0..units).map(line).collect()
}

fn push_group(marks: &mut Vec<Mark>, group: &UnitScores, row: f64) {
    let color = optimizer_color(&group.optimizer);
    let points = group.by_unit.iter().map(|&value| (value, row)).collect();
    marks.push(Mark::dots(points, color.faded(0.55), POINT));
    let Estimate { mean, low, high } = group.mean;
    marks.push(Mark::horizontal_bars([(row, low, high)], Stroke::solid(color, 3.2)));
    marks.push(Mark::dots(vec![(mean, row)], color, MEAN));
    let points = group.published.map(|value| (value, row + BELOW)).into_iter().collect();
    marks.push(Mark::Symbols { points, symbol: Symbol::Diamond, color: MUTED, radius: PUBLISHED, hollow: true });
}
