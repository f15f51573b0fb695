//! Three landscapes in closed form, all maximized, with f <= 100.
//!
//! Indices `k = 1..N`, N a power of two where a rotation is involved; `|.|` is the Euclidean norm.
//!
//! ```text
//! t_k = cos(2.399963229728653 k)                    target
//! g_k = +1 if cos(3.883222077450933 k) >= 0 else -1 signs
//! R z = WHT(g * z) / sqrt(N)                        rotation (Walsh-Hadamard, natural order)
//! ```

use std::convert::Infallible;
use std::fmt;

use optim_core::{Objective, Population};

/// Which landscape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
#[clap(rename_all = "snake_case")]
pub enum Kind {
    /// Rotated, anisotropic cosine tuning with contrast saturation: `s_k = k^-0.4`,
    /// `w = s * (R z)`, `w* = s * t`, `c = <w, w*> / (|w| |w*|)`, `f = 100 max(0, c)^2 tanh(|z| / 300)`.
    CosTuning,
    /// Gaussian bump on the sphere, whatever the norm: `lambda_k = 1/k`, `y = R (z / |z|)`,
    /// `q = sum_k lambda_k (y_k - t_k / |t|)^2`, `f = 100 exp(-3 q / ((2/N) sum_k lambda_k))`, `f(0) = 0`.
    SphereBump,
    /// Axis-parallel ellipsoid of condition number 100: `lambda_k = 10^(2 (k-1) / (N-1))`, `c = 1.5 t`,
    /// `f = 100 / (1 + sum lambda_k (z_k - c_k)^2 / sum lambda_k c_k^2)`.
    Ellipsoid,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CosTuning, Self::SphereBump, Self::Ellipsoid];

    /// Its name in the reference's table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CosTuning => "cos_tuning",
            Self::SphereBump => "sphere_bump",
            Self::Ellipsoid => "ellipsoid",
        }
    }

    /// The landscape of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A landscape in N dimensions.
#[derive(Clone, Debug)]
pub struct Landscape {
    kind: Kind,
    /// What R maps to the best direction, or the best point of the ellipsoid.
    target: Vec<f64>,
    /// Weights `s` or `lambda`.
    weights: Vec<f64>,
    /// Signs g over `sqrt(N)`.
    signs: Vec<f64>,
    /// What a distance is measured in: `(2/N) sum lambda_k` (bump), `sum lambda_k c_k^2` (ellipsoid).
    scale: f64,
    /// Room for `R z`.
    rotated: Vec<f64>,
}

impl Landscape {
    /// The landscape in `dim` dimensions.
    ///
    /// # Panics
    /// If `dim` is no power of two of 2 or more.
    #[must_use]
    pub fn new(kind: Kind, dim: usize) -> Self {
        assert!(dim >= 2 && dim.is_power_of_two(), "{dim} is no power of two of 2 or more");
        let n = dim as f64;
        let of_k = |f: &dyn Fn(f64) -> f64| -> Vec<f64> { (1..=dim).map(|k| f(k as f64)).collect() };
        let t = of_k(&|k| (2.399_963_229_728_653 * k).cos());
        let weights = match kind {
            Kind::CosTuning => of_k(&|k| k.powf(-0.4)),
            Kind::SphereBump => of_k(&|k| 1.0 / k),
            Kind::Ellipsoid => of_k(&|k| 10f64.powf(2.0 * (k - 1.0) / (n - 1.0))),
        };
        let target = match kind {
            Kind::CosTuning => normalised(t.iter().zip(&weights).map(|(t, s)| s * t).collect()),
            Kind::SphereBump => normalised(t),
            Kind::Ellipsoid => t.iter().map(|t| 1.5 * t).collect(),
        };
        let sign = |k: f64| if (3.883_222_077_450_933 * k).cos() >= 0.0 { 1.0 } else { -1.0 };
        let scale = match kind {
            Kind::CosTuning => 1.0,
            Kind::SphereBump => 2.0 / n * weights.iter().sum::<f64>(),
            Kind::Ellipsoid => weights.iter().zip(&target).map(|(lambda, c)| lambda * c * c).sum(),
        };
        Self { kind, target, weights, signs: of_k(&|k| sign(k) / n.sqrt()), scale, rotated: vec![0.0; dim] }
    }

    /// The score of one code.
    pub fn score(&mut self, z: &[f64]) -> f64 {
        match self.kind {
            Kind::CosTuning => self.cos_tuning(z),
            Kind::SphereBump => self.sphere_bump(z),
            Kind::Ellipsoid => self.ellipsoid(z),
        }
    }

