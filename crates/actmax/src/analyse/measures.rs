//! The numbers of one run's trajectory.

use analysis::distances::CodeDistances;
use analysis::drift::Drift;
use analysis::figure::projections::ProjectionRow;
use analysis::lissajous::{self, LissajousPair};
use analysis::norm_growth::spread;
use analysis::pca::Pca;
use analysis::{StatsError, published_cosine, random_walk};
use experiments::StoredEvolution;
use nalgebra::DMatrix;
use serde::Serialize;

use super::subject::Subject;

/// Principal components that are measured.
const COMPONENTS: usize = 10;
/// Generations below which a trajectory has no cosines.
pub(crate) const FEWEST_GENERATIONS: usize = 5;

/// A run in numbers: an entry of `analysis.json`, and what the tables and figures are made of.
#[derive(Debug, Serialize)]
pub(crate) struct Measures {
    pub(crate) run: String,
    pub(crate) optimizer: String,
    /// Whether its scores were drawn from N(0, 1).
    pub(crate) control: bool,
    pub(crate) evaluations: usize,
    pub(crate) norm: NormMeasures,
    pub(crate) steps: StepMeasures,
    pub(crate) components: Vec<ComponentMeasures>,
    #[serde(skip)]
    pub(crate) generations: Vec<GenerationMeasures>,
    #[serde(skip)]
    pub(crate) projections: ProjectionRow,
    #[serde(skip)]
    pub(crate) pairs: Vec<LissajousPair>,
}

/// Growth of the mean code's norm.
#[derive(Debug, Serialize)]
pub(crate) struct NormMeasures {
    /// Of the mean code of the last generation.
    pub(crate) last: f64,
    /// Slope of the squared norm by generation.
    pub(crate) squared_growth: f64,
    /// R² of the line through the squared norms; none where they do not vary.
    pub(crate) r_squared: Option<f64>,
    /// Standard deviation of the last generation's codes, averaged over coordinates; none of a single code.
    pub(crate) last_spread: Option<f64>,
}

/// Means over generations; none where no generation has the quantity.
#[derive(Debug, Serialize)]
pub(crate) struct StepMeasures {
    /// Distance of successive mean codes.
    pub(crate) length: Option<f64>,
    /// Angle between successive mean codes, degrees.
    pub(crate) angle: Option<f64>,
    /// Angle between successive steps, degrees: 90 of a random walk.
    pub(crate) angle_between_steps: Option<f64>,
    /// Angle between the codes of one generation, degrees; only where all codes were kept.
    pub(crate) angle_within: Option<f64>,
}

/// One principal component of the mean code's trajectory.
#[derive(Debug, Serialize)]
pub(crate) struct ComponentMeasures {
    /// Counted from 1.
    pub(crate) component: usize,
    pub(crate) explained_variance_ratio: f64,
    /// The same of a random walk of as many generations.
    pub(crate) random_walk: f64,
    /// Periods of the fitted cosine within the run; k/2 of a random walk.
    pub(crate) periods: f64,
    /// R² of that cosine.
    pub(crate) r_squared_free: f64,
    /// R² of a cosine of k/2 periods and phase 0.
    pub(crate) r_squared_fixed: f64,
}

/// One generation: a row of `generations.csv`. NaN where there is no such number.
#[derive(Debug)]
pub(crate) struct GenerationMeasures {
    pub(crate) evaluations: usize,
    pub(crate) mean_clean: f64,
    pub(crate) best_clean: f64,
    pub(crate) mean_noisy: f64,
    /// Mean norm of the codes.
    pub(crate) code_norm: f64,
    /// Norm of the mean code.
    pub(crate) mean_norm: f64,
    /// From the generation before.
    pub(crate) step_length: f64,
    pub(crate) step_angle: f64,
    /// Between this step and the one before.
    pub(crate) angle_between_steps: f64,
    /// Mean over pairs of codes.
    pub(crate) angle_within: f64,
    pub(crate) distance_within: f64,
    /// Projections on the first components.
    pub(crate) projections: Vec<f64>,
}

