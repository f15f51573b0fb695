//! `--reference`: images that the same unit scores, to see where the evolved one lies among them.

use std::path::{Path, PathBuf};

use analysis::StatsError;
use analysis::reference_images::AmongReferences;
use experiments::Goal;
use experiments::journal::Score;
use gen_models::{Images, ModelError, UnitScorer};
use indicatif::ProgressIterator;
use optim_core::Scorer;
use paradigm::{Geometry, ImageFileError, image_names, read_image};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::CommandError;
use crate::console::{significant, warn};

/// Why reference images could not be scored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// They cannot be read.
    #[error(transparent)]
    Files(#[from] ImageFileError),
    /// The network failed.
    #[error("the reference image {} cannot be scored", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<ModelError>,
    },
    /// A score that is not finite.
    #[error("the evolved image cannot be compared with the images in {}", folder.display())]
    Compare {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: StatsError,
    },
}

impl ReferenceError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Files(_))
    }
}

/// Reference images with their clean scores.
#[derive(Debug)]
pub(crate) struct ReferenceScores {
    folder: PathBuf,
    /// File names, sorted, and scores.
    scores: Vec<(String, f64)>,
}

/// Where the best evolved image lies among reference images, all by clean score of the same unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSummary {
    /// Folder of the images, as it was named.
    pub folder: PathBuf,
    /// Number of them.
    pub images: usize,
    /// Share of them with a lower score than the evolved image.
    pub share_below: f64,
    /// Percentile of the evolved image; ties count half.
    pub percentile: f64,
    /// Its distance from their mean in their standard deviations; none where they do not vary.
    pub z: Option<f64>,
    /// The best of them: with the highest score, or the lowest where that was sought.
    pub best_image: String,
    /// Its score.
    pub best_score: Score,
}

impl ReferenceSummary {
    /// In a line.
    pub(crate) fn describe(&self) -> String {
        format!(
            "above {:.0} % of the {} images in {} (percentile {:.1}); the best of them, {}, scores {}",
            100.0 * self.share_below,
            self.images,
            self.folder.display(),
            self.percentile,
            self.best_image,
            significant(self.best_score.0)
        )
    }
}

impl ReferenceScores {
    /// Scores the images of a folder, one at a time: they may differ in size. On a canvas lies the middle square of each.
    pub(crate) fn measure(
        folder: &Path,
        scorer: &mut UnitScorer,
        geometry: Option<Geometry>,
        quiet: bool,
    ) -> Result<Self, CommandError> {
        let names = image_names(folder, warn)?;
        let bar =
            if quiet { indicatif::ProgressBar::hidden() } else { indicatif::ProgressBar::new(names.len() as u64) };
        let score = |name: String| {
            let score = score(&folder.join(&name), scorer, geometry)?;
            Ok((name, score))
        };
        let scores = names.into_iter().progress_with(bar).map(score).collect::<Result<_, ReferenceError>>()?;
        Ok(Self { folder: folder.to_owned(), scores })
    }

    /// Compares the best evolved score with theirs.
    pub(crate) fn compare(&self, best: f64, goal: Goal) -> Result<ReferenceSummary, CommandError> {
        let failed = |source| ReferenceError::Compare { folder: self.folder.clone(), source };
        let scores: Vec<f64> = self.scores.iter().map(|(_, score)| *score).collect();
        let found = AmongReferences::of(best, &scores).map_err(failed)?;
        let better = |a: usize, b: usize| if goal.is_better(self.scores[b].1, self.scores[a].1) { b } else { a };
        let first = (0..self.scores.len()).reduce(better).unwrap_or(0);
        let (best_image, best_score) = self.scores[first].clone();
        Ok(ReferenceSummary {
            folder: self.folder.clone(),
            images: found.references,
            share_below: found.share_below,
            percentile: found.percentile(),
            z: found.z,
            best_image,
            best_score: Score(best_score),
        })
    }

    /// The scores as CSV, in the order of the file names.
    pub(crate) fn to_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["image", "score"])?;
        for (name, score) in &self.scores {
            writer.write_record([name, &format!("{score:?}")])?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }
}

fn score(path: &Path, scorer: &mut UnitScorer, geometry: Option<Geometry>) -> Result<f64, ReferenceError> {
    // As a CNN sees it: all of it, or its middle square on a canvas.
    let whole = read_image(path)?;
    let image = Images::from_rgb8(&match geometry {
        Some(geometry) => geometry.place_middle(&whole),
        None => whole,
    });
    let mut scores = Vec::new();
    let failed = |source| ReferenceError::Model { path: path.to_owned(), source: Box::new(source) };
    scorer.score(&image, &mut scores).map_err(failed)?;
    Ok(scores.first().copied().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references() -> ReferenceScores {
        let scores = [("a.png", 1.0), ("b.png", 3.0), ("c.png", 3.0), ("d.png", -2.0)];
        let scores = scores.map(|(name, score)| (name.to_owned(), score)).to_vec();
        ReferenceScores { folder: PathBuf::from("photos"), scores }
    }

    #[test]
    fn the_best_reference_depends_on_what_is_sought() {
        let high = references().compare(2.0, Goal::Maximize).unwrap();
        assert_eq!((high.best_image.as_str(), high.best_score.0, high.share_below), ("b.png", 3.0, 0.5));
        let low = references().compare(-2.0, Goal::Minimize).unwrap();
        assert_eq!((low.best_image.as_str(), low.percentile), ("d.png", 12.5));
        assert!(references().compare(f64::NAN, Goal::Maximize).is_err());
    }

    #[test]
    fn scores_are_written_by_name() {
        let text = String::from_utf8(references().to_csv().unwrap()).unwrap();
        assert_eq!(text, "image,score\na.png,1.0\nb.png,3.0\nc.png,3.0\nd.png,-2.0\n");
    }
}
