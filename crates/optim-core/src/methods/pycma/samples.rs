//! The samples that wait for their scores, and which of the scored solutions they are.

use nalgebra::DMatrix;

use crate::Population;

/// Codes that were sampled together.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Batch {
    /// `N x lambda`.
    pub(crate) codes: Population,
    /// Normals behind the codes, `N x lambda`; empty where the strategy does not need them.
    pub(crate) z: DMatrix<f64>,
    /// Codes, from the first, that are probes of the step size.
    pub(crate) probes: usize,
}

/// A sample: its batch and its column.
pub(crate) type Origin = (usize, usize);

/// The batches sampled since the last update: as a rule one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Batches {
    list: Vec<Batch>,
    /// Batches that asking again does not replace.
    kept: usize,
    /// Whether a batch was sampled since the last update.
    waiting: bool,
}

impl Batches {
    pub(crate) fn new() -> Self {
        Self { list: Vec::new(), kept: 0, waiting: false }
    }

    /// Room for a new batch, which replaces all that were not kept.
    pub(crate) fn begin(&mut self, dim: usize) -> &mut Batch {
        self.waiting = true;
        self.list.truncate(self.kept + 1);
        if self.list.len() == self.kept {
            self.list.push(Batch { codes: Population::new(dim), z: DMatrix::zeros(0, 0), probes: 0 });
        }
        &mut self.list[self.kept]
    }

    /// Keeps what was sampled for updates to come.
    pub(crate) fn keep(&mut self) {
        self.kept = if self.waiting { self.list.len() } else { 0 };
    }

    /// After an update: the samples are samples no longer.
    pub(crate) fn close(&mut self) {
        self.waiting = false;
        self.kept = 0;
    }

    pub(crate) fn waiting(&self) -> bool {
        self.waiting
    }

    pub(crate) fn batch(&self, origin: Origin) -> &Batch {
        &self.list[origin.0]
    }

    /// For each solution the sample that it is, bit for bit: the one in its own column if there are
    /// several; each sample once. `None` for foreign solutions.
    pub(crate) fn origins(&self, told: &Population) -> Vec<Option<Origin>> {
        let all: Vec<(Origin, &[f64])> = self.list.iter().enumerate().flat_map(samples).collect();
        let mut free = vec![true; all.len()];
        (0..told.len())
            .map(|column| {
                let is = |sample: usize| free[sample] && same_bits(told.code(column), all[sample].1);
                let own = Some(column).filter(|&sample| sample < all.len() && is(sample));
                let found = own.or_else(|| (0..all.len()).find(|&sample| is(sample)))?;
                free[found] = false;
                Some(all[found].0)
            })
            .collect()
    }
}

fn samples((number, batch): (usize, &Batch)) -> impl Iterator<Item = (Origin, &[f64])> {
    batch.codes.iter().enumerate().map(move |(column, code)| ((number, column), code))
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits())
}
