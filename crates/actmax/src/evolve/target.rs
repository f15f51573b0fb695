//! What a run maximizes: weighted units, or what a file reads from a layer.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use experiments::{LayerTarget, NetworkUnits, TargetKind};
use gen_models::{CnnModel, LayerInfo, Target, WeightedUnits, file_sha256};
use networks::{TargetFile, TargetFileError};
use paradigm::Measure;
use thiserror::Error;

use super::setup::Resumed;
use crate::{CommandError, EvolveArgs, Library};

/// The copy of the file in the run's folder, without its extension.
const COPY: &str = "target";

/// Why a file is no target.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It cannot be read, or does not fit the layer.
    #[error(transparent)]
    File(#[from] TargetFileError),
    /// No layer is named.
    #[error("{} is read from a layer: name it with --layer", file.display())]
    WhichLayer {
        /// The file.
        file: PathBuf,
    },
    /// Several layers are named.
    #[error("{} is read from one layer, and --layer names {}: {}", file.display(), layers.len(), layers.join(", "))]
    SeveralLayers {
        /// The file.
        file: PathBuf,
        /// The layers.
        layers: Vec<String>,
    },
    /// The copy in the folder of a run is gone, or another file.
    #[error("the run in {} read its target from a file whose copy there, {COPY}.npz or {COPY}.npy, is gone or changed", folder.display())]
    Copy {
        /// The run's folder.
        folder: PathBuf,
    },
}

/// A target that is read from a file.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Target in a file, instead of --unit")]
pub struct TargetArgs {
    /// Linear readout of a layer: weights of its channels, positions or both, and a bias.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["units", "pattern"])]
    pub readout: Option<PathBuf>,
    /// Population pattern that a layer shall meet: a value a unit or channel, with means, deviations and mask.
    #[arg(long, value_name = "FILE", conflicts_with = "units")]
    pub pattern: Option<PathBuf>,
    /// Layer that the file is about.
    #[arg(long, value_name = "LAYER", conflicts_with = "units")]
    pub layer: Option<String>,
    /// How near the pattern is [default: dot].
    #[arg(long, value_name = "MEASURE", requires = "pattern", conflicts_with = "readout")]
    pub measure: Option<MeasureName>,
}

/// Names of the measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MeasureName {
    /// Inner product.
    Dot,
    /// Cosine of the angle.
    Cosine,
    /// Pearson's correlation.
    Correlation,
    /// Mean squared distance, negative.
    SquaredDistance,
}

impl From<MeasureName> for Measure {
    fn from(name: MeasureName) -> Self {
        match name {
            MeasureName::Dot => Self::Dot,
            MeasureName::Cosine => Self::Cosine,
            MeasureName::Correlation => Self::Correlation,
            MeasureName::SquaredDistance => Self::NegativeSquaredDistance,
        }
    }
}

/// What a run maximizes.
pub(crate) struct RunTarget {
    /// What is read.
    pub(crate) target: Target,
    /// What the specification says of a file's target.
    pub(crate) spec: Option<LayerTarget>,
    /// In words.
    pub(crate) words: String,
    /// The file that is kept in the run's folder: its name there, and its content.
    pub(crate) copy: Option<(String, Vec<u8>)>,
}

/// The target: the one that the arguments name, else the recorded one.
pub(super) fn target(
    args: &EvolveArgs,
    library: &Library,
    cnn: &CnnModel,
    resumed: Option<&Resumed>,
) -> Result<RunTarget, CommandError> {
    let layers = library.layers(cnn)?;
    let recorded = resumed.map(|resumed| &resumed.units);
    let recorded_file = recorded.and_then(|units| units.target.as_ref());
    if let Some((kind, file)) = named(args) {
        let layer = args.target.layer.as_deref().or(recorded_file.map(|target| target.layer.as_str()));
        let layer = layer.ok_or_else(|| TargetError::WhichLayer { file: file.to_owned() })?;
        return of_file(kind, file, layer, args.target.measure.map(Measure::from), &layers);
    }
    match (recorded_file, resumed) {
        (Some(target), Some(resumed)) if args.units.is_empty() => of_copy(target, &resumed.folder, &layers),
        _ => of_units(args, recorded, &layers),
    }
}

/// The file that the arguments name.
pub(super) fn named(args: &EvolveArgs) -> Option<(TargetKind, &Path)> {
    let readout = args.target.readout.as_deref().map(|file| (TargetKind::LinearReadout, file));
    readout.or(args.target.pattern.as_deref().map(|file| (TargetKind::Pattern, file)))
}

fn of_units(
    args: &EvolveArgs,
    recorded: Option<&NetworkUnits>,
    layers: &[LayerInfo],
) -> Result<RunTarget, CommandError> {
    let units = recorded.map_or(&[][..], |units| &units.units);
    let units = WeightedUnits::parse(if args.units.is_empty() { units } else { &args.units }, layers)?;
    Ok(RunTarget { words: units.to_string(), target: Target::Units(units), spec: None, copy: None })
}

fn of_file(
    kind: TargetKind,
    file: &Path,
    layer: &str,
    measure: Option<Measure>,
    layers: &[LayerInfo],
) -> Result<RunTarget, CommandError> {
    let read = TargetFile::read(kind, file, layer, measure, layers).map_err(TargetError::from)?;
    let TargetFile { target, spec, words, bytes, extension } = read;
    Ok(RunTarget { target, spec: Some(spec), words, copy: Some((format!("{COPY}.{extension}"), bytes)) })
}

/// The target of a run that goes on, from the copy in its folder.
fn of_copy(target: &LayerTarget, folder: &Path, layers: &[LayerInfo]) -> Result<RunTarget, CommandError> {
    let copies = ["npz", "npy"].map(|extension| folder.join(format!("{COPY}.{extension}")));
    let found = copies.into_iter().find(|copy| file_sha256(copy).is_ok_and(|found| found == target.sha256));
    let file = found.ok_or_else(|| TargetError::Copy { folder: folder.to_owned() })?;
    of_file(target.kind, &file, &target.layer, target.measure, layers)
}
