//! The figures of a run.

use analysis::figure::evolution::{Filmstrip, ScoreTrace, Still};
use analysis::picture::Picture;
use analysis::png;
use analysis::style::optimizer_label;
use experiments::{Evolution, Goal};
use gen_models::{GeneratorSession, Images};
use image::RgbImage;
use image::imageops::{FilterType, resize};
use optim_core::{Generator, Population};
use paradigm::Geometry;

use crate::CommandError;
use crate::console::significant;

/// Shorter side of an image that stands alone, pixels at least.
const SMALLEST_SIDE: u32 = 256;
/// Pixels a unit of the SVG in a PNG.
const SCALE: f32 = 1.5;
/// Images in a row of few, which are large, and their width in CSS pixels.
const LARGE: (usize, f64) = (10, 112.0);
/// Images in a row of many, and their width.
const SMALL: (usize, f64) = (15, 80.0);

/// What makes images of codes.
pub(crate) trait ImageSource {
    /// Images of codes, C-order `[n, N]`.
    fn images(&mut self, codes: &[f32]) -> Result<Images, CommandError>;
}

impl ImageSource for GeneratorSession {
    fn images(&mut self, codes: &[f32]) -> Result<Images, CommandError> {
        Ok(self.generate(codes)?)
    }
}

/// What a run is drawn from.
pub(crate) struct RunFigures<'a> {
    /// The run.
    pub(crate) evolution: &'a Evolution,
    /// Names of the units, and the goal.
    pub(crate) title: &'a str,
    /// Name of the optimizer.
    pub(crate) optimizer: &'a str,
    /// Whether the scores are recorded responses, of which there are no clean ones.
    pub(crate) recorded: bool,
    /// Scores of reference images beside each generation.
    pub(crate) references: Vec<Vec<f64>>,
    /// Where the images lie on the canvas that is presented.
    pub(crate) geometry: Option<Geometry>,
}

impl RunFigures<'_> {
    /// Every score by generation, SVG.
    pub(crate) fn trace(&self) -> String {
        let evolution = self.evolution;
        let title = format!("{}, {}", self.title, optimizer_label(self.optimizer));
        let scores = [&evolution.cleanscores_all[..], &evolution.scores_all];
        let minimized = evolution.plan.goal == Goal::Minimize;
        let trace = score_trace(title, self.optimizer, &evolution.generations, scores, minimized, self.recorded);
        ScoreTrace { references: self.references.clone(), ..trace }.to_svg()
    }

    /// The best images of up to so many generations, the first and the last among them, PNG.
    pub(crate) fn progress(&self, generator: &mut dyn ImageSource, stills: usize) -> Result<Vec<u8>, CommandError> {
        let rows = best_rows(self.evolution);
        let rows: Vec<_> = evenly_spaced(rows.len(), stills).into_iter().map(|at| rows[at]).collect();
        self.strip(generator, &format!("best image of a generation, with its {}", self.score()), &rows)
    }

    /// The images with the best scores, each code once, PNG.
    pub(crate) fn montage(&self, generator: &mut dyn ImageSource, count: usize) -> Result<Vec<u8>, CommandError> {
        let (goal, scores) = (self.evolution.plan.goal, &self.evolution.cleanscores_all);
        let mut rows: Vec<usize> = (0..scores.len()).filter(|&row| !scores[row].is_nan()).collect();
        rows.sort_by(|&a, &b| {
            if goal == Goal::Minimize { scores[a].total_cmp(&scores[b]) } else { scores[b].total_cmp(&scores[a]) }
        });
        let mut best: Vec<usize> = Vec::new();
        for row in rows {
            if best.len() < count && best.iter().all(|&other| self.code(other) != self.code(row)) {
                best.push(row);
            }
        }
        self.strip(generator, &format!("best images, with their {}s", self.score()), &best)
    }

    fn score(&self) -> &'static str {
        if self.recorded { "score" } else { "clean score" }
    }

    fn code(&self, row: usize) -> &[f32] {
        let dim = self.evolution.dim;
        &self.evolution.codes_all[row * dim..(row + 1) * dim]
    }

    /// Images of evaluations, with generation and score below each.
    fn strip(&self, generator: &mut dyn ImageSource, what: &str, rows: &[usize]) -> Result<Vec<u8>, CommandError> {
        let codes: Vec<f32> = rows.iter().flat_map(|&row| self.code(row)).copied().collect();
        let images = generator.images(&codes)?;
        let still = |(index, &row): (usize, &usize)| {
            let generation = format!("generation {}", self.evolution.generations[row]);
            let captions = vec![generation, significant(self.evolution.cleanscores_all[row])];
            let shown = match self.geometry {
                Some(geometry) => geometry.place(images.to_rgb8(index)),
                None => images.to_rgb8(index),
            };
            Ok(Still { image: to_picture(&shown)?, captions })
        };
        let stills = rows.iter().enumerate().map(still).collect::<Result<Vec<_>, CommandError>>()?;
        let (columns, tile) = if stills.len() <= 2 * LARGE.0 { LARGE } else { SMALL };
        let presented = if self.geometry.is_some() { ", as presented" } else { "" };
        let figure = Filmstrip { title: format!("{}: {what}{presented}", self.title), stills, columns, tile };
        Ok(png::render(&figure.to_svg()?, SCALE)?)
    }
}

/// The figure of all scores of a run: clean ones, and those that the optimizer saw, where they differ. All are `[n]`.
#[must_use]
pub fn score_trace(
    title: String,
    optimizer: &str,
    generations: &[u32],
    [clean, noisy]: [&[f64]; 2],
    minimized: bool,
    recorded: bool,
) -> ScoreTrace {
    let same = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    let noiseless = noisy.iter().zip(clean).all(same);
    let noisy = if noiseless { &[][..] } else { noisy };
    ScoreTrace {
        title,
        optimizer: optimizer.to_owned(),
        clean: by_generation(generations, clean),
        noisy: by_generation(generations, noisy),
        minimized,
        recorded,
        references: Vec::new(),
    }
}

/// The image of a code, large enough to be looked at, PNG.
pub(crate) fn image_of(generator: &mut dyn ImageSource, code: &[f64]) -> Result<Vec<u8>, CommandError> {
    Ok(to_picture(&enlarged(&rgb8_of(generator, code)?))?.to_png()?)
}

/// The image of a code.
pub(super) fn rgb8_of(generator: &mut dyn ImageSource, code: &[f64]) -> Result<RgbImage, CommandError> {
    let mut single = Vec::new();
    Population::from_rows(code.len(), code).write_f32(&mut single);
    Ok(generator.images(&single)?.to_rgb8(0))
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

pub(super) fn to_picture(image: &RgbImage) -> Result<Picture, CommandError> {
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
