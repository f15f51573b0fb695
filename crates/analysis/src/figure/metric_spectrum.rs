//! Eigenvalues of the generator's metric, code by code and of their average.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::legend::Entry;
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Anchor, Stroke};
use crate::style::{CATEGORIES, Color, INK};

const FRAME: (f64, f64) = (420.0, 270.0);
const SINGLE: Color = CATEGORIES[4];
const AVERAGE: Stroke = Stroke { color: CATEGORIES[0], width: 2.6, dash: None };
const MARK: Stroke = Stroke { color: INK, width: 1.0, dash: Some("4 3") };
/// Points of a curve: ranks at even distances of their logarithm.
const POINTS: usize = 240;
/// Eigenvalues below this share of the largest are rounding.
const ROUNDING: f64 = 1e-14;
/// Shares of the trace that are marked.
const SHARES: [f64; 2] = [0.9, 0.99];

/// Spectra of `J'J`, the pull-back of the distance of images into the space of codes.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSpectrum {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// How many eigenvalues of how many are known, for example "800 leading of N = 4096"; may be empty.
    pub note: String,
    /// Spectra at single codes; may be empty.
    pub codes: Vec<Eigenvalues>,
    /// Spectrum of the average metric.
    pub average: Eigenvalues,
}

/// Eigenvalues of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigenvalues {
    /// All, or the leading ones, largest first.
    pub values: Vec<f64>,
    /// Sum of all, known or not.
    pub trace: f64,
}

impl MetricSpectrum {
    /// Draws the figure: eigenvalues against rank, and the cumulated share of the trace, with the number of
    /// eigenvectors that hold 90 % and 99 % of it in the average. Rounding below zero counts as zero.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where the average has no positive eigenvalue.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check_any(
            "metric_spectrum",
            "positive eigenvalue",
            self.average.values.iter().copied().filter(|value| *value > 0.0),
        )?;
        let rows = vec![Row { heading: String::new(), panels: vec![self.eigenvalues(), self.shares()] }];
        let mut legend = vec![Entry::line(AVERAGE, "average metric")];
        if !self.codes.is_empty() {
            legend.push(Entry::line(single_stroke(), "metric at one code"));
        }
        Ok(Sheet { title: self.title.clone(), legend: vec![legend], rows, frame: FRAME }.to_svg())
    }

    fn eigenvalues(&self) -> Panel {
        let floor = ROUNDING * self.average.values.iter().copied().fold(0.0, f64::max);
        let curve = |known: &Eigenvalues| sampled(&known.values, |value| if value > floor { value } else { f64::NAN });
        let marks = self.lines(curve);
        self.panel("Eigenvalues", "eigenvalue", Axis::logarithmic(marks.iter().flat_map(Mark::ordinates)), marks)
    }

    fn shares(&self) -> Panel {
        let mut marks = self.lines(|known| sampled(&cumulated(known), |share| share));
        for (index, share) in SHARES.into_iter().enumerate() {
            if let Some(rank) = rank_of_share(&self.average, share) {
                let at = (rank as f64, share);
                marks.push(Mark::Line { points: vec![(at.0, 0.0), at, (0.1, share)], stroke: MARK });
                // To the left of the first line and to the right of the second, which stand close to each other.
                let (anchor, gap) = if index == 0 { (Anchor::End, 0.95) } else { (Anchor::Start, 1.05) };
                let words = format!("{:.0} %: {rank}", 100.0 * share);
                marks.push(Mark::Words { at: (gap * at.0, 0.05), words, anchor, color: INK });
            }
        }
        self.panel("Cumulated share of the trace", "share", Axis::linear(0.0, 1.04, 5), marks)
    }

    fn lines(&self, curve: impl Fn(&Eigenvalues) -> Vec<(f64, f64)>) -> Vec<Mark> {
        let single = |known: &Eigenvalues| Mark::Line { points: curve(known), stroke: single_stroke() };
        let average = Mark::Line { points: curve(&self.average), stroke: AVERAGE };
        self.codes.iter().map(single).chain([average]).collect()
    }

    fn panel(&self, title: &str, y_label: &str, y: Axis, marks: Vec<Mark>) -> Panel {
        let longest = self.codes.iter().chain([&self.average]).map(|known| known.values.len()).max().unwrap_or(1);
        Panel {
            title: title.to_owned(),
            note: self.note.clone(),
            x_label: "rank".to_owned(),
            y_label: y_label.to_owned(),
            x: Axis::logarithmic([1.0, longest as f64]),
            y,
            marks,
        }
    }
}

/// Share of the trace in the leading eigenvectors; negative eigenvalues count as zero.
fn cumulated(known: &Eigenvalues) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |value: &f64| {
        sum += value.max(0.0);
        sum / known.trace
    };
    known.values.iter().map(add).collect()
}

/// Fewest leading eigenvectors that hold a share of the trace.
fn rank_of_share(known: &Eigenvalues, share: f64) -> Option<usize> {
    cumulated(known).iter().position(|cumulated| *cumulated >= share).map(|index| index + 1)
}

/// A curve over ranks, thinned evenly on a logarithmic axis.
fn sampled(values: &[f64], shown: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let length = values.len();
    let rank =
        |step: usize| ((length as f64).powf(step as f64 / (POINTS - 1) as f64).round() as usize).clamp(1, length);
    let mut ranks: Vec<usize> = if length <= POINTS { (1..=length).collect() } else { (0..POINTS).map(rank).collect() };
    ranks.dedup();
    ranks.into_iter().map(|rank| (rank as f64, shown(values[rank - 1]))).collect()
}

fn single_stroke() -> Stroke {
    Stroke::solid(SINGLE.faded(0.7), 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_the_trace_are_counted() {
        let known = |values: &[f64], trace| Eigenvalues { values: values.to_vec(), trace };
        let whole = known(&[80.0, 15.0, 4.5, 0.5, -1e-9], 100.0);
        assert_eq!(SHARES.map(|share| rank_of_share(&whole, share)), [Some(2), Some(3)]);
        assert_eq!(cumulated(&known(&[3.0, 1.0], 4.0)), [0.75, 1.0]);
        // Of a trace of 100, the two leading eigenvalues hold 95.
        let leading = known(&[80.0, 15.0], 100.0);
        assert_eq!(SHARES.map(|share| rank_of_share(&leading, share)), [Some(2), None]);
        assert_eq!(rank_of_share(&known(&[], 1.0), 0.9), None);
    }

    #[test]
    fn long_spectra_are_thinned_with_both_ends() {
        let values: Vec<f64> = (0..4096).map(f64::from).collect();
        let points = sampled(&values, |value| value);
        assert!(points.len() <= POINTS);
        assert_eq!((points[0], *points.last().unwrap()), ((1.0, 0.0), (4096.0, 4095.0)));
    }
}