impl Measures {
    /// Measures a run of [`FEWEST_GENERATIONS`] or more.
    /// `paired` components are shown against each other.
    pub(crate) fn of(subject: &Subject, stored: &StoredEvolution, paired: usize) -> Result<Self, StatsError> {
        let trajectory = matrix(&stored.generation_means, stored.dim);
        let drift = Drift::of(&trajectory)?;
        let available = (trajectory.nrows() - 1).min(trajectory.ncols());
        let pca = Pca::fit(&trajectory, COMPONENTS.min(available))?;
        let generations = generations(stored, &drift, &pca);
        let means = |pick: fn(&GenerationMeasures) -> f64| finite_mean(generations.iter().map(pick));
        Ok(Self {
            run: subject.name.clone(),
            optimizer: subject.optimizer.clone(),
            control: subject.control,
            evaluations: stored.scores_all.len(),
            norm: NormMeasures {
                last: drift.squared_norms.last().map_or(f64::NAN, |squared| squared.sqrt()),
                squared_growth: drift.growth.slope,
                r_squared: drift.growth.r_squared,
                last_spread: spread(&matrix(&stored.last_codes, stored.dim)).ok(),
            },
            steps: StepMeasures {
                length: means(|generation| generation.step_length),
                angle: means(|generation| generation.step_angle),
                angle_between_steps: means(|generation| generation.angle_between_steps),
                angle_within: means(|generation| generation.angle_within),
            },
            components: (0..pca.components()).map(|k| component(&pca, k)).collect::<Result<_, _>>()?,
            projections: ProjectionRow::of(&subject.optimizer, &subject.name, &trajectory)?,
            pairs: lissajous::pairs(&pca, paired.min(pca.components()))?,
            generations,
        })
    }
}

fn component(pca: &Pca, k: usize) -> Result<ComponentMeasures, StatsError> {
    let values = pca.projection(k)?;
    let fit = published_cosine::fit(&values, k + 1)?;
    Ok(ComponentMeasures {
        component: k + 1,
        explained_variance_ratio: pca.explained_variance_ratio[k],
        random_walk: random_walk::explained_variance_ratio(k + 1, values.len())?,
        periods: fit.omega,
        r_squared_free: fit.r_squared_free,
        r_squared_fixed: fit.r_squared_fixed,
    })
}

fn generations(stored: &StoredEvolution, drift: &Drift, pca: &Pca) -> Vec<GenerationMeasures> {
    let evaluations = evaluations_by_generation(&stored.generations, drift.squared_norms.len());
    let one = |(generation, rows): (usize, &std::ops::Range<usize>)| {
        let clean = stored.cleanscores_all.get(rows.clone()).unwrap_or_default();
        let noisy = stored.scores_all.get(rows.clone()).unwrap_or_default();
        let codes =
            stored.codes_all.as_ref().and_then(|codes| codes.get(rows.start * stored.dim..rows.end * stored.dim));
        let within = codes.and_then(|codes| CodeDistances::of(&matrix(codes, stored.dim)).ok());
        // Steps lead to a generation: the first has none, the second no angle with a step before.
        let before = |values: &[Option<f64>], first: usize| {
            generation.checked_sub(first).and_then(|at| values.get(at).copied().flatten()).unwrap_or(f64::NAN)
        };
        let step_length = generation.checked_sub(1).and_then(|at| drift.step_lengths.get(at).copied());
        GenerationMeasures {
            evaluations: rows.len(),
            mean_clean: finite_mean(clean.iter().copied()).unwrap_or(f64::NAN),
            best_clean: clean.iter().copied().fold(f64::NAN, f64::max),
            mean_noisy: finite_mean(noisy.iter().copied()).unwrap_or(f64::NAN),
            code_norm: stored.mean_norms[generation],
            mean_norm: drift.squared_norms[generation].sqrt(),
            step_length: step_length.unwrap_or(f64::NAN),
            step_angle: before(&drift.code_angles, 1),
            angle_between_steps: before(&drift.step_angles, 2),
            angle_within: within.as_ref().map_or(f64::NAN, CodeDistances::mean_angle),
            distance_within: within.as_ref().map_or(f64::NAN, CodeDistances::mean_euclidean),
            projections: pca.projections.row(generation).iter().copied().collect(),
        }
    };
    evaluations.iter().enumerate().map(one).collect()
}

/// Rows of the arrays over all evaluations that each generation has.
fn evaluations_by_generation(generations: &[i64], count: usize) -> Vec<std::ops::Range<usize>> {
    let first = |generation: usize| generations.partition_point(|&of| of < generation as i64);
    (0..count).map(|generation| first(generation)..first(generation + 1)).collect()
}

/// C-order `[n, N]` values as a matrix.
pub(super) fn matrix(values: &[f32], columns: usize) -> DMatrix<f64> {
    let rows = values.len() / columns.max(1);
    DMatrix::from_row_iterator(rows, columns, values.iter().copied().map(f64::from))
}

fn finite_mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.filter(|value| value.is_finite()).fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_are_split_by_generation() {
        assert_eq!(evaluations_by_generation(&[0, 1, 1, 2, 2, 2], 3), [0..1, 1..3, 3..6]);
        assert_eq!(evaluations_by_generation(&[], 1), vec![0..0]);
    }

    #[test]
    fn means_leave_gaps_out() {
        assert_eq!(finite_mean([1.0, f64::NAN, 3.0].into_iter()), Some(2.0));
        assert_eq!(finite_mean([f64::NAN].into_iter()), None);
    }
}
