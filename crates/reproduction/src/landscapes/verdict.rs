//! When two sets of runs agree.

use super::reference::{Cell, Finish, Quantity};

/// Mean and spread of one quantity over the runs of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Number of runs.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Standard deviation, of n - 1 degrees of freedom; 0 for a single run.
    pub sd: f64,
}

impl Sample {
    /// The sample of one value a run.
    #[must_use]
    pub fn new(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        let sd = if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
        Self { n: values.len(), mean, sd }
    }
}

/// Ours against the reference in one quantity of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What was run.
    pub cell: Cell,
    /// What is compared.
    pub quantity: Quantity,
    /// Our runs.
    pub ours: Sample,
    /// The runs of the reference.
    pub reference: Sample,
}

impl Comparison {
    /// Compares one quantity of two sets of runs.
    #[must_use]
    pub fn new(cell: &Cell, quantity: Quantity, ours: &[Finish], reference: &[Finish]) -> Self {
        let sample = |runs: &[Finish]| Sample::new(&runs.iter().map(|run| run.get(quantity)).collect::<Vec<_>>());
        Self { cell: cell.clone(), quantity, ours: sample(ours), reference: sample(reference) }
    }

    /// `3 s sqrt(1/n + 1/n_ref) + 2 %` of the reference, s the standard deviation of our runs.
    #[must_use]
    pub fn limit(&self) -> f64 {
        let (n, n_ref) = (self.ours.n as f64, self.reference.n as f64);
        3.0 * self.ours.sd * (1.0 / n + 1.0 / n_ref).sqrt() + 0.02 * self.reference.mean.abs()
    }

    /// Our mean less that of the reference.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.ours.mean - self.reference.mean
    }

    /// Whether the means differ by no more than the limit; never where either is NaN.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.difference().abs() <= self.limit()
    }
}

#[cfg(test)]
mod tests {
    use super::super::objective::Kind;
    use super::*;

    fn comparison(ours: &[f64], reference: &[f64]) -> Comparison {
        let runs = |scores: &[f64]| -> Vec<Finish> {
            scores.iter().map(|&best_clean| Finish { evaluations: 1, best_clean, final_norm: 0.0 }).collect()
        };
        let cell = Cell::new(0, 2, Kind::Ellipsoid, 0.0);
        Comparison::new(&cell, Quantity::BestClean, &runs(ours), &runs(reference))
    }

    #[test]
    fn the_limit_is_three_standard_errors_and_two_percent() {
        let c = comparison(&[9.0, 10.0, 11.0, 12.0, 8.0], &[12.0]);
        assert_eq!((c.ours.mean, c.reference.mean, c.reference.n), (10.0, 12.0, 1));
        let limit = 3.0 * 2.5f64.sqrt() * 1.2f64.sqrt() + 0.24;
        assert!((c.limit() - limit).abs() < 1e-12);
        assert!(c.holds());
        assert!(!comparison(&[9.0, 10.0, 11.0, 12.0, 8.0], &[15.6]).holds());
    }

    #[test]
    fn without_spread_two_percent_are_left() {
        assert!(comparison(&[50.0; 5], &[50.9]).holds());
        assert!(!comparison(&[50.0; 5], &[51.1]).holds());
    }

    #[test]
    fn what_is_no_number_never_agrees() {
        assert!(!comparison(&[f64::NAN, 1.0], &[1.0]).holds());
        assert!(!comparison(&[1.0, 1.0], &[f64::NAN]).holds());
    }
}
