//! A run's folder.

use std::fs;
use std::io::Write;
use std::path::Path;

use experiments::{Evolver, FolderError, Goal, Journal, Keep, Noise, Provenance, RunFolder, RunSpec, RunSummary};
use optim_core::Method;
use tempfile::TempDir;

use crate::support::{Function, hill};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn small_spec(generations: u32) -> RunSpec {
    RunSpec {
        method: Method::from_name("sphere-cma").unwrap(),
        dim: 6,
        seed: u64::MAX,
        generations,
        noise: Noise::Poisson { scale: 2.0, repeats: 3 },
        goal: Goal::Minimize,
        objective: serde_json::json!({ "unit": "hill" }).into(),
        initial_codes_sha256: None,
        reps: 1,
        stop: experiments::StopRules::default(),
        initial_norm: None,
    }
}

#[test]
fn a_new_or_empty_folder_is_taken_and_left_empty() {
    let parent = TempDir::new().unwrap();
    let path = parent.path().join("a/b/run");
    for _ in 0..2 {
        RunFolder::create(&path, false).unwrap();
        fs::write(path.join(".actmax-writing-abcdef"), "left by a killed process").unwrap();
        RunFolder::create(&path, false).unwrap();
        assert_eq!(names(&path), [""; 0]);
    }
}

#[test]
fn a_folder_that_holds_a_run_is_refused() {
    for file in ["journal.jsonl", "evolution.npz", "summary.json"] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(file), "").unwrap();
        let error = RunFolder::create(folder.path(), false).unwrap_err();
        assert!(matches!(&error, FolderError::HoldsRun { file: found, .. } if found == file), "{error:?}");
        RunFolder::resume(folder.path()).unwrap();
    }
}

#[test]
fn a_folder_of_something_else_is_refused_even_for_overwriting() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("thesis.tex"), "").unwrap();
    for overwrite in [false, true] {
        let error = RunFolder::create(folder.path(), overwrite).unwrap_err();
        assert!(matches!(&error, FolderError::NotEmpty { file, .. } if file == "thesis.tex"), "{error:?}");
    }
    let error = RunFolder::create(&folder.path().join("thesis.tex"), true).unwrap_err();
    assert!(matches!(error, FolderError::NotAFolder { .. }));
    assert_eq!(names(folder.path()), ["thesis.tex"]);
}

#[test]
fn overwriting_removes_what_was_written_and_nothing_else() {
    let parent = TempDir::new().unwrap();
    let path = parent.path().join("run");
    let run = RunFolder::create(&path, false).unwrap();
    fs::write(run.journal(), "").unwrap();
    run.write_atomic("evolution.npz", b"1").unwrap();
    run.write_json("summary.json", &1).unwrap();
    run.write_atomic("best.png", b"1").unwrap();
    run.write_atomic("best.png", b"2").unwrap();
    run.write_atomic("images/deep/0.png", b"1").unwrap();
    run.write_atomic("kept/1.png", b"1").unwrap();
    assert_eq!(fs::read(path.join("best.png")).unwrap(), b"2");
    fs::write(path.join("notes.txt"), "mine").unwrap();
    fs::write(path.join("kept/notes.txt"), "mine").unwrap();
    fs::write(path.join(".actmax-writing-abcdef"), "left by a killed process").unwrap();
    // A list of files that was tampered with reaches nothing outside.
    fs::write(parent.path().join("outside"), "").unwrap();
    fs::OpenOptions::new().append(true).open(path.join(".run-files")).unwrap().write_all(b"../outside\n").unwrap();

    RunFolder::create(&path, true).unwrap();
    assert_eq!(names(&path), ["kept", "notes.txt"]);
    assert_eq!(names(&path.join("kept")), ["notes.txt"]);
    assert_eq!(names(parent.path()), ["outside", "run"]);
}

#[test]
fn a_path_that_cannot_be_written_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/run");
    let error = RunFolder::create(&path, false).unwrap_err();
    assert!(error.to_string().contains("file/run"), "{error}");
    assert!(matches!(RunFolder::resume(&folder.path().join("none")), Err(FolderError::Io { .. })));
}

