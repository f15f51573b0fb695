//! The folder of a campaign: one `.npz` and one `.json` a finished run.
//!
//! ```text
//! campaign.json              the grid
//! runs/UNIT/RUN.npz, .json   finished runs; the .json comes last: where it is, the run is done
//! timing/UNIT/RUN.json       when and how long: the only thing that differs between two campaigns of one grid
//! failed/UNIT/RUN.json       why a run failed, until it succeeds
//! set-aside/                 damaged files, kept for whoever wants to know
//! shards/                    locks, and what every process is at
//! .writing/                  files that are being written
//! ```

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::CampaignError;
use super::grid::{Campaign, Run};
use super::record::{self, FileStamp, RunRecord};
use super::runner::Failure;
use super::shard::Shard;
use super::timing::RunTiming;
use crate::folder::failed;
use crate::spec::compare;
use crate::whole_file::write_whole_through;
use crate::{ArrayFileError, Evolution, FolderError, Provenance, StoredEvolution, write_evolution};

/// The grid, in the folder of a campaign.
pub const CAMPAIGN_FILE: &str = "campaign.json";
const FORMAT: &str = "actmax-campaign";
const VERSION: u32 = 1;

/// A campaign's folder.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
    campaign: Campaign,
}

/// A file of a run that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// The run.
    pub run: String,
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// What there is of a run.
#[derive(Debug)]
pub(crate) enum Found {
    /// No `.json`, or that of a run that kept fewer codes than are wanted now.
    Nothing,
    Done(Box<StoredRun>),
    Damaged(Damage),
}

/// How closely the files of a run are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scrutiny {
    /// The `.npz` is there and has its size.
    Size,
    /// Its hash is right.
    Content,
}

/// A finished run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredRun {
    /// The run as the grid has it.
    pub run: Run,
    /// What its `.json` says.
    pub record: RunRecord,
    /// Its `.npz`.
    pub npz: PathBuf,
}

impl StoredRun {
    /// Its arrays.
    ///
    /// # Errors
    /// If the `.npz` cannot be read.
    pub fn arrays(&self) -> Result<StoredEvolution, ArrayFileError> {
        StoredEvolution::read(&self.npz)
    }
}

impl Store {
    /// Makes the folder for a campaign, or takes the folder that holds it. The name and the codes to keep may differ from
    /// those in the folder: runs that kept too little are made again.
    ///
    /// # Errors
    /// If the grid does not fit, the folder holds another campaign or something else, or it cannot be written.
    pub fn create(path: &Path, campaign: &Campaign) -> Result<Self, CampaignError> {
        campaign.validate()?;
        if path.exists() && !path.is_dir() {
            return Err(FolderError::NotAFolder { path: path.to_owned() }.into());
        }
        let store = Self { path: path.to_owned(), campaign: campaign.clone() };
        match Self::open(path) {
            Ok(there) if there.campaign == *campaign => {}
            Ok(there) => {
                store.refuse_other(&there.campaign)?;
                store.write_campaign()?;
            }
            Err(CampaignError::NoCampaign { .. }) => {
                store.refuse_foreign_files()?;
                store.write_campaign()?;
            }
            Err(error) => return Err(error),
        }
        Ok(store)
    }

