//! Analysis of variance with several factors, by type II sums of squares.
//!
//! The sum of squares of a term is what it explains beyond all terms that do not contain it (Yates, 1934; Langsrud,
//! 2003): the drop of the residual sum of squares when it joins them. Its F has the residual mean square of the whole
//! model below the line. In unbalanced data the order of the terms does not matter; in designs with empty cells the
//! degrees of freedom are differences of ranks.
//!
//! Rows with equal predictors are one cell, so that a fit costs as much as there are cells, however many rows they have:
//!
//! ```text
//! RSS(model) = sum over rows (y - cell mean)^2 + sum over cells n (cell mean - fit)^2
//! ```

use std::collections::BTreeMap;

use crate::compare::f_tail;
use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::summary::mean;

/// A column whose part outside the span of the earlier ones is below this share of its length lies within the span.
const DEPENDENT: f64 = 1e-9;

/// A residual below this share of the sum of squared responses is rounding.
const ROUNDING: f64 = 1e-24;

/// One predictor, a value a row.
#[derive(Debug, Clone, Copy)]
pub enum Factor<'a> {
    /// Levels without an order, `C(x)` in the formulas of R and statsmodels.
    Categories(&'a [usize]),
    /// A number that enters linearly.
    Covariate(&'a [f64]),
}

impl Factor<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Categories(levels) => levels.len(),
            Self::Covariate(values) => values.len(),
        }
    }

    /// What tells two rows apart.
    fn key(&self, row: usize) -> u64 {
        match self {
            Self::Categories(levels) => levels[row] as u64,
            Self::Covariate(values) => values[row].to_bits(),
        }
    }

    /// The columns of this factor over some rows: one a level present, or the numbers themselves.
    fn columns(&self, rows: &[usize]) -> Vec<Vec<f64>> {
        match self {
            Self::Covariate(values) => vec![rows.iter().map(|&row| values[row]).collect()],
            Self::Categories(levels) => {
                let mut present: Vec<usize> = rows.iter().map(|&row| levels[row]).collect();
                present.sort_unstable();
                present.dedup();
                let indicator = |level| rows.iter().map(|&row| f64::from(u8::from(levels[row] == level))).collect();
                present.into_iter().map(indicator).collect()
            }
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TermTest {
    /// What the term explains beyond the terms that do not contain it, in squared units of the response.
    pub sum_of_squares: f64,
    /// Numerator degrees of freedom.
    pub degrees_of_freedom: usize,
    /// F statistic.
    pub f: f64,
    /// p value.
    pub p: f64,
    /// Share of the variance not explained by other terms: `SS / (SS + residual SS)`.
    pub partial_eta_squared: f64,
}

/// Type II table of a linear model with an intercept.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeTwo {
    /// One test a term, in the order given.
    pub terms: Vec<TermTest>,
    /// Residual sum of squares of the whole model.
    pub residual_sum_of_squares: f64,
    /// Denominator degrees of freedom.
    pub residual_degrees_of_freedom: usize,
}

impl TypeTwo {
    /// Fits `y ~ 1 + terms` and tests every term. A term is a set of indices into `factors`: `[0]` a main effect,
    /// `[0, 1]` the interaction of the first two.
    ///
    /// # Errors
    /// Lengths that differ, values that are not finite, a factor that is not there, a term that adds nothing to the
    /// others ([`StatsError::Aliased`]), no residual degrees of freedom, or a model that leaves no residual
    /// but rounding.
    pub fn fit(y: &[f64], factors: &[Factor<'_>], terms: &[&[usize]]) -> Result<Self, StatsError> {
        check_finite(y)?;
        for factor in factors {
            check_lengths(y.len(), factor.len())?;
            if let Factor::Covariate(values) = factor {
                check_finite(values)?;
            }
        }
        check_factors(factors.len(), terms)?;
        let cells = Cells::of(y, factors);
        let blocks: Vec<Vec<Vec<f64>>> = terms.iter().map(|term| cells.columns(factors, term)).collect();
        let fit = |included: &dyn Fn(usize) -> bool| cells.fit((0..terms.len()).filter(|t| included(*t)), &blocks);
        let whole = fit(&|_| true);
        check_count(y.len(), whole.rank + 1)?;
        let residual_sum_of_squares = whole.residual + cells.within;
        if residual_sum_of_squares <= ROUNDING * dot(y, y) {
            return Err(StatsError::Constant);
        }
        let residual_degrees_of_freedom = y.len() - whole.rank;
        let test = |index: usize| {
            let contains = |other: usize| other != index && terms[index].iter().all(|f| terms[other].contains(f));
            let (with, without) = (fit(&|t| !contains(t)), fit(&|t| t != index && !contains(t)));
            let degrees_of_freedom = with.rank - without.rank;
            if degrees_of_freedom == 0 {
                return Err(StatsError::Aliased { term: index });
            }
            let sum_of_squares = (without.residual - with.residual).max(0.0);
            let error = residual_sum_of_squares / residual_degrees_of_freedom as f64;
            let f = sum_of_squares / degrees_of_freedom as f64 / error;
            let p = f_tail(f, degrees_of_freedom, residual_degrees_of_freedom)?;
            let partial_eta_squared = sum_of_squares / (sum_of_squares + residual_sum_of_squares);
            Ok(TermTest { sum_of_squares, degrees_of_freedom, f, p, partial_eta_squared })
        };
        let terms = (0..terms.len()).map(test).collect::<Result<_, _>>()?;
        Ok(Self { terms, residual_sum_of_squares, residual_degrees_of_freedom })
    }
}

fn check_factors(factors: usize, terms: &[&[usize]]) -> Result<(), StatsError> {
    match terms.iter().flat_map(|term| term.iter()).find(|&&index| index >= factors) {
        None => Ok(()),
        Some(&index) => {
            let high = factors as f64 - 1.0;
            Err(StatsError::OutOfRange { name: "index of a factor", value: index as f64, low: 0.0, high })
        }
    }
}

/// The data, one entry a combination of predictors.
struct Cells {
    /// A row of each cell.
    rows: Vec<usize>,
    /// Square root of the number of rows of each.
    weights: Vec<f64>,
    /// Mean response of each less the mean of all, weighted.
    response: Vec<f64>,
    /// Sum of squares within cells.
    within: f64,
}

/// Residual sum of squares between cells, and rank of the model.
struct Fit {
    residual: f64,
    rank: usize,
}

impl Cells {
    fn of(y: &[f64], factors: &[Factor<'_>]) -> Self {
        let mut members: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
        for row in 0..y.len() {
            members.entry(factors.iter().map(|factor| factor.key(row)).collect()).or_default().push(row);
        }
        let grand = mean(y);
        let mut cells = Self { rows: Vec::new(), weights: Vec::new(), response: Vec::new(), within: 0.0 };
        for rows in members.into_values() {
            let centre = rows.iter().map(|&row| y[row]).sum::<f64>() / rows.len() as f64;
            let weight = (rows.len() as f64).sqrt();
            cells.within += rows.iter().map(|&row| (y[row] - centre).powi(2)).sum::<f64>();
            cells.rows.push(rows[0]);
            cells.weights.push(weight);
            cells.response.push(weight * (centre - grand));
        }
        cells
    }

    /// Weighted columns of a term: the products of its factors' columns.
    fn columns(&self, factors: &[Factor<'_>], term: &[usize]) -> Vec<Vec<f64>> {
        let mut products = vec![self.weights.clone()];
        for &index in term {
            let columns = factors[index].columns(&self.rows);
            let product = |a: &Vec<f64>| {
                let times = |b: &Vec<f64>| a.iter().zip(b).map(|(x, y)| x * y).collect::<Vec<f64>>();
                columns.iter().map(times).collect::<Vec<_>>()
            };
            products = products.iter().flat_map(product).collect();
        }
        products
    }

    /// Least squares by Gram-Schmidt with a second pass (Giraud, Langou & Rozloznik, 2005).
    fn fit(&self, terms: impl Iterator<Item = usize>, blocks: &[Vec<Vec<f64>>]) -> Fit {
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let mut residual = self.response.clone();
        let intercept = std::iter::once(&self.weights);
        for column in intercept.chain(terms.flat_map(|term| &blocks[term])) {
            if basis.len() == self.rows.len() {
                break;
            }
            let length = dot(column, column).sqrt();
            let mut rest = column.clone();
            for _ in 0..2 {
                basis.iter().for_each(|direction| remove(direction, &mut rest));
            }
            let left = dot(&rest, &rest).sqrt();
            if left > DEPENDENT * length {
                rest.iter_mut().for_each(|value| *value /= left);
                remove(&rest, &mut residual);
                basis.push(rest);
            }
        }
        Fit { residual: dot(&residual, &residual), rank: basis.len() }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Takes the part along a unit vector out of `values`.
fn remove(direction: &[f64], values: &mut [f64]) {
    let along = dot(direction, values);
    values.iter_mut().zip(direction).for_each(|(value, unit)| *value -= along * unit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Anova;

    #[test]
    fn one_factor_is_the_one_way_analysis() {
        let groups: [&[f64]; 3] = [&[1.0, 2.5, 2.0], &[3.0, 4.5], &[0.5, 1.5, 1.0, 2.0]];
        let y = groups.concat();
        let levels = [0, 0, 0, 1, 1, 2, 2, 2, 2];
        let table = TypeTwo::fit(&y, &[Factor::Categories(&levels)], &[&[0]]).unwrap();
        let one_way = Anova::one_way(&groups).unwrap();
        approx::assert_relative_eq!(table.terms[0].f, one_way.f, max_relative = 1e-12);
        approx::assert_relative_eq!(table.terms[0].p, one_way.p, max_relative = 1e-10);
        assert_eq!((table.terms[0].degrees_of_freedom, table.residual_degrees_of_freedom), (2, 6));
    }

    #[test]
    fn empty_cells_cost_degrees_of_freedom() {
        // Levels (a, b): the cell (1, 1) is empty, so that the interaction has nothing left to test.
        let (a, b) = ([0, 0, 0, 0, 1, 1], [0, 0, 1, 1, 0, 0]);
        let y = [1.0, 1.5, 2.0, 2.2, 3.0, 3.1];
        let factors = [Factor::Categories(&a), Factor::Categories(&b)];
        let error = TypeTwo::fit(&y, &factors, &[&[0], &[1], &[0, 1]]).unwrap_err();
        assert_eq!(error, StatsError::Aliased { term: 2 });
        let table = TypeTwo::fit(&y, &factors, &[&[0], &[1]]).unwrap();
        assert_eq!(table.residual_degrees_of_freedom, 3);
    }

    #[test]
    fn refuses_what_has_no_answer() {
        let levels = [0, 1];
        let factor = [Factor::Categories(&levels)];
        assert_eq!(TypeTwo::fit(&[1.0, 2.0], &factor, &[&[0]]), Err(StatsError::TooFew { needed: 3, found: 2 }));
        assert_eq!(TypeTwo::fit(&[1.0], &factor, &[&[0]]), Err(StatsError::LengthMismatch { left: 1, right: 2 }));
        assert!(matches!(TypeTwo::fit(&[1.0, 2.0], &factor, &[&[1]]), Err(StatsError::OutOfRange { .. })));
        let levels = [0, 0, 1, 1];
        let constant = TypeTwo::fit(&[1.0, 1.0, 2.0, 2.0], &[Factor::Categories(&levels)], &[&[0]]);
        assert_eq!(constant, Err(StatsError::Constant));
    }
}
