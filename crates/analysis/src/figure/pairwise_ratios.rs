//! Every optimizer against every other: ratios of means as a table of colours.

use super::error::{FigureError, check_any, check_length};
use super::sheet::{MARGIN, TITLE_SIZE, heading};
use super::svg::{Anchor, Canvas, Rect, Stroke, TextStyle};
use super::text;
use crate::style::{GRID, INK, MUTED, PAPER, diverging, optimizer_label};

const FIGURE: &str = "pairwise_ratios";
const CELL: (f64, f64) = (64.0, 34.0);
const LABEL_SIZE: f64 = 11.5;
const NUMBER_SIZE: f64 = 12.0;
const KEY_SIZE: f64 = 11.0;
/// Longest label before it is cut.
const MAX_LABEL: f64 = 150.0;
const SLANT: f64 = -40.0;
const KEY: (f64, f64) = (180.0, 11.0);
/// Bounds of p below which a ratio has one, two and three stars.
const LEVELS: [f64; 3] = [0.05, 0.01, 0.001];

/// Ratios of mean scores of all pairs of n optimizers.
#[derive(Debug, Clone, PartialEq)]
pub struct PairwiseRatios {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Names of the optimizers on the command line, `[n]`.
    pub optimizers: Vec<String>,
    /// Mean of the row's optimizer over that of the column's, `[n][n]`; the diagonal is not shown, what is not positive
    /// and finite is left blank.
    pub ratios: Vec<Vec<f64>>,
    /// p of the test of the pair, `[n][n]`; NaN where there is none.
    pub p_values: Vec<Vec<f64>>,
    /// The test, for example "paired t over units".
    pub test: String,
}

