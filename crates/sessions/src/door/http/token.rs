//! The token that every request carries.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::error::SessionError;

/// The token's file in the session's folder. Only its owner can read it.
pub const TOKEN_FILE: &str = "http-token";

/// Random bytes of a token.
const BYTES: usize = 24;

/// The token of the session: that of its folder, or else a new one.
pub(super) fn of_session(folder: &Path) -> Result<String, SessionError> {
    let path = folder.join(TOKEN_FILE);
    let failed = |action| move |source| SessionError::File { action, path: folder.join(TOKEN_FILE), source };
    if let Ok(text) = fs::read_to_string(&path)
        && let token = text.trim()
        && token.len() == 2 * BYTES
        && token.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Ok(token.to_owned());
    }
    let token = new().map_err(failed("make"))?;
    // A file that is there already might be readable by others.
    if path.exists() {
        fs::remove_file(&path).map_err(failed("remove"))?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(failed("create"))?;
    file.write_all(format!("{token}\n").as_bytes()).map_err(failed("write"))?;
    Ok(token)
}

/// A new token.
pub(super) fn new() -> std::io::Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
pub(super) fn equal(a: &str, b: &str) -> bool {
    let differences = a.bytes().zip(b.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b));
    a.len() == b.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_and_only_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let token = of_session(folder.path()).unwrap();
        assert_eq!((token.len(), of_session(folder.path()).unwrap()), (48, token.clone()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(TOKEN_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(folder.path().join(TOKEN_FILE), "short").unwrap();
        let other = of_session(folder.path()).unwrap();
        assert!(other.len() == 48 && other != token);
    }

    #[test]
    fn texts_are_compared_whole() {
        assert!(equal("abc", "abc"));
        for other in ["abd", "ab", "abcd", "", "xbc"] {
            assert!(!equal("abc", other), "{other}");
        }
    }
}
