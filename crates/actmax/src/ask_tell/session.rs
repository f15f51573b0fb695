//! A method between two messages: codes are out, their scores are awaited.

use optim_core::{AnyOptimizer, Method, Minimize, Optimizer, Population, Stream, TellError, stream_rng};

use super::opening::{OpeningError, Start};
use super::reply::Conclusion;
use super::state::{SavedSession, StateError};

/// A method whose present generation is always asked for.
///
/// There is no loop here: every turn is a message of the client.
#[derive(Debug)]
pub(super) struct Session {
    method: Method,
    optimizer: AnyOptimizer,
    maximize: bool,
    seed: u64,
    /// The generation that is out, `N x lambda`.
    codes: Population,
}

impl Session {
    /// Begins and asks for the first generation.
    pub(super) fn start(start: Start) -> Result<Self, OpeningError> {
        let Start { method, dim, seed, generations, maximize, x0, .. } = start;
        let method = match generations {
            Some(generations) => method.for_generations(generations as usize),
            None => method,
        };
        let mut optimizer = method.build(dim)?;
        if let Some(x0) = &x0 {
            optimizer.start_from(x0)?;
        }
        Ok(Self::over(method, optimizer, maximize, seed))
    }

    /// Goes on from what [`save`](Self::save) gave and asks for the same generation again.
    pub(super) fn restore(state: &str) -> Result<Self, OpeningError> {
        let SavedSession { method, optimizer, maximize, seed } = SavedSession::decode(state)?;
        Ok(Self::over(method, optimizer, maximize, seed))
    }

    fn over(method: Method, optimizer: AnyOptimizer, maximize: bool, seed: u64) -> Self {
        let codes = Population::new(optimizer.dim());
        let mut session = Self { method, optimizer, maximize, seed, codes };
        session.propose();
        session
    }

    fn propose(&mut self) {
        let mut rng = stream_rng(self.seed, Stream::Method, self.generation());
        self.optimizer.ask(&mut rng, &mut self.codes);
    }

    /// Number of the generation that is out, from 0.
    pub(super) fn generation(&self) -> u64 {
        self.optimizer.generation()
    }

    /// The generation that is out.
    pub(super) fn codes(&self) -> &Population {
        &self.codes
    }

    /// Takes the scores of the generation that is out and asks for the next one. An error leaves
    /// everything as it was.
    #[expect(clippy::disallowed_methods, reason = "the loop is the client's")]
    pub(super) fn tell(&mut self, scores: &[f64]) -> Result<(), TellError> {
        if self.maximize {
            self.optimizer.tell(&self.codes, scores)?;
        } else {
            Minimize(&mut self.optimizer).tell(&self.codes, scores)?;
        }
        self.propose();
        Ok(())
    }

    /// What came of it.
    pub(super) fn conclude(&mut self) -> Conclusion {
        let owned = |(code, score): (&[f64], f64)| (code.to_vec(), score);
        let recommendation = self.optimizer.recommend().to_vec();
        let diagnostics = self.optimizer.diagnostics();
        let best = if self.maximize {
            self.optimizer.incumbent().map(owned)
        } else {
            Minimize(&mut self.optimizer).incumbent().map(owned)
        };
        Conclusion { recommendation, best, diagnostics }
    }

    /// The whole session as text; [`restore`](Self::restore) continues it, with the same generation out.
    pub(super) fn save(&self) -> Result<String, StateError> {
        let (method, optimizer) = (self.method.clone(), self.optimizer.clone());
        SavedSession { method, optimizer, maximize: self.maximize, seed: self.seed }.encode()
    }
}
