//! What Cargo says of the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What Cargo knows of the workspace; with all packages that it builds on if `deep`.
///
/// Those of other platforms are left out: a machine that has built this project alone never fetched them.
pub(crate) fn metadata(deep: bool) -> Value {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let mut arguments = vec!["metadata", "--format-version", "1", "--offline", "--filter-platform", host];
    arguments.extend((!deep).then_some("--no-deps"));
    serde_json::from_str(&cargo(&arguments)).unwrap()
}

fn cargo(arguments: &[&str]) -> String {
    let done = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

pub(crate) fn array<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().unwrap_or_else(|| panic!("no list {field}"))
}

pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field}"))
}

/// The folder of a package, relative to the workspace.
pub(crate) fn folder(metadata: &Value, package: &Value) -> String {
    let folder = Path::new(text(package, "manifest_path")).parent().unwrap();
    let folder = folder.strip_prefix(text(metadata, "workspace_root")).unwrap();
    folder.to_string_lossy().replace('\\', "/")
}