    /// Opens a campaign's folder.
    ///
    /// # Errors
    /// If it holds none, or `campaign.json` cannot be read.
    pub fn open(path: &Path) -> Result<Self, CampaignError> {
        let file = path.join(CAMPAIGN_FILE);
        let bytes = fs::read(&file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                CampaignError::NoCampaign { path: path.to_owned() }
            }
            _ => failed("read", &file, source).into(),
        })?;
        let damaged = |reason: String| CampaignError::Damaged { path: file.clone(), reason };
        let mut header: Value = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if header["format"] != FORMAT || header["version"] != VERSION {
            return Err(damaged(format!("it is not of the format {FORMAT}, version {VERSION}")));
        }
        let campaign = serde_json::from_value(header["campaign"].take());
        Ok(Self { path: path.to_owned(), campaign: campaign.map_err(|error| damaged(error.to_string()))? })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The grid.
    #[must_use]
    pub fn campaign(&self) -> &Campaign {
        &self.campaign
    }

    /// The finished runs, in the order of the grid. Others are passed over; a damaged one is an error.
    pub fn runs(&self) -> impl Iterator<Item = Result<StoredRun, CampaignError>> + use<'_> {
        self.campaign.runs().into_iter().filter_map(|run| self.stored(run).transpose())
    }

    /// A run of the grid, if it is finished.
    ///
    /// # Errors
    /// If one of its files is damaged.
    pub fn stored(&self, run: Run) -> Result<Option<StoredRun>, CampaignError> {
        match self.find(run, Scrutiny::Size) {
            Found::Nothing => Ok(None),
            Found::Done(stored) => Ok(Some(*stored)),
            Found::Damaged(Damage { path, reason, .. }) => Err(CampaignError::Damaged { path, reason }),
        }
    }

    /// When a finished run was made and how long it took, where that is known.
    #[must_use]
    pub fn timing(&self, run: &Run) -> Option<RunTiming> {
        read_json(&self.file("timing", run, "json")).ok()
    }

    /// Why a run failed when it was last tried, if it did.
    pub(crate) fn failure(&self, run: &Run) -> Option<Failure> {
        read_json(&self.file("failed", run, "json")).ok()
    }

    /// What there is of a run.
    pub(crate) fn find(&self, run: Run, scrutiny: Scrutiny) -> Found {
        let (json, npz) = (self.file("runs", &run, "json"), self.file("runs", &run, "npz"));
        let damaged = |path: &Path, reason: String| {
            Found::Damaged(Damage { run: run.to_string(), path: path.to_owned(), reason })
        };
        let record: RunRecord = match read_json(&json) {
            Ok(record) => record,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Found::Nothing;
            }
            Err(error) => return damaged(&json, error.to_string()),
        };
        if record.format != record::FORMAT || record.version != record::VERSION {
            return damaged(&json, format!("it is not of the format {}, version {}", record::FORMAT, record::VERSION));
        }
        if record.id != run.id || record.spec != run.spec {
            return damaged(&json, "it is of another run".to_owned());
        }
        let keeps_too_little = !record.keep.covers(run.keep) || (run.keep_recommended && !record.keep_recommended);
        if keeps_too_little {
            return Found::Nothing;
        }
        let stamp = match scrutiny {
            Scrutiny::Size => {
                fs::metadata(&npz).map(|file| FileStamp { bytes: file.len(), xxh3: record.npz.xxh3.clone() })
            }
            Scrutiny::Content => FileStamp::of(&npz),
        };
        match stamp {
            Ok(stamp) if stamp == record.npz => Found::Done(Box::new(StoredRun { run, record, npz })),
            Ok(stamp) if stamp.bytes != record.npz.bytes => {
                damaged(&npz, format!("it has {} bytes, not {}", stamp.bytes, record.npz.bytes))
            }
            Ok(_) => damaged(&npz, "its content has changed".to_owned()),
            Err(error) => damaged(&npz, error.to_string()),
        }
    }

    /// Moves both files of a damaged run out of the way.
    pub(crate) fn set_aside(&self, run: &Run) -> Result<(), CampaignError> {
        for extension in ["json", "npz"] {
            let from = self.file("runs", run, extension);
            let aside = |number: u32| self.file("set-aside", run, &format!("{number}.{extension}"));
            let free = (1..).map(aside).find(|path| !path.exists());
            if let Some(to) = free.filter(|_| from.exists()) {
                make_parent(&to)?;
                fs::rename(&from, &to).map_err(|source| failed("move a damaged file to", &to, source))?;
            }
        }
        Ok(())
    }

    /// Stores a finished run: the arrays, the timing, and last the `.json` that makes it count.
    pub(crate) fn write(
        &self,
        shard: Shard,
        run: &Run,
        evolution: &Evolution,
        provenance: &Provenance,
        timing: &RunTiming,
    ) -> Result<(), CampaignError> {
        let npz = self.file("runs", run, "npz");
        self.write_whole(shard, &npz, |file| write_evolution(file, evolution, None).map(drop))?;
        let stamp = FileStamp::of(&npz).map_err(|source| failed("read", &npz, source))?;
        self.write_json(shard, &self.file("timing", run, "json"), timing)?;
        let record = RunRecord::new(run, evolution, provenance, stamp);
        self.write_json(shard, &self.file("runs", run, "json"), &record)?;
        let _ = fs::remove_file(self.file("failed", run, "json"));
        Ok(())
    }

    /// Notes why a run failed.
    pub(crate) fn write_failure(&self, shard: Shard, run: &Run, failure: &Failure) -> Result<(), CampaignError> {
        self.write_json(shard, &self.file("failed", run, "json"), failure)
    }

    /// Folder of the locks and of what every process is at.
    pub(crate) fn shards(&self) -> PathBuf {
        self.path.join("shards")
    }

    /// Makes the folders that a share needs, and removes what a killed process left half-written in its own.
    pub(crate) fn prepare(&self, shard: Shard) -> Result<(), CampaignError> {
        let writing = self.writing(shard);
        if writing.exists() {
            fs::remove_dir_all(&writing).map_err(|source| failed("empty the folder", &writing, source))?;
        }
        Ok(make_folder(&writing)?)
    }

    /// Writes JSON, whole or not at all.
    pub(crate) fn write_json(&self, shard: Shard, path: &Path, value: &impl Serialize) -> Result<(), CampaignError> {
        let mut json =
            serde_json::to_vec_pretty(value).map_err(|source| FolderError::Json { path: path.to_owned(), source })?;
        json.push(b'\n');
        self.write_whole(shard, path, |file| file.write_all(&json))
    }

    fn write_whole(
        &self,
        shard: Shard,
        path: &Path,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), CampaignError> {
        let writing = self.writing(shard);
        make_folder(&writing)?;
        make_parent(path)?;
        Ok(write_whole_through(&writing, path, write).map_err(|source| failed("write", path, source))?)
    }

    /// Files in it are being written by one process only: the owner of the share.
    fn writing(&self, shard: Shard) -> PathBuf {
        self.path.join(WRITING).join(shard.file_stem())
    }

    /// Path of a file of a run.
    fn file(&self, folder: &str, run: &Run, extension: &str) -> PathBuf {
        self.path.join(folder).join(format!("{}.{extension}", run.stem()))
    }

    fn write_campaign(&self) -> Result<(), CampaignError> {
        let header = json!({ "format": FORMAT, "version": VERSION, "campaign": self.campaign });
        self.write_json(Shard::default(), &self.path.join(CAMPAIGN_FILE), &header)
    }

    fn refuse_other(&self, there: &Campaign) -> Result<(), CampaignError> {
        let mut fields = Vec::new();
        compare("", &numbers_of(there), &numbers_of(&self.campaign), &mut fields);
        if fields.len() > MOST_DIFFERENCES {
            let more = fields.len() - MOST_DIFFERENCES;
            fields.truncate(MOST_DIFFERENCES);
            fields.push(format!("and {more} more"));
        }
        if fields.is_empty() {
            return Ok(());
        }
        Err(CampaignError::OtherCampaign { path: self.path.clone(), fields })
    }

    fn refuse_foreign_files(&self) -> Result<(), CampaignError> {
        make_folder(&self.path)?;
        let entries = fs::read_dir(&self.path).map_err(|source| failed("read the folder", &self.path, source))?;
        let mut names: Vec<String> =
            entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        match names.into_iter().find(|name| name != WRITING) {
            Some(file) => Err(CampaignError::NotEmpty { path: self.path.clone(), file }),
            None => Ok(()),
        }
    }
}

/// Most differences between two campaigns that a message lists.
const MOST_DIFFERENCES: usize = 6;

/// What of a campaign determines the numbers of its runs, by name.
fn numbers_of(campaign: &Campaign) -> Value {
    let arms = campaign.arms.iter().map(|arm| {
        (
            arm.label.clone(),
            json!({
                "method": arm.method,
                "generations": arm.generations,
                "reps": arm.reps,
                "init": arm.initial_norm,
                "initial codes": arm.initial_codes_sha256,
            }),
        )
    });
    let units = campaign.units.iter().map(|unit| (unit.to_string(), json!(unit.objective)));
    json!({
        "seed": campaign.seed,
        "repeats": campaign.repeats,
        "noise": campaign.noise,
        "goal": campaign.goal,
        "stop": campaign.stop,
        "optimizers": arms.collect::<serde_json::Map<_, _>>(),
        "units": units.collect::<serde_json::Map<_, _>>(),
    })
}

const WRITING: &str = ".writing";

fn make_folder(path: &Path) -> Result<(), FolderError> {
    fs::create_dir_all(path).map_err(|source| failed("create the folder", path, source))
}

fn make_parent(path: &Path) -> Result<(), FolderError> {
    path.parent().map_or(Ok(()), make_folder)
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}
