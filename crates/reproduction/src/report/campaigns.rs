//! The campaigns behind the report: made where they are missing, read where they are there.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use experiments::Provenance;
use experiments::campaign::{Arm, Campaign, Report, Runner, Store, StoredRun};
use gen_models::{Runtime, SessionOptions};
use networks::{Library, NetworkSource, Preset, Size, resolve};
use optim_core::{Method, Population};
use progress::CampaignProgress;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::runs::Run;

/// A campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grid {
    /// Nevergrad's twelve optimizers.
    Round1,
    /// The genetic algorithm against five variants of CMA-ES.
    Round2,
    /// Spectra of covariance matrices.
    Covariance,
    /// Scores drawn from N(0, 1).
    NoiseControl,
    /// Methods newer than the publication, on the units of round 2.
    Beyond,
}

impl Grid {
    /// All of them, in the order in which they are run.
    pub(super) const ALL: [Self; 5] = [Self::NoiseControl, Self::Round2, Self::Round1, Self::Covariance, Self::Beyond];

    /// Its name: that of its preset, if it has one, and of its table among the published ones for the rounds.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Round1 => "round1",
            Self::Round2 => "round2",
            Self::Covariance => "covariance",
            Self::NoiseControl => "noise-control",
            Self::Beyond => "newer",
        }
    }

    /// A title that stands for itself, outside of the report too.
    pub(super) fn titled(self, what: &str) -> String {
        let campaign = match self {
            Self::Round1 => "Round 1",
            Self::Round2 => "Round 2",
            Self::Covariance => "Covariance",
            Self::NoiseControl => "Noise-driven control",
            Self::Beyond => "Beyond the paper",
        };
        format!("{campaign}: {what}")
    }

    /// The campaign at a size, with another seed than the preset's where one is given.
    pub(super) fn at(self, size: Size, library: &Library, seed: Option<u64>) -> Result<Campaign> {
        if self == Self::Beyond {
            let round2 = Self::Round2.at(size, library, seed)?;
            let like = round2.arms.first().context("round2 has no optimizer")?;
            let arm = |name: &str| Ok(Arm { label: name.to_owned(), method: Method::from_name(name)?, ..like.clone() });
            let arms = NEWER.into_iter().map(arm).collect::<Result<_>>()?;
            return Ok(Campaign { name: format!("{}-{size}", self.name()), arms, ..round2 });
        }
        let mut campaign = resolve(&Preset::find(self.name())?.config(size)?, library)?;
        campaign.seed = seed.unwrap_or(campaign.seed);
        Ok(campaign)
    }
}

/// Methods that are newer than the publication.
pub(super) const NEWER: [&str; 2] = ["polar-es-savage", "cr-fm-nes"];

/// Folders of campaigns, in which missing runs are made and all are read.
pub(super) struct CampaignFolders<'a> {
    /// Folder of the campaigns' folders.
    pub(super) folder: PathBuf,
    pub(super) library: &'a Library,
    pub(super) runtime: &'static Runtime,
    pub(super) jobs: NonZeroUsize,
}

impl CampaignFolders<'_> {
    /// Makes what is missing of a campaign and reads all its runs, in the order of the grid.
    pub(super) fn runs(&self, campaign: &Campaign, pool: &ThreadPool) -> Result<Vec<Run>> {
        let (store, stored) = self.opened(campaign, Vec::new())?;
        let read = || stored.par_iter().map(|stored| Run::read(&store, stored)).collect();
        pool.install(read)
    }

    /// Makes what is missing of a campaign and returns all its runs, in the order of the grid; `starts` are the codes that
    /// they start from, where the campaign names some.
    pub(super) fn stored(&self, campaign: &Campaign, starts: Vec<Population>) -> Result<Vec<StoredRun>> {
        Ok(self.opened(campaign, starts)?.1)
    }

    fn opened(&self, campaign: &Campaign, starts: Vec<Population>) -> Result<(Store, Vec<StoredRun>)> {
        let folder = self.folder.join(&campaign.name);
        let store = Store::create(&folder, campaign)
            .with_context(|| format!("the folder {} cannot be used; --campaigns names another", folder.display()))?;
        self.make(&store, starts)?;
        let stored = store.runs().collect::<Result<Vec<_>, _>>()?;
        Ok((store, stored))
    }

    fn make(&self, store: &Store, starts: Vec<Population>) -> Result<()> {
        let source = NetworkSource::new(self.library, self.runtime, SessionOptions::default(), self.jobs.get());
        let source = source.with_starts(starts);
        let progress = CampaignProgress::new(&store.campaign().name, false);
        let provenance = source.provenance();
        let runner = Runner { jobs: self.jobs, provenance, watcher: &progress, ..Runner::default() };
        let report = runner.run(store, &source);
        progress.finish();
        require_whole(&report?, store.path())
    }
}

/// Fails where runs are missing: figures of a part of a grid would pass for those of the whole.
fn require_whole(report: &Report, folder: &Path) -> Result<()> {
    if let Some(failure) = report.failed.first() {
        let count = report.failed.len();
        bail!("{count} runs of {} failed; the first: {}: {}", folder.display(), failure.run, failure.reason);
    }
    Ok(())
}

/// What differs among the programs and machines that made the runs, as (name, values).
pub(super) fn versions<'a>(runs: impl Iterator<Item = &'a Run>) -> Vec<(String, String)> {
    versions_of(runs.map(Run::provenance))
}

/// The same of their provenances.
pub(super) fn versions_of<'a>(provenances: impl Iterator<Item = &'a Provenance>) -> Vec<(String, String)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for Provenance { cpu, versions, .. } in provenances {
        let named = std::iter::once(("CPU".to_owned(), cpu.clone())).chain(versions.clone());
        for (name, value) in named {
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) if values.contains(&value) => {}
                Some((_, values)) => values.push(value),
                None => found.push((name, vec![value])),
            }
        }
    }
    found.into_iter().map(|(name, values)| (name, values.join("; "))).collect()
}
