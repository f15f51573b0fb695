//! Are trajectories random walks? Projections with cosines, their frequencies, goodness of fit and explained variance.
//!
//! In many dimensions the k-th principal projection of a random walk is a cosine of k/2 periods, and the share of
//! variance that it explains is 6 / (pi^2 k^2) (Antognini and Sohl-Dickstein, 2018, section 2).

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::facets::{counted, distinct};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::projections::ProjectionRow;
use super::series::{band, by_generation, line};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::random_walk::{explained_variance_ratio, limiting_ratio};
use crate::style::{Color, INK, MUTED, optimizer_color, optimizer_label, sequential};

const FRAME: (f64, f64) = (390.0, 225.0);
const FIT: Stroke = Stroke { color: INK, width: 1.0, dash: None };
const THEORY: Stroke = Stroke { color: INK, width: 1.4, dash: Some("6 3") };
const FINITE: Stroke = Stroke { color: INK, width: 1.4, dash: Some("1.5 2.5") };
const FIXED_DASH: &str = "4 3";
/// Width of the bars of one standard deviation.
const BAR: f64 = 1.0;
/// Projections drawn against generation.
const DRAWN: usize = 5;
/// Share of its optimizer's colour in a control.
const CONTROL: f64 = 0.5;
/// Shares of variance below this one are rounding.
const SMALLEST: f64 = 1e-7;

/// Cosine fits of one run, by component from the first on; the lists may differ in length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CosineRun {
    /// Periods of the fitted cosine within the trajectory.
    pub periods: Vec<f64>,
    /// R² of the cosine with free frequency and phase.
    pub r_squared_free: Vec<f64>,
    /// R² of the cosine with frequency and phase fixed by theory.
    pub r_squared_fixed: Vec<f64>,
    /// Explained variance ratio.
    pub explained_variance_ratio: Vec<f64>,
}

/// Runs that are averaged.
#[derive(Debug, Clone, PartialEq)]
pub struct CosineGroup {
    /// Name of the optimizer on the command line: the colour.
    pub optimizer: String,
    /// What else names the group, for example "units" or "noise-driven".
    pub note: String,
    /// Whether scores were noise alone: a lighter colour.
    pub control: bool,
    /// Generations of a run, at least 2.
    pub generations: usize,
    /// One entry a run.
    pub runs: Vec<CosineRun>,
}

/// Four panels on the principal components of the mean code's trajectory.
#[derive(Debug, Clone, PartialEq)]
pub struct CosinePanels {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// The run whose projections are drawn.
    pub shown: ProjectionRow,
    /// Groups beside one another.
    pub groups: Vec<CosineGroup>,
}

