//! Sequential least-squares programming without constraints, one evaluation at a time.
//!
//! # References
//! * Kraft, "A software package for sequential quadratic programming", DFVLR-FB 88-28, 1988.

use nalgebra::{DMatrix, DVector};

use crate::linalg::{axpy, dot, scale};

/// Forward-difference step: the root of the machine epsilon.
const STEP: f64 = 1.490_116_119_384_765_6e-8;

/// Iterations after which a search ends (`maxiter` 100 of the reference, which stops before the last).
const ITERATIONS: usize = 99;

/// Resets of the Hessian, the first included, that a search may have.
const RESETS: usize = 5;

/// What is evaluated next.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Phase {
    /// The start of a search.
    Value,
    /// x with a step in this component.
    Gradient(usize),
    /// A point of the line search, with its number, from 1.
    Line(usize),
}

/// A quasi-Newton ascent with an inexact line search that starts again where it ended, for ever.
///
/// ```text
/// search  f = f(x);  g_j = (f(x + h e_j) - f)/h, j = 0..N-1, h = 1.49e-8;  H = I
///         s = H g;  slope = g's;  not above 0: H = I and again, the fifth time: end
///         line:  x = x0 + s;  until f - f0 >= slope/10, at most 11 times:
///                alpha = max(slope/(2 (slope - (f - f0))), 0.1);  s *= alpha;  slope *= alpha
///         gradient at x;  u = g0 - g,  v = B s,  B = H^-1
///         damped (Powell 1978): where s'u < s'v/5, u moves towards v until they are equal
///         B += u u'/(s'u) - v v'/(s'v)
/// end     after 99 iterations, or where nothing finite ascends: x = the best end so far; next search
/// ```
///
/// The tolerance is 0, as nevergrad sets it, so that no search converges. A value or gradient at a point where it is
/// known is not evaluated again. Scipy keeps factors of B; here it is H, which is dense (`N x N`) once the second gradient
/// is complete, that is after more than 2 N evaluations.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Slsqp {
    phase: Phase,
    x: Vec<f64>,
    f: f64,
    g: Vec<f64>,
    /// Whether `g` is the gradient at `x`.
    gradient_known: bool,
    /// Where the line search began, with value and gradient.
    x0: Vec<f64>,
    f0: f64,
    g0: Vec<f64>,
    s: Vec<f64>,
    slope: f64,
    /// Product of the step lengths of the line search: `v = B s` is that times `g0`.
    shrunk: f64,
    /// `None`: the identity.
    h: Option<DMatrix<f64>>,
    iterations: usize,
    resets: usize,
    best: Option<(Vec<f64>, f64)>,
}

impl Slsqp {
    pub(super) fn new(start: Vec<f64>) -> Self {
        let zeros = vec![0.0; start.len()];
        Self {
            phase: Phase::Value,
            x: start,
            f: 0.0,
            g: zeros.clone(),
            gradient_known: false,
            x0: zeros.clone(),
            f0: 0.0,
            g0: zeros.clone(),
            s: zeros,
            slope: 0.0,
            shrunk: 1.0,
            h: None,
            iterations: 0,
            resets: 0,
            best: None,
        }
    }

    /// An upper estimate of the numbers of 8 bytes that a search holds at once. The matrix comes with
    /// the second gradient; an update takes two more for a while.
    pub(super) fn numbers_held(dim: f64, evaluations: f64) -> f64 {
        let matrices = if evaluations > 2.0 * dim { 3.0 * dim * dim } else { 0.0 };
        8.0 * dim + matrices
    }

    /// Writes the point that is to be evaluated.
    pub(super) fn point(&self, out: &mut [f64]) {
        out.copy_from_slice(&self.x);
        if let Phase::Gradient(j) = self.phase {
            out[j] += step(self.x[j]);
        }
    }

    /// Takes the score of that point.
    pub(super) fn tell(&mut self, score: f64) {
        match self.phase {
            Phase::Value => {
                self.f = score;
                self.phase = Phase::Gradient(0);
                self.gradient_known = false;
                (self.iterations, self.resets, self.h) = (0, 1, None);
            }
            Phase::Gradient(j) => {
                let h = (self.x[j] + step(self.x[j])) - self.x[j];
                self.g[j] = (score - self.f) / h;
                if j + 1 < self.x.len() {
                    self.phase = Phase::Gradient(j + 1);
                } else {
                    self.gradient_known = true;
                    self.go_on();
                }
            }
            Phase::Line(line) => {
                self.f = score;
                if self.line_search(line) {
                    self.go_on();
                }
            }
        }
    }

    /// Iterates until something has to be evaluated. Gradient and value at x are known, or its value at
    /// the end of a line search.
    fn go_on(&mut self) {
        loop {
            if !self.gradient_known {
                self.phase = Phase::Gradient(0);
                return;
            }
            if self.iterations > 0 {
                self.learn();
            }
            if !self.direct() {
                return self.end();
            }
            if !self.line_search(0) {
                return;
            }
        }
    }

