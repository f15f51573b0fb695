//! What is running and how long it will take, on stderr.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// A bar on a terminal, an occasional line elsewhere.
pub struct Progress {
    what: String,
    total: u64,
    done: AtomicU64,
    started: Instant,
    display: Display,
}

enum Display {
    Bar(ProgressBar),
    /// When the last line was written.
    Lines(Mutex<Instant>),
}

impl Progress {
    /// Begins; `total` is in steps of equal cost.
    #[must_use]
    pub fn start(what: &str, total: u64) -> Self {
        let display = if stderr().is_terminal() { Display::Bar(bar(what, total)) } else { lines(what) };
        Self { what: what.to_owned(), total, done: AtomicU64::new(0), started: Instant::now(), display }
    }

    /// So many steps more are done.
    pub fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        match &self.display {
            Display::Bar(bar) => bar.inc(steps),
            Display::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= LINE_EVERY {
                    *last = Instant::now();
                    self.line(done);
                }
            }
        }
    }

    /// Ends.
    pub fn finish(&self) {
        match &self.display {
            Display::Bar(bar) => bar.finish(),
            Display::Lines(_) => eprintln!("{}: done in {}", self.what, HumanDuration(self.started.elapsed())),
        }
    }

    fn line(&self, done: u64) {
        let share = done as f64 / self.total.max(1) as f64;
        let elapsed = self.started.elapsed().as_secs_f64();
        let left = Duration::try_from_secs_f64((elapsed / share - elapsed).max(0.0)).unwrap_or_default();
        eprintln!("{}: {:.0} %, about {} left", self.what, 100.0 * share, HumanDuration(left));
    }
}

fn bar(what: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total).with_message(what.to_owned());
    let template = "{msg} [{bar:32}] {percent:>3} %, {elapsed} gone, about {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

fn lines(what: &str) -> Display {
    eprintln!("{what} ...");
    Display::Lines(Mutex::new(Instant::now()))
}
