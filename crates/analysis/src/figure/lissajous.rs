//! Pairs of principal projections: the Lissajous curves of a random walk.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{INK, sequential};

const FRAME: (f64, f64) = (178.0, 178.0);
const WIDTH: f64 = 3.0;
const IDEAL: Stroke = Stroke { color: INK, width: 1.0, dash: Some("4 2.5") };
const END: f64 = 3.6;

/// Two principal projections of one trajectory against each other, in the units of the code.
#[derive(Debug, Clone, PartialEq)]
pub struct LissajousPanel {
    /// Component on the x axis, counted from 1.
    pub horizontal: usize,
    /// Component on the y axis, counted from 1.
    pub vertical: usize,
    /// Projections generation by generation; points that are not finite are gaps.
    pub measured: Vec<(f64, f64)>,
    /// The same of cosines of half a period a component; may be empty.
    pub ideal: Vec<(f64, f64)>,
}

/// Lissajous curves, one row a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Lissajous {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Heading (for example an optimizer and a unit) and panels of every run.
    pub rows: Vec<(String, Vec<LissajousPanel>)>,
}

impl Lissajous {
    /// Draws the figure: measured curves from dark (first generation) to light (last), ideal ones dashed.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no projection is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let panels = || self.rows.iter().flat_map(|row| &row.1);
        let values = panels().flat_map(|panel| panel.measured.iter().map(|point| point.0 + point.1));
        check_any("lissajous", "pair of projections", values)?;
        let row = |(heading, panels): &(String, Vec<LissajousPanel>)| Row {
            heading: heading.clone(),
            panels: panels.iter().map(to_panel).collect(),
        };
        let rows = self.rows.iter().map(row).collect();
        let ramp = Entry { swatch: Swatch::Ramp, label: "measured, from the first generation to the last".to_owned() };
        let mut legend = vec![ramp, Entry::symbol(Symbol::Circle, sequential(0.0), true, "first generation")];
        if panels().any(|panel| !panel.ideal.is_empty()) {
            legend.push(Entry::line(IDEAL, "ideal: cosines of k/2 periods"));
        }
        Ok(Sheet { title: self.title.clone(), legend: vec![legend], rows, frame: FRAME }.to_svg())
    }
}

fn to_panel(panel: &LissajousPanel) -> Panel {
    let first = panel.measured.first().copied().into_iter().collect();
    let marks = vec![
        Mark::Shaded { points: panel.measured.clone(), width: WIDTH },
        Mark::Line { points: panel.ideal.clone(), stroke: IDEAL },
        Mark::Symbols { points: first, symbol: Symbol::Circle, color: sequential(0.0), radius: END, hollow: true },
    ];
    Panel {
        title: format!("PC{} and PC{}", panel.horizontal, panel.vertical),
        note: String::new(),
        x_label: format!("PC{}", panel.horizontal),
        y_label: format!("PC{}", panel.vertical),
        x: Axis::around(marks.iter().flat_map(Mark::abscissae), 3),
        y: Axis::around(marks.iter().flat_map(Mark::ordinates), 3),
        marks,
    }
}
