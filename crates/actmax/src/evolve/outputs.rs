//! The files of a run.

use analysis::figure::evolution::{Filmstrip, ScoreTrace, Still};
use analysis::picture::Picture;
use analysis::png;
use analysis::style::optimizer_label;
use experiments::{EVOLUTION_FILE, Evolution, Goal, Keep, RunFolder, SUMMARY_FILE};
use gen_models::{GeneratorSession, Images};
use image::RgbImage;
use image::imageops::{FilterType, resize};
use optim_core::{Generator, Population};

use super::reference::ReferenceScores;
use super::summary::EvolveSummary;
use crate::CommandError;
use crate::console::significant;

const BEST: &str = "best.png";
const FINAL_MEAN: &str = "final_mean.png";
const PROGRESS: &str = "progress.png";
const TRACE: &str = "trace.svg";

/// Shorter side of `best.png` and `final_mean.png`, pixels at least.
const SMALLEST_SIDE: u32 = 256;
/// Images in `progress.png`.
const STILLS: usize = 10;
/// Pixels a unit of the SVG in `progress.png`.
const PROGRESS_SCALE: f32 = 1.5;

/// Writes what a run leaves behind, the summary last.
pub(crate) struct Outputs<'a> {
    pub(crate) folder: &'a RunFolder,
    /// Makes the images; without it there are none.
    pub(crate) generator: Option<&'a mut GeneratorSession>,
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
}

impl Outputs<'_> {
    /// Names of the files that a finished run has, reference images apart.
    pub(crate) fn of_finished_run(keep: Keep) -> Vec<&'static str> {
        let mut files = vec![EVOLUTION_FILE, BEST, FINAL_MEAN, TRACE, SUMMARY_FILE];
        if keep == Keep::All {
            files.push(PROGRESS);
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
            if let Some(image) = code.filter(|_| self.wants(name)).map(|code| self.render(code)).transpose()?.flatten()
            {
                self.folder.write_atomic(name, &to_picture(&enlarged(&image))?.to_png()?)?;
                files.push(name);
            }
        }
        let scored = evolution.generations_scored() > 0;
        if scored
            && evolution.plan.keep == Keep::All
            && self.wants(PROGRESS)
            && let Some(progress) = self.progress()?
        {
            self.folder.write_atomic(PROGRESS, &progress)?;
            files.push(PROGRESS);
        }
        if scored && self.wants(TRACE) {
            self.folder.write_atomic(TRACE, self.trace().to_svg().as_bytes())?;
            files.push(TRACE);
        }
        if let Some(references) = self.references {
            self.folder.write_atomic("reference.csv", &references.to_csv()?)?;
            files.push("reference.csv");
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

    fn render(&mut self, code: &[f64]) -> Result<Option<RgbImage>, CommandError> {
        let Some(generator) = &mut self.generator else { return Ok(None) };
        let mut single = Vec::new();
        Population::from_rows(code.len(), code).write_f32(&mut single);
        Ok(Some(generator.generate(&single)?.to_rgb8(0)))
    }

    /// The best images of some generations as PNG.
    fn progress(&mut self) -> Result<Option<Vec<u8>>, CommandError> {
        let Some(generator) = &mut self.generator else { return Ok(None) };
        let rows = best_rows(self.evolution);
        let rows: Vec<_> = evenly_spaced(rows.len(), STILLS).into_iter().map(|at| rows[at]).collect();
        let dim = self.evolution.dim;
        let codes: Vec<f32> =
            rows.iter().flat_map(|&row| &self.evolution.codes_all[row * dim..(row + 1) * dim]).copied().collect();
        let images: Images = generator.generate(&codes)?;
        let still = |(index, &row): (usize, &usize)| {
            let generation = format!("generation {}", self.evolution.generations[row]);
            let captions = vec![generation, significant(self.evolution.cleanscores_all[row])];
            Ok(Still { image: to_picture(&images.to_rgb8(index))?, captions })
        };
        let stills = rows.iter().enumerate().map(still).collect::<Result<_, CommandError>>()?;
        let title = format!("{}: best image of a generation, with its clean score", self.title);
        Ok(Some(png::render(&Filmstrip { title, stills, tile: 112.0 }.to_svg()?, PROGRESS_SCALE)?))
    }

    fn trace(&self) -> ScoreTrace {
        let evolution = self.evolution;
        let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        let noiseless = evolution.scores_all.iter().zip(&evolution.cleanscores_all).all(same);
        let noisy = if noiseless { &[][..] } else { &evolution.scores_all };
        ScoreTrace {
            title: format!("{}, {}", self.title, optimizer_label(self.optimizer)),
            optimizer: self.optimizer.to_owned(),
            clean: by_generation(&evolution.generations, &evolution.cleanscores_all),
            noisy: by_generation(&evolution.generations, noisy),
            minimized: evolution.plan.goal == Goal::Minimize,
            recorded: self.recorded,
        }
    }
}

