//! The files of a run.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use experiments::{EVOLUTION_FILE, Evolution, Keep, NpzWriter, RunFolder, SUMMARY_FILE};
use paradigm::Geometry;

use super::figures::{ImageSource, RunFigures, image_of, rgb8_of, to_picture};
use super::reference::ReferenceScores;
use super::summary::EvolveSummary;
use crate::CommandError;

const BEST: &str = "best.png";
const FINAL_MEAN: &str = "final_mean.png";
const PROGRESS: &str = "progress.png";
/// The best image as the units see it, where they see it on a canvas.
pub(crate) const STIMULUS: &str = "stimulus.png";
const TRACE: &str = "trace.svg";

/// Images in `progress.png`.
const STILLS: usize = 10;

/// Writes what a run leaves behind, the summary last.
pub(crate) struct Outputs<'a> {
    pub(crate) folder: &'a RunFolder,
    /// Makes the images; without it there are none.
    pub(crate) generator: Option<&'a mut dyn ImageSource>,
    /// Where the units see the images on a canvas.
    pub(crate) geometry: Option<Geometry>,
    pub(crate) evolution: &'a Evolution,
    /// Name of the optimizer.
    pub(crate) optimizer: &'a str,
    /// Scores of reference images, if there are any.
    pub(crate) references: Option<&'a ReferenceScores>,
    /// The files that are to be written; none: all.
    pub(crate) only: Option<Vec<&'static str>>,
    /// Whether the scores are recorded responses, of which there are no clean ones.
    pub(crate) recorded: bool,
    /// Names of the units, and the goal.
    pub(crate) title: String,
    /// Whether the last generation is written as the published scripts have it.
    pub(crate) published: bool,
}

impl Outputs<'_> {
    /// Names of the files that a finished run has, reference images apart.
    pub(crate) fn of_finished_run(keep: Keep, geometry: Option<Geometry>) -> Vec<&'static str> {
        let mut files = vec![EVOLUTION_FILE, BEST, FINAL_MEAN, TRACE, SUMMARY_FILE];
        if keep == Keep::All {
            files.push(PROGRESS);
        }
        if geometry.is_some() {
            files.push(STIMULUS);
        }
        files
    }

    /// Writes the files that are wanted and returns their names.
    pub(crate) fn write(mut self, summary: &EvolveSummary) -> Result<Vec<&'static str>, CommandError> {
        let mut files = Vec::new();
        let evolution = self.evolution;
        if self.wants(EVOLUTION_FILE) {
            self.folder.write_evolution(evolution, summary.run.runtime)?;
            files.push(EVOLUTION_FILE);
        }
        let best = evolution.best_clean.as_ref().map(|best| &best.code);
        for (name, code) in [(BEST, best), (FINAL_MEAN, evolution.final_mean.as_ref())] {
            if let (Some(code), true) = (code, self.wants(name))
                && let Some(generator) = &mut self.generator
            {
                self.folder.write_atomic(name, &image_of(&mut **generator, code)?)?;
                files.push(name);
            }
        }
        if let (Some(geometry), Some(best), true) = (&self.geometry, best, self.wants(STIMULUS))
            && let Some(generator) = &mut self.generator
        {
            self.folder.write_atomic(STIMULUS, &stimulus(&mut **generator, best, geometry)?)?;
            files.push(STIMULUS);
        }
        let figures = RunFigures {
            evolution,
            title: &self.title,
            optimizer: self.optimizer,
            recorded: self.recorded,
            references: Vec::new(),
            geometry: self.geometry,
        };
        let scored = evolution.generations_scored() > 0;
        if scored
            && evolution.plan.keep == Keep::All
            && self.wants(PROGRESS)
            && let Some(generator) = &mut self.generator
        {
            self.folder.write_atomic(PROGRESS, &figures.progress(&mut **generator, STILLS)?)?;
            files.push(PROGRESS);
        }
        if scored && self.wants(TRACE) {
            self.folder.write_atomic(TRACE, figures.trace().as_bytes())?;
            files.push(TRACE);
        }
        if let Some(references) = self.references {
            self.folder.write_atomic("reference.csv", &references.to_csv()?)?;
            files.push("reference.csv");
        }
        if self.published && scored {
            let name = published_name(self.folder.path());
            self.folder.write_atomic_with(&name, |file| write_published(file, evolution))?;
        }
        if self.wants(SUMMARY_FILE) {
            self.folder.write_json(SUMMARY_FILE, summary)?;
            files.push(SUMMARY_FILE);
        }
        Ok(files)
    }

    fn wants(&self, file: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&file))
    }
}

/// The image of a code on its canvas, PNG.
pub(crate) fn stimulus(
    generator: &mut dyn ImageSource,
    code: &[f64],
    geometry: &Geometry,
) -> Result<Vec<u8>, CommandError> {
    Ok(to_picture(&geometry.place(rgb8_of(generator, code)?))?.to_png()?)
}

/// Name of the file that the published scripts call `Evolution_codes_LABEL.npz`; the label is the name of the run's folder.
pub(crate) fn published_name(folder: &Path) -> String {
    let label = folder.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy().into_owned());
    format!("Evolution_codes_{label}.npz")
}

/// Writes the arrays of the published `Evolution_codes_LABEL.npz`: `best_code` `[1, N]` with the best score that the method
/// saw, `best_score`; `lastgen_codes` `[1, N]`, the mean of the last scored generation, and `lastgen_score`, the mean of its
/// scores.
fn write_published(file: &mut BufWriter<File>, evolution: &Evolution) -> io::Result<()> {
    let dim = evolution.dim as u64;
    let mut npz = NpzWriter::new(file);
    if let Some(best) = &evolution.best_noisy {
        npz.array("best_code", &[1, dim], best.code.iter().copied())?;
        npz.array("best_score", &[], std::iter::once(best.score))?;
    }
    if let Some(mean) = &evolution.final_mean {
        npz.array("lastgen_codes", &[1, dim], mean.iter().copied())?;
    }
    let last = evolution.generations.last();
    let scores = evolution.generations.iter().zip(&evolution.scores_all);
    let scores: Vec<f64> =
        scores.filter(|(generation, _)| Some(*generation) == last).map(|(_, score)| *score).collect();
    npz.array("lastgen_score", &[], std::iter::once(scores.iter().sum::<f64>() / scores.len() as f64))?;
    npz.finish().map(drop)
}
