//! What is seen of a run while it runs.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::Instant;

use experiments::{Event, Evolution, GenerationReport, Goal, Observer, RunStart};
use indicatif::{ProgressBar, ProgressStyle};

use crate::console::{say, significant, warn};

/// Where there is no terminal, so many lines a run at most.
const LINES: u32 = 10;

/// Shows a bar on a terminal, a line now and then elsewhere, nothing if quiet; keeps the warnings.
pub(crate) struct Progress {
    display: Display,
    goal: Goal,
    generations: u32,
    /// When the first generation of this process began, and the evaluations before it.
    started: (Instant, usize),
    warnings: Vec<String>,
    /// Whether a score that is not a number was warned of.
    missing: bool,
}

enum Display {
    Bar(ProgressBar),
    Lines,
    Quiet,
}

impl Progress {
    pub(crate) fn new(quiet: bool, goal: Goal) -> Self {
        let display = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Display::Quiet,
            (false, true) => Display::Bar(bar()),
            (false, false) => Display::Lines,
        };
        Self { display, goal, generations: 0, started: (Instant::now(), 0), warnings: Vec::new(), missing: false }
    }

    /// Shows a warning and keeps it.
    pub(crate) fn warn(&mut self, text: String) {
        match &self.display {
            Display::Bar(bar) => bar.suspend(|| warn(&text)),
            Display::Lines | Display::Quiet => warn(&text),
        }
        self.warnings.push(text);
    }

    /// The warnings so far.
    pub(crate) fn into_warnings(self) -> Vec<String> {
        self.warnings
    }

    fn message(&self, report: &GenerationReport<'_>) -> String {
        let best = report.best_clean.map_or(f64::NAN, |best| best.score);
        let (since, before) = self.started;
        let rate = (report.evaluations - before) as f64 / since.elapsed().as_secs_f64();
        format!(
            "best {}, mean {}, code norm {:.1}, {rate:.0} images/s",
            significant(best),
            significant(report.mean_score),
            report.mean_norm
        )
    }
}

fn bar() -> ProgressBar {
    // The template is a constant that the tests parse.
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// The message is cut where the terminal is too narrow for it.
const TEMPLATE: &str = "{bar:8} {pos}/{len} {wide_msg} {eta} left";

impl Observer for Progress {
    fn on_start(&mut self, start: &RunStart) -> ControlFlow<()> {
        self.generations = start.generations;
        self.started.0 = Instant::now();
        if let Display::Bar(bar) = &self.display {
            bar.set_length(u64::from(start.generations));
        }
        ControlFlow::Continue(())
    }

    fn on_generation(&mut self, report: &GenerationReport<'_>) -> ControlFlow<()> {
        let done = report.generation + 1;
        let missing = report.clean.iter().filter(|score| score.is_nan()).count();
        if missing > 0 && !self.missing {
            self.missing = true;
            let (codes, generation) = (report.clean.len(), report.generation);
            self.warn(format!(
                "{missing} of {codes} scores of generation {generation} are not numbers (NaN): they count as missing, and means leave them out"
            ));
        }
        if report.replayed {
            self.started = (Instant::now(), report.evaluations);
        }
        match &self.display {
            Display::Bar(bar) if report.replayed => bar.set_position(u64::from(done)),
            Display::Bar(bar) => {
                bar.set_position(u64::from(done));
                bar.set_message(self.message(report));
            }
            Display::Lines if !report.replayed => {
                if done == self.generations || done.is_multiple_of(self.generations.div_ceil(LINES)) {
                    say(&format!("generation {done}/{}: {}", self.generations, self.message(report)));
                }
            }
            Display::Lines | Display::Quiet => {}
        }
        ControlFlow::Continue(())
    }

    fn on_warning(&mut self, event: &Event) {
        if let Some(text) = event_in_words(event, self.goal) {
            self.warn(text);
        }
    }

    fn on_end(&mut self, _evolution: &Evolution) {
        if let Display::Bar(bar) = &self.display {
            bar.abandon();
        }
    }
}

/// An event in words.
pub(crate) fn event_in_words(event: &Event, goal: Goal) -> Option<String> {
    let (Event::Unresponsive { generations, score } | Event::Standstill { generations, score }) = *event else {
        return None;
    };
    let same = format!("all images of {generations} generations in a row had the score {}", significant(score));
    Some(match (event, goal) {
        (Event::Standstill { .. }, _) => format!("{same}, though earlier ones differed: the optimizer stands still"),
        (_, Goal::Maximize) => format!("{same}: the unit does not respond; try another unit, seed or optimizer"),
        (_, Goal::Minimize) => format!("{same}: the unit is silent, or does not respond to these images at all"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_drawn() {
        ProgressStyle::with_template(TEMPLATE).unwrap();
    }

    #[test]
    fn a_silent_unit_is_a_fault_of_maximizing_only() {
        let event = Event::Unresponsive { generations: 5, score: 0.0 };
        let text = |goal| event_in_words(&event, goal).unwrap();
        assert!(text(Goal::Maximize).contains("5 generations in a row had the score 0: the unit does not respond"));
        assert!(text(Goal::Minimize).contains("the unit is silent"));
        let event = Event::Standstill { generations: 5, score: 0.0 };
        assert!(event_in_words(&event, Goal::Maximize).unwrap().ends_with("the optimizer stands still"));
    }
}
