//! How many of many equal things are done, on standard error.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::say;

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);
const TEMPLATE: &str = "{msg} [{bar:24}] {pos}/{len}, about {eta} left";

/// A bar on a terminal, a line every 15 seconds elsewhere, nothing if quiet.
pub struct ItemProgress {
    what: String,
    total: u64,
    done: u64,
    bar: ProgressBar,
    lines: bool,
    started: Instant,
    last_line: Instant,
}

impl ItemProgress {
    /// `what` is done with so many things: "scoring images".
    #[must_use]
    pub fn new(what: &str, total: usize, quiet: bool) -> Self {
        let (total, terminal) = (total as u64, stderr().is_terminal());
        let bar = if quiet || !terminal { ProgressBar::hidden() } else { ProgressBar::new(total) };
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style.progress_chars("=> ")).with_message(what.to_owned());
        let now = Instant::now();
        let lines = !quiet && !terminal;
        Self { what: what.to_owned(), total, done: 0, bar, lines, started: now, last_line: now }
    }

    /// So many more are done.
    pub fn advance(&mut self, done: usize) {
        self.done += done as u64;
        self.bar.set_position(self.done);
        if self.lines && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let left = self.started.elapsed().as_secs_f64() / self.done as f64 * (self.total - self.done) as f64;
            let left = Duration::try_from_secs_f64(left.max(0.0)).unwrap_or_default();
            say(&format!("{}: {} of {}, about {} left", self.what, self.done, self.total, HumanDuration(left)));
        }
    }
}

impl Drop for ItemProgress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_drawn() {
        ProgressStyle::with_template(TEMPLATE).unwrap();
    }
}
