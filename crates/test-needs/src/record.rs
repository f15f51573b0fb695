//! The list of tests that were skipped, one file for each call of `cargo test`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, thread};

use crate::Need;
use crate::find::target_folder;

/// Files of calls that did not come to their end go after this time.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// Characters of a reason.
const LONGEST: usize = 160;

/// A test that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Name of the need that was missing.
    pub need: String,
    /// Package and test.
    pub test: String,
    /// What was looked for.
    pub reason: String,
}

impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.need, self.test, self.reason)
    }
}

impl Skip {
    fn line(&self) -> String {
        format!("{}\t{}\t{}\n", self.need, self.test, self.reason)
    }

    fn read(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        Some(Self { need: parts.next()?, test: parts.next()?, reason: parts.next()? })
    }
}

/// Says on standard error that the running test is skipped, and notes it for the list.
pub(crate) fn skip(need: Need, reason: &str, place: &Location<'_>) {
    let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let test = match thread::current().name() {
        Some(name) if name != "main" => format!("{package} {name}"),
        _ => format!("{package} {}:{}", place.file(), place.line()),
    };
    let skip = Skip { need: need.name().to_owned(), test, reason: first_words(reason) };
    // Not `eprintln!`: libtest captures that.
    let _ = writeln!(std::io::stderr(), "SKIPPED for want of {skip}");
    let folder = folder();
    let noted = fs::create_dir_all(&folder).and_then(|()| {
        // A line is one write at the end of the file, so that processes may write at the same time.
        OpenOptions::new().create(true).append(true).open(own_file(&folder))?.write_all(skip.line().as_bytes())
    });
    noted.unwrap_or_else(|error| panic!("the skipped test cannot be noted in {}: {error}", folder.display()));
}

/// The beginning of a reason: the list has one line for each test.
fn first_words(reason: &str) -> String {
    let line: String = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line,
    }
}

/// Takes the list of this call of `cargo test`: sorted, without repetitions. The list is also left in the file
/// `skipped-tests/last.txt` of [`target_folder`], one skipped test a line.
///
/// # Errors
/// If files cannot be read or written.
pub fn close() -> std::io::Result<Vec<Skip>> {
    let folder = folder();
    fs::create_dir_all(&folder)?;
    let own = own_file(&folder);
    let mut skips = if own.exists() { read(&own)? } else { Vec::new() };
    skips.sort_by_key(Skip::line);
    skips.dedup();
    let lines: String = skips.iter().map(|skip| format!("{skip}\n")).collect();
    fs::write(folder.join("last.txt"), lines)?;
    for entry in fs::read_dir(&folder)?.flatten() {
        let old = entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > STALE);
        if entry.path() == own || old {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(skips)
}

fn read(path: &Path) -> std::io::Result<Vec<Skip>> {
    Ok(fs::read_to_string(path)?.lines().filter_map(Skip::read).collect())
}

fn folder() -> PathBuf {
    target_folder().join("skipped-tests")
}

/// The file of this call of `cargo test`, which is the parent of every test process.
fn own_file(folder: &Path) -> PathBuf {
    #[cfg(unix)]
    let parent = std::os::unix::process::parent_id();
    #[cfg(not(unix))]
    let parent = 0;
    folder.join(format!("{parent}-{}.tsv", started(parent)))
}

/// When a process was started, in ticks of the system's clock: numbers of processes are used again.
fn started(process: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is a name in brackets, which may hold blanks; the start is the twenty-second field.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    fields.split_whitespace().nth(19).unwrap_or("0").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skip_is_one_line_and_reads_back() {
        let skip = Skip { need: "gpu".into(), test: "x a::b".into(), reason: first_words("no\ndriver\there") };
        let line = skip.line();
        assert_eq!(line, "gpu\tx a::b\tno driver here\n");
        assert_eq!(Skip::read(line.trim_end()).unwrap().to_string(), "gpu: x a::b (no driver here)");
        assert_eq!(Skip::read("half a line"), None);
        let long = first_words(&"ä".repeat(1000));
        assert_eq!(long.chars().count(), LONGEST + 4);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_has_one_start() {
        let own = std::process::id();
        assert!(started(own).parse::<u64>().unwrap() > 0);
        assert_eq!(started(own), started(own));
        assert_ne!(started(own), started(1));
    }
}