    fn cos_tuning(&mut self, z: &[f64]) -> f64 {
        let length = norm(z);
        if length == 0.0 {
            return 0.0;
        }
        self.rotate(z);
        let (mut projection, mut squares) = (0.0, 0.0);
        for ((y, s), target) in self.rotated.iter().zip(&self.weights).zip(&self.target) {
            let w = s * y;
            projection += w * target;
            squares += w * w;
        }
        100.0 * (projection / squares.sqrt()).max(0.0).powi(2) * (length / 300.0).tanh()
    }

    fn sphere_bump(&mut self, z: &[f64]) -> f64 {
        let length = norm(z);
        if length == 0.0 {
            return 0.0;
        }
        self.rotate(z);
        let terms = self.rotated.iter().zip(&self.weights).zip(&self.target);
        let q: f64 = terms.map(|((y, lambda), target)| lambda * (y / length - target).powi(2)).sum();
        100.0 * (-3.0 * q / self.scale).exp()
    }

    fn ellipsoid(&self, z: &[f64]) -> f64 {
        let terms = z.iter().zip(&self.weights).zip(&self.target);
        let distance: f64 = terms.map(|((z, lambda), c)| lambda * (z - c).powi(2)).sum();
        100.0 / (1.0 + distance / self.scale)
    }

    /// Sets `rotated` to `R z`.
    fn rotate(&mut self, z: &[f64]) {
        for ((y, z), sign) in self.rotated.iter_mut().zip(z).zip(&self.signs) {
            *y = z * sign;
        }
        walsh_hadamard(&mut self.rotated);
    }
}

impl Objective for Landscape {
    type Error = Infallible;

    fn dim(&self) -> usize {
        self.target.len()
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
        scores.clear();
        scores.extend(codes.iter().map(|code| self.score(code)));
        Ok(())
    }
}

/// The unnormalised Walsh-Hadamard transform in natural order, in place; the length is a power of two.
pub fn walsh_hadamard(x: &mut [f64]) {
    let mut half = 1;
    while half < x.len() {
        for pair in x.chunks_exact_mut(2 * half) {
            let (low, high) = pair.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn normalised(mut x: Vec<f64>) -> Vec<f64> {
    let length = norm(&x);
    x.iter_mut().for_each(|x| *x /= length);
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: &str = include_str!("../../fixtures/landscapes/values.json");

    fn assert_close(ours: f64, expected: f64, what: &str) {
        assert!((ours - expected).abs() <= 1e-10 * expected.abs().max(1e-3), "{what}: {ours}, not {expected}");
    }

    #[test]
    fn scores_are_those_of_a_dense_hadamard_matrix() {
        let rows: Vec<serde_json::Value> = serde_json::from_str(VALUES).unwrap();
        assert_eq!(rows.len(), 9);
        for row in &rows {
            let dim = row["dim"].as_u64().unwrap() as usize;
            let code = |i: f64| match row["code"].as_str().unwrap() {
                "sin(i)" => i.sin(),
                "cos(i*i)" => (i * i).cos(),
                "t_i (1 + 0.1 sin(i))" => (2.399_963_229_728_653 * i).cos() * (1.0 + 0.1 * i.sin()),
                other => panic!("unknown code {other}"),
            };
            let z: Vec<f64> = (1..=dim).map(|i| row["scale"].as_f64().unwrap() * code(i as f64)).collect();
            for kind in Kind::ALL {
                let expected = row[kind.name()].as_f64().unwrap();
                assert_close(Landscape::new(kind, dim).score(&z), expected, &format!("{kind} {row}"));
            }
        }
    }

    #[test]
    fn the_origin_scores_as_stated() {
        for (kind, expected) in [(Kind::CosTuning, 0.0), (Kind::SphereBump, 0.0), (Kind::Ellipsoid, 50.0)] {
            assert_close(Landscape::new(kind, 64).score(&[0.0; 64]), expected, kind.name());
        }
    }

    /// R is orthogonal and H symmetric, so the inverse of R is `g * (H x) / sqrt(N)`.
    #[test]
    fn the_maximum_lies_where_the_formula_puts_it() {
        let dim = 512;
        for (kind, height) in [(Kind::CosTuning, 100.0 * (4.0f64 / 3.0).tanh()), (Kind::SphereBump, 100.0)] {
            let mut landscape = Landscape::new(kind, dim);
            let t: Vec<f64> = (1..=dim).map(|k| (2.399_963_229_728_653 * k as f64).cos()).collect();
            let mut z = normalised(t);
            walsh_hadamard(&mut z);
            z.iter_mut().zip(&landscape.signs).for_each(|(z, sign)| *z *= 400.0 * sign);
            assert_close(norm(&z), 400.0, "norm");
            assert_close(landscape.score(&z), height, kind.name());
        }
        let mut ellipsoid = Landscape::new(Kind::Ellipsoid, dim);
        let best = ellipsoid.target.clone();
        assert_close(ellipsoid.score(&best), 100.0, "ellipsoid");
    }
}
