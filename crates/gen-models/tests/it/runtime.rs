//! Finding ONNX Runtime, in processes with an environment of their own.

use std::path::Path;
use std::process::Command;

use gen_models::{LIBRARY_VARIABLE, Runtime, RuntimeError};

use crate::common::library;

/// What a process with exactly these variables says to `Runtime::get`: the library's path or the error.
fn get_with(variables: &[(&str, &Path)]) -> Result<String, String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "runtime::child", "--ignored", "--nocapture"])
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let find = |mark: &str| text.lines().find_map(|line| line.split_once(mark)).map(|(_, rest)| rest.to_owned());
    match (find("loaded: "), find("refused: ")) {
        (Some(path), None) => Ok(path),
        (None, Some(error)) => Err(error),
        _ => panic!("the child said {text}{}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Runs in a process of its own, started by `get_with`.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    match Runtime::get(&|_| ()) {
        Ok(runtime) => println!("\nloaded: {}", runtime.path().display()),
        Err(error) => println!("\nrefused: {}", error.to_string().replace('\n', " ")),
    }
}

#[test]
fn the_variable_wins_over_cache_and_pip() {
    let empty = tempfile::tempdir().unwrap();
    let copy = empty.path().join("my-own-library.so");
    std::fs::copy(library(), &copy).unwrap();
    let found = get_with(&[(LIBRARY_VARIABLE, &copy), ("XDG_CACHE_HOME", empty.path())]);
    assert_eq!(found.unwrap(), copy.canonicalize().unwrap().display().to_string());
}

#[test]
fn a_bad_path_in_the_variable_is_named() {
    let error = get_with(&[(LIBRARY_VARIABLE, Path::new("/nowhere/libonnxruntime.so"))]).unwrap_err();
    assert!(error.starts_with("ORT_DYLIB_PATH names /nowhere/libonnxruntime.so, which is no file"), "{error}");
}

#[test]
fn a_file_that_is_no_library_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libonnxruntime.so");
    std::fs::write(&path, b"no library").unwrap();
    let error = get_with(&[(LIBRARY_VARIABLE, &path)]).unwrap_err();
    assert!(error.contains("cannot be used as ONNX Runtime"), "{error}");
    assert!(error.contains("libonnxruntime.so"), "{error}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_foreign_library_is_refused() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let foreign = maps.lines().find_map(|line| line.split_whitespace().last().filter(|path| path.contains("libc.so")));
    let error = get_with(&[(LIBRARY_VARIABLE, Path::new(foreign.unwrap()))]).unwrap_err();
    assert!(error.contains("does not export `OrtGetApiBase`"), "{error}");
}

#[test]
#[cfg(not(windows))]
fn without_python_the_message_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    let variables = [("PATH", empty.path()), ("XDG_CACHE_HOME", empty.path()), ("HOME", empty.path())];
    let error = get_with(&variables).unwrap_err();
    assert!(error.contains("install Python 3 with pip, or set ORT_DYLIB_PATH"), "{error}");
    assert!(error.contains("tried python3") && error.contains("python:"), "{error}");
}

#[test]
#[cfg(not(windows))]
fn without_a_home_the_message_says_what_to_do() {
    let error = get_with(&[]).unwrap_err();
    assert!(error.contains("there is no cache folder") && error.contains("ORT_DYLIB_PATH"), "{error}");
}

#[test]
fn a_process_loads_one_library() {
    let path = library();
    let first = Runtime::load(&path).unwrap();
    assert!(std::ptr::eq(first, Runtime::load(&path).unwrap()));
    assert!(first.build_info().contains("git-commit-id"), "{}", first.build_info());
    let other = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(Runtime::load(other.path()), Err(RuntimeError::AlreadyLoaded { .. })));
    assert!(matches!(Runtime::load(Path::new("/nowhere")), Err(RuntimeError::NoSuchLibrary { .. })));
}
