//! Sessions of two threads with references through each door and dialect, by the processes that a user starts.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use image::{Rgb, RgbImage};
use sessions::{Event, journal};

use crate::support::{Sandbox, write_npy};

/// Two threads with generators of their own, and names of references as labs have them.
const CONFIG: &str = r#"
    [session]
    seed = 4
    dialect = "DIALECT"
    [references]
    folders = ["natural"]
    per_block = 2
    choice = "rotating"
    [[thread]]
    name = "a"
    generator = "tiny-deepsim"
    optimizer = "sphere-cma"
    options = { population_size = 8 }
    generations = 4
    [[thread]]
    name = "b"
    generator = "painter"
    optimizer = "genetic"
    options = { population_size = 5 }
    generations = 3
    size = 40
    at = [20, 30]
    target = { pattern = "pattern.csv" }
"#;

const REFERENCES: [&str; 3] = ["01 face (left).png", "09_block119_gen_x.jpg_field.png", "block007_gen_car.png"];

/// A sandbox with a new session.
fn sandbox(dialect: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let generator =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../gen-models/tests/fixtures/foreign/g-conditioned.onnx");
    write_npy(&sandbox.path("class.npy"), [1, 5], &[0.5, 0.0, 0.25, 0.0, 0.25]);
    let held = ["--name", "painter", "--input", "gen/z:evolve", "--input", "gen/class:hold=class.npy"];
    done(&sandbox, &[&["models", "add", generator.to_str().unwrap()], &held[..]].concat());
    fs::create_dir(sandbox.path("natural")).unwrap();
    for (i, name) in REFERENCES.iter().enumerate() {
        let image = RgbImage::from_fn(30, 20, |x, y| Rgb([(x * 8) as u8, (y * 12) as u8, (i * 90) as u8]));
        image.save(sandbox.path("natural").join(name)).unwrap();
    }
    fs::write(sandbox.path("session.toml"), CONFIG.replace("DIALECT", dialect)).unwrap();
    fs::write(sandbox.path("pattern.csv"), "0.5\n").unwrap();
    done(&sandbox, &["session", "new", "s", "--config", "session.toml"]);
    // The session has its numbers.
    fs::remove_file(sandbox.path("pattern.csv")).unwrap();
    sandbox
}

fn done(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let done = sandbox.actmax(arguments);
    assert_eq!(done.code(), 0, "{arguments:?}: {}", done.stderr());
    done.stderr()
}

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    sandbox.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until a process ends by itself.
fn end(mut child: Child) {
    let status = (0..6000).find_map(|_| {
        thread::sleep(Duration::from_millis(20));
        child.try_wait().unwrap()
    });
    match status {
        Some(status) => assert!(status.success(), "{status}"),
        None => {
            child.kill().unwrap();
            panic!("the process did not end");
        }
    }
}

const RUN: [&str; 5] = ["session", "run", "s", "--http", "0"];

fn rig<'a>(door: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["rig", "simulate", "s", "--unit", "fc8:eye", "--door", door][..], more].concat()
}

/// What the threads were told, bit for bit, by (thread, generation), and the hashes of their codes.
fn told(sandbox: &Sandbox) -> Vec<(usize, u32, Vec<u64>, String)> {
    let records = journal::read(&sandbox.path("s").join(journal::JOURNAL_FILE)).unwrap();
    let told = records.into_iter().filter_map(|record| match record.event {
        Event::Told { thread, generation, scores, codes_xxh3, .. } => {
            Some((thread, generation, scores.iter().map(|score| score.0.to_bits()).collect(), codes_xxh3))
        }
        _ => None,
    });
    told.collect()
}

/// A session to its end.
fn session(dialect: &str, door: &str, more: &[&str]) -> Sandbox {
    let sandbox = sandbox(dialect);
    let session = start(&sandbox, &RUN);
    let said = done(&sandbox, &rig(door, more));
    assert!(said.contains("responses to"), "{said}");
    end(session);
    sandbox
}

#[test]
fn both_doors_and_both_dialects_tell_the_same() {
    let sessions = [("xdream", "folder"), ("xdream", "http"), ("poncelab", "folder"), ("poncelab", "http")];
    let all = sessions.map(|(dialect, door)| told(&session(dialect, door, &[])));
    assert_eq!(all[0].len(), 4 + 3);
    assert!(all[0].iter().all(|(_, _, scores, _)| scores.len() >= 5 && scores.windows(2).any(|two| two[0] != two[1])));
    for (told, names) in all.iter().zip(sessions) {
        assert_eq!(*told, all[0], "{names:?}");
    }
}

#[test]
fn both_doors_lose_and_count_alike() {
    let more = ["--poisson", "10", "--missing", "0.3", "--delay", "30", "--seed", "5"];
    let [folder, http] = ["folder", "http"].map(|door| session("xdream", door, &more));
    assert_eq!(told(&folder), told(&http));
    let records = journal::read(&folder.path("s").join(journal::JOURNAL_FILE)).unwrap();
    let shown: usize = records
        .iter()
        .map(|record| if let Event::Offered { order, .. } = &record.event { order.len() } else { 0 })
        .sum();
    let rows: usize = records
        .iter()
        .map(|record| if let Event::Scored { responses, .. } = &record.event { responses.rows.len() } else { 0 })
        .sum();
    let lost = 1.0 - rows as f64 / shown as f64;
    assert!((0.15..0.45).contains(&lost), "{rows} of {shown}");
}

#[test]
fn a_rig_over_http_waits_for_a_session_that_comes_back() {
    let sandbox = sandbox("xdream");
    let rig = start(&sandbox, &rig("http", &["--delay", "100"]));
    let mut first = start(&sandbox, &RUN);
    let since = Instant::now();
    while told(&sandbox).len() < 2 {
        assert!(since.elapsed() < Duration::from_secs(120), "the first generation was not scored");
        thread::sleep(Duration::from_millis(10));
    }
    first.kill().unwrap(); // SIGKILL
    first.wait().unwrap();
    thread::sleep(Duration::from_millis(500));
    let second = start(&sandbox, &RUN);
    end(rig);
    end(second);
    assert_eq!(told(&sandbox), told(&session("xdream", "folder", &[])));
}
