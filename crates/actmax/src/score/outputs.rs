//! What units and layers answered, as files.

use std::io;

use experiments::{NpzWriter, write_whole};
use gen_models::{CnnSession, LayerInfo, WeightedUnits};
use progress::ItemProgress;

use super::{ScoreArgs, Stimuli};
use crate::CommandError;
use crate::console::{counted, significant};
use crate::sheet::contact_sheet;

/// Activations of units to images.
pub(crate) struct Scores {
    units: WeightedUnits,
    /// C-order `[images, units]`.
    activations: Vec<f64>,
}

impl Scores {
    /// `activations` is C-order `[images, units]`.
    pub(crate) fn new(units: WeightedUnits, activations: Vec<f64>) -> Self {
        Self { units, activations }
    }

    fn has_weights(&self) -> bool {
        self.units.units().iter().any(|(_, weight)| *weight != 1.0)
    }

    /// Activations of the units, and with weights their weighted sum: one row an image.
    fn rows(&self) -> impl Iterator<Item = Vec<f64>> {
        self.activations.chunks_exact(self.units.units().len()).map(|activations| {
            let weights = self.units.units().iter().map(|(_, weight)| weight);
            let sum = self.has_weights().then(|| weights.zip(activations).map(|(w, a)| w * a).sum());
            activations.iter().copied().chain(sum).collect()
        })
    }

    /// The table, CSV.
    pub(crate) fn to_csv(&self, names: &[String]) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let sum = self.has_weights().then(|| "weighted_sum".to_owned());
        let units = self.units.units().iter().map(|(unit, _)| unit.to_string());
        writer.write_record(std::iter::once("image".to_owned()).chain(units).chain(sum))?;
        for (name, row) in names.iter().zip(self.rows()) {
            writer.write_record(std::iter::once(name.clone()).chain(row.iter().map(|score| format!("{score:?}"))))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    /// The images with the highest scores of the last column, best first, PNG.
    pub(crate) fn top(&self, count: usize, stimuli: &mut Stimuli) -> Result<Vec<u8>, CommandError> {
        let mut ranked: Vec<(usize, f64)> =
            self.rows().map(|row| row.last().copied().unwrap_or(f64::NAN)).enumerate().collect();
        ranked.retain(|(_, score)| !score.is_nan());
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let all = ranked.len();
        ranked.truncate(count);
        let by = match (self.has_weights(), self.units.units().last()) {
            (false, Some((unit, _))) => unit.to_string(),
            _ => self.units.to_string(),
        };
        let title = format!("{} with the highest scores of {by}, of {all}", counted(ranked.len(), "image"));
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

/// Writes the activations of whole layers to all images, and the names of these; none of it is held in memory.
/// `sessions` are cut at the layers, each with what its array is called.
pub(crate) fn record(
    args: &ScoreArgs,
    sessions: &mut [(String, LayerInfo, CnnSession)],
    stimuli: &mut Stimuli,
) -> Result<(), CommandError> {
    let n = stimuli.names().len();
    let mut failure = None;
    let written = write_whole(&args.recording, |file| {
        let mut npz = NpzWriter::new(file);
        for (name, layer, session) in sessions {
            let shape: Vec<u64> =
                std::iter::once(n).chain(layer.shape.iter().copied()).map(|size| size as u64).collect();
            let progress = ItemProgress::new(&format!("recording {name}"), n, args.quiet);
            let filled = npz.filled(name, &shape, |put| {
                stimuli.for_each(progress, |images| {
                    for activation in session.activations(images).map_err(CommandError::from)? {
                        activation.data.into_iter().try_for_each(&mut *put).map_err(Failure::Write)?;
                    }
                    Ok(())
                })
            });
            match filled {
                Ok(()) => {}
                Err(Failure::Write(error)) => return Err(error),
                Err(Failure::Command(error)) => {
                    failure = Some(error);
                    return Err(io::Error::other("no activations"));
                }
            }
        }
        npz.texts("names", stimuli.names())?;
        npz.finish().map(drop)
    });
    match (failure, written) {
        (Some(error), _) => Err(*error),
        (None, written) => written.map_err(|source| CommandError::Write { path: args.recording.clone(), source }),
    }
}

/// What ended a recording.
enum Failure {
    Command(Box<CommandError>),
    Write(io::Error),
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::Command(Box::new(error))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

#[cfg(test)]
mod tests {
    use gen_models::UnitAddress;

    use super::*;

    fn scores(weights: [f64; 2]) -> Scores {
        let unit = |channel| UnitAddress { layer: "fc".to_owned(), channel, position: None };
        let units = WeightedUnits::new(vec![(unit(1), weights[0]), (unit(4), weights[1])]).unwrap();
        Scores::new(units, vec![1.0, 2.0, -0.5, 4.0])
    }

    #[test]
    fn a_table_has_a_column_a_unit_and_with_weights_their_sum() {
        let names = ["a.png".to_owned(), "b,c.png".to_owned()];
        let table = |weights| String::from_utf8(scores(weights).to_csv(&names).unwrap()).unwrap();
        assert_eq!(table([1.0, 1.0]), "image,fc:1,fc:4\na.png,1.0,2.0\n\"b,c.png\",-0.5,4.0\n");
        let weighted = "image,fc:1,fc:4,weighted_sum\na.png,1.0,2.0,-2.0\n\"b,c.png\",-0.5,4.0,-9.0\n";
        assert_eq!(table([2.0, -2.0]), weighted);
    }

    #[test]
    fn long_names_show_their_end() {
        assert_eq!(short("a.png"), "a.png");
        assert_eq!(short("photos/summer/beach.png"), "…mmer/beach.png");
    }
}
