//! A score against several settings that were varied together: one panel a setting, points and the fitted curve.

use super::axis::Axis;
use super::error::{FigureError, check_any, check_length};
use super::legend::Entry;
use super::panel::{Mark, Panel};
use super::sheet::{Row, Sheet};
use super::svg::{Stroke, Symbol};
use crate::style::{CATEGORIES, INK, MUTED};

const FIGURE: &str = "score_by_setting";
const FRAME: (f64, f64) = (220.0, 150.0);
/// Panels in a row.
const COLUMNS: usize = 3;
const POINT: f64 = 2.6;
const WIDTH: f64 = 2.0;

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingPanel {
    /// Its name.
    pub name: String,
    /// What the panel says beside it, for example how much it matters; may be empty.
    pub note: String,
    /// Its value at every point.
    pub values: Vec<f64>,
    /// Steps of its axis are equal ratios.
    pub logarithmic: bool,
    /// The fitted curve as (value, score).
    pub curve: Vec<(f64, f64)>,
    /// The default, with its score where that is known.
    pub default: Option<(f64, f64)>,
}

/// Scores against settings.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreBySetting {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// What a score is.
    pub score: String,
    /// The score of every point.
    pub scores: Vec<f64>,
    /// One panel each.
    pub settings: Vec<SettingPanel>,
}

impl ScoreBySetting {
    /// Draws the figure.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where no score is finite, [`FigureError::Length`] where a setting has not one value a score.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check_any(FIGURE, "score", self.scores.iter().copied())?;
        for setting in &self.settings {
            check_length(FIGURE, "values of a setting", self.scores.len(), setting.values.len())?;
        }
        let all = |setting: &SettingPanel| {
            setting.curve.iter().copied().chain(setting.default).map(|(_, score)| score).collect::<Vec<_>>()
        };
        let y = Axis::around(self.scores.iter().copied().chain(self.settings.iter().flat_map(all)), 5);
        let row = |settings: &[SettingPanel]| Row {
            heading: String::new(),
            panels: settings.iter().enumerate().map(|(column, setting)| self.panel(setting, column, &y)).collect(),
        };
        let rows = self.settings.chunks(COLUMNS).map(row).collect();
        let fitted = "fitted curve, other settings at their mean";
        let legend = vec![vec![
            Entry::symbol(Symbol::Circle, MUTED, false, "a point of the design"),
            Entry::line(Stroke::solid(CATEGORIES[1], WIDTH), fitted),
            Entry::symbol(Symbol::Square, INK, false, "default"),
        ]];
        Ok(Sheet { title: self.title.clone(), legend, rows, frame: FRAME }.to_svg())
    }

    fn panel(&self, setting: &SettingPanel, column: usize, y: &Axis) -> Panel {
        let values = setting.values.iter().copied().chain(setting.default.map(|(value, _)| value));
        let x = if setting.logarithmic { Axis::logarithmic(values) } else { Axis::around(values, 5) };
        let points = setting.values.iter().copied().zip(self.scores.iter().copied()).collect();
        let stroke = Stroke::solid(CATEGORIES[1], WIDTH);
        let mut marks = vec![Mark::dots(points, MUTED, POINT), Mark::Line { points: setting.curve.clone(), stroke }];
        if let Some(default) = setting.default {
            let (symbol, points) = (Symbol::Square, vec![default]);
            marks.push(Mark::Symbols { points, symbol, color: INK, radius: 1.6 * POINT, hollow: false });
        }
        Panel {
            title: setting.name.clone(),
            note: setting.note.clone(),
            x_label: String::new(),
            y_label: if column == 0 { self.score.clone() } else { String::new() },
            x,
            y: y.clone(),
            marks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_panel() {
        let setting = |name: &str, logarithmic| SettingPanel {
            name: name.to_owned(),
            note: "matters".to_owned(),
            values: vec![1.0, 10.0, 100.0],
            logarithmic,
            curve: vec![(1.0, 0.5), (100.0, 0.9)],
            default: Some((20.0, 0.7)),
        };
        let settings = vec![setting("population", true), setting("selectivity", false)];
        let mut figure = ScoreBySetting {
            title: "Settings".to_owned(),
            score: "mean score".to_owned(),
            scores: vec![0.4, 0.6, 0.8],
            settings,
        };
        let svg = figure.to_svg().unwrap();
        assert!(
            ["population", "selectivity", "matters", "mean score", "default"].iter().all(|word| svg.contains(word))
        );
        figure.scores.pop();
        assert!(matches!(figure.to_svg(), Err(FigureError::Length { .. })));
        figure.scores.clear();
        assert!(matches!(figure.to_svg(), Err(FigureError::Empty { .. })));
    }
}
