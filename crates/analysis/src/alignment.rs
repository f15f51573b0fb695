//! Whether evolution moves along the axes that images depend on most.
//!
//! Final codes are projected on the eigenvectors of the generator's metric; the size of the projections is compared with
//! the eigenvalues and with controls that know nothing of the metric: codes whose coordinates are shuffled, and runs
//! driven by noise (Wang & Ponce, 2022, figure 6; `analysis/hessian_traj_align.py` of their code). Random numbers are
//! the caller's.

use nalgebra::DMatrix;

use crate::correlation::Correlation;
use crate::eigen::symmetric_values;
use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::ks::KsTest;
use crate::summary::quantile;

/// Rank of the eigenvalue that divides visible from invisible axes in the publication, for the fc6 generator.
pub const PUBLISHED_CUTOFF: usize = 800;

/// Eigenvalues below this share of the largest are rounding of images in single precision.
pub const ROUNDING: f64 = 1e-6;

/// Number of leading axes whose eigenvalue is above [`ROUNDING`]; `eigenvalues` fall.
#[must_use]
pub fn axes_above_rounding(eigenvalues: &[f64]) -> usize {
    let largest = eigenvalues.first().copied().unwrap_or(0.0);
    eigenvalues.iter().take_while(|value| **value > ROUNDING * largest).count()
}

/// Size of the projections of codes on axes, one number an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Projections {
    /// Mean over codes of the absolute coefficient.
    pub mean_absolute: Vec<f64>,
    /// Absolute value of the mean coefficient: 0 where codes lie on both sides alike.
    pub absolute_mean: Vec<f64>,
}

impl Projections {
    /// Projects `codes` (shape `[M, N]`) on `axes` (shape `[N, k]`, unit columns).
    ///
    /// # Errors
    /// No codes, codes and axes of different lengths, or a value that is not finite.
    pub fn of(codes: &DMatrix<f64>, axes: &DMatrix<f64>) -> Result<Self, StatsError> {
        check_count(codes.nrows(), 1)?;
        check_lengths(codes.ncols(), axes.nrows())?;
        check_finite(codes.as_slice())?;
        check_finite(axes.as_slice())?;
        let coefficients = codes * axes;
        let count = codes.nrows() as f64;
        Ok(Self {
            mean_absolute: coefficients.column_iter().map(|axis| axis.lp_norm(1) / count).collect(),
            absolute_mean: coefficients.column_iter().map(|axis| axis.sum().abs() / count).collect(),
        })
    }
}

/// Sizes of projections against eigenvalues and against those of a control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alignment {
    /// Number of axes before the cut-off.
    pub cutoff: usize,
    /// Size against `log10` of the eigenvalue, over axes before the cut-off with a positive eigenvalue. The published
    /// scripts correlate with the rank of the eigenvalue, which turns the sign of Spearman's coefficient and nothing else.
    pub pearson: Correlation,
    /// The same by ranks.
    pub spearman: Correlation,
    /// Sizes before the cut-off against those of the control.
    pub before: KsTest,
    /// Sizes after the cut-off against those of the control; `None` where no axis lies behind it.
    pub after: Option<KsTest>,
}

impl Alignment {
    /// Relates sizes of projections, one an axis in the order of falling `eigenvalues`.
    ///
    /// # Errors
    /// Lengths that differ, a cut-off beyond them, fewer than three positive eigenvalues before it, or sizes that are
    /// not finite or do not vary there.
    pub fn of(sizes: &[f64], control: &[f64], eigenvalues: &[f64], cutoff: usize) -> Result<Self, StatsError> {
        check_lengths(sizes.len(), eigenvalues.len())?;
        check_lengths(sizes.len(), control.len())?;
        check_finite(eigenvalues)?;
        check_count(sizes.len(), cutoff)?;
        let top = sizes.iter().zip(eigenvalues).take(cutoff);
        let (visible, logarithms): (Vec<f64>, Vec<f64>) =
            top.filter(|(_, value)| **value > 0.0).map(|(size, value)| (*size, value.log10())).unzip();
        let after = || KsTest::of(&sizes[cutoff..], &control[cutoff..]);
        Ok(Self {
            cutoff,
            pearson: Correlation::pearson(&visible, &logarithms)?,
            spearman: Correlation::spearman(&visible, &logarithms)?,
            before: KsTest::of(&sizes[..cutoff], &control[..cutoff])?,
            after: (cutoff < sizes.len()).then(after).transpose()?,
        })
    }
}

