//! The source of the objectives of a campaign's runs.

use std::error::Error;

use optim_core::{Objective, Population};

use super::grid::Run;

/// Opens the objective of a run. Several workers call it at the same time.
///
/// Every closure `Fn(&Run) -> Result<impl Objective, E>` is one; any of its runs may go in lock step.
pub trait ObjectiveSource: Sync {
    /// What scores codes.
    type Objective: Objective;
    /// What runs that are faster together have in common: a loaded network, for example.
    type Key: PartialEq + Send;
    /// Why an objective cannot be had.
    type Error: Error + Send + Sync + 'static;

    /// Runs of equal keys may go in lock step, see [`Runner::together`](super::Runner::together).
    fn key(&self, run: &Run) -> Self::Key;

    /// The objective of a run; it is dropped when the run is over.
    ///
    /// `beside` is the objective of a run of the same key with which this run will be evaluated, so that both can share
    /// what the key stands for.
    ///
    /// # Errors
    /// If it cannot be had: the run then counts as failed, and the others go on.
    fn open(&self, run: &Run, beside: Option<&Self::Objective>) -> Result<Self::Objective, Self::Error>;

    /// The codes that a run starts from, whose SHA-256 its specification names; asked for such runs only. Without them the
    /// run fails.
    fn initial_codes(&self, _run: &Run) -> Option<Population> {
        None
    }
}

impl<F, O, E> ObjectiveSource for F
where
    F: Fn(&Run) -> Result<O, E> + Sync,
    O: Objective,
    E: Error + Send + Sync + 'static,
{
    type Objective = O;
    type Key = ();
    type Error = E;

    fn key(&self, _run: &Run) {}

    fn open(&self, run: &Run, _beside: Option<&O>) -> Result<O, E> {
        self(run)
    }
}
