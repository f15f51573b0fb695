//! `actmax render`: images of codes, once or for a rig that asks by files.

mod rows;
mod sweep;
mod watch;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::GeometryArgs;
use crate::cli::positive;

pub use rows::Rows;
pub use sweep::{Along, SweepError};
pub(crate) use sweep::{Planned, planned};
pub(crate) use watch::{POLL, Watch};

/// What `actmax render --help` ends with.
pub(crate) const HELP: &str = "\
Codes:
  CODES is a NumPy file: .npy with an array [N] or [n, N], or .npz with one
  such array, or one named codes or codes_all; or the folder of a run. A word
  after a colon takes a part of a run's codes, or an array by its name:

    runs/first             every code of the run
    runs/first:last        those of the last generation; also best, next,
                           recommended, and means: the mean code of each
                           generation
    codes.npz:NAME         the array NAME of the file

  --rows takes some rows only. Image i of the codes becomes the file 000i.png
  in --out. --sheet adds sheet.png, on which all images stand, small, with
  their numbers and the norms of their codes.

  --canvas 64 --size 24 --at 44,20 makes the images as the units of `actmax
  evolve` see them there: as a patch on gray.

Sweeps:
  Each code becomes several images, which stand side by side on sheet.png.
  Their codes are in codes.npy, for `actmax score`.

    --norms 50,100,200     the code at these norms
    --angles 0,30,60,90    the code turned by so many degrees, at its norm:
                           towards the code --towards, or in the direction
                           that --seed draws
    --to FILE[:CODES]      --steps codes from the one to the other, along an
                           arc at evenly changing norm, or along a line

Rigs:
  --watch FOLDER serves a rig that keeps its optimizer to itself and sends
  codes as files. With --dialect poncelab the rig writes

    block012_thread000_code.mat    codes (n x N) and ids (names of n images)

  into the folder, MAT v5, v7 or v7.3. The program writes the image of every
  code into the same folder, under its id: .bmp, or .png if the id ends so. It
  also takes block012_code.mat and init_code.mat. Images appear complete or not
  at all. A file that is still being written is waited for. A file that cannot
  be used is named in a warning and kept. Names never lead out of the folder.
  Files that were answered before are not answered again, unless they change.

  The program looks every 20 ms and serves until you press Ctrl-C.

Examples:
  actmax render codes.npy --generator tiny-deepsim --out images
  actmax render runs/first:means --out images --sheet
  actmax render runs/first:best --norms 50,100,200,400 --out norms
  actmax render runs/first:best --to runs/second:best --steps 7 --out between
  actmax render --watch N:/stimuli/today --generator deepsim-fc6";

/// Arguments of `actmax render`.
#[derive(Clone, Debug, Args)]
pub struct RenderArgs {
    /// File of codes, .npy or .npz, or folder of a run.
    #[arg(required_unless_present = "watch", conflicts_with = "watch", value_name = "CODES")]
    pub codes: Option<PathBuf>,
    /// Generator, or pixels:WxH for raw pixels.
    #[arg(long, value_name = "NAME", default_value = crate::evolve::DEFAULT_GENERATOR)]
    pub generator: String,
    /// Folder of the images [default: images].
    #[arg(long, value_name = "DIR", conflicts_with = "watch")]
    pub out: Option<PathBuf>,
    /// Write sheet.png too: all images, small, with their numbers.
    #[arg(long, conflicts_with = "watch")]
    pub sheet: bool,
    /// Rows of the codes, from 0, as 0,5,10-20 [default: all].
    #[arg(long, value_name = "ROWS", conflicts_with = "watch")]
    pub rows: Option<Rows>,
    /// Show each code at these norms.
    #[arg(long, value_name = "NORM,...", value_delimiter = ',', conflicts_with_all = ["watch", "angles", "to"])]
    pub norms: Vec<f64>,
    /// Show each code turned by these angles, in degrees.
    #[arg(
        long,
        value_name = "DEGREES,...",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with_all = ["watch", "to"]
    )]
    pub angles: Vec<f64>,
    /// Codes that --angles turn to: one, or one for each of CODES.
    #[arg(long, value_name = "FILE[:CODES]", requires = "angles")]
    pub towards: Option<PathBuf>,
    /// Seed of the direction that --angles turn to, without --towards [default: 0].
    #[arg(long, value_name = "N", requires = "angles", conflicts_with = "towards")]
    pub seed: Option<u64>,
    /// Go from each code to this one, or to one of these each.
    #[arg(long, value_name = "FILE[:CODES]", conflicts_with = "watch")]
    pub to: Option<PathBuf>,
    /// Images of the way, both ends among them [default: 9].
    #[arg(long, value_name = "N", requires = "to", value_parser = positive)]
    pub steps: Option<NonZeroUsize>,
    /// The way [default: great-circle].
    #[arg(long, value_name = "WAY", requires = "to")]
    pub along: Option<Along>,
    /// Answer the code files of this folder with their images.
    #[arg(long, value_name = "FOLDER")]
    pub watch: Option<PathBuf>,
    /// Whose names the files in the watched folder have.
    #[arg(long, requires = "watch", default_value = "poncelab")]
    pub dialect: CodeDialect,
    /// Image on a canvas.
    #[command(flatten)]
    pub geometry: GeometryArgs,
}

/// Names of code files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CodeDialect {
    /// The Ponce lab's closed-loop rigs.
    Poncelab,
}
