//! One run: all its scores, and what its images became.

use super::axis::Axis;
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::sheet::{MARGIN, Row, Sheet, heading};
use super::svg::{Anchor, Canvas, Rect, Stroke, Symbol, TextStyle};
use super::text;
use crate::error::RenderError;
use crate::picture::Picture;
use crate::style::{Color, INK, optimizer_color};

const FRAME: (f64, f64) = (520.0, 290.0);
const DOT: f64 = 1.5;
/// Share of the colour in a faint dot; the rest is paper.
const FAINT: f64 = 0.38;
const NOISY: Color = Color(0xC9, 0xC9, 0xC9);
const REFERENCES: Color = Color(0x6E, 0x6E, 0x6E);
const MEAN_WIDTH: f64 = 2.2;
const BEST_WIDTH: f64 = 1.2;
const BEST_DASH: &str = "5 3";

const GAP: f64 = 10.0;
const CAPTION_SIZE: f64 = 11.0;
const CAPTION_ROW: f64 = 15.0;

/// Every score of one run, activation (a.u.), as `[generation][code]`.
///
/// Generations may differ in length; values that are not finite are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTrace {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Name of the optimizer on the command line: the colour.
    pub optimizer: String,
    /// Clean (noise-free) scores.
    pub clean: Vec<Vec<f64>>,
    /// Scores as the optimizer saw them. Leave it empty for runs without noise.
    pub noisy: Vec<Vec<f64>>,
    /// Whether low scores were sought, so that the best of a generation is its lowest.
    pub minimized: bool,
    /// Whether `clean` are recorded responses, whose noise nobody knows: the words say so.
    pub recorded: bool,
    /// Scores of reference images that were shown beside each generation; may be empty.
    pub references: Vec<Vec<f64>>,
}

impl ScoreTrace {
    /// Draws the figure: every score as a faint dot, mean (line) and best (dashed) clean score of every generation; of the
    /// references the mean, within a band of one standard deviation.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let color = optimizer_color(&self.optimizer);
        let mean = Stroke::solid(color, MEAN_WIDTH);
        let best = Stroke { color: INK, width: BEST_WIDTH, dash: Some(BEST_DASH) };
        let dots = |points, color| Mark::dots(points, color, DOT);
        let references = Stroke::solid(REFERENCES, MEAN_WIDTH);
        let marks = vec![
            Mark::Band { points: self.reference_band(), color: REFERENCES },
            dots(points(&self.noisy), NOISY),
            dots(points(&self.clean), color.faded(FAINT)),
            Mark::Line { points: means(&self.references), stroke: references },
            Mark::Line { points: means(&self.clean), stroke: mean },
            Mark::Line { points: self.bests(), stroke: best },
        ];
        let kind = if self.recorded { "recorded" } else { "clean" };
        let best_label = format!("{} {kind} score", if self.minimized { "lowest" } else { "highest" });
        let dot = |color, label: &str| Entry::symbol(Symbol::Circle, color, false, label);
        let mut scores = vec![dot(color.faded(FAINT), &format!("{kind} score"))];
        if self.noisy.iter().any(|scores| !scores.is_empty()) {
            scores.push(dot(NOISY, "noisy score, as the optimizer saw it"));
        }
        let mut lines = vec![Entry::line(mean, &format!("mean {kind} score")), Entry::line(best, &best_label)];
        if self.references.iter().any(|scores| scores.len() > 1) {
            lines.push(Entry { swatch: Swatch::Band(references), label: "mean of references ± SD".to_owned() });
        } else if self.references.iter().any(|scores| !scores.is_empty()) {
            lines.push(Entry::line(references, "reference image"));
        }
        let panel = Panel {
            title: String::new(),
            note: String::new(),
            x_label: "generation".to_owned(),
            y_label: if self.recorded { "score" } else { "activation (a.u.)" }.to_owned(),
            x: self.generation_axis(),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 6),
            marks,
        };
        let legend = vec![lines, scores];
        let rows = vec![Row { heading: String::new(), panels: vec![panel] }];
        Sheet { title: self.title.clone(), legend, rows, frame: FRAME }.to_svg()
    }

    /// Whole generations, with room for the dots of the first and the last one.
    fn generation_axis(&self) -> Axis {
        match self.clean.len().max(self.noisy.len()) {
            length @ 0..=1 => Axis::generations(length, 1),
            length => Axis::around([0.0, (length - 1) as f64], (length - 1).min(8)),
        }
    }

    /// Mean less and plus standard deviation of the references of each generation that has several.
    fn reference_band(&self) -> Vec<(f64, f64, f64)> {
        let around = |((t, mean), scores): ((f64, f64), &Vec<f64>)| {
            let finite: Vec<f64> = scores.iter().copied().filter(|score| score.is_finite()).collect();
            let squares: f64 = finite.iter().map(|score| (score - mean).powi(2)).sum();
            let deviation = (squares / (finite.len() as f64 - 1.0)).sqrt();
            (t, mean - deviation, mean + deviation)
        };
        let bands = means(&self.references).into_iter().zip(&self.references).map(around);
        if self.references.iter().any(|scores| scores.len() > 1) { bands.collect() } else { Vec::new() }
    }

    fn bests(&self) -> Vec<(f64, f64)> {
        // `min` and `max` take the other side where a score is NaN.
        let better = if self.minimized { f64::min } else { f64::max };
        by_generation(&self.clean, |scores| scores.iter().copied().fold(f64::NAN, better))
    }
}

