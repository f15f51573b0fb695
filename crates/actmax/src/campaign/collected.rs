//! What `actmax campaign collect` shows: means on the terminal, box plots, and the evolved images.

use std::io::Write;
use std::path::{Path, PathBuf};

use analysis::png;
use experiments::campaign::{Store, StoredRun};
use experiments::write_whole;

use super::digest::Digest;
use super::pictures::{Pictures, ROWS, montage};
use crate::console::{counted, warn};
use crate::{CommandError, Library};

/// Pixels a unit of the SVG.
const SCALE: f32 = 1.5;

/// Prints the means and writes `means.csv`, `scores.svg`, `scores.png`, and with `images` `montage.svg` and `montage.png`
/// into `folder`. Returns what it wrote. Images that cannot be made are warned of, and nothing else goes without them.
pub(crate) fn show(
    store: &Store,
    library: &Library,
    folder: &Path,
    images: bool,
    out: &mut dyn Write,
) -> Result<Vec<PathBuf>, CommandError> {
    let campaign = store.campaign();
    let runs = store.runs().collect::<Result<Vec<StoredRun>, _>>()?;
    let digest = Digest::of(&campaign.name, campaign.goal, &runs);
    if digest.is_empty() {
        return Ok(Vec::new());
    }
    if !digest.silent.is_empty() {
        warn(&format!("the means leave out units that never responded: {}", digest.silent.join(", ")));
    }
    let cells = digest.cells().map_err(|source| CommandError::Means { source })?;
    digest.write_text(&cells, out)?;
    let mut files = vec![write(folder, "means.csv", &Digest::to_csv(&cells)?)?];
    files.extend(write_figure(folder, "scores", &digest.boxes()?)?);
    if images {
        match montage(store, library, &runs) {
            Ok(None) => {}
            Ok(Some(Pictures { svg, left_out })) => {
                if left_out > 0 {
                    let rows = counted(left_out, "row");
                    warn(&format!("the montage has the first {ROWS} units and kinds of noise; {rows} are left out"));
                }
                files.extend(write_figure(folder, "montage", &svg)?);
            }
            Err(error) => warn(&format!("no montage: {error}; --no-images makes none")),
        }
    }
    Ok(files)
}

fn write_figure(folder: &Path, name: &str, svg: &str) -> Result<[PathBuf; 2], CommandError> {
    let svg_file = write(folder, &format!("{name}.svg"), svg.as_bytes())?;
    Ok([svg_file, write(folder, &format!("{name}.png"), &png::render(svg, SCALE)?)?])
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, CommandError> {
    let path = folder.join(name);
    write_whole(&path, |file| file.write_all(bytes))
        .map_err(|source| CommandError::Write { path: path.clone(), source })?;
    Ok(path)
}
