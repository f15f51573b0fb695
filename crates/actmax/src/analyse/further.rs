//! What `--also` asks for of each run: principal axes, components of all codes, distance matrices.

use analysis::StatsError;
use analysis::distances::CodeDistances;
use analysis::pca::{Pca, axis_agreement};
use clap::ValueEnum;
use experiments::StoredEvolution;
use nalgebra::DMatrix;

use super::measures::matrix;
use super::subject::Subject;
use crate::CommandError;
use crate::console::warn;

/// Components that are kept of a run.
const COMPONENTS: usize = 10;
/// Share of the largest variance below which a component is rounding, and has no axis.
const ROUNDING: f64 = 1e-12;

/// What can be asked for beside the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Also {
    /// Principal axes and eigenvalues of the mean codes as pca.npz; with codes, of all codes too.
    Axes,
    /// Principal components of all codes, beside those of the mean codes: codes.svg and codes_axes.svg.
    Codes,
    /// Angles and distances between the mean codes of all generations: distances.svg and distances.npz.
    Distances,
    /// Whether the principal axes of several runs agree, with a test of each component: agreement.svg and .csv.
    Agreement,
    /// All of these, as far as the runs have it.
    All,
}

impl Also {
    /// Whether this is among what was asked for.
    pub(crate) fn is_among(self, asked: &[Self]) -> bool {
        asked.contains(&self) || asked.contains(&Self::All)
    }
}

/// What was asked for of one run.
pub(crate) struct Further {
    /// Of the mean codes, for axes and agreement.
    pub(crate) means: Option<Components>,
    /// Of all codes.
    pub(crate) codes: Option<CodeComponents>,
    /// Between the mean codes of all generations.
    pub(crate) distances: Option<CodeDistances>,
}

/// Principal components with their axes.
pub(crate) struct Components {
    pub(crate) pca: Pca,
    /// `[N, k]`, a unit vector a column.
    pub(crate) axes: DMatrix<f64>,
    /// Mean of what was analysed, `[N]`.
    pub(crate) mean: Vec<f64>,
}

/// Components of all codes.
pub(crate) struct CodeComponents {
    pub(crate) components: Components,
    /// `|cosine|` of the axes of the means with these, `[k, k]`.
    pub(crate) agreement: DMatrix<f64>,
    /// Projections, `[generation][code][component]`.
    pub(crate) projections: Vec<Vec<Vec<f64>>>,
}

impl Components {
    /// The leading components of rows, up to [`COMPONENTS`] that have a variance.
    fn of(rows: &DMatrix<f64>) -> Result<Self, StatsError> {
        let available = rows.nrows().saturating_sub(1).min(rows.ncols());
        let mut pca = Pca::fit(rows, COMPONENTS.min(available))?;
        let floor = ROUNDING * pca.explained_variance.first().copied().unwrap_or(0.0);
        let kept = pca.explained_variance.iter().take_while(|variance| **variance > floor).count();
        pca.explained_variance.truncate(kept);
        pca.explained_variance_ratio.truncate(kept);
        pca.projections = pca.projections.columns(0, kept).into_owned();
        let axes = pca.axes(rows)?;
        Ok(Self { pca, axes, mean: rows.row_mean().iter().copied().collect() })
    }
}

impl Further {
    /// Measures of a run what was asked for.
    pub(crate) fn of(subject: &Subject, stored: &StoredEvolution, asked: &[Also]) -> Result<Self, CommandError> {
        let failed = |source| CommandError::Unmeasurable { path: subject.path(), source };
        let among = |also: Also| also.is_among(asked);
        let trajectory = matrix(&stored.generation_means, stored.dim);
        let wants_means = among(Also::Axes) || among(Also::Codes) || among(Also::Agreement);
        let means = if wants_means { Some(Components::of(&trajectory).map_err(failed)?) } else { None };
        let distances =
            among(Also::Distances).then(|| CodeDistances::along(&trajectory)).transpose().map_err(failed)?;
        let codes = match (&stored.codes_all, &means) {
            (Some(codes), Some(means)) if among(Also::Codes) => {
                Some(CodeComponents::of(codes, stored, means).map_err(failed)?)
            }
            (None, _) if asked.contains(&Also::Codes) => return Err(CommandError::NoCodes { path: subject.path() }),
            (None, _) if among(Also::Codes) => {
                warn(&format!("{} keeps no codes of all generations; their components are left out", subject.name));
                None
            }
            _ => None,
        };
        Ok(Self { means, codes, distances })
    }
}

impl CodeComponents {
    fn of(codes: &[f32], stored: &StoredEvolution, means: &Components) -> Result<Self, StatsError> {
        let components = Components::of(&matrix(codes, stored.dim))?;
        let agreement = axis_agreement(&means.axes, &components.axes)?;
        let mut projections: Vec<Vec<Vec<f64>>> = Vec::new();
        for (row, generation) in components.pca.projections.row_iter().zip(&stored.generations) {
            let generation = usize::try_from(*generation).unwrap_or_default();
            projections.resize_with(projections.len().max(generation + 1), Vec::new);
            projections[generation].push(row.iter().copied().collect());
        }
        Ok(Self { components, agreement, projections })
    }
}