#[test]
fn names_stay_in_the_folder() {
    let folder = TempDir::new().unwrap();
    let run = RunFolder::create(folder.path(), false).unwrap();
    for name in ["../x", "/tmp/x", "a/../../x", "", ".", "a\nb", ".run-files"] {
        let error = run.write_atomic(name, b"").unwrap_err();
        assert!(matches!(error, FolderError::FileName { .. }), "{name}: {error:?}");
    }
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_write_that_fails_half_way_leaves_what_was_there() {
    let folder = TempDir::new().unwrap();
    let run = RunFolder::create(folder.path(), false).unwrap();
    run.write_atomic("summary.json", b"old").unwrap();
    let error = run
        .write_atomic_with("summary.json", |file| {
            file.write_all(&[0; 100_000])?;
            Err(std::io::ErrorKind::StorageFull.into())
        })
        .unwrap_err();
    assert!(error.to_string().contains("summary.json"));
    assert_eq!(fs::read(folder.path().join("summary.json")).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["summary.json"]);
}

/// Re-runs a test of this binary in a process whose files may hold no more than 64 KiB, so that the
/// system itself refuses to write on, as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_refuses_leaves_nothing_half_written() {
    const MARK: &str = "EXPERIMENTS_TEST_FILE_LIMIT";
    if let Ok(path) = std::env::var(MARK) {
        let run = RunFolder::create(Path::new(&path), false).unwrap();
        run.write_atomic("small", &[1; 10_000]).unwrap();
        assert!(matches!(run.write_atomic("large", &[1; 1_000_000]), Err(FolderError::Io { .. })));
        return;
    }
    let folder = TempDir::new().unwrap();
    // `ulimit -f` counts blocks of 512 or 1024 bytes.
    let script =
        "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact folder::a_disk_that_refuses_leaves_nothing_half_written";
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(MARK, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert_eq!(names(folder.path()), [".run-files", "small"]);
}

#[cfg(unix)]
#[test]
fn others_may_read_what_the_user_lets_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let run = RunFolder::create(folder.path(), false).unwrap();
    run.write_atomic("summary.json", b"{}").unwrap();
    fs::write(folder.path().join("plain"), "").unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("summary.json"), mode("plain"));
}

#[test]
fn a_run_without_a_scored_generation_can_be_discarded() {
    let parent = TempDir::new().unwrap();
    for (generations, left) in [(0, 0), (2, 1)] {
        let run = RunFolder::create(&parent.path().join("run"), false).unwrap();
        let spec = small_spec(3);
        let journal = Journal::create(&run.journal(), &spec, Keep::All, &Provenance::here()).unwrap();
        let mut evolver = Evolver::new(spec.optimizer(None).unwrap(), spec.plan()).unwrap().with_journal(journal);
        for _ in 0..generations {
            let lambda = evolver.ask().unwrap().unwrap().len();
            evolver.tell(&vec![1.0; lambda]).unwrap();
        }
        drop(evolver);
        run.discard_unscored().unwrap();
        assert_eq!(names(parent.path()).len(), left, "{generations} generations");
    }
}

#[test]
fn a_whole_run_is_three_files_and_its_summary_reads_back() {
    let folder = TempDir::new().unwrap();
    let run = RunFolder::create(&folder.path().join("run"), false).unwrap();
    let spec = small_spec(4);
    let here = Provenance::here().with_version("onnxruntime", "1.31.1");
    let journal = Journal::create(&run.journal(), &spec, Keep::All, &here).unwrap();
    assert!(matches!(RunFolder::create(run.path(), true), Err(FolderError::InUse { .. })));
    let evolver = Evolver::new(spec.optimizer(None).unwrap(), spec.plan()).unwrap().with_journal(journal);
    let evolution = evolver.run(&mut Function::new(6, hill)).unwrap();
    run.write_evolution(&evolution, evolution.timing().total()).unwrap();
    let summary = RunSummary::new(&evolution, &spec, &here, Some(f64::NEG_INFINITY));
    run.write_json("summary.json", &summary).unwrap();

    let read: RunSummary = serde_json::from_slice(&fs::read(run.path().join("summary.json")).unwrap()).unwrap();
    assert_eq!(read, summary);
    assert_eq!((read.generations_done, read.generations_asked, read.evaluations), (4, 4, 40 + 3 * 41));
    let lowest = evolution.cleanscores_all.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(read.best_clean.unwrap().score.0, lowest);
    assert!((read.norms.next_generation.unwrap() - 300.0).abs() < 1e-9, "{:?}", read.norms);
    assert_eq!(names(run.path()), ["evolution.npz", "journal.jsonl", "summary.json"]);
}
