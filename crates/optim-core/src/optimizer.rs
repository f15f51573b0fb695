//! The ask/tell contract.

use rand::Rng;

use crate::{ConfigError, Population, TellError};

/// A black-box **maximizer** of a function of latent codes.
///
/// ```text
/// loop { ask(rng) -> codes; score them; tell(codes, scores) }
/// ```
///
/// Column `i` of the codes told is column `i` of the codes asked. The caller may have changed its values
/// (rounded, clipped, replaced), but not the number of columns. `ask` draws all random numbers; `tell`
/// draws none. A second `ask` before `tell` replaces the generation of the first.
pub trait Optimizer: Send {
    /// Length N of a code.
    fn dim(&self) -> usize;

    /// Number of generations told so far.
    fn generation(&self) -> u64;

    /// Starts from the given codes instead of the method's own first generation.
    ///
    /// The documentation of each method says what it makes of them. Call this before the first `ask`.
    ///
    /// # Errors
    /// If codes were asked for already, or if these do not fit.
    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError>;

    /// Writes the next generation into `out`, whose shape it sets: `N x lambda`, where lambda may
    /// differ between generations (1, 40 or 41 with the published methods).
    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population);

    /// Takes one score for each code; higher is better.
    ///
    /// NaN ranks last; infinities are allowed. An error leaves the state as it was.
    ///
    /// # Errors
    /// [`TellError`] names the shape, the code or the scores that do not fit.
    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError>;

    /// The code that the method recommends: the mean of its distribution where it has one, else the
    /// incumbent. Length N; zeros before the first `tell`.
    fn recommend(&self) -> &[f64];

    /// The best code told so far and its score as told. Under noise this is the luckiest draw.
    fn incumbent(&self) -> Option<(&[f64], f64)>;

    /// Named scalars of the state: step size, path lengths, condition number, angle.
    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}

/// Implements [`Optimizer`] by passing every call on to `$inner`, or `$inner_mut` where it changes.
macro_rules! delegate {
    ($self:ident => $inner:expr, $inner_mut:expr) => {
        fn dim(&$self) -> usize {
            $inner.dim()
        }
        fn generation(&$self) -> u64 {
            $inner.generation()
        }
        fn start_from(&mut $self, codes: &$crate::Population) -> Result<(), $crate::ConfigError> {
            $inner_mut.start_from(codes)
        }
        fn ask(&mut $self, rng: &mut dyn $crate::rand::Rng, out: &mut $crate::Population) {
            $inner_mut.ask(rng, out);
        }
        fn tell(&mut $self, codes: &$crate::Population, scores: &[f64]) -> Result<(), $crate::TellError> {
            $inner_mut.tell(codes, scores)
        }
        fn recommend(&$self) -> &[f64] {
            $inner.recommend()
        }
        fn incumbent(&$self) -> Option<(&[f64], f64)> {
            $inner.incumbent()
        }
        fn diagnostics(&$self) -> Vec<(&'static str, f64)> {
            $inner.diagnostics()
        }
    };
}
pub(crate) use delegate;

impl<O: Optimizer + ?Sized> Optimizer for Box<O> {
    delegate!(self => (**self), (**self));
}

impl<O: Optimizer + ?Sized> Optimizer for &mut O {
    delegate!(self => (**self), (**self));
}

/// A minimizer made of a maximizer: it takes losses and reports losses. No sign changes elsewhere.
#[derive(Clone, Debug)]
pub struct Minimize<O>(pub O);

impl<O: Optimizer> Optimizer for Minimize<O> {
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn generation(&self) -> u64 {
        self.0.generation()
    }
    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.0.start_from(codes)
    }
    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        self.0.ask(rng, out);
    }
    fn tell(&mut self, codes: &Population, losses: &[f64]) -> Result<(), TellError> {
        let scores: Vec<f64> = losses.iter().map(|loss| -loss).collect();
        self.0.tell(codes, &scores)
    }
    fn recommend(&self) -> &[f64] {
        self.0.recommend()
    }
    fn incumbent(&self) -> Option<(&[f64], f64)> {
        self.0.incumbent().map(|(code, score)| (code, -score))
    }
    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.0.diagnostics()
    }
}
