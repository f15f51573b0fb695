//! How far the covariance matrices of runs are from the identity, by method and generation.

use std::collections::BTreeMap;

use crate::error::{StatsError, check_count, check_finite};
use crate::summary::Summary;

/// Shape of one covariance matrix C, without its global step size.
///
/// The four quantities of the published tables `CMA_spectra_*` (Wang & Ponce, 2022).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Smallest eigenvalue.
    pub smallest: f64,
    /// Largest eigenvalue.
    pub largest: f64,
    /// `|C - I|^2 / |C|^2` in Frobenius norms.
    pub deviation: f64,
}

impl Shape {
    /// From all N eigenvalues, in any order: `|C - I|^2 = sum (lambda - 1)^2`, `|C|^2 = sum lambda^2`.
    ///
    /// # Errors
    /// No eigenvalues, one that is not finite, or one that is not positive.
    pub fn of(eigenvalues: &[f64]) -> Result<Self, StatsError> {
        let summary = Summary::of(eigenvalues)?;
        if summary.min <= 0.0 {
            let high = f64::INFINITY;
            return Err(StatsError::OutOfRange { name: "eigenvalue of C", value: summary.min, low: 0.0, high });
        }
        let from_identity: f64 = eigenvalues.iter().map(|value| (value - 1.0).powi(2)).sum();
        let squares: f64 = eigenvalues.iter().map(|value| value * value).sum();
        Ok(Self { smallest: summary.min, largest: summary.max, deviation: from_identity / squares })
    }

    /// Largest over smallest eigenvalue.
    #[must_use]
    pub fn condition_number(&self) -> f64 {
        self.largest / self.smallest
    }
}

/// One number that a run's method reported after a generation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diagnostic<'a> {
    /// Method, as on the command line.
    pub method: &'a str,
    /// Generation, counted from 0.
    pub generation: u64,
    /// Name, such as `condition_number`.
    pub name: &'a str,
    /// Value.
    pub value: f64,
}

/// One line of the table: a quantity of a method at a generation, over runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Method.
    pub method: String,
    /// Quantity.
    pub name: String,
    /// Generation, counted from 0.
    pub generation: u64,
    /// Over the runs that reported it.
    pub over_runs: Summary,
}

/// Summarises diagnostics over runs, sorted by method, quantity and generation.
///
/// # Errors
/// No diagnostics, or a value that is not finite.
pub fn by_generation(diagnostics: &[Diagnostic<'_>]) -> Result<Vec<Line>, StatsError> {
    check_count(diagnostics.len(), 1)?;
    check_finite(&diagnostics.iter().map(|entry| entry.value).collect::<Vec<_>>())?;
    let mut cells: BTreeMap<(&str, &str, u64), Vec<f64>> = BTreeMap::new();
    for entry in diagnostics {
        cells.entry((entry.method, entry.name, entry.generation)).or_default().push(entry.value);
    }
    let line = |((method, name, generation), values): ((&str, &str, u64), Vec<f64>)| {
        let over_runs = Summary::of(&values)?;
        Ok(Line { method: method.to_owned(), name: name.to_owned(), generation, over_runs })
    };
    cells.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_does_not_deviate() {
        let shape = Shape::of(&[1.0; 5]).unwrap();
        assert_eq!((shape.deviation, shape.condition_number()), (0.0, 1.0));
        let shape = Shape::of(&[3.0, 1.0]).unwrap();
        approx::assert_relative_eq!(shape.deviation, 0.4, max_relative = 1e-15);
        assert_eq!(shape.condition_number(), 3.0);
        assert!(matches!(Shape::of(&[1.0, 0.0]), Err(StatsError::OutOfRange { .. })));
    }

    #[test]
    fn runs_of_one_method_and_generation_share_a_line() {
        let entry = |method, generation, value| Diagnostic { method, generation, name: "condition_number", value };
        let lines = by_generation(&[entry("b", 0, 1.0), entry("a", 1, 4.0), entry("a", 0, 2.0), entry("a", 1, 6.0)]);
        let lines = lines.unwrap();
        let keys: Vec<_> = lines.iter().map(|line| (line.method.as_str(), line.generation)).collect();
        assert_eq!(keys, [("a", 0), ("a", 1), ("b", 0)]);
        assert_eq!((lines[1].over_runs.n, lines[1].over_runs.mean), (2, 5.0));
        assert!(by_generation(&[]).is_err());
    }
}