impl PairwiseRatios {
    /// Draws the table: orange where the row's optimizer is ahead, blue where it is behind, with stars for p.
    ///
    /// # Errors
    /// [`FigureError::Length`] where a matrix is not n by n, [`FigureError::Empty`] where no ratio is positive and
    /// finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let n = self.optimizers.len();
        for (matrix, what) in [(&self.ratios, "rows or columns of ratios"), (&self.p_values, "rows or columns of p")] {
            check_length(FIGURE, what, n, matrix.len())?;
            matrix.iter().try_for_each(|row| check_length(FIGURE, what, n, row.len()))?;
        }
        let ratios = self.ratios.iter().flatten().copied().filter(|ratio| *ratio > 0.0 && ratio.is_finite());
        check_any(FIGURE, "positive ratio", ratios.clone())?;
        let reach = ratios.map(|ratio| ratio.ln().abs()).fold(0.1, f64::max);
        Ok(self.draw(reach))
    }

    /// `reach` is the logarithm of the ratio with the strongest colour.
    fn draw(&self, reach: f64) -> String {
        let labels: Vec<String> = self
            .optimizers
            .iter()
            .map(|name| text::fitted(optimizer_label(name), LABEL_SIZE, false, MAX_LABEL))
            .collect();
        let widest = labels.iter().map(|label| text::width(label, LABEL_SIZE, false)).fold(0.0, f64::max);
        let mut canvas = Canvas::new();
        let top = heading(&mut canvas, &self.title) + 0.68 * widest + 14.0;
        let left = MARGIN + widest + 10.0;
        let n = labels.len() as f64;
        for (index, label) in labels.iter().enumerate() {
            let (across, down) = (index as f64 * CELL.0, index as f64 * CELL.1);
            let slanted = TextStyle::new(LABEL_SIZE, Anchor::Start).turned(SLANT);
            canvas.text((left + across + CELL.0 / 2.0, top - 6.0), &slanted, label);
            let beside = (left - 8.0, top + down + CELL.1 / 2.0 + 0.36 * LABEL_SIZE);
            canvas.text(beside, &TextStyle::new(LABEL_SIZE, Anchor::End), label);
        }
        for row in 0..labels.len() {
            for column in 0..labels.len() {
                let place = Rect {
                    x: left + column as f64 * CELL.0,
                    y: top + row as f64 * CELL.1,
                    width: CELL.0,
                    height: CELL.1,
                };
                self.draw_cell(&mut canvas, place, (row, column), reach);
            }
        }
        let bottom = top + n * CELL.1;
        let words = self.key(&mut canvas, bottom + 16.0, reach);
        let slanted = left + (n - 0.5) * CELL.0 + 0.8 * widest;
        let title = MARGIN + text::width(&self.title, TITLE_SIZE, true);
        let right = (left + n * CELL.0).max(slanted).max(words).max(title);
        canvas.finish(right + MARGIN, bottom + 16.0 + KEY.1 + 3.0 * KEY_SIZE + 14.0 + MARGIN, &self.title)
    }

    fn draw_cell(&self, canvas: &mut Canvas, place: Rect, (row, column): (usize, usize), reach: f64) {
        let edge = Some(Stroke::solid(PAPER, 1.5));
        let ratio = self.ratios[row][column];
        if row == column || !(ratio > 0.0 && ratio.is_finite()) {
            canvas.rect(place, Some(GRID.faded(0.6)), edge);
            return;
        }
        let color = diverging(0.5 + 0.5 * ratio.ln() / reach);
        canvas.rect(place, Some(color), edge);
        let style = TextStyle::new(NUMBER_SIZE, Anchor::Middle).color(color.readable());
        let centre = place.x + place.width / 2.0;
        let stars = stars(self.p_values[row][column]);
        let number = if ratio >= 99.95 { format!("{ratio:.0}") } else { format!("{ratio:.2}") };
        let lift = if stars.is_empty() { 0.36 * NUMBER_SIZE } else { -0.5 };
        canvas.text((centre, place.y + place.height / 2.0 + lift), &style, &number);
        canvas.text((centre, place.bottom() - 4.0), &style, stars);
    }

    /// The scale of colours and the meaning of the stars; returns how far right it reaches.
    fn key(&self, canvas: &mut Canvas, y: f64, reach: f64) -> f64 {
        for step in 0..36 {
            let width = KEY.0 / 36.0;
            let place = Rect { x: MARGIN + f64::from(step) * width, y, width: width + 0.5, height: KEY.1 };
            canvas.rect(place, Some(diverging((f64::from(step) + 0.5) / 36.0)), None);
        }
        let style = TextStyle::new(KEY_SIZE, Anchor::Middle).color(INK);
        for share in [-1.0, 0.0, 1.0] {
            let x = MARGIN + KEY.0 * (share + 1.0) / 2.0;
            let anchored = match share {
                -1.0 => TextStyle { anchor: Anchor::Start, ..style },
                1.0 => TextStyle { anchor: Anchor::End, ..style },
                _ => style,
            };
            canvas.text((x, y + KEY.1 + KEY_SIZE + 3.0), &anchored, &format!("{:.2}", (share * reach).exp()));
        }
        let note = TextStyle::new(KEY_SIZE, Anchor::Start).color(MUTED);
        let meaning = "mean of the row over mean of the column";
        canvas.text((MARGIN + KEY.0 + 14.0, y + KEY.1 - 1.0), &note, meaning);
        let [one, two, three] = LEVELS;
        let stars = format!("* p < {one}, ** p < {two}, *** p < {three}; {}", self.test);
        canvas.text((MARGIN, y + KEY.1 + 2.0 * KEY_SIZE + 14.0), &note, &stars);
        let right = |words: &str| text::width(words, KEY_SIZE, false);
        (MARGIN + KEY.0 + 14.0 + right(meaning)).max(MARGIN + right(&stars))
    }
}

/// One star for every level that `p` lies below.
fn stars(p: f64) -> &'static str {
    ["", "*", "**", "***"][LEVELS.iter().filter(|level| p < **level).count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_count_levels() {
        assert_eq!([0.2, 0.04, 0.005, 1e-9, f64::NAN].map(stars), ["", "*", "**", "***", ""]);
    }
}
