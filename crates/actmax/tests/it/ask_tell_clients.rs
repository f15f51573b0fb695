//! The clients printed in docs/ask-tell.md, run as they stand there.

use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use test_needs::Need;

use crate::support::Sandbox;

/// The first block of the page in that language.
fn printed(language: &str) -> String {
    printed_after("", language)
}

/// The first block of the page in that language after a text.
fn printed_after(text: &str, language: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ask-tell.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, page) = page.split_once(text).unwrap_or_else(|| panic!("no '{text}' on the page"));
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("no {language} on the page"));
    rest.split_once("```").unwrap().0.to_owned()
}

/// Runs a script with the built `actmax` on the path.
fn run(program: &Path, arguments: &[&str], script: &str, name: &str) -> Output {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path(name), script).unwrap();
    let own = Path::new(env!("CARGO_BIN_EXE_actmax")).parent().unwrap().to_owned();
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([own].into_iter().chain(env::split_paths(&others))).unwrap();
    let mut client = Command::new(program);
    sandbox.enclose(client.args(arguments).arg(sandbox.path(name)).env("PATH", path));
    client.output().unwrap()
}

/// Asserts that the client ran 75 generations and came near the optimum, 0 (a start at zero is at -10).
fn assert_climbed(language: &str, done: &Output) {
    let (stdout, stderr) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{language}: {stdout}{stderr}");
    let words: Vec<&str> = stdout.split_whitespace().collect();
    assert_eq!(words[..3], ["generations", "75", "best"], "{language}: {stdout}");
    let best: f64 = words[3].parse().unwrap();
    assert!(best <= 0.0 && best > -0.5, "{language}: {best}");
}

#[test]
fn the_python_client_runs() {
    let Some(python) = Need::Python.or_skip() else { return };
    assert_climbed("Python", &run(&python, &[], &printed_after("## Python", "python"), "client.py"));
}

#[test]
fn the_octave_client_runs() {
    let Some(octave) = Need::Octave.or_skip() else { return };
    assert_climbed("Octave", &run(&octave, &["--quiet", "--no-init-file"], &printed("octave"), "client.m"));
}

#[test]
fn the_octave_client_says_when_the_first_line_does_not_fit() {
    let Some(octave) = Need::Octave.or_skip() else { return };
    let script = printed("octave").replace("cholesky-cmaes", "cholesky-cma");
    let done = run(&octave, &["--quiet", "--no-init-file"], &script, "client.m");
    let stderr = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success() && stderr.contains("did you mean cholesky-cmaes"), "{stderr}");
}

#[test]
fn numpy_reads_codes_and_images() {
    let Some(python) = Need::Numpy.or_skip() else { return };
    let done = run(&python, &[], &printed_after("## Codes as base64", "python"), "client.py");
    let (stdout, stderr) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{stdout}{stderr}");
    assert_eq!(stdout.trim(), "10 (41, 4096) float32 b'PNG'");
}
