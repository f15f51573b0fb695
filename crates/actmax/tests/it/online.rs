//! The page on online sessions: its configuration and its commands, with a crash in between.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use sessions::{Event, journal};

use crate::support::Sandbox;

const PAGE: &str = include_str!("../../../../docs/online.md");

/// The blocks of the page in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    PAGE.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The command of the page that begins like this, without the name of the program.
fn command(begins: &str) -> Vec<&'static str> {
    let mut lines = blocks("sh").into_iter().flat_map(str::lines);
    let line = lines.find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("the page has no '{begins}'"));
    line.split_whitespace().skip(1).collect()
}

pub(crate) fn done(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let done = sandbox.actmax(arguments);
    assert_eq!(done.code(), 0, "{arguments:?}: {}", done.stderr());
    done.stdout()
}

pub(crate) fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    sandbox.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until a process ends by itself.
pub(crate) fn end(mut child: Child) {
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(120) {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    panic!("the session did not end");
}

/// A sandbox with the page's configuration, shortened to four generations, and its session.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let config = blocks("toml")[0].replace("generations = 75", "generations = 4");
    assert_ne!(config, blocks("toml")[0]);
    fs::write(sandbox.path("session.toml"), config).unwrap();
    let said = done(&sandbox, &command("actmax session new"));
    assert!(said.contains("first block: 40 images"), "{said}");
    sandbox
}

/// Scores that the optimizer was told, by generation.
fn told(sandbox: &Sandbox) -> Vec<Vec<f64>> {
    let records = journal::read(&sandbox.path("monkey1").join(journal::JOURNAL_FILE)).unwrap();
    let scores = records.into_iter().filter_map(|record| match record.event {
        Event::Told { scores, .. } => Some(scores.iter().map(|score| score.0).collect()),
        _ => None,
    });
    scores.collect()
}

#[test]
fn the_page_takes_a_new_user_to_a_session_that_survives_a_crash() {
    let undisturbed = sandbox();
    let session = start(&undisturbed, &command("actmax session run"));
    done(&undisturbed, &command("actmax rig simulate"));
    end(session);

    let killed = sandbox();
    let run = [&command("actmax session run")[..], &["--http", "0"]].concat();
    let mut session = start(&killed, &run);
    done(&killed, &[&command("actmax rig simulate")[..], &["--blocks", "2"]].concat());
    let url = killed.path("monkey1/http-url");
    assert!(fs::read_to_string(url).unwrap().starts_with("http://127.0.0.1:"));
    session.kill().unwrap(); // SIGKILL
    session.wait().unwrap();
    let session = start(&killed, &command("actmax session resume"));
    done(&killed, &command("actmax rig simulate"));
    end(session);

    assert_eq!(told(&undisturbed).len(), 4);
    assert_eq!(told(&killed), told(&undisturbed));
    let codes = |sandbox: &Sandbox| fs::read(sandbox.path("monkey1/codes/it/gen003.npy")).unwrap();
    assert_eq!(codes(&killed), codes(&undisturbed));

    let status = done(&killed, &command("actmax session status"));
    assert!(status.contains("it (polar-es-savage): 4 of 4 generations"), "{status}");
    for format in ["csv", "npz", "figures"] {
        done(&killed, &["session", "export", "monkey1", "--format", format]);
    }
    let table = fs::read_to_string(killed.path("monkey1/export/responses.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 4 * 40);
    assert!(table.starts_with("unix_s,block,step,thread,"), "{table:.100}");
    let stored = killed.evolution("monkey1/export/runs/it");
    assert_eq!(stored.scores_all, told(&killed).concat());
    let figures = killed.contents("monkey1/export/figures/it");
    let names: Vec<&String> = figures.keys().collect();
    assert_eq!(names, ["best.png", "montage.png", "progress.png", "trace.png", "trace.svg"]);
    let montage = image::load_from_memory(&figures["montage.png"]).unwrap();
    let progress = image::load_from_memory(&figures["progress.png"]).unwrap();
    assert!(montage.width() > 2 * progress.width() && montage.height() > progress.height(), "20 images and 4");
}

#[test]
fn what_cannot_be_a_session_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let refused = |config: &str, why: &str| {
        fs::write(sandbox.path("session.toml"), config).unwrap();
        let done = sandbox.actmax(&["session", "new", "s", "--config", "session.toml"]);
        assert_eq!(done.code(), 2, "{}", done.stderr());
        assert!(done.stderr().contains(why), "{why}: {}", done.stderr());
        assert!(!sandbox.path("s").exists());
    };
    let thread = "[[thread]]\ngenerator = 'tiny-deepsim'\noptimizer = 'sphere-cma'\n";
    refused("", "thread");
    refused(&thread.replace("tiny-deepsim", "tiny-deepsin"), "tiny-deepsim");
    refused(&thread.replace("sphere-cma", "sphere-cna"), "sphere-cma");
    refused(&format!("[session]\nscores = '../elsewhere'\n{thread}"), "inside the session's");
    refused(&format!("{thread}init = 'missing.npy'\n"), "missing.npy");
    refused(&format!("{thread}[subject]\nspecies = 'monkey'\n"), "Macaca mulatta");
    refused(&format!("{thread}[subject]\nage = '7 years'\n"), "P7Y3M");
    refused(&format!("{thread}[nwb]\nsession_start_time = 'today'\n"), "session_start_time");
    for arguments in
        [&["session", "run", "s"][..], &["session", "status", "s"], &["rig", "simulate", "s", "--unit", "fc8:eye"]]
    {
        let done = sandbox.actmax(arguments);
        assert_eq!(done.code(), 2, "{}", done.stderr());
        assert!(done.stderr().contains("no session"), "{}", done.stderr());
    }
}
