//! Principal components of all codes of a run: how much they explain, and where each generation lies on them.

use super::axis::Axis;
use super::error::{FigureError, check_any};
use super::legend::{Entry, Swatch};
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{INK, MUTED, optimizer_color, sequential};

const FRAME: (f64, f64) = (230.0, 210.0);
const CODES: &str = "5 3";
const POINT: f64 = 1.5;
const POINT_OPACITY: f64 = 0.7;
/// Pairs of components that are drawn against each other.
const PAIRS: [(usize, usize); 2] = [(0, 1), (2, 3)];

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeComponentsRow {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// Line above the panels.
    pub heading: String,
    /// Explained variance ratio of the components of the generations' means.
    pub means: Vec<f64>,
    /// The same of the components of all codes.
    pub codes: Vec<f64>,
    /// Projections of the codes on the components of all codes, `[generation][code][component]`.
    pub projections: Vec<Vec<Vec<f64>>>,
}

/// The components of all codes, one row a run.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeComponents {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// The runs.
    pub rows: Vec<CodeComponentsRow>,
}

impl CodeComponents {
    /// Draws the figure: explained variance of means and of all codes, and all codes on their components, from dark (first
    /// generation) to light (last), with the mean of each generation.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no explained variance is finite.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let shares = self.rows.iter().flat_map(|row| row.codes.iter().copied());
        check_any("code_components", "explained variance", shares)?;
        let line = |dash, label| Entry::line(Stroke { color: MUTED, width: 2.0, dash }, label);
        let legend = vec![vec![
            line(None, "components of the mean codes"),
            line(Some(CODES), "components of all codes"),
            Entry { swatch: Swatch::Ramp, label: "codes, from the first generation to the last".to_owned() },
            Entry::line(Stroke::solid(INK, 1.2), "mean of each generation"),
        ]];
        let rows = self.rows.iter().map(CodeComponentsRow::draw).collect();
        Ok(Sheet { title: self.title.clone(), legend, rows, frame: FRAME }.to_svg())
    }
}

impl CodeComponentsRow {
    fn draw(&self) -> Row {
        let available = self.codes.len();
        let pairs = PAIRS.iter().filter(|(_, second)| *second < available).map(|pair| self.pair(*pair));
        Row { heading: self.heading.clone(), panels: std::iter::once(self.variance()).chain(pairs).collect() }
    }

    fn variance(&self) -> Panel {
        let color = optimizer_color(&self.optimizer);
        let points = |shares: &[f64]| -> Vec<(f64, f64)> {
            shares.iter().enumerate().map(|(k, share)| (k as f64 + 1.0, 100.0 * share)).collect()
        };
        let (means, codes) = (points(&self.means), points(&self.codes));
        let stroke = |dash| Stroke { color, width: 2.0, dash };
        let marks = vec![
            Mark::Line { points: means.clone(), stroke: stroke(None) },
            Mark::dots(means, color, 2.6),
            Mark::Line { points: codes.clone(), stroke: stroke(Some(CODES)) },
            Mark::Symbols { points: codes, symbol: Symbol::Circle, color, radius: 2.6, hollow: true },
        ];
        let longest = self.means.len().max(self.codes.len()).max(2);
        Panel {
            title: "Explained variance".to_owned(),
            note: String::new(),
            x_label: "component".to_owned(),
            y_label: "% of the variance".to_owned(),
            x: Axis::around([1.0, longest as f64], 5),
            y: Axis::from_zero(marks.iter().flat_map(Mark::ordinates), 5),
            marks,
        }
    }

    fn pair(&self, (first, second): (usize, usize)) -> Panel {
        let last = self.projections.len().saturating_sub(1).max(1) as f64;
        let at = |code: &Vec<f64>| (code[first], code[second]);
        let mut marks: Vec<Mark> = Vec::new();
        for (generation, codes) in self.projections.iter().enumerate() {
            let color = sequential(generation as f64 / last).faded(POINT_OPACITY);
            marks.push(Mark::dots(codes.iter().map(at).collect(), color, POINT));
        }
        let mean = |codes: &Vec<Vec<f64>>| {
            let of = |k: usize| codes.iter().map(|code| code[k]).sum::<f64>() / codes.len() as f64;
            (of(first), of(second))
        };
        let points = self.projections.iter().filter(|codes| !codes.is_empty()).map(mean).collect();
        marks.push(Mark::Line { points, stroke: Stroke::solid(INK, 1.2) });
        let (x_label, y_label) = (format!("PC{}", first + 1), format!("PC{}", second + 1));
        Panel {
            title: format!("All codes on {x_label} and {y_label}"),
            note: String::new(),
            x: Axis::around(marks.iter().flat_map(Mark::abscissae), 4),
            y: Axis::around(marks.iter().flat_map(Mark::ordinates), 4),
            x_label,
            y_label,
            marks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_components_have_one_pair_and_no_variance_no_figure() {
        let codes = |generation: i32| (0..3).map(|code| vec![f64::from(generation), f64::from(code)]).collect();
        let row = CodeComponentsRow {
            optimizer: "genetic".to_owned(),
            heading: "Genetic".to_owned(),
            means: vec![0.9, 0.1],
            codes: vec![0.6, 0.4],
            projections: (0..4).map(codes).collect(),
        };
        let mut figure = CodeComponents { title: "t".to_owned(), rows: vec![row] };
        let svg = figure.to_svg().unwrap();
        assert!(
            svg.contains("All codes on PC1 and PC2") && !svg.contains("PC3") && svg.matches("<circle").count() > 12
        );
        figure.rows[0].codes.clear();
        assert!(matches!(figure.to_svg(), Err(FigureError::Empty { .. })));
    }
}
