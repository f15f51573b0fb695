//! Codes as the command line names them: `FILE[:CODES]`.

use std::path::Path;

use experiments::{ArrayFileError, EVOLUTION_FILE, RunCodes, read_codes, read_codes_named, read_initial_codes};
use optim_core::Population;

use crate::CommandError;

/// Whether a path, without what follows a colon, is that of codes: a `.npy` or `.npz` file, or the folder of a run.
pub(crate) fn names_codes(argument: &Path) -> bool {
    let (path, _) = split(argument);
    let is_array = path.extension().is_some_and(|extension| extension == "npy" || extension == "npz");
    is_array || path.join(EVOLUTION_FILE).is_file()
}

/// Reads codes of length `dim`: of a NumPy file, or of a run by its folder. After a colon stands which codes of a run, or
/// the name of an array; without it all codes are read.
pub(crate) fn read_codes_argument(argument: &Path, dim: usize) -> Result<Population, CommandError> {
    let (path, which) = split(argument);
    let file = if path.is_dir() { path.join(EVOLUTION_FILE) } else { path.to_owned() };
    if path.is_dir() && !file.exists() {
        return Err(CommandError::NoCodesIn { folder: path.to_owned() });
    }
    let codes = match (which, which.map(str::parse::<RunCodes>)) {
        (None, _) => read_codes(&file, dim),
        (Some(_), Some(Ok(part))) => read_initial_codes(&file, dim, Some(part)).map(|(codes, _)| codes),
        (Some(name), _) => match read_codes_named(&file, dim, name) {
            Err(ArrayFileError::NoSuchArray { .. }) if path.is_dir() => {
                let (path, name) = (path.to_owned(), name.to_owned());
                return Err(CommandError::NoSuchCodes { path, name });
            }
            codes => codes,
        },
    };
    Ok(codes?)
}

/// What the code in a row of an argument's codes is, in words.
pub(crate) fn row_words(argument: &Path, row: usize) -> String {
    match split(argument).1 {
        Some("means" | "generation_means" | "recommendations") => format!("generation {row}"),
        _ => format!("{row:04}"),
    }
}

/// The path and what follows its last colon. A colon in the path of a file that exists, or after a drive, splits nothing.
pub(crate) fn split(argument: &Path) -> (&Path, Option<&str>) {
    let whole = (argument, None);
    if argument.exists() {
        return whole;
    }
    match argument.to_str().and_then(|text| text.rsplit_once(':')) {
        Some((path, name)) if path.len() > 1 && !name.is_empty() && !name.contains(['/', '\\', '.']) => {
            (Path::new(path), Some(name))
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_divides_what_it_shall() {
        for (argument, path, name) in [
            ("runs/first", "runs/first", None),
            ("runs/first:means", "runs/first", Some("means")),
            ("a.npz:recommendations", "a.npz", Some("recommendations")),
            (r"C:\runs\evolution.npz", r"C:\runs\evolution.npz", None),
            (r"C:\runs\evolution.npz:all", r"C:\runs\evolution.npz", Some("all")),
            ("12:30.npz", "12:30.npz", None),
        ] {
            assert_eq!(split(Path::new(argument)), (Path::new(path), name), "{argument}");
        }
        assert!(names_codes(Path::new("a.npz:x")) && !names_codes(Path::new("photos")));
    }
}
