//! `actmax session export`.

mod figures;
mod mat;
mod nwb;
mod table;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use experiments::{EVOLUTION_FILE, Evolution, write_evolution, write_whole};

use super::{ExportArgs, ExportFormat, OnlineError, Source};
use crate::console::counted;
use crate::{CommandError, Library};

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
        ExportFormat::Npz => each_thread(&source, &default("runs"), out, npz)?,
        ExportFormat::Mat => {
            let folder = default("mat");
            each_thread(&source, &folder, out, mat::thread)?;
            let path = folder.join("session.mat");
            let rows = mat::session(&source.recorded, &path)?;
            writeln!(out, "{}: {}", path.display(), counted(rows, "response"))?;
        }
        ExportFormat::Figures => {
            let write = |source: &Source, thread, evolution: &Evolution, folder: &Path| {
                figures::thread(library, source, thread, evolution, folder)
            };
            each_thread(&source, &default("figures"), out, write)?;
        }
        ExportFormat::Nwb => nwb::write(library, &source, &default("session.nwb"), out)?,
    }
    Ok(())
}

/// Lets `write` make a file or folder of every thread.
fn each_thread(
    source: &Source,
    folder: &Path,
    out: &mut dyn Write,
    write: impl Fn(&Source, usize, &Evolution, &Path) -> Result<PathBuf, CommandError>,
) -> Result<(), CommandError> {
    for thread in 0..source.recorded.specs.len() {
        let evolution = source.evolution(thread)?;
        let path = write(source, thread, &evolution, folder)?;
        writeln!(out, "{}: {}", path.display(), counted(evolution.evaluations(), "score"))?;
    }
    Ok(())
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