/// Row of the best clean score of every generation.
fn best_rows(evolution: &Evolution) -> Vec<usize> {
    let (generations, scores) = (&evolution.generations, &evolution.cleanscores_all);
    let mut best: Vec<usize> = Vec::new();
    for row in 0..scores.len() {
        match best.last_mut() {
            Some(last) if generations[*last] == generations[row] => {
                if evolution.plan.goal.is_better(scores[row], scores[*last]) {
                    *last = row;
                }
            }
            _ => best.push(row),
        }
    }
    best
}

/// Up to `wanted` of the indices below `length`, the first and the last among them.
fn evenly_spaced(length: usize, wanted: usize) -> Vec<usize> {
    let count = length.min(wanted);
    let last = count.saturating_sub(1).max(1);
    (0..count).map(|index| (index * length.saturating_sub(1) + last / 2) / last).collect()
}

/// Scores `[n]` as `[generation][code]`.
fn by_generation(generations: &[u32], scores: &[f64]) -> Vec<Vec<f64>> {
    let mut grouped: Vec<Vec<f64>> = Vec::new();
    for (&generation, &score) in generations.iter().zip(scores) {
        grouped.resize_with(grouped.len().max(generation as usize + 1), Vec::new);
        grouped[generation as usize].push(score);
    }
    grouped
}

/// The image enlarged by a whole number, so that its shorter side can be looked at.
fn enlarged(image: &RgbImage) -> RgbImage {
    let (width, height) = image.dimensions();
    let factor = SMALLEST_SIDE.div_ceil(width.min(height).max(1));
    if factor == 1 { image.clone() } else { resize(image, width * factor, height * factor, FilterType::CatmullRom) }
}

fn to_picture(image: &RgbImage) -> Result<Picture, CommandError> {
    Ok(Picture::new(image.width(), image.height(), image.as_raw().clone())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stills_span_the_run() {
        assert_eq!(evenly_spaced(75, 10), [0, 8, 16, 25, 33, 41, 49, 58, 66, 74]);
        assert_eq!(evenly_spaced(3, 10), [0, 1, 2]);
        assert_eq!(evenly_spaced(1, 10), [0]);
        assert!(evenly_spaced(0, 10).is_empty());
    }

    #[test]
    fn small_images_are_enlarged_and_large_ones_are_not() {
        assert_eq!(enlarged(&RgbImage::new(64, 64)).dimensions(), (256, 256));
        assert_eq!(enlarged(&RgbImage::new(100, 60)).dimensions(), (500, 300));
        assert_eq!(enlarged(&RgbImage::new(256, 300)).dimensions(), (256, 300));
    }

    #[test]
    fn scores_are_grouped_by_generation() {
        assert_eq!(by_generation(&[0, 1, 1], &[1.0, 2.0, 3.0]), [vec![1.0], vec![2.0, 3.0]]);
        assert!(by_generation(&[0, 1, 1], &[]).is_empty());
    }
}