/// Standard error of Pearson's coefficient of [`Alignment`] over groups of codes, such as all of one unit, by the
/// jackknife (Tukey, 1958): from the coefficients with each group left out. The axes are taken as given: codes are the
/// sample, axes are not, being neighbours on one spectrum. A bootstrap would not do: its resamples hold fewer different
/// codes, which lowers every coefficient.
///
/// `codes` has shape `[M, N]`, `axes` (unit columns) `[N, k]`; `groups[i]` numbers the group of code `i` from 0;
/// `logarithms` are those of the k eigenvalues.
///
/// # Errors
/// Fewer than two groups, shapes that do not fit, values that are not finite, or sizes that do not vary.
pub fn correlation_error(
    codes: &DMatrix<f64>,
    axes: &DMatrix<f64>,
    logarithms: &[f64],
    groups: &[usize],
) -> Result<f64, StatsError> {
    check_lengths(codes.ncols(), axes.nrows())?;
    check_lengths(axes.ncols(), logarithms.len())?;
    check_lengths(codes.nrows(), groups.len())?;
    let count = groups.iter().max().map_or(0, |last| last + 1);
    check_count(count, 2)?;
    let sizes = (codes * axes).abs();
    // Totals stand for means: the number of codes changes no correlation.
    let without = |left_out: usize| {
        let total = |axis: usize| -> f64 {
            let column = sizes.column(axis);
            let kept = column.iter().zip(groups).filter(|(_, group)| **group != left_out);
            kept.map(|(size, _)| size).sum::<f64>()
        };
        Ok(Correlation::pearson(&(0..axes.ncols()).map(total).collect::<Vec<f64>>(), logarithms)?.r)
    };
    let left: Vec<f64> = (0..count).map(without).collect::<Result<_, StatsError>>()?;
    let n = count as f64;
    let mean = left.iter().sum::<f64>() / n;
    Ok(((n - 1.0) / n * left.iter().map(|r| (r - mean).powi(2)).sum::<f64>()).sqrt())
}

/// Codes with the coordinates of each shuffled on their own (Fisher & Yates, 1938): norms stay, directions are lost.
///
/// `pick(n)` returns a number in `0 .. n`, all equally likely. `codes` has shape `[M, N]`.
///
/// # Errors
/// A pick that is not in its range.
pub fn shuffle_rows(codes: &DMatrix<f64>, mut pick: impl FnMut(usize) -> usize) -> Result<DMatrix<f64>, StatsError> {
    let mut shuffled = codes.clone();
    for row in 0..codes.nrows() {
        for last in (1..codes.ncols()).rev() {
            let other = pick(last + 1);
            if other > last {
                let (value, high) = (other as f64, last as f64);
                return Err(StatsError::OutOfRange { name: "coordinate picked", value, low: 0.0, high });
            }
            shuffled.swap((row, last), (row, other));
        }
    }
    Ok(shuffled)
}

/// What shuffled codes show: a control that knows nothing of the metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Shuffled {
    /// Mean over shuffles of [`Projections::mean_absolute`], one number an axis.
    pub mean_absolute: Vec<f64>,
    /// [`singular_value_shares`] of every shuffle.
    pub shares: Vec<Vec<f64>>,
}

impl Shuffled {
    /// Shuffles `codes` (shape `[M, N]`) `shuffles` times by [`shuffle_rows`] and projects them on `axes` (shape
    /// `[N, k]`, unit columns).
    ///
    /// # Errors
    /// As [`Projections::of`], [`shuffle_rows`] and [`singular_value_shares`], or no shuffles.
    pub fn of(
        codes: &DMatrix<f64>,
        axes: &DMatrix<f64>,
        shuffles: usize,
        mut pick: impl FnMut(usize) -> usize,
    ) -> Result<Self, StatsError> {
        check_count(shuffles, 1)?;
        let mut control = Self { mean_absolute: vec![0.0; axes.ncols()], shares: Vec::new() };
        for _ in 0..shuffles {
            let shuffled = shuffle_rows(codes, &mut pick)?;
            let found = Projections::of(&shuffled, axes)?.mean_absolute;
            control.mean_absolute.iter_mut().zip(found).for_each(|(sum, size)| *sum += size / shuffles as f64);
            control.shares.push(singular_value_shares(&shuffled)?);
        }
        Ok(control)
    }
}

/// Shares of the squared singular values of pooled codes (shape `[M, N]`, not centred), largest first, length
/// `min(M, N)`.
///
/// They are the eigenvalues of the smaller Gram matrix over its trace; shares below 1e-15 are rounding.
///
/// # Errors
/// No codes, a value that is not finite, or codes that are all zero.
pub fn singular_value_shares(codes: &DMatrix<f64>) -> Result<Vec<f64>, StatsError> {
    check_count(codes.nrows().min(codes.ncols()), 1)?;
    check_finite(codes.as_slice())?;
    let gram = if codes.nrows() <= codes.ncols() { codes * codes.transpose() } else { codes.transpose() * codes };
    let total = gram.trace();
    if total == 0.0 {
        return Err(StatsError::ZeroVector);
    }
    Ok(symmetric_values(&gram)?.into_iter().map(|value| value.max(0.0) / total).collect())
}

