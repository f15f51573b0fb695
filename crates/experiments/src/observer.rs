//! What watches a run: progress bars, logs, image grids, Ctrl-C.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use optim_core::Population;

use crate::record::{BestCode, Evolution};

/// What an observer learns before the first generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunStart {
    /// Length N of a code.
    pub dim: usize,
    /// Generations that the run is to score.
    pub generations: u32,
    /// Of these, generations that are replayed from a journal, without evaluation.
    pub journalled: u32,
}

/// One generation, scored and told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GenerationReport<'a> {
    /// The generation, counted from 0.
    pub generation: u32,
    /// Whether it comes from a journal.
    pub replayed: bool,
    /// Its codes, `N x lambda`.
    pub codes: &'a Population,
    /// Clean scores, one a code.
    pub clean: &'a [f64],
    /// Scores that the method saw, one a code.
    pub noisy: &'a [f64],
    /// The best clean score so far.
    pub best_clean: Option<&'a BestCode>,
    /// The best noisy score so far: with noise this is the luckiest draw.
    pub best_noisy: Option<&'a BestCode>,
    /// Mean of the generation's clean scores, NaN left out.
    pub mean_score: f64,
    /// Mean Euclidean norm of the generation's codes.
    pub mean_norm: f64,
    /// Named scalars of the method's state after it was told.
    pub diagnostics: &'a [(&'static str, f64)],
    /// Time that the run has taken so far, journalled generations included.
    pub elapsed: Duration,
    /// Codes scored so far.
    pub evaluations: usize,
}

/// Something that a user should know of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// All codes of several generations in a row had the same clean score, and so had all before: the unit is dead.
    Unresponsive {
        /// Generations in a row.
        generations: u32,
        /// The score.
        score: f64,
    },
    /// All codes of several generations in a row had the same clean score, though earlier scores differed.
    Standstill {
        /// Generations in a row.
        generations: u32,
        /// The score.
        score: f64,
    },
}

/// Watches a run. `Break` ends it after the current generation; everything is recorded.
pub trait Observer {
    /// Before the first generation.
    fn on_start(&mut self, _start: &RunStart) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// After each generation, those of a journal included.
    fn on_generation(&mut self, report: &GenerationReport<'_>) -> ControlFlow<()>;

    /// When something looks wrong; once for each such thing.
    fn on_warning(&mut self, _event: &Event) {}

    /// After the last generation.
    fn on_end(&mut self, _evolution: &Evolution) {}
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn on_start(&mut self, start: &RunStart) -> ControlFlow<()> {
        (**self).on_start(start)
    }

    fn on_generation(&mut self, report: &GenerationReport<'_>) -> ControlFlow<()> {
        (**self).on_generation(report)
    }

    fn on_warning(&mut self, event: &Event) {
        (**self).on_warning(event);
    }

    fn on_end(&mut self, evolution: &Evolution) {
        (**self).on_end(evolution);
    }
}

/// Ends a run when a flag is set, as a Ctrl-C handler does.
#[derive(Clone, Debug)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Watches the caller's flag.
    #[must_use]
    pub fn new(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// The flag that it watches.
    #[must_use]
    pub fn shared(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    fn check(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Observer for StopFlag {
    fn on_start(&mut self, _start: &RunStart) -> ControlFlow<()> {
        self.check()
    }

    fn on_generation(&mut self, _report: &GenerationReport<'_>) -> ControlFlow<()> {
        self.check()
    }
}