/// Mean of the finite scores of each generation.
fn means(scores: &[Vec<f64>]) -> Vec<(f64, f64)> {
    by_generation(scores, |scores| {
        let finite = scores.iter().filter(|score| score.is_finite());
        finite.clone().sum::<f64>() / finite.count() as f64
    })
}

/// One value a generation, against generation.
fn by_generation(scores: &[Vec<f64>], value: impl Fn(&[f64]) -> f64) -> Vec<(f64, f64)> {
    scores.iter().enumerate().map(|(generation, scores)| (generation as f64, value(scores))).collect()
}

/// All scores against generation.
fn points(scores: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let of = |(generation, scores): (usize, &Vec<f64>)| {
        scores.iter().map(|&score| (generation as f64, score)).collect::<Vec<_>>()
    };
    scores.iter().enumerate().flat_map(of).collect()
}

/// An image of a run with what is written below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Still {
    /// The image.
    pub image: Picture,
    /// Lines below it.
    pub captions: Vec<String>,
}

/// Images side by side, in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Filmstrip {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// The images.
    pub stills: Vec<Still>,
    /// Images in a row; 0 counts as 1.
    pub columns: usize,
    /// Width of an image in CSS pixels, at least 16.
    pub tile: f64,
}

impl Filmstrip {
    /// Draws the rows; images keep their proportions.
    ///
    /// # Errors
    /// [`RenderError::Encode`] where a picture cannot be encoded as PNG.
    pub fn to_svg(&self) -> Result<String, RenderError> {
        let mut canvas = Canvas::new();
        let top = heading(&mut canvas, &self.title);
        // `max` takes the other side where the tile is NaN.
        let tile = self.tile.max(16.0);
        let columns = self.columns.max(1);
        let (mut bottom, mut y) = (top, top);
        for (index, still) in self.stills.iter().enumerate() {
            if index > 0 && index % columns == 0 {
                y = bottom + GAP;
            }
            let x = MARGIN + (index % columns) as f64 * (tile + GAP);
            let height = tile * f64::from(still.image.height()) / f64::from(still.image.width());
            let place = Rect { x, y, width: tile, height };
            canvas.image(place, &still.image.to_data_uri()?, true);
            bottom = bottom.max(draw_captions(&mut canvas, place, &still.captions));
        }
        let strip = self.stills.len().min(columns) as f64 * (tile + GAP) - GAP;
        let title = text::width(&self.title, super::sheet::TITLE_SIZE, true);
        Ok(canvas.finish(strip.max(title) + 2.0 * MARGIN, bottom + MARGIN, &self.title))
    }
}

