//! `analyse`: tables and figures of trajectories.

use std::fs;

use serde_json::Value;

use crate::support::{Sandbox, assert_same_arrays};

/// What is written for any number of runs.
const RESULTS: [&str; 11] = [
    "analysis.json",
    "components.csv",
    "cosines.png",
    "cosines.svg",
    "generations.csv",
    "lissajous.png",
    "lissajous.svg",
    "norms.png",
    "norms.svg",
    "steps.png",
    "steps.svg",
];

/// Long enough to have cosines.
const LONG: [&str; 6] = ["--unit", "conv4:3", "--option", "population_size=6", "--generations", "8"];

fn json(sandbox: &Sandbox, file: &str) -> Value {
    serde_json::from_slice(&fs::read(sandbox.path(file)).unwrap()).unwrap()
}

fn analyse(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let done = sandbox.actmax(&[&["analyse"], arguments].concat());
    assert_eq!(done.code(), 0, "{}", done.stderr());
    done.stdout()
}

#[test]
fn a_run_is_analysed_within_its_folder() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &LONG);
    let before = sandbox.evolution("run");
    let text = analyse(&sandbox, &["run"]);
    assert!(text.contains("run: 8 generations, 55 codes") && text.contains("cosines.svg"), "{text}");
    let results = sandbox.contents("run/analysis");
    assert_eq!(results.keys().collect::<Vec<_>>(), RESULTS.each_ref());
    assert_same_arrays(&before, &sandbox.evolution("run"));

    // All seven components that eight generations have share the whole variance.
    let run = &json(&sandbox, "run/analysis/analysis.json")[0];
    let components = run["components"].as_array().unwrap();
    let shares: f64 = components.iter().map(|component| component["explained_variance_ratio"].as_f64().unwrap()).sum();
    assert!(components.len() == 7 && (shares - 1.0).abs() < 1e-9, "{shares}");
    let last = &before.generation_means[7 * 4096..];
    let norm = last.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    assert!((run["norm"]["last"].as_f64().unwrap() - norm).abs() < 1e-9 * norm);
    assert_eq!((&run["optimizer"], &run["control"]), (&Value::from("sphere-cma"), &Value::from(false)));

    let table = fs::read_to_string(sandbox.path("run/analysis/generations.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((rows.len(), rows[0].len()), (1 + 8, 14 + 5));
    let column = |name: &str| rows[0].iter().position(|column| *column == name).unwrap();
    assert_eq!((rows[1][column("step_angle")], rows[1][column("evaluations")]), ("", "6"));
    let cleanest = before.cleanscores_all[6..13].iter().copied().fold(f64::NAN, f64::max);
    assert_eq!(rows[2][column("best_clean")].parse::<f64>().unwrap(), cleanest);
    assert!(image::open(sandbox.path("run/analysis/steps.png")).unwrap().width() > 300);

    // Again gives the same bytes, and overwriting the run removes what was made of it.
    analyse(&sandbox, &["run/evolution.npz", "--quiet"]);
    assert!(sandbox.contents("run/analysis") == results);
    sandbox.evolve("run", &[&LONG[..], &["--overwrite"]].concat());
    assert!(!sandbox.path("run/analysis").exists());
}

#[test]
fn several_runs_are_compared_and_noise_driven_ones_are_controls() {
    let sandbox = Sandbox::new();
    sandbox.evolve("one", &LONG);
    let config = "generations = 8\nrepeats = 2\noptimizers = [\"sphere-cma\", \"genetic\"]\n[noise_scores]\ndim = 64\n";
    fs::write(sandbox.path("control.toml"), config).unwrap();
    let done = sandbox.actmax(&["campaign", "run", "control.toml", "--out", "control", "--quiet"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    analyse(&sandbox, &["control"]);
    assert_eq!(sandbox.contents("control/analysis").keys().collect::<Vec<_>>(), RESULTS.each_ref());

    let text = analyse(&sandbox, &["one", "control", "--out", "all"]);
    assert_eq!(text.matches("driven by noise").count(), 4, "{text}");
    let runs = json(&sandbox, "all/analysis.json");
    let controls: Vec<bool> = runs.as_array().unwrap().iter().map(|run| run["control"].as_bool().unwrap()).collect();
    assert_eq!(controls, [false, true, true, true, true]);
    let norms = fs::read_to_string(sandbox.path("all/norms.svg")).unwrap();
    assert!(norms.contains("noise-driven control") && norms.contains("Genetic"));

    // A file of a campaign knows its optimizer from the record beside it.
    let file = fs::read_dir(sandbox.path("control/runs/")).unwrap().next().unwrap().unwrap().path();
    let file = fs::read_dir(file).unwrap().map(|entry| entry.unwrap().path());
    let file = file.filter(|path| path.extension().is_some_and(|extension| extension == "npz")).min().unwrap();
    analyse(&sandbox, &[file.to_str().unwrap(), "--out", "single"]);
    assert_eq!(json(&sandbox, "single/analysis.json")[0]["control"], Value::from(true));
}

#[test]
fn what_is_no_run_is_refused() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("empty")).unwrap();
    fs::write(sandbox.path("torn.npz"), "PK").unwrap();
    sandbox.evolve("short", &crate::support::SMALL);
    for (argument, message) in [
        ("empty", "neither a finished evolution nor a campaign"),
        ("missing.npz", "there is no file missing.npz"),
        ("torn.npz", "torn.npz"),
        ("short", "has the mean codes of 4 generations; a trajectory needs at least 5"),
    ] {
        let done = sandbox.actmax(&["analyse", argument, "--out", "out"]);
        assert_eq!(done.code(), 2, "{argument}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{argument}: {}", done.stderr());
        assert!(!sandbox.path("out").exists(), "{argument} left a folder");
    }
}
