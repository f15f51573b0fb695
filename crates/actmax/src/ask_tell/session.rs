//! A method between two messages: codes are out, their scores are awaited.

use optim_core::{AnyOptimizer, Method, Minimize, Optimizer, Population, Stream, TellError, stream_rng};

use super::opening::{Opening, OpeningError, Start};
use super::state::{Saved, StateError};

/// A method whose present generation is always asked for.
///
/// There is no loop here: every turn is a message of the client.
#[derive(Debug)]
pub(crate) struct Session {
    method: Method,
    optimizer: AnyOptimizer,
    maximize: bool,
    seed: u64,
    /// The generation that is out, `N x lambda`.
    codes: Population,
}

impl Session {
    /// Begins, or goes on, and asks for the present generation.
    pub(crate) fn open(opening: Opening) -> Result<Self, OpeningError> {
        let mut session = match opening {
            Opening::New(start) => Self::start(start)?,
            Opening::Resume(state) => Self::restore(Saved::decode(&state)?),
        };
        session.propose();
        Ok(session)
    }

    fn start(start: Start) -> Result<Self, OpeningError> {
        let Start { method, dim, seed, maximize, x0 } = start;
        let mut optimizer = method.build(dim)?;
        if let Some(x0) = &x0 {
            optimizer.start_from(x0)?;
        }
        Ok(Self { method, optimizer, maximize, seed, codes: Population::new(dim) })
    }

    fn restore(saved: Saved) -> Self {
        let Saved { method, optimizer, maximize, seed } = saved;
        let codes = Population::new(optimizer.dim());
        Self { method, optimizer, maximize, seed, codes }
    }

    fn propose(&mut self) {
        let mut rng = stream_rng(self.seed, Stream::Method, self.generation());
        self.optimizer.ask(&mut rng, &mut self.codes);
    }

    /// Number of the generation that is out, from 0.
    pub(crate) fn generation(&self) -> u64 {
        self.optimizer.generation()
    }

    /// The generation that is out.
    pub(crate) fn codes(&self) -> &Population {
        &self.codes
    }

    /// Takes the scores of the generation that is out and asks for the next one. An error leaves
    /// everything as it was.
    #[expect(clippy::disallowed_methods, reason = "the loop is the client's")]
    pub(crate) fn tell(&mut self, scores: &[f64]) -> Result<(), TellError> {
        if self.maximize {
            self.optimizer.tell(&self.codes, scores)?;
        } else {
            Minimize(&mut self.optimizer).tell(&self.codes, scores)?;
        }
        self.propose();
        Ok(())
    }

    /// The code that the method would stand by.
    pub(crate) fn recommendation(&self) -> &[f64] {
        self.optimizer.recommend()
    }

    /// The code with the best score told, the lowest one if that is sought.
    pub(crate) fn best(&mut self) -> Option<(Vec<f64>, f64)> {
        let owned = |(code, score): (&[f64], f64)| (code.to_vec(), score);
        if self.maximize {
            self.optimizer.incumbent().map(owned)
        } else {
            Minimize(&mut self.optimizer).incumbent().map(owned)
        }
    }

    /// Named scalars of the method's state.
    pub(crate) fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.optimizer.diagnostics()
    }

    /// The whole session as text; [`Opening::Resume`] continues it, with the same generation out.
    pub(crate) fn save(&self) -> Result<String, StateError> {
        let (method, optimizer) = (self.method.clone(), self.optimizer.clone());
        Saved { method, optimizer, maximize: self.maximize, seed: self.seed }.encode()
    }
}