/// Number of axes on which pooled codes vary more than shuffled ones.
///
/// As published, an axis counts where its share exceeds the quantile `1 - level` of the shares of all axes of all
/// shuffles pooled: a threshold for one axis drawn at random, not for the largest, so that part of the first axes of
/// shuffled codes would count too.
///
/// # Errors
/// No shuffles, a share that is not finite, or a level outside 0..1.
pub fn axes_beyond_shuffles(shares: &[f64], shuffled: &[Vec<f64>], level: f64) -> Result<usize, StatsError> {
    check_finite(shares)?;
    let threshold = quantile(&shuffled.concat(), 1.0 - level)?;
    Ok(shares.iter().filter(|share| **share > threshold).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coordinates that fall off along the axes, and the same falling the other way.
    fn falling(axes: usize) -> DMatrix<f64> {
        DMatrix::from_fn(4, axes, |row, n| (if row % 2 == 0 { 1.0 } else { -1.0 }) * 3.0 / (n + 1) as f64)
    }

    #[test]
    fn codes_along_visible_axes_align() {
        let axes = DMatrix::identity(60, 60);
        let sizes = Projections::of(&falling(60), &axes).unwrap();
        approx::assert_relative_eq!(sizes.mean_absolute[2], 1.0, max_relative = 1e-15);
        assert_eq!(sizes.absolute_mean[2], 0.0);
        let eigenvalues: Vec<f64> = (0..60).map(|k| if k < 50 { 10f64.powi(-k) } else { 0.0 }).collect();
        let control = vec![0.05; 60];
        let alignment = Alignment::of(&sizes.mean_absolute, &control, &eigenvalues, 55).unwrap();
        approx::assert_relative_eq!(alignment.spearman.r, 1.0, max_relative = 1e-12);
        assert_eq!((alignment.pearson.n, alignment.cutoff), (50, 55));
        assert_eq!(alignment.before.statistic, 1.0);
        assert_eq!(axes_above_rounding(&eigenvalues), 6);
        let whole = Alignment::of(&sizes.mean_absolute, &control, &eigenvalues, 60).unwrap();
        assert_eq!(whole.after, None);
        assert!(Alignment::of(&sizes.mean_absolute, &control, &eigenvalues, 61).is_err());
    }

    #[test]
    fn the_error_is_that_of_leaving_groups_out() {
        let axes = DMatrix::identity(3, 3);
        let codes = DMatrix::from_row_slice(4, 3, &[3.0, 2.0, 0.0, 3.0, 1.0, 1.0, 2.0, -2.0, 1.0, 1.0, 2.0, 3.0]);
        let logarithms = [0.0, -1.0, -2.0];
        let pearson = |sizes: [f64; 3]| Correlation::pearson(&sizes, &logarithms).unwrap().r;
        // Codes 0 and 1 are one group: totals without it, without code 2 and without code 3.
        let left = [pearson([3.0, 4.0, 4.0]), pearson([7.0, 5.0, 4.0]), pearson([8.0, 5.0, 2.0])];
        let mean = left.iter().sum::<f64>() / 3.0;
        let expected = (2.0 / 3.0 * left.iter().map(|r| (r - mean).powi(2)).sum::<f64>()).sqrt();
        let found = correlation_error(&codes, &axes, &logarithms, &[0, 0, 1, 2]).unwrap();
        approx::assert_relative_eq!(found, expected, max_relative = 1e-12);
        assert!(correlation_error(&codes, &axes, &logarithms, &[0; 4]).is_err());
        assert!(correlation_error(&codes, &axes, &logarithms, &[0, 1]).is_err());
    }

    #[test]
    fn a_shuffle_keeps_each_code_and_loses_what_they_share() {
        let codes = DMatrix::from_fn(5, 30, |_, n| n as f64);
        let mut state = 7;
        let shuffled = shuffle_rows(&codes, |n| {
            state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
            (state >> 8) % n
        })
        .unwrap();
        for row in shuffled.row_iter() {
            let mut values: Vec<f64> = row.iter().copied().collect();
            values.sort_by(f64::total_cmp);
            assert_eq!(values, (0..30).map(f64::from).collect::<Vec<_>>());
        }
        let (shares, of_shuffled) = (singular_value_shares(&codes).unwrap(), singular_value_shares(&shuffled).unwrap());
        approx::assert_relative_eq!(shares[0], 1.0, max_relative = 1e-12);
        assert!(of_shuffled[0] < 0.95 && of_shuffled.len() == 5);
        assert_eq!(axes_beyond_shuffles(&shares, &[of_shuffled], 0.05).unwrap(), 1);
        assert!(shuffle_rows(&codes, |n| n).is_err());
        let still = Shuffled::of(&codes, &DMatrix::identity(30, 30), 4, |n| n - 1).unwrap();
        assert_eq!(still.mean_absolute, Projections::of(&codes, &DMatrix::identity(30, 30)).unwrap().mean_absolute);
        assert_eq!(still.shares, vec![shares; 4]);
        assert!(Shuffled::of(&codes, &DMatrix::identity(30, 30), 0, |n| n - 1).is_err());
        assert_eq!(singular_value_shares(&DMatrix::zeros(2, 2)), Err(StatsError::ZeroVector));
    }
}
