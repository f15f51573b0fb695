//! How far a campaign is, on standard error.

use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use experiments::campaign::{Damage, Failure, Run, Watcher};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::{say, warn};

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);
/// The name of the campaign is cut where the terminal is too narrow for it.
const TEMPLATE: &str = "[{bar:24}] {percent:>3} %, {elapsed} gone, about {eta} left  {wide_msg}";

/// A bar on a terminal, a line now and then elsewhere; warnings and failures alone if quiet.
pub struct CampaignProgress {
    title: String,
    quiet: bool,
    state: Mutex<State>,
}

struct State {
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Instant,
    /// In generations.
    done: u64,
    total: u64,
    runs: usize,
    of_runs: usize,
}

impl CampaignProgress {
    /// `title` names the campaign.
    #[must_use]
    pub fn new(title: &str, quiet: bool) -> Self {
        let now = Instant::now();
        let state = State { bar: None, started: now, last_line: now, done: 0, total: 0, runs: 0, of_runs: 0 };
        Self { title: title.to_owned(), quiet, state: Mutex::new(state) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.with(|state| {
            if let Some(bar) = state.bar.take() {
                bar.abandon();
            }
        });
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    fn say(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn line(&self, title: &str) -> String {
        let share = self.done as f64 / self.total.max(1) as f64;
        let gone = self.started.elapsed().as_secs_f64();
        let left = Duration::try_from_secs_f64((gone / share - gone).max(0.0)).unwrap_or_default();
        let (runs, of) = (self.runs, self.of_runs);
        format!("{title}: {runs} of {of} runs, {:.0} %, about {} left", 100.0 * share, HumanDuration(left))
    }
}

/// Bytes in the unit that suits them.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        mb if mb >= 10_000.0 => format!("{:.1} GB", mb / 1e3),
        mb => format!("{mb:.1} MB"),
    }
}

fn bar(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style.progress_chars("=> "));
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

impl Watcher for CampaignProgress {
    fn on_start(&self, to_run: &[&Run], done: usize, bytes: u64) {
        self.with(|state| {
            let total = to_run.iter().map(|run| u64::from(run.spec.generations)).sum();
            let now = Instant::now();
            (state.started, state.last_line) = (now, now);
            (state.total, state.of_runs) = (total, to_run.len());
            if self.quiet {
                return;
            }
            let before = if done > 0 { format!(", {done} are done") } else { String::new() };
            say(&format!("{}: {} runs to make{before}; {} to write", self.title, to_run.len(), megabytes(bytes)));
            state.bar = stderr().is_terminal().then(|| bar(total).with_message(self.title.clone()));
        });
    }

    fn on_damage(&self, damage: &Damage) {
        warn(&format!(
            "{} is damaged ({}): set aside, {} is made again",
            damage.path.display(),
            damage.reason,
            damage.run
        ));
    }

    fn on_generation(&self, _run: &Run) {
        self.with(|state| {
            state.done += 1;
            match &state.bar {
                Some(bar) => bar.inc(1),
                None if !self.quiet && state.last_line.elapsed() >= LINE_EVERY => {
                    state.last_line = Instant::now();
                    say(&state.line(&self.title));
                }
                None => {}
            }
        });
    }

    fn on_run(&self, _run: &Run, failure: Option<&Failure>) {
        self.with(|state| {
            state.runs += 1;
            if let Some(failure) = failure {
                state.say(|| warn(&format!("failed: {}: {}", failure.run, failure.reason)));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_can_be_drawn() {
        ProgressStyle::with_template(TEMPLATE).unwrap();
    }

    #[test]
    fn sizes_are_readable() {
        assert_eq!([2_500_000, 45_000_000_000].map(megabytes), ["2.5 MB", "45.0 GB"]);
    }
}
