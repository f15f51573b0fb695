//! Population patterns in files beside a configuration.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use toml::{Table, Value};

use super::OnlineError;

/// Members of a target that may be the name of a file.
const VECTORS: [&str; 3] = ["pattern", "mean", "std"];

/// The configuration with the numbers of such files in the place of their names, so that a session needs the files no
/// more. A configuration without them stays as it is, and so does one that is no TOML.
pub(super) fn with_numbers(text: &str, beside: &Path) -> Result<String, OnlineError> {
    let Ok(mut table) = text.parse::<Table>() else { return Ok(text.to_owned()) };
    let mut replaced = false;
    for thread in table.get_mut("thread").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(target) = thread.get_mut("target").and_then(Value::as_table_mut) else { continue };
        for (_, value) in target.iter_mut().filter(|(key, _)| VECTORS.contains(&key.as_str())) {
            let Some(name) = value.as_str() else { continue };
            let path = beside.join(name);
            let numbers =
                read(&path).map_err(|source| OnlineError::Io { action: "read the numbers of", path, source })?;
            *value = Value::Array(numbers.into_iter().map(Value::Float).collect());
            replaced = true;
        }
    }
    Ok(if replaced { table.to_string() } else { text.to_owned() })
}

/// The numbers of a `.npy` file, or else of a text, divided by commas, semicolons or white space.
fn read(path: &Path) -> io::Result<Vec<f64>> {
    let bytes = fs::read(path)?;
    let numbers = if bytes.starts_with(b"\x93NUMPY") { npy(&bytes)? } else { csv(&bytes)? };
    match numbers.iter().position(|number| !number.is_finite()) {
        Some(place) => Err(invalid(format!("number {place} is not finite"))),
        None if numbers.is_empty() => Err(invalid("it holds no number".to_owned())),
        None => Ok(numbers),
    }
}

fn npy(bytes: &[u8]) -> io::Result<Vec<f64>> {
    let file = npyz::NpyFile::new(bytes)?;
    if file.shape().iter().filter(|&&side| side != 1).count() > 1 {
        return Err(invalid(format!("an array of sides {:?} is no vector", file.shape())));
    }
    let file = match file.try_data::<f64>() {
        Ok(numbers) => return numbers.collect(),
        Err(file) => file,
    };
    match file.try_data::<f32>() {
        Ok(numbers) => numbers.map(|number| number.map(f64::from)).collect(),
        Err(_) => Err(invalid("its numbers must be float64 or float32".to_owned())),
    }
}

fn csv(bytes: &[u8]) -> io::Result<Vec<f64>> {
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("it is neither .npy nor text".to_owned()))?;
    let words = text.split([',', ';', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(|_| invalid(format!("'{word:.40}' is no number")))).collect()
}

fn invalid(why: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use sessions::SessionConfig;

    use super::*;

    const THREAD: &str = "[[thread]]\ngenerator = 'tiny-deepsim'\noptimizer = 'genetic'\n";

    #[test]
    fn names_of_files_become_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rates.csv"), "0.1, 2e-7\n1000000;-3\n").unwrap();
        let mut single = b"\x93NUMPY\x01\x00\x46\x00".to_vec();
        single.extend(format!("{:69}\n", "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 1), }").bytes());
        single.extend([1.0_f32, 0.5, 2.0, 4.0].into_iter().flat_map(f32::to_le_bytes));
        fs::write(folder.path().join("std.npy"), single).unwrap();
        let text = format!("{THREAD}target = {{ pattern = 'rates.csv', std = 'std.npy', measure = 'cosine' }}\n");
        let text = with_numbers(&text, folder.path()).unwrap();
        let target = &SessionConfig::parse(&text).unwrap().threads[0].target;
        assert_eq!(target.pattern, [0.1, 2e-7, 1e6, -3.0]);
        assert_eq!(target.std, [1.0, 0.5, 2.0, 4.0]);
        assert_eq!(with_numbers(&text, folder.path()).unwrap(), text);
    }

    #[test]
    fn files_that_are_no_vectors_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |bytes: &[u8]| {
            fs::write(folder.path().join("file"), bytes).unwrap();
            let error = with_numbers(&format!("{THREAD}target = {{ pattern = 'file' }}"), folder.path()).unwrap_err();
            std::error::Error::source(&error).unwrap().to_string()
        };
        assert!(refused(b"1,two").contains("'two' is no number"));
        assert!(refused(b"1 nan").contains("number 1 is not finite"));
        assert!(refused(b"").contains("no number"));
        assert!(refused(b"\xff\x00").contains("neither"));
        let error = with_numbers(&format!("{THREAD}target = {{ pattern = 'none.npy' }}"), folder.path()).unwrap_err();
        assert!(error.to_string().contains("none.npy"), "{error}");
    }
}
