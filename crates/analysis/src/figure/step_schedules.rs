//! Angular step sizes of SphereCMA by generation, and a drawing of one step.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::facets::counted;
use super::legend::{self, Entry};
use super::panel::{HEAD, Mark, Panel};
use super::sheet::{MARGIN, heading};
use super::step_scheme;
use super::svg::{Canvas, Rect, Stroke, Symbol};
use super::text;
use crate::style::{MUTED, optimizer_color, optimizer_label};

const FRAME: (f64, f64) = (420.0, 290.0);
const GAP: f64 = 46.0;
const DASHES: [Option<&str>; 3] = [None, Some("7 3"), Some("2 2.5")];

/// Step sizes of one schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Name of the optimizer on the command line, for example `sphere-cma-inv`.
    pub optimizer: String,
    /// Typical angle between a sample and the mean, degrees, generation by generation.
    pub degrees: Vec<f64>,
    /// The same angle measured from the samples of runs, `(generation, degrees)`; may be empty.
    pub measured: Vec<(f64, f64)>,
}

/// Schedules of the angular step, and the scheme of a step on the sphere.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSchedules {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// The schedules.
    pub schedules: Vec<Schedule>,
}

impl StepSchedules {
    /// Draws the figure: the scheme on the left, degrees by generation on the right.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no step size is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let degrees = self.schedules.iter().flat_map(|schedule| schedule.degrees.iter().copied());
        check_any("step_schedules", "step size", degrees)?;
        let mut canvas = Canvas::new();
        let panel = self.panel();
        let left = MARGIN + step_scheme::WIDTH + GAP + panel.left_margin();
        let width = left + FRAME.0 + MARGIN + 8.0;
        let legend = self.legend();
        let widest = text::width(&self.title, super::sheet::TITLE_SIZE, true).max(legend::widest(&legend));
        let width = width.max(2.0 * MARGIN + widest);
        let mut top = heading(&mut canvas, &self.title);
        top += legend::draw(&mut canvas, MARGIN, top, width - 2.0 * MARGIN, &legend) + 8.0;
        let frame = Rect { x: left, y: top + HEAD, width: FRAME.0, height: FRAME.1 };
        panel.draw(&mut canvas, frame);
        let bottom = frame.bottom() + panel.bottom_margin();
        step_scheme::draw(&mut canvas, Rect { x: MARGIN, y: top, width: step_scheme::WIDTH, height: bottom - top });
        Ok(canvas.finish(width, bottom + MARGIN, &self.title))
    }

    fn strokes(&self) -> impl Iterator<Item = (&Schedule, Stroke)> {
        let dashes = DASHES.iter().cycle();
        let stroke = |(schedule, dash): (_, &Option<&'static str>)| {
            let schedule: &Schedule = schedule;
            (schedule, Stroke { color: optimizer_color(&schedule.optimizer), width: 2.4, dash: *dash })
        };
        self.schedules.iter().zip(dashes).map(stroke)
    }

    fn legend(&self) -> Vec<Vec<Entry>> {
        let entry = |(schedule, stroke): (&Schedule, Stroke)| Entry::line(stroke, optimizer_label(&schedule.optimizer));
        let mut entries: Vec<Entry> = self.strokes().map(entry).collect();
        if self.schedules.iter().any(|schedule| !schedule.measured.is_empty()) {
            entries.push(Entry::symbol(Symbol::Circle, MUTED, true, "measured, mean over runs"));
        }
        vec![entries]
    }

    fn panel(&self) -> Panel {
        let line = |(schedule, stroke): (&Schedule, Stroke)| Mark::Line { points: counted(&schedule.degrees), stroke };
        let symbols = |schedule: &Schedule| Mark::Symbols {
            points: schedule.measured.clone(),
            symbol: Symbol::Circle,
            color: optimizer_color(&schedule.optimizer),
            radius: 3.0,
            hollow: true,
        };
        let marks: Vec<Mark> = self.strokes().map(line).chain(self.schedules.iter().map(symbols)).collect();
        let longest = self.schedules.iter().map(|schedule| schedule.degrees.len()).max().unwrap_or(0);
        Panel {
            title: "Angle between base point and samples".to_owned(),
            note: String::new(),
            x_label: "generation after the first".to_owned(),
            y_label: "degrees".to_owned(),
            x: Axis::generations(longest, 6),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 6),
            marks,
        }
    }
}