/// Writes the captions below `place` and returns where they end.
fn draw_captions(canvas: &mut Canvas, place: Rect, captions: &[String]) -> f64 {
    let style = TextStyle::new(CAPTION_SIZE, Anchor::Middle);
    for (line, caption) in captions.iter().enumerate() {
        let baseline = place.bottom() + (line + 1) as f64 * CAPTION_ROW;
        let fitted = text::fitted(caption, CAPTION_SIZE, false, place.width + GAP);
        canvas.text((place.x + place.width / 2.0, baseline), &style, &fitted);
    }
    place.bottom() + captions.len() as f64 * CAPTION_ROW
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(noisy: Vec<Vec<f64>>, minimized: bool) -> ScoreTrace {
        let clean = vec![vec![1.0, 3.0], vec![f64::NAN, 4.0], Vec::new()];
        ScoreTrace {
            title: "conv5:12".to_owned(),
            optimizer: "genetic".to_owned(),
            clean,
            noisy,
            minimized,
            recorded: false,
            references: Vec::new(),
        }
    }

    fn count(svg: &str, what: &str) -> usize {
        let document = roxmltree::Document::parse(svg).unwrap();
        document.descendants().filter(|node| node.has_tag_name(what)).count()
    }

    #[test]
    fn means_and_bests_leave_gaps_out() {
        let [high, low] = [false, true].map(|minimized| trace(Vec::new(), minimized));
        assert_eq!(means(&high.clean)[..2], [(0.0, 2.0), (1.0, 4.0)]);
        assert!(means(&high.clean)[2].1.is_nan() && high.bests()[2].1.is_nan());
        assert_eq!(high.bests()[..2], [(0.0, 3.0), (1.0, 4.0)]);
        assert_eq!(low.bests()[..2], [(0.0, 1.0), (1.0, 4.0)]);
    }

    #[test]
    fn every_finite_score_is_a_dot() {
        let without = trace(Vec::new(), false).to_svg();
        let with = trace(vec![vec![0.5, 3.5], vec![4.5, 4.0]], false).to_svg();
        assert_eq!(count(&without, "circle"), 3 + 1, "of the generations and of the legend");
        assert_eq!(count(&with, "circle"), 3 + 4 + 2);
        assert!(with.contains("as the optimizer saw it") && !without.contains("as the optimizer saw it"));
        assert!(trace(Vec::new(), true).to_svg().contains("lowest clean score"));
    }

    #[test]
    fn references_are_a_line_within_their_deviation() {
        let references = vec![vec![1.0, 3.0], vec![2.0, f64::NAN, 4.0], Vec::new()];
        let with = ScoreTrace { references, ..trace(Vec::new(), false) };
        let band = with.reference_band();
        assert_eq!(
            band[..2],
            [(0.0, 2.0 - 2f64.sqrt(), 2.0 + 2f64.sqrt()), (1.0, 3.0 - 2f64.sqrt(), 3.0 + 2f64.sqrt())]
        );
        assert!(band[2].1.is_nan() && with.to_svg().contains("mean of references"));
        let one = ScoreTrace { references: vec![vec![1.0]; 3], ..with };
        assert!(one.reference_band().is_empty() && one.to_svg().contains("reference image"));
    }

    #[test]
    fn ticks_are_whole_generations() {
        for length in [1, 2, 4, 75] {
            let run = ScoreTrace { clean: vec![vec![1.0]; length], ..trace(Vec::new(), false) };
            let ticks = run.generation_axis().ticks;
            assert!(ticks.iter().all(|(at, _)| at.fract() == 0.0) && ticks[0].0 == 0.0, "{length}: {ticks:?}");
        }
    }

    #[test]
    fn a_strip_is_as_wide_as_its_images() {
        let image = Picture::new(2, 4, vec![128; 24]).unwrap();
        let still = Still { image, captions: vec!["generation 3".to_owned(), "2.50".to_owned()] };
        let rows = |count, columns| {
            let stills = vec![still.clone(); count];
            Filmstrip { title: String::new(), stills, columns, tile: 40.0 }
        };
        let strip = |count| rows(count, 10);
        let svg = strip(3).to_svg().unwrap();
        assert_eq!((count(&svg, "image"), count(&svg, "text")), (3, 6));
        assert!(svg.contains(&format!(r#"width="{}""#, 3.0 * 40.0 + 2.0 * GAP + 2.0 * MARGIN)));
        assert!(strip(0).to_svg().is_ok());
        let two = rows(5, 3).to_svg().unwrap();
        assert!(two.contains(&format!(r#"width="{}""#, 3.0 * 40.0 + 2.0 * GAP + 2.0 * MARGIN)));
        let height =
            |svg: &str| roxmltree::Document::parse(svg).unwrap().root_element().attribute("height").map(str::to_owned);
        let number = |svg: &str| height(svg).unwrap().parse::<f64>().unwrap();
        assert_eq!(number(&two) - number(&svg), 80.0 + 2.0 * CAPTION_ROW + GAP);
    }
}
