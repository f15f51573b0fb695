//! All that sections are made from, and what they consist of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use analysis::report::{Claim, Table};
use anyhow::{Context, Result};

use super::campaigns::Grid;
use super::models::Models;
use super::preset::Analyses;
use super::runs::Run;
use super::scores::Scores;
use super::sections::Measured;
use crate::published::PublishedMeans;

/// The runs, the networks behind them, and the published numbers.
pub(super) struct Study<'a> {
    pub(super) analyses: Analyses,
    pub(super) models: Models<'a>,
    pub(super) published: PublishedMeans,
    pub(super) runs: BTreeMap<Grid, Vec<Run>>,
    /// The generator's metric, once it was measured.
    pub(super) metric: Mutex<Option<Arc<Measured>>>,
}

impl Study<'_> {
    /// The runs of a campaign, in the order of its grid.
    pub(super) fn runs(&self, grid: Grid) -> Result<&[Run]> {
        let runs = self.runs.get(&grid).with_context(|| format!("the runs of {} were not made", grid.name()))?;
        Ok(runs)
    }

    /// Normalised scores of a round.
    pub(super) fn scores(&self, round: Grid) -> Result<Scores> {
        Scores::of(self.runs(round)?, self.analyses.resamples)
    }

    /// Noise-free runs of one optimizer; of the noise control all of them.
    pub(super) fn noise_free(&self, grid: Grid, optimizer: &str) -> Result<Vec<&Run>> {
        Ok(self.runs(grid)?.iter().filter(|run| run.noise == 0.0 && run.label == optimizer).collect())
    }

    /// The run that figures of one run show: noise-free, of the first repeat, on the last unit of the grid.
    pub(super) fn shown(&self, optimizer: &str) -> Result<Option<&Run>> {
        Ok(self.noise_free(Grid::Round2, optimizer)?.into_iter().rfind(|run| run.repeat == 0))
    }
}

/// A table and the stem of its CSV file.
#[derive(Clone, Debug)]
pub(super) struct NamedTable {
    pub(super) stem: &'static str,
    pub(super) table: Table,
}

/// What belongs into the section of a figure or table.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) svg: Option<String>,
    /// What to see in it.
    pub(super) summary: String,
    /// Which runs on which models it is made from.
    pub(super) caption: String,
    pub(super) tables: Vec<NamedTable>,
    pub(super) claims: Vec<Claim>,
}

/// Which runs these are: networks, layers, noise levels, repeats, lengths.
pub(super) fn describe<'a>(runs: impl IntoIterator<Item = &'a Run>) -> String {
    let (mut networks, mut units, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    let (mut repeats, mut lengths, mut count) = (Vec::new(), Vec::new(), 0);
    let add = |list: &mut Vec<String>, item: String| {
        if !list.contains(&item) {
            list.push(item);
        }
    };
    for run in runs {
        count += 1;
        add(
            &mut networks,
            run.networks().map_or("scores from N(0, 1), no network".to_owned(), |names| {
                format!("{} and {}", names.generator, names.cnn)
            }),
        );
        if !run.unit().layer.is_empty() {
            add(&mut units, format!("{}:{}", run.unit().layer, run.unit().channel));
        }
        add(&mut levels, run.noise.to_string());
        add(&mut repeats, run.repeat.to_string());
        add(&mut lengths, run.generations().to_string());
    }
    let units = match units.len() {
        0 => String::new(),
        1..=8 => format!("; units {}", units.join(", ")),
        many => format!("; {many} units"),
    };
    format!(
        "{}{units}; noise {}; {} {}, {} {}; {} generations a run.",
        networks.join("; "),
        levels.join(", "),
        count,
        if count == 1 { "run" } else { "runs" },
        repeats.len(),
        if repeats.len() == 1 { "repeat" } else { "repeats" },
        lengths.join(" or ")
    )
}
