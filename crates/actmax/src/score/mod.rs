//! `actmax score`: what units answer to images that exist, and to the images of codes.

mod columns;
mod outputs;
mod stimuli;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::cli::positive;
use crate::evolve::MeasureName;
use crate::{DeviceArgs, GeometryArgs};

pub(crate) use columns::{Columns, Scores};
pub(crate) use outputs::record;
pub(crate) use stimuli::Stimuli;

/// What `actmax score --help` ends with.
pub(crate) const HELP: &str = "\
Images and codes:
  Each of IMAGES-or-CODES is a folder of images (.png, .jpg), an image file, a
  NumPy file of codes (.npy, .npz), or the folder of a run. Of a folder, the
  sheets that actmax draws (sheet.png, top.png, progress.png, montage.png,
  preview.png) are left out; name such a file to score it. Images of any size
  are resized to the input of the CNN. Codes become images by --generator. Of
  a run, a word after a colon takes a part of its codes, or an array by its
  name:

    runs/first             every code of the run
    runs/first:last        those of the last generation; also best, next,
                           recommended, and means: the mean code of each
                           generation
    codes.npz:NAME         the array NAME of the file

  --size, --at and --canvas show each of them as a patch on gray, as in
  `actmax evolve`; of an image that is not square, its middle square.

Scores:
  The table has a row for each image and a column for each --unit. With
  weights, as in --unit conv5:12=0.7 --unit fc8:eye=-0.3, a last column has
  the weighted sum, which is the score that `actmax evolve` takes with these
  --unit. --readout FILE and --pattern FILE add a column each: what FILE reads
  from the layer that --layer names. They are the files of `actmax evolve`, and
  its --help says what they hold. --top K draws the K images with the highest
  scores, best first. The last column decides.

Whole layers:
  Without --readout and --pattern, --layer L records all activations of a
  layer: a file for NumPy with the array L, [n, C, H, W] or [n, C], and the
  names of the n images. Layers are recorded one after the other, each in a
  pass over all images.

    recording = numpy.load(\"recording.npz\")
    recording[\"conv5\"].shape, recording[\"names\"]

Examples:
  actmax score photos --unit fc8:eye
  actmax score photos --unit conv5:12 --unit fc8:3 --out scores.csv --top 20
  actmax score photos --readout neuron7.npz --readout neuron8.npz --layer conv4
  actmax score runs/first:best photos --unit conv5:12
  actmax score photos --layer conv5 --layer fc6 --recording photos.npz";

/// One of four options must be there, which are too long for a line; without them a message names all four.
const USAGE: &str = "actmax score [OPTIONS] <IMAGES-or-CODES>...";

/// The arguments that give columns of the table.
const COLUMNS: &str = "columns";

/// Arguments of `actmax score`.
#[derive(Clone, Debug, Args)]
#[command(override_usage = USAGE)]
#[command(group(ArgGroup::new(COLUMNS).args(["units", "readouts", "patterns"]).multiple(true)))]
#[command(group(ArgGroup::new("wanted").args(["units", "readouts", "patterns", "layers"]).multiple(true).required(true)))]
pub struct ScoreArgs {
    /// Folders of images, image files, files of codes, or folders of runs.
    #[arg(required = true, value_name = "IMAGES-or-CODES")]
    pub stimuli: Vec<PathBuf>,
    /// Unit whose activation is a column of the table; may be repeated.
    #[arg(long = "unit", value_name = "LAYER:CHANNEL[:ROW:COL][=WEIGHT]")]
    pub units: Vec<String>,
    /// File whose linear readout of --layer is a column of the table; may be repeated.
    #[arg(long = "readout", value_name = "FILE")]
    pub readouts: Vec<PathBuf>,
    /// File of a population pattern whose nearness to --layer is a column of the table; may be repeated.
    #[arg(long = "pattern", value_name = "FILE")]
    pub patterns: Vec<PathBuf>,
    /// How near a pattern is [default: dot].
    #[arg(long, value_name = "MEASURE", requires = "patterns")]
    pub measure: Option<MeasureName>,
    /// CNN that sees the images.
    #[arg(long, value_name = "NAME", default_value = crate::evolve::DEFAULT_CNN)]
    pub cnn: String,
    /// Generator that makes images of codes, or pixels:WxH for raw pixels.
    #[arg(long, value_name = "NAME", default_value = crate::evolve::DEFAULT_GENERATOR)]
    pub generator: String,
    /// File of the table, CSV [default: standard output].
    #[arg(long, value_name = "FILE", requires = COLUMNS)]
    pub out: Option<PathBuf>,
    /// Draw the K best images with their scores.
    #[arg(long, value_name = "K", value_parser = positive, requires = COLUMNS)]
    pub top: Option<NonZeroUsize>,
    /// File of that drawing, PNG.
    #[arg(long, value_name = "FILE", default_value = "top.png", requires = "top")]
    pub sheet: PathBuf,
    /// Layer that is recorded whole; may be repeated. With --readout or --pattern, the layer that these are about.
    #[arg(long = "layer", value_name = "LAYER")]
    pub layers: Vec<String>,
    /// File of the recorded layers, for NumPy.
    #[arg(long, value_name = "FILE", default_value = "recording.npz", requires = "layers", conflicts_with_all = ["readouts", "patterns"])]
    pub recording: PathBuf,
    /// Threads of ONNX Runtime [default: all cores].
    #[arg(long, value_name = "N", value_parser = positive)]
    pub threads: Option<NonZeroUsize>,
    /// Device of the networks.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Show no progress.
    #[arg(short, long)]
    pub quiet: bool,
    /// Image on a canvas.
    #[command(flatten)]
    pub geometry: GeometryArgs,
}

impl ScoreArgs {
    /// The layers that are recorded: those named, unless files of readouts and patterns are about them.
    pub(crate) fn recorded_layers(&self) -> &[String] {
        if self.readouts.is_empty() && self.patterns.is_empty() { &self.layers } else { &[] }
    }
}
