//! `actmax session export`.

mod figures;
mod mat;
mod nwb;
mod table;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use experiments::{EVOLUTION_FILE, Evolution, Evolver, Keep, RunPlan, write_evolution, write_whole};
use sessions::journal::JOURNAL_FILE;
use sessions::{Recorded, Replay};

use super::setup::stored_initial;
use super::{ExportArgs, ExportFormat, OnlineError};
use crate::console::counted;
use crate::{CommandError, Library};

/// A session whose events are read.
struct Source {
    folder: PathBuf,
    recorded: Recorded,
}

/// Writes what was asked for.
pub(super) fn export(library: &Library, args: &ExportArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let source = Source::read(&args.session)?;
    let default = |name: &str| args.out.clone().unwrap_or_else(|| args.session.join("export").join(name));
    match args.format {
        ExportFormat::Csv => {
            let (path, rows) = (default("responses.csv"), table::responses(&source.recorded)?);
            whole(&path, &rows.0)?;
            writeln!(out, "{} in {}", counted(rows.1, "row"), path.display())?;
        }
        ExportFormat::Npz => source.threads(&default("runs"), out, npz)?,
        ExportFormat::Mat => {
            let folder = default("mat");
            source.threads(&folder, out, mat::thread)?;
            let path = folder.join("session.mat");
            let rows = mat::session(&source.recorded, &path)?;
            writeln!(out, "{}: {}", path.display(), counted(rows, "response"))?;
        }
        ExportFormat::Figures => {
            let write = |source: &Source, thread, evolution: &Evolution, folder: &Path| {
                figures::thread(library, source, thread, evolution, folder)
            };
            source.threads(&default("figures"), out, write)?;
        }
        ExportFormat::Nwb => nwb::write(library, &source, &default("session.nwb"), out)?,
    }
    Ok(())
}

impl Source {
    fn read(folder: &Path) -> Result<Self, CommandError> {
        if !folder.join(JOURNAL_FILE).exists() {
            return Err(OnlineError::NoSession { folder: folder.to_owned() }.into());
        }
        Ok(Self { folder: folder.to_owned(), recorded: Recorded::read(folder)? })
    }

    /// Name of a thread.
    fn name(&self, thread: usize) -> &str {
        &self.recorded.config.threads[thread].name
    }

    /// The generations of a thread once more; its method must propose the recorded codes.
    fn replay(&self, thread: usize, keep: Keep) -> Result<Replay<'_>, CommandError> {
        let spec = &self.recorded.specs[thread];
        let initial = stored_initial(&self.folder, self.name(thread), spec)?;
        let evolver = Evolver::new(spec.optimizer(initial.as_ref())?, RunPlan { keep, ..spec.plan() })?;
        Ok(self.recorded.replay(thread, evolver))
    }

    /// The run of a thread, which has a scored generation at least.
    fn evolution(&self, thread: usize) -> Result<Evolution, CommandError> {
        let evolution = self.replay(thread, Keep::All)?.finish()?;
        match evolution.generations_scored() {
            0 => Err(OnlineError::Nothing { folder: self.folder.clone() }.into()),
            _ => Ok(evolution),
        }
    }

    /// Lets `write` make a file of every thread.
    fn threads(
        &self,
        folder: &Path,
        out: &mut dyn Write,
        write: impl Fn(&Self, usize, &Evolution, &Path) -> Result<PathBuf, CommandError>,
    ) -> Result<(), CommandError> {
        for thread in 0..self.recorded.specs.len() {
            let evolution = self.evolution(thread)?;
            let path = write(self, thread, &evolution, folder)?;
            writeln!(out, "{}: {}", path.display(), counted(evolution.evaluations(), "score"))?;
        }
        Ok(())
    }
}

fn npz(source: &Source, thread: usize, evolution: &Evolution, folder: &Path) -> Result<PathBuf, CommandError> {
    let path = folder.join(source.name(thread)).join(EVOLUTION_FILE);
    let failed = |source| OnlineError::Io { action: "write", path: path.clone(), source };
    let bytes = write_evolution(std::io::Cursor::new(Vec::new()), evolution, None).map_err(failed)?.into_inner();
    whole(&path, &bytes)?;
    Ok(path)
}

fn whole(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let failed = |source| OnlineError::Io { action: "write", path: path.to_owned(), source };
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    Ok(write_whole(path, |file| file.write_all(bytes)).map_err(failed)?)
}
