//! What a stored run says, without its codes; those are read again where they are needed.

use std::collections::BTreeMap;

use analysis::convergence::Convergence;
use analysis::geometry::norm;
use analysis::summary::running_maximum;
use anyhow::{Context, Result};
use experiments::campaign::{Store, StoredRun, Unit};
use experiments::{NetworkUnits, Provenance, StoredEvolution};
use nalgebra::DMatrix;

/// A run of a campaign.
#[derive(Clone, Debug)]
pub(super) struct Run {
    stored: StoredRun,
    /// Label of its arm: the method's name, or another where its options differ.
    pub(super) label: String,
    /// Level of multiplicative noise.
    pub(super) noise: f64,
    /// Counted from 0.
    pub(super) repeat: u32,
    /// Seconds that it took, where that is known.
    pub(super) seconds: Option<f64>,
    /// Largest noise-free score.
    pub(super) best_clean: f64,
    /// Codes evaluated up to the end of every generation.
    pub(super) evaluations: Vec<f64>,
    /// Largest clean score up to every generation.
    pub(super) best_so_far: Vec<f64>,
    /// Norm of the mean code of every generation.
    pub(super) mean_code_norms: Vec<f64>,
    /// Mean norm of the codes of every generation.
    pub(super) code_norms: Vec<f64>,
    /// Mean norm of the generation proposed last, which was never evaluated.
    pub(super) codenorm: f64,
    /// How fast it went; none where no score was positive.
    pub(super) convergence: Option<Convergence>,
    /// The method's scalars by name, one a generation.
    pub(super) diagnostics: BTreeMap<String, Vec<f64>>,
}

impl Run {
    /// Reads a run.
    pub(super) fn read(store: &Store, stored: &StoredRun) -> Result<Self> {
        let arrays = stored.arrays()?;
        let (run, record) = (&stored.run, &stored.record);
        let of_generations = |reduce: fn(&[f64]) -> f64| by_generation(&arrays, reduce);
        let mut evaluations = 0.0;
        let sizes = of_generations(|scores| scores.len() as f64).into_iter();
        Ok(Self {
            label: run.label.clone(),
            noise: run.noise_level().with_context(|| format!("{run} has noise of another kind than the published"))?,
            repeat: run.repeat,
            seconds: store.timing(run).map(|timing| timing.runtime),
            best_clean: record.best_clean.with_context(|| format!("{run}: no score was a number"))?.score.0,
            evaluations: sizes
                .map(|size| {
                    evaluations += size;
                    evaluations
                })
                .collect(),
            best_so_far: running_maximum(&of_generations(|scores| scores.iter().copied().fold(f64::NAN, f64::max))),
            mean_code_norms: arrays.generation_means.chunks_exact(arrays.dim).map(|code| norm(&double(code))).collect(),
            code_norms: arrays.mean_norms.clone(),
            codenorm: record.norms.next_generation.unwrap_or(f64::NAN),
            // A response below zero is no progress from silence.
            convergence: Convergence::of(
                &arrays.cleanscores_all.iter().map(|score| score.max(0.0)).collect::<Vec<_>>(),
            )
            .ok(),
            diagnostics: arrays.diagnostics,
            stored: stored.clone(),
        })
    }

    /// The same run with another score in the place of its largest.
    pub(super) fn with_best_clean(&self, best_clean: f64) -> Self {
        Self { best_clean, ..self.clone() }
    }

    /// Its unit.
    pub(super) fn unit(&self) -> &Unit {
        &self.stored.run.unit
    }

    /// Its whole specification and codes.
    pub(super) fn stored(&self) -> &StoredRun {
        &self.stored
    }

    /// What made it.
    pub(super) fn provenance(&self) -> &Provenance {
        &self.stored.record.provenance
    }

    /// The networks that scored it; none where the scores were drawn.
    pub(super) fn networks(&self) -> Option<&NetworkUnits> {
        self.stored.run.spec.objective.units()
    }

    /// Its arrays.
    pub(super) fn arrays(&self) -> Result<StoredEvolution> {
        Ok(self.stored.arrays()?)
    }

    /// Mean code of every generation, `[T, N]`.
    pub(super) fn trajectory(&self) -> Result<DMatrix<f64>> {
        let arrays = self.arrays()?;
        Ok(rows(&arrays.generation_means, arrays.dim))
    }

    /// Number of generations.
    pub(super) fn generations(&self) -> usize {
        self.mean_code_norms.len()
    }
}

/// Codes in C order, `[n, N]`, as a matrix.
pub(super) fn rows(codes: &[f32], dim: usize) -> DMatrix<f64> {
    DMatrix::from_row_iterator(codes.len() / dim, dim, codes.iter().map(|&x| f64::from(x)))
}

pub(super) fn double(code: &[f32]) -> Vec<f64> {
    code.iter().map(|&x| f64::from(x)).collect()
}

/// One number a generation, of its clean scores.
fn by_generation(arrays: &StoredEvolution, reduce: fn(&[f64]) -> f64) -> Vec<f64> {
    let (mut reduced, mut rest) = (Vec::new(), arrays.cleanscores_all.as_slice());
    for generation in arrays.generations.chunk_by(|a, b| a == b) {
        let (scores, later) = rest.split_at(generation.len());
        reduced.push(reduce(scores));
        rest = later;
    }
    reduced
}
