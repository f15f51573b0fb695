//! Responses of an objective at given points around a code.

use nalgebra::{DMatrix, DMatrixView};
use optim_core::{Objective, Population};

use super::directions::Directions;
use super::error::{ProbeError, check_batch, check_length};

/// Scores at `centre + sum_k x_k direction_k` for every row x of `coordinates` (C-order `[points, k]`, in the units of
/// the codes), evaluated `batch` at a time; one score a point, in their order.
///
/// Points are made a batch at a time: 10,101 points of 4096 numbers would be 331 MB. `progress` is called with the
/// points evaluated and to be evaluated.
///
/// # Errors
/// If centre, directions and coordinates do not fit the objective, the objective fails, or a score is not finite.
pub fn scores_around<O: Objective>(
    objective: &mut O,
    centre: &[f64],
    directions: &Directions,
    coordinates: &[f64],
    batch: usize,
    mut progress: impl FnMut(usize, usize),
) -> Result<Vec<f64>, ProbeError> {
    let dim = objective.dim();
    check_length("the centre", dim, centre.len())?;
    check_batch(batch)?;
    directions.check(dim)?;
    let count = directions.count(dim);
    let last = match coordinates.len() % count {
        0 => count,
        rest => rest,
    };
    check_length("the last point", count, last)?;
    let points = coordinates.len() / count;
    let mut scores = Vec::with_capacity(points);
    let mut part = Vec::new();
    for rows in coordinates.chunks(batch * count) {
        let codes = Population::from_matrix(codes_at(centre, directions, rows, count));
        objective.evaluate(&codes, &mut part).map_err(ProbeError::evaluation)?;
        check_length("the list of scores", codes.len(), part.len())?;
        if let Some(index) = part.iter().position(|score| !score.is_finite()) {
            return Err(ProbeError::NotFinite { point: scores.len() + index });
        }
        scores.append(&mut part);
        progress(scores.len(), points);
    }
    Ok(scores)
}

/// One code a column, shape `[N, n]`, of n rows of coordinates.
fn codes_at(centre: &[f64], directions: &Directions, rows: &[f64], count: usize) -> DMatrix<f64> {
    let coordinates = DMatrixView::from_slice(rows, count, rows.len() / count);
    let mut codes = match directions {
        Directions::Axes => coordinates.into_owned(),
        Directions::Columns(columns) => columns * coordinates,
    };
    for mut code in codes.column_iter_mut() {
        code.iter_mut().zip(centre).for_each(|(value, middle)| *value += middle);
    }
    codes
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Likes the first component, and none above a limit.
    struct First;

    impl Objective for First {
        type Error = Infallible;
        fn dim(&self) -> usize {
            3
        }
        fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
            *scores =
                codes.iter().map(|code| if code[0] > 100.0 { f64::NAN } else { code[0] + 10.0 * code[2] }).collect();
            Ok(())
        }
    }

    #[test]
    fn points_are_scored_in_order_across_batches() {
        let directions = Directions::Columns(DMatrix::from_row_slice(3, 2, &[0.0, 1.0, 0.0, 0.0, 1.0, 0.0]));
        let coordinates = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 2.0, 2.0, -1.0, 0.5];
        let mut seen = Vec::new();
        let scores =
            scores_around(&mut First, &[1.0, 7.0, 0.0], &directions, &coordinates, 2, |done, _| seen.push(done))
                .unwrap();
        assert_eq!(scores, [1.0, 11.0, 2.0, 23.0, -8.5]);
        assert_eq!(seen, [2, 4, 5]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let score =
            |centre: &[f64], points: &[f64]| scores_around(&mut First, centre, &Directions::Axes, points, 2, |_, _| ());
        assert!(matches!(score(&[0.0; 2], &[]), Err(ProbeError::Length { expected: 3, found: 2, .. })));
        assert!(matches!(score(&[0.0; 3], &[0.0; 5]), Err(ProbeError::Length { expected: 3, found: 2, .. })));
        let far = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 200.0, 0.0, 0.0];
        assert!(matches!(score(&[0.0; 3], &far), Err(ProbeError::NotFinite { point: 2 })));
        assert_eq!(score(&[0.0; 3], &[]).unwrap(), Vec::<f64>::new());
    }
}
