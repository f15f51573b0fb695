//! `actmax render`: images of codes, once or for a rig that asks by files.

mod watch;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(crate) use watch::{POLL, Watch};

/// What `actmax render --help` ends with.
pub(crate) const HELP: &str = "\
Codes:
  CODES is a NumPy file: .npy with an array [N] or [n, N], or .npz with one
  such array, or one named codes or codes_all. Image i of the codes becomes the
  file 000i.png in --out. --sheet adds sheet.png, on which all images stand,
  small and with their numbers.

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
  actmax render runs/first/evolution.npz --out images --sheet
  actmax render --watch N:/stimuli/today --generator deepsim-fc6";

/// Arguments of `actmax render`.
#[derive(Clone, Debug, Args)]
pub struct RenderArgs {
    /// File of codes, .npy or .npz.
    #[arg(required_unless_present = "watch", conflicts_with = "watch")]
    pub codes: Option<PathBuf>,
    /// Generator.
    #[arg(long, value_name = "NAME", default_value = crate::evolve::DEFAULT_GENERATOR)]
    pub generator: String,
    /// Folder of the images [default: images].
    #[arg(long, value_name = "DIR", conflicts_with = "watch")]
    pub out: Option<PathBuf>,
    /// Write sheet.png too: all images, small, with their numbers.
    #[arg(long, conflicts_with = "watch")]
    pub sheet: bool,
    /// Answer the code files of this folder with their images.
    #[arg(long, value_name = "FOLDER")]
    pub watch: Option<PathBuf>,
    /// Whose names the files in the watched folder have.
    #[arg(long, requires = "watch", default_value = "poncelab")]
    pub dialect: CodeDialect,
}

/// Names of code files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CodeDialect {
    /// The Ponce lab's closed-loop rigs.
    Poncelab,
}