    /// Chooses a direction of ascent, or says that the search ends.
    fn direct(&mut self) -> bool {
        loop {
            self.iterations += 1;
            if self.iterations > ITERATIONS || self.resets > RESETS {
                return false;
            }
            match &self.h {
                None => self.s.copy_from_slice(&self.g),
                Some(h) => self.s.copy_from_slice((h * DVector::from_column_slice(&self.g)).as_slice()),
            }
            self.slope = dot(&self.g, &self.s);
            if !self.slope.is_finite() {
                return false;
            }
            self.x0.copy_from_slice(&self.x);
            self.g0.copy_from_slice(&self.g);
            (self.f0, self.shrunk) = (self.f, 1.0);
            if self.slope > 0.0 {
                return true;
            }
            self.reset();
        }
    }

    fn reset(&mut self) {
        self.h = None;
        self.resets += 1;
    }

    /// Goes on with the line search after its point number `line` (0: before the first): `true` when it has ended, else
    /// the next point waits for its value.
    fn line_search(&mut self, mut line: usize) -> bool {
        loop {
            let gain = self.f - self.f0;
            if line > 0 {
                // A score that is not a number gains nothing.
                if gain >= self.slope / 10.0 || line > 10 {
                    return true;
                }
                let alpha = (self.slope / (2.0 * (self.slope - gain))).max(0.1);
                scale(alpha, &mut self.s);
                self.slope *= alpha;
                self.shrunk *= alpha;
            }
            line += 1;
            let mut next = self.x0.clone();
            axpy(1.0, &self.s, &mut next);
            if next != self.x {
                self.x = next;
                self.gradient_known = false;
                self.phase = Phase::Line(line);
                return false;
            }
        }
    }

    /// The damped BFGS update, of the inverse.
    fn learn(&mut self) {
        let mut u: Vec<f64> = self.g0.iter().zip(&self.g).map(|(old, new)| old - new).collect();
        let v: Vec<f64> = self.g0.iter().map(|g| self.shrunk * g).collect();
        let (mut su, sv) = (dot(&self.s, &u), dot(&self.s, &v));
        let least = 0.2 * sv;
        if su < least {
            let share = (sv - least) / (sv - su);
            scale(share, &mut u);
            axpy(1.0 - share, &v, &mut u);
            su = least;
        }
        if su == 0.0 || sv == 0.0 || !(su + sv).is_finite() {
            return self.reset();
        }
        let n = self.x.len();
        let h = self.h.get_or_insert_with(|| DMatrix::identity(n, n));
        let (s, u) = (DVector::from_column_slice(&self.s), DVector::from_vec(u));
        // (I - s u'/su) H (I - u s'/su) + s s'/su
        let hu = &*h * &u;
        h.ger((1.0 + u.dot(&hu) / su) / su, &s, &s, 1.0);
        h.ger(-1.0 / su, &hu, &s, 1.0);
        h.ger(-1.0 / su, &s, &hu, 1.0);
    }

    /// Ends a search; the next one starts at the best end.
    fn end(&mut self) {
        if self.x.iter().all(|x| x.is_finite()) && self.best.as_ref().is_none_or(|(_, best)| self.f > *best) {
            self.best = Some((self.x.clone(), self.f));
        }
        if let Some((best, _)) = &self.best {
            self.x.copy_from_slice(best);
        }
        self.phase = Phase::Value;
    }
}

/// The forward-difference step at a component; larger where the component would swallow it.
fn step(x: f64) -> f64 {
    if x + STEP != x { STEP } else { STEP * x.abs().max(1.0) * if x >= 0.0 { 1.0 } else { -1.0 } }
}

#[cfg(test)]
mod tests {
    use super::Slsqp;

    /// Evaluates `score` until `count` points were asked for; the points with their scores.
    fn searched(start: &[f64], count: usize, score: impl Fn(&[f64]) -> f64) -> Vec<(Vec<f64>, f64)> {
        let mut search = Slsqp::new(start.to_vec());
        (0..count)
            .map(|_| {
                let mut x = start.to_vec();
                search.point(&mut x);
                let value = score(&x);
                search.tell(value);
                (x, value)
            })
            .collect()
    }

    #[test]
    fn a_curved_ridge_is_climbed_to_its_top() {
        let ridge = |x: &[f64]| -100.0 * (x[1] - x[0] * x[0]).powi(2) - (1.0 - x[0]).powi(2);
        let points = searched(&[-1.2, 1.0], 200, ridge);
        let best = points.iter().map(|(_, score)| *score).fold(f64::NEG_INFINITY, f64::max);
        assert!(best > -1e-9, "{best}");
        assert_eq!(points[0].0, [-1.2, 1.0]);
        assert!((points[1].0[0] + 1.2).abs() < 2e-8 && points[1].0[1] == 1.0, "a forward difference");
    }

    #[test]
    fn on_a_plain_it_stays_where_it_is() {
        for (i, (x, _)) in searched(&[0.0, 0.0], 30, |_| 2.5).iter().enumerate() {
            assert_eq!(x.iter().filter(|x| **x != 0.0).count(), usize::from(i % 3 > 0), "value, then two differences");
        }
    }

    #[test]
    fn scores_that_are_not_finite_end_a_search() {
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            let wild = |x: &[f64]| if x[0] > 0.5 { value } else { 1e300 * x[0] };
            for (x, _) in searched(&[0.0, 0.0, 0.0], 300, wild) {
                assert!(x.iter().all(|x| x.is_finite()), "{x:?}");
            }
        }
    }
}
