//! What can go wrong with a command, and whose turn it is then.

use std::path::PathBuf;

use analysis::figure::FigureError;
use analysis::{PictureError, RenderError, StatsError};
use experiments::campaign::{CampaignError, CollectError};
use experiments::{ArrayFileError, EvolveError, FolderError, JournalError, NeedsError, StartError};
use gen_models::{ImportError, ManifestError, ModelError, RuntimeError, UnitError};
use networks::{ConfigFileError, EncodeError, ResolveError};
use optim_core::ConfigError;
use reproduction::ReproductionError;
use thiserror::Error;

use crate::console::counted;
use crate::{FetchError, LibraryError, OpeningError, ReferenceError};

/// Why a command did not do what it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A model could not be had.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A session cannot do what it was asked.
    #[error(transparent)]
    Session(#[from] sessions::SessionError),
    /// A session cannot be made, served or exported.
    #[error(transparent)]
    Online(#[from] crate::online::OnlineError),
    /// Nothing can be shown on a page.
    #[error(transparent)]
    Live(#[from] live::LiveError),
    /// There is no ONNX Runtime.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// An ONNX file could not be registered.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A published model could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A model of that name is part of the program.
    #[error("'{name}' is compiled into this program: you cannot replace or remove it")]
    CompiledIn {
        /// The name.
        name: String,
    },
    /// A model of that name is registered.
    #[error("a model '{name}' is registered already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A model could not be loaded or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The run's settings do not fit, or it failed.
    #[error(transparent)]
    Evolve(#[from] EvolveError),
    /// The folder could not be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The initial codes could not be read.
    #[error(transparent)]
    Codes(#[from] ArrayFileError),
    /// An image could not be made.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// An image could not be encoded.
    #[error("an image cannot be encoded")]
    Encode(#[from] image::ImageError),
    /// A figure could not be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The caller's generator failed.
    #[error("the generator made no images")]
    CustomImages(#[source] crate::ImagesError),
    /// An ask/tell session could not begin.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// The client of an ask/tell session cannot be heard.
    #[error("cannot read the standard input")]
    Input(#[source] std::io::Error),
    /// Text could not be written.
    #[error("cannot write to the standard output")]
    Output(#[from] std::io::Error),
    /// A campaign's configuration does not fit.
    #[error(transparent)]
    CampaignConfig(#[from] ConfigFileError),
    /// A campaign could not be run.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    /// A campaign's tables could not be made.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// Runs of a campaign failed.
    #[error("{} failed; `actmax campaign status {}` says why, and the same command tries again", counted(*count, "run"), folder.display())]
    RunsFailed {
        /// How many.
        count: usize,
        /// The campaign's folder.
        folder: PathBuf,
    },
    /// A reproduction failed, or what it compares differs.
    #[error(transparent)]
    Reproduction(#[from] ReproductionError),
    /// Files of a campaign are damaged.
    #[error("files of {} in {} are damaged", counted(*count, "run"), folder.display())]
    RunsDamaged {
        /// How many.
        count: usize,
        /// The campaign's folder.
        folder: PathBuf,
    },
    /// A file is no target of a run.
    #[error(transparent)]
    Target(#[from] crate::TargetError),
    /// An image cannot be shown so.
    #[error(transparent)]
    Geometry(#[from] networks::GeometryKeysError),
    /// There are no such codes to make images of.
    #[error(transparent)]
    Sweep(#[from] crate::SweepError),
    /// Images could not be read.
    #[error(transparent)]
    Images(#[from] crate::ImageFileError),
    /// Reference images could not be scored.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// Nothing to analyse.
    #[error("{} holds neither a finished evolution nor a campaign with finished runs", path.display())]
    NoRun {
        /// The folder.
        path: PathBuf,
    },
    /// A run with too few generations to analyse.
    #[error("the file {} has the mean codes of {generations} generations; a trajectory needs at least {needed}", path.display())]
    ShortRun {
        /// Its arrays.
        path: PathBuf,
        /// Generations whose mean codes it has.
        generations: usize,
        /// Generations that suffice.
        needed: usize,
    },
    /// A run whose trajectory has no such numbers.
    #[error("the run in {} cannot be analysed", path.display())]
    Unmeasurable {
        /// Its arrays.
        path: PathBuf,
        /// Why not.
        source: StatsError,
    },
    /// A folder that is no run.
    #[error("{} holds no codes: name the folder of a run (with evolution.npz), or a file of codes (.npy, .npz)", folder.display())]
    NoCodesIn {
        /// The folder.
        folder: PathBuf,
    },
    /// A word that names no codes of a run.
    #[error("'{name}' names no codes of the run {}: write all, last, best, next, recommended or means after the colon", path.display())]
    NoSuchCodes {
        /// The run.
        path: PathBuf,
        /// What was named.
        name: String,
    },
    /// A run without the codes of all generations.
    #[error("{} has not the codes of all generations, which --also codes needs: make it without --keep-codes, or in a campaign with keep_codes = true", path.display())]
    NoCodes {
        /// The run.
        path: PathBuf,
    },
    /// One run, where several are compared.
    #[error("--also agreement compares the principal axes of runs: name two or more, or a campaign")]
    OneRun,
    /// Runs whose axes cannot be compared.
    #[error("the principal axes of the runs cannot be compared: they need one generator, and as many components")]
    Agreement {
        /// Why not.
        source: StatsError,
    },
    /// Means of a campaign have no interval.
    #[error("the mean scores of the campaign have no interval")]
    Means {
        /// Why not.
        source: StatsError,
    },
    /// A figure has nothing to show.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// A table could not be put together.
    #[error("cannot write a table")]
    Table(#[from] csv::Error),
    /// Ctrl-C cannot be watched.
    #[error("cannot watch for Ctrl-C")]
    Interrupt(#[from] ctrlc::Error),
    /// `--resume` without anything that says which run.
    #[error("--resume needs the folder of the run: name it with --out")]
    ResumeWhat,
    /// The run does not fit on this machine.
    #[error(transparent)]
    Needs(#[from] NeedsError),
    /// The journal's objective is not one that this command wrote.
    #[error("the journal in {} is not of a run of `actmax evolve`: it maximizes no units of a network", folder.display())]
    OtherObjective {
        /// The run's folder.
        folder: PathBuf,
    },
    /// Presentations that cannot differ.
    #[error(
        "without noise {reps} presentations of an image have one and the same score: give --noise or --poisson, or leave --reps out"
    )]
    RepeatsWithoutNoise {
        /// Presentations of each image.
        reps: u32,
    },
    /// A norm of initial codes that cannot be read.
    #[error("'{text}' is no norm of initial codes: write random:natural, or a number as in random:300")]
    InitialNorm {
        /// What was given.
        text: String,
    },
    /// Initial codes cannot be made.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A folder without codes and images.
    #[error("{} holds neither a run (evolution.npz), nor codes (.npy, .npz), nor images (.png, .jpg)", folder.display())]
    NothingToStartFrom {
        /// The folder.
        folder: PathBuf,
    },
    /// Images have no codes.
    #[error(transparent)]
    ImageCodes(#[from] EncodeError),
    /// The codes that a run was started from are gone.
    #[error("the run in {} started from initial codes that are no longer there", folder.display())]
    NoInitialCodes {
        /// The run's folder.
        folder: PathBuf,
    },
}

macro_rules! from_through {
    ($($source:ty => $through:ty),* $(,)?) => {
        $(impl From<$source> for CommandError {
            fn from(error: $source) -> Self {
                Self::from(<$through>::from(error))
            }
        })*
    };
}

from_through! {
    ConfigError => EvolveError,
    experiments::NoiseError => EvolveError,
    experiments::BudgetError => EvolveError,
    JournalError => EvolveError,
    UnitError => ModelError,
    ManifestError => LibraryError,
}

impl From<ResolveError> for CommandError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Config(error) => error.into(),
            ResolveError::Library(error) => error.into(),
            ResolveError::Campaign(error) => error.into(),
        }
    }
}

impl CommandError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Library(error) => error.is_usage(),
            Self::Model(error) => error.is_usage(),
            Self::Import(error) => error.is_usage(),
            Self::Evolve(error) => error.is_usage(),
            Self::Folder(error) => error.is_usage(),
            Self::Campaign(error) => error.is_usage(),
            Self::Needs(_) => true,
            Self::Reference(error) => error.is_usage(),
            Self::CompiledIn { .. }
            | Self::NameTaken { .. }
            | Self::Codes(_)
            | Self::Images(_)
            | Self::Sweep(_)
            | Self::Target(_)
            | Self::Geometry(_)
            | Self::Opening(_)
            | Self::CampaignConfig(_)
            | Self::NoRun { .. }
            | Self::ShortRun { .. }
            | Self::NoCodes { .. }
            | Self::NoCodesIn { .. }
            | Self::NoSuchCodes { .. }
            | Self::OneRun
            | Self::Agreement { .. }
            | Self::ResumeWhat
            | Self::OtherObjective { .. }
            | Self::InitialNorm { .. }
            | Self::RepeatsWithoutNoise { .. }
            | Self::Start(_)
            | Self::NothingToStartFrom { .. }
            | Self::ImageCodes(EncodeError::NoEncoder { .. } | EncodeError::Length { .. })
            | Self::NoInitialCodes { .. } => true,
            Self::Fetch(error) => error.is_usage(),
            Self::Session(error) => error.is_usage(),
            Self::Online(error) => error.is_usage(),
            Self::Live(error) => error.is_usage(),
            _ => false,
        }
    }

    /// Status that the command exits with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.is_usage() { 2 } else { 1 }
    }

    /// The way out, where the message does not name it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Library(LibraryError::Manifest(ManifestError::Unknown { .. })) => {
                Some("`actmax models` lists them, and those that `actmax models fetch` can fetch")
            }
            Self::Model(ModelError::Unit(_)) => Some("`actmax layers` lists layers, channels and positions"),
            Self::Evolve(EvolveError::Config(_)) | Self::Opening(OpeningError::Config(_)) => {
                Some("`actmax optimizers` lists optimizers and options")
            }
            Self::Folder(FolderError::HoldsRun { .. }) => {
                Some("--resume goes on with it, --overwrite removes it, --out names another folder")
            }
            Self::Evolve(EvolveError::Journal(JournalError::Damaged { .. } | JournalError::OtherFormat { .. })) => {
                Some("--overwrite instead of --resume starts the run anew, with all its arguments")
            }
            Self::Folder(FolderError::NotEmpty { .. } | FolderError::NotAFolder { .. } | FolderError::Io { .. }) => {
                Some("--out names another folder")
            }
            Self::Needs(_) => {
                Some("--generations, --option population_size and --keep-codes last or none make a run smaller")
            }
            Self::Campaign(CampaignError::Needs(NeedsError::Memory { .. })) => {
                Some("fewer --jobs and --together take less; --force starts if a single run fits")
            }
            Self::Campaign(CampaignError::Needs(_)) => Some("--force starts in spite of that"),
            Self::Evolve(EvolveError::Journal(JournalError::Io { .. })) => {
                Some("make room, or mend the folder; --resume goes on after the last whole generation")
            }
            Self::Evolve(EvolveError::Journal(JournalError::OtherSpec { .. })) => {
                Some("`--resume --out DIR` needs no other arguments: it takes them from the journal")
            }
            Self::Evolve(EvolveError::Evaluation { .. }) => {
                Some("the journal holds the generations before this one; --resume goes on after them")
            }
            Self::Campaign(CampaignError::Folder(FolderError::Io { .. })) => {
                Some("finished runs are kept: make room, or mend the folder, and give the same command again")
            }
            Self::Campaign(CampaignError::OtherCampaign { .. } | CampaignError::NotEmpty { .. }) => {
                Some("--out names another folder")
            }
            Self::RunsDamaged { .. } => Some("`actmax campaign run` sets their files aside and makes the runs again"),
            Self::Campaign(CampaignError::NoCampaign { .. }) => Some("`actmax campaign run` makes one"),
            Self::NameTaken { .. } => Some("--name gives the new one another name, --replace takes its place"),
            Self::CompiledIn { .. } => Some("--name gives a model of yours another name"),
            Self::Fetch(FetchError::Unknown { .. }) => Some("`actmax models fetch --list` says what each is"),
            Self::Import(_) if self.is_usage() => Some("`actmax models add --help` describes the options"),
            Self::Codes(ArrayFileError::Extension { .. }) => Some(
                "a run is named by its folder or its .npz; last, best, recommended, next, all or means may follow a colon",
            ),
            Self::Sweep(crate::SweepError::NoPath { source: analysis::StatsError::Collinear, .. }) => {
                Some("--along line connects opposite codes too; --angles need a code in another direction")
            }
            Self::Codes(ArrayFileError::WrongDimension { .. }) => {
                Some("--generator names the generator that codes are made for")
            }
            Self::Evolve(EvolveError::OtherInitialCodes { .. }) => {
                Some("--resume takes the codes from the run's folder: leave --init out")
            }
            Self::NoInitialCodes { .. } => Some("name the file of those codes with --init"),
            _ => None,
        }
    }

    /// The message with all that caused it, on one line, and the way out on another.
    #[must_use]
    pub fn report(&self) -> String {
        let mut report = format!("error: {self}");
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            report.push_str(&format!(": {error}"));
            cause = error.source();
        }
        if let Some(hint) = self.hint() {
            report.push_str(&format!("\nhint: {hint}"));
        }
        report
    }
}
