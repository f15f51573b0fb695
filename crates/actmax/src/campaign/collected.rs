//! What `actmax campaign collect` shows: means on the terminal, box plots, and the evolved images.

use std::io::Write;
use std::path::{Path, PathBuf};

use experiments::campaign::{Store, StoredRun};
use experiments::write_whole;

use super::args::CampaignCollectArgs;
use super::digest::Digest;
use super::pictures::{Pictures, ROWS, montage};
use crate::console::{counted, warn};
use crate::figure_files::figure_files;
use crate::{CommandError, Library};

/// Prints the means and writes `means.csv` and the figures that the arguments ask for into `folder`. Returns what it wrote. Images that cannot be made are warned of, and nothing else goes without them.
pub(crate) fn show(
    store: &Store,
    library: &Library,
    folder: &Path,
    args: &CampaignCollectArgs,
    out: &mut dyn Write,
) -> Result<Vec<PathBuf>, CommandError> {
    let campaign = store.campaign();
    let runs = store.runs().collect::<Result<Vec<StoredRun>, _>>()?;
    let digest = Digest::of(&campaign.name, campaign.goal, &runs);
    let all = Digest::of_all(&campaign.name, campaign.goal, &runs);
    if digest.is_empty() {
        return Ok(Vec::new());
    }
    if !digest.silent.is_empty() {
        warn(&format!("the means leave out units that never responded: {}", digest.silent.join(", ")));
    }
    let cells = |digest: &Digest| digest.cells().map_err(|source| CommandError::Means { source });
    digest.write_text(&cells(&digest)?, out)?;
    let mut files = vec![write(folder, "means.csv", &Digest::to_csv(&cells(&all)?)?)?];
    let figure = all.figure();
    files.extend(write_figure(folder, "scores", figure.to_svg()?, args.pdf)?);
    if args.violins {
        files.extend(write_figure(folder, "violins", figure.violins()?, args.pdf)?);
    }
    if !args.no_images {
        match montage(store, library, &runs) {
            Ok(None) => {}
            Ok(Some(Pictures { svg, left_out })) => {
                if left_out > 0 {
                    let rows = counted(left_out, "row");
                    warn(&format!("the montage has the first {ROWS} units and kinds of noise; {rows} are left out"));
                }
                files.extend(write_figure(folder, "montage", svg, args.pdf)?);
            }
            Err(error) => warn(&format!("no montage: {error}; --no-images makes none")),
        }
    }
    Ok(files)
}

fn write_figure(folder: &Path, name: &str, svg: String, pdf: bool) -> Result<Vec<PathBuf>, CommandError> {
    figure_files(name, svg, pdf)?.iter().map(|(name, bytes)| write(folder, name, bytes)).collect()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, CommandError> {
    let path = folder.join(name);
    write_whole(&path, |file| file.write_all(bytes))
        .map_err(|source| CommandError::Write { path: path.clone(), source })?;
    Ok(path)
}