impl CosinePanels {
    /// Draws the figure: projections of one run with their cosines; and by component, as means over runs with one
    /// standard deviation, the fitted periods, R² free and fixed, and the explained variance against theory.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no explained variance is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let runs = || self.groups.iter().flat_map(|group| &group.runs);
        let ratios = runs().flat_map(|run| run.explained_variance_ratio.iter().copied());
        check_any("cosine_panels", "explained variance", ratios)?;
        let longest = |values: fn(&CosineRun) -> &Vec<f64>| runs().map(|run| values(run).len()).max().unwrap_or(0);
        let fitted = longest(|run| &run.periods).max(longest(|run| &run.r_squared_free)).max(1);
        let rows = vec![
            Row { heading: String::new(), panels: vec![self.projections(), self.periods(fitted)] },
            Row { heading: String::new(), panels: vec![self.goodness(fitted), self.variance()] },
        ];
        Ok(Sheet { title: self.title.clone(), legend: self.legend(), rows, frame: FRAME }.to_svg())
    }

    fn legend(&self) -> Vec<Vec<Entry>> {
        let group = |(index, group): (usize, &CosineGroup)| Entry {
            swatch: Swatch::Marked { stroke: Stroke::solid(color(group), 2.0), symbol: Symbol::of(index) },
            label: [optimizer_label(&group.optimizer), &group.note].join(" ").trim_end().to_owned(),
        };
        let drawn = self.shown.projections.len().min(DRAWN);
        let component = |k: usize| Entry::line(Stroke::solid(component_color(k), 3.0), &format!("PC{}", k + 1));
        let mut first: Vec<Entry> = (0..drawn).map(component).collect();
        first.push(Entry::line(FIT, "fitted cosine"));
        let lengths: Vec<String> = self.lengths().iter().map(usize::to_string).collect();
        let lines = vec![
            Entry::line(THEORY, "theory: k/2 periods, 6/(π²k²)"),
            Entry::line(FINITE, &format!("theory for {} generations", lengths.join(" and for "))),
        ];
        let free = Swatch::Marked { stroke: Stroke::solid(MUTED, 1.8), symbol: Symbol::Circle };
        let fixed = Stroke { color: MUTED, width: 1.2, dash: Some(FIXED_DASH) };
        let kinds = vec![
            Entry { swatch: free, label: "free frequency and phase".to_owned() },
            Entry::line(fixed, "frequency and phase of theory"),
        ];
        let spread = self.groups.iter().any(|group| group.runs.len() > 1).then(|| Entry {
            swatch: Swatch::Bar(Stroke::solid(MUTED, BAR)),
            label: "one standard deviation over runs to either side".to_owned(),
        });
        vec![
            first,
            self.groups.iter().enumerate().map(group).collect(),
            lines.into_iter().chain(kinds).chain(spread).collect(),
        ]
    }

    /// Lengths of the groups' runs, each once.
    fn lengths(&self) -> Vec<usize> {
        distinct(self.groups.iter().filter(|group| !group.runs.is_empty()).map(|group| group.generations))
    }

    fn projections(&self) -> Panel {
        let mut marks = Vec::new();
        for (k, projection) in self.shown.projections.iter().take(DRAWN).enumerate() {
            let stroke = Stroke::solid(component_color(k), 3.8);
            marks.push(Mark::Line { points: counted(&projection.values), stroke });
        }
        for projection in self.shown.projections.iter().take(DRAWN) {
            if let Some(fit) = projection.fit {
                let points = (0..projection.values.len()).map(|t| (t as f64, fit.value(t as f64))).collect();
                marks.push(Mark::Line { points, stroke: FIT });
            }
        }
        let length = self.shown.projections.iter().map(|projection| projection.values.len()).max().unwrap_or(0);
        let title = [optimizer_label(&self.shown.optimizer), &self.shown.note].join(", ");
        Panel {
            title: title.trim_end_matches(", ").to_owned(),
            note: String::new(),
            x_label: "generation".to_owned(),
            y_label: "projection of the mean code".to_owned(),
            x: Axis::generations(length, 6),
            y: Axis::around(marks.iter().flat_map(Mark::ordinates), 5),
            marks,
        }
    }

    fn periods(&self, components: usize) -> Panel {
        let theory = (1..=components).map(|k| (k as f64, k as f64 / 2.0)).collect();
        let mut marks = vec![Mark::Line { points: theory, stroke: THEORY }];
        self.each(|index, group| marks.extend(means(index, group, self.groups.len(), |run| &run.periods, false)));
        self.component_panel("Frequency of the fitted cosine", "periods in a run", components, true, marks)
    }

    fn goodness(&self, components: usize) -> Panel {
        let mut marks = Vec::new();
        self.each(|index, group| {
            marks.extend(means(index, group, self.groups.len(), |run| &run.r_squared_fixed, true));
            marks.extend(means(index, group, self.groups.len(), |run| &run.r_squared_free, false));
        });
        self.component_panel("How well cosines fit", "R²", components, true, marks)
    }

    fn variance(&self) -> Panel {
        let runs = self.groups.iter().flat_map(|group| &group.runs);
        let components = runs.map(|run| run.explained_variance_ratio.len()).max().unwrap_or(0).max(1);
        let numbers = || (1..=components).map(|k| (k as f64, k));
        let limit = numbers().filter_map(|(x, k)| Some((x, limiting_ratio(k).ok()?))).collect();
        let mut marks = vec![Mark::Line { points: limit, stroke: THEORY }];
        for generations in self.lengths() {
            let ratio = |(x, k)| Some((x, explained_variance_ratio(k, generations).ok()?));
            marks.push(Mark::Line { points: numbers().filter_map(ratio).collect(), stroke: FINITE });
        }
        self.each(|index, group| {
            let spreads = by_component(group, |run| &run.explained_variance_ratio);
            let points = spreads.1.into_iter().filter(|point| point.1 > SMALLEST).collect();
            let symbol = Symbol::of(index);
            marks.push(Mark::Symbols { points, symbol, color: color(group), radius: 3.2, hollow: false });
        });
        self.component_panel("Explained variance", "share of the variance", components, false, marks)
    }

    fn each(&self, mut draw: impl FnMut(usize, &CosineGroup)) {
        self.groups.iter().enumerate().for_each(|(index, group)| draw(index, group));
    }

    fn component_panel(&self, title: &str, y_label: &str, components: usize, linear: bool, marks: Vec<Mark>) -> Panel {
        let ordinates = marks.iter().flat_map(Mark::ordinates);
        Panel {
            title: title.to_owned(),
            note: String::new(),
            x_label: "principal component k".to_owned(),
            y_label: y_label.to_owned(),
            x: match linear {
                true => Axis::linear(0.5, components as f64 + 0.5, components.min(10)),
                false => Axis::logarithmic([1.0, components as f64]),
            },
            y: if linear { Axis::from_zero(ordinates, 5) } else { Axis::logarithmic(ordinates) },
            marks,
        }
    }
}

