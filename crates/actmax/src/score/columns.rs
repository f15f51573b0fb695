//! The table of scores: what gives its columns, and what images got.

use std::path::Path;

use experiments::TargetKind;
use gen_models::{CnnModel, Images, LayerInfo, Runtime, SessionOptions, UnitScorer, WeightedUnits};
use networks::TargetFile;
use paradigm::Measure;

use super::{ScoreArgs, Stimuli};
use crate::CommandError;
use crate::console::{counted, significant};
use crate::evolve::TargetError;
use crate::sheet::contact_sheet;

/// What scores images: each part gives one column or several.
pub(crate) struct Columns(Vec<Part>);

struct Part {
    header: Vec<String>,
    /// What the last column is, in words.
    words: String,
    scorer: UnitScorer,
    /// Of units whose weighted sum is a column of its own.
    weights: Vec<f64>,
}

impl Part {
    fn of_units(units: &WeightedUnits, scorer: UnitScorer) -> Self {
        let has_weights = units.units().iter().any(|(_, weight)| *weight != 1.0);
        let weights = if has_weights { units.units().iter().map(|(_, weight)| *weight).collect() } else { Vec::new() };
        let names = units.units().iter().map(|(unit, _)| unit.to_string());
        let header: Vec<String> = names.chain(has_weights.then(|| "weighted_sum".to_owned())).collect();
        let words = if has_weights { units.to_string() } else { header.last().cloned().unwrap_or_default() };
        Self { header, words, scorer, weights }
    }

    /// Appends a row an image.
    fn score(&mut self, images: &Images, scores: &mut Vec<Vec<f64>>) -> Result<(), CommandError> {
        let mut activations = Vec::new();
        self.scorer.activations(images, &mut activations)?;
        let width = self.header.len() - usize::from(!self.weights.is_empty());
        scores.extend(activations.chunks_exact(width).map(|activations| with_sum(activations, &self.weights)));
        Ok(())
    }
}

/// Activations, and with weights their weighted sum.
fn with_sum(activations: &[f64], weights: &[f64]) -> Vec<f64> {
    let sum = weights.iter().zip(activations).map(|(w, a)| w * a).sum();
    activations.iter().copied().chain((!weights.is_empty()).then_some(sum)).collect()
}

impl Columns {
    /// Loads the CNN for what the arguments name: first the units, then the readouts, then the patterns.
    pub(crate) fn open(
        args: &ScoreArgs,
        cnn: &CnnModel,
        layers: &[LayerInfo],
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, CommandError> {
        let mut parts = Vec::new();
        if !args.units.is_empty() {
            let units = WeightedUnits::parse(&args.units, layers)?;
            parts.push(Part::of_units(&units, UnitScorer::new(cnn, &units, runtime, options)?));
        }
        let readouts = args.readouts.iter().map(|file| (TargetKind::LinearReadout, file));
        let patterns = args.patterns.iter().map(|file| (TargetKind::Pattern, file));
        for (kind, file) in readouts.chain(patterns) {
            let layer = the_layer(args, file)?;
            let measure = args.measure.map(Measure::from);
            let target = TargetFile::read(kind, file, layer, measure, layers).map_err(TargetError::from)?.target;
            let words = format!("{} on {layer}", file.display());
            let scorer = UnitScorer::for_target(cnn, &target, runtime, options)?;
            parts.push(Part { header: vec![words.clone()], words, scorer, weights: Vec::new() });
        }
        Ok(Self(parts))
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends a row an image.
    pub(crate) fn score(&mut self, images: &Images, rows: &mut Vec<Vec<f64>>) -> Result<(), CommandError> {
        let first = rows.len();
        for part in &mut self.0 {
            let mut scores = Vec::new();
            part.score(images, &mut scores)?;
            rows.resize(first + scores.len(), Vec::new());
            rows[first..].iter_mut().zip(scores).for_each(|(row, scores)| row.extend(scores));
        }
        Ok(())
    }

    /// The table of these rows.
    pub(crate) fn table(self, rows: Vec<Vec<f64>>) -> Scores {
        let by = self.0.last().map_or_else(String::new, |part| part.words.clone());
        Scores { header: self.0.into_iter().flat_map(|part| part.header).collect(), by, rows }
    }
}

/// The layer that a file is about.
fn the_layer<'a>(args: &'a ScoreArgs, file: &Path) -> Result<&'a str, TargetError> {
    match &args.layers[..] {
        [layer] => Ok(layer),
        [] => Err(TargetError::WhichLayer { file: file.to_owned() }),
        several => Err(TargetError::SeveralLayers { file: file.to_owned(), layers: several.to_vec() }),
    }
}

/// Scores of images.
pub(crate) struct Scores {
    header: Vec<String>,
    /// What the last column is, in words.
    by: String,
    /// A row an image.
    rows: Vec<Vec<f64>>,
}

impl Scores {
    /// The table, CSV.
    pub(crate) fn to_csv(&self, names: &[String]) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(std::iter::once("image").chain(self.header.iter().map(String::as_str)))?;
        for (name, row) in names.iter().zip(&self.rows) {
            writer.write_record(std::iter::once(name.clone()).chain(row.iter().map(|score| format!("{score:?}"))))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    /// The images with the highest scores of the last column, best first, PNG.
    pub(crate) fn top(&self, count: usize, stimuli: &mut Stimuli) -> Result<Vec<u8>, CommandError> {
        let last = |row: &Vec<f64>| row.last().copied().unwrap_or(f64::NAN);
        let mut ranked: Vec<(usize, f64)> = self.rows.iter().map(last).enumerate().collect();
        ranked.retain(|(_, score)| !score.is_nan());
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let all = ranked.len();
        ranked.truncate(count);
        let title = format!("{} with the highest scores of {}, of {all}", counted(ranked.len(), "image"), self.by);
        let names = stimuli.names().to_vec();
        let image = |&(index, score): &(usize, f64)| {
            Ok((stimuli.image(index)?, vec![short(&names[index]), significant(score)]))
        };
        contact_sheet(title, ranked.len(), ranked.iter().map(image))
    }
}

/// As much of the end of a name as fits below an image.
fn short(name: &str) -> String {
    const FITS: usize = 15;
    let excess = name.chars().count().saturating_sub(FITS);
    if excess == 0 { name.to_owned() } else { format!("…{}", name.chars().skip(excess + 1).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_quotes_names_and_adds_weighted_sums() {
        let header = ["fc:1", "fc:4", "weighted_sum"].map(str::to_owned).to_vec();
        let rows = [[1.0, 2.0], [-0.5, 4.0]].map(|row| with_sum(&row, &[2.0, -2.0])).to_vec();
        let names = ["a.png".to_owned(), "b,c.png".to_owned()];
        let table = Scores { header, by: String::new(), rows }.to_csv(&names).unwrap();
        let expected = "image,fc:1,fc:4,weighted_sum\na.png,1.0,2.0,-2.0\n\"b,c.png\",-0.5,4.0,-9.0\n";
        assert_eq!(String::from_utf8(table).unwrap(), expected);
        assert_eq!(with_sum(&[1.0, 2.0], &[]), [1.0, 2.0]);
    }

    #[test]
    fn long_names_show_their_end() {
        assert_eq!(short("a.png"), "a.png");
        assert_eq!(short("photos/summer/beach.png"), "…mmer/beach.png");
    }
}