/// Deviation and mean by component, numbered from 1.
#[allow(clippy::type_complexity, reason = "bars and points as the marks take them")]
fn by_component(group: &CosineGroup, values: fn(&CosineRun) -> &Vec<f64>) -> (Vec<(f64, f64, f64)>, Vec<(f64, f64)>) {
    let runs: Vec<Vec<f64>> = group.runs.iter().map(|run| values(run).clone()).collect();
    let spreads = by_generation(&runs);
    let bars = band(&spreads).into_iter().map(|(k, low, high)| (k + 1.0, low, high)).collect();
    (bars, line(&spreads).into_iter().map(|(k, mean)| (k + 1.0, mean)).collect())
}

/// Means with bars of one deviation, groups side by side; `fixed` is hollow and dashed.
fn means(
    index: usize,
    group: &CosineGroup,
    groups: usize,
    values: fn(&CosineRun) -> &Vec<f64>,
    fixed: bool,
) -> Vec<Mark> {
    let shift = 0.5 * ((index as f64 + 0.5) / groups as f64 - 0.5);
    let (bars, points) = by_component(group, values);
    let color = color(group);
    let bars = bars.into_iter().map(|(k, low, high)| (k + shift, low, high));
    let points: Vec<(f64, f64)> = points.into_iter().map(|(k, mean)| (k + shift, mean)).collect();
    let (width, dash) = if fixed { (1.2, Some(FIXED_DASH)) } else { (1.8, None) };
    vec![
        Mark::vertical_bars(bars, Stroke::solid(color, BAR)),
        Mark::Line { points: points.clone(), stroke: Stroke { color, width, dash } },
        Mark::Symbols { points, symbol: Symbol::of(index), color, radius: 3.0, hollow: fixed },
    ]
}

fn color(group: &CosineGroup) -> Color {
    optimizer_color(&group.optimizer).faded(if group.control { CONTROL } else { 1.0 })
}

fn component_color(k: usize) -> Color {
    sequential(0.1 + 0.9 * k as f64 / (DRAWN - 1) as f64).faded(0.72)
}
