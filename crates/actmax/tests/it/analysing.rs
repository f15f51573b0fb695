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
    assert!(text.contains("run: 8 generations, 48 codes") && text.contains("cosines.svg"), "{text}");
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
    assert_eq!((&run["optimizer"], &run["control"]), (&Value::from("polar-es-savage"), &Value::from(false)));

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

    // Codes that differ in length have no agreement; the rest of `all` is there.
    let done = sandbox.actmax(&["analyse", "one", "control", "--also", "all", "--out", "also"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert!(done.stderr().contains("agreement of the runs is left out"), "{}", done.stderr());
    let files = sandbox.contents("also");
    assert!(files.contains_key("pca_004.npz") && files.contains_key("distances.svg"), "{:?}", files.keys());
    assert!(files.contains_key("analysis.json") && !files.contains_key("agreement.svg"), "{:?}", files.keys());
    let done = sandbox.actmax(&["analyse", "one", "control", "--also", "agreement", "--out", "alone"]);
    assert_eq!((done.code(), sandbox.path("alone").exists()), (2, false), "{}", done.stderr());

    // A file of a campaign knows its optimizer from the record beside it.
    let file = fs::read_dir(sandbox.path("control/runs/")).unwrap().next().unwrap().unwrap().path();
    let file = fs::read_dir(file).unwrap().map(|entry| entry.unwrap().path());
    let file = file.filter(|path| path.extension().is_some_and(|extension| extension == "npz")).min().unwrap();
    analyse(&sandbox, &[file.to_str().unwrap(), "--out", "single"]);
    assert_eq!(json(&sandbox, "single/analysis.json")[0]["control"], Value::from(true));
}

/// `{name}.npy` of an archive: shape and values.
fn array(sandbox: &Sandbox, file: &str, name: &str) -> (Vec<u64>, Vec<f64>) {
    let mut archive = zip::ZipArchive::new(fs::File::open(sandbox.path(file)).unwrap()).unwrap();
    let array = npyz::NpyFile::new(archive.by_name(&format!("{name}.npy")).unwrap()).unwrap();
    (array.shape().to_vec(), array.into_vec::<f64>().unwrap())
}

#[test]
fn axes_codes_and_distances_come_on_wish() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &LONG);
    let text = analyse(&sandbox, &["run", "--also", "all", "--lissajous", "7", "--pdf", "--out", "all"]);
    assert!(text.contains("PCs of all codes        explain"), "{text}");
    let files = sandbox.contents("all");
    for name in ["norms", "cosines", "lissajous", "steps", "codes", "codes_axes", "distances"] {
        assert!(files[&format!("{name}.pdf")].starts_with(b"%PDF-"), "{name}");
        assert!(files.contains_key(&format!("{name}.svg")) && files.contains_key(&format!("{name}.png")), "{name}");
    }
    assert!(!files.contains_key("agreement.svg"), "one run agrees with nothing");
    let lissajous = String::from_utf8(files["lissajous.svg"].clone()).unwrap();
    assert!(lissajous.contains("PC6 and PC7") && lissajous.contains("PC1 and PC7"));

    // Means less their mean are the projections on the axes, all seven components being kept.
    let run = sandbox.evolution("run");
    let (shape, axes) = array(&sandbox, "all/pca.npz", "axes");
    let (projected, projections) = array(&sandbox, "all/pca.npz", "projections");
    let (_, mean) = array(&sandbox, "all/pca.npz", "mean");
    assert_eq!((shape, projected), (vec![7, 4096], vec![8, 7]));
    for (row, code) in run.generation_means.chunks(4096).enumerate() {
        for k in 0..7 {
            let own: f64 =
                code.iter().zip(&mean).zip(&axes[k * 4096..]).map(|((x, m), a)| (f64::from(*x) - m) * a).sum();
            assert!((own - projections[row * 7 + k]).abs() < 1e-6, "{row} {k}");
        }
    }
    let (_, eigenvalues) = array(&sandbox, "all/pca.npz", "eigenvalues");
    let variance = (0..8).map(|row| projections[row * 7].powi(2)).sum::<f64>() / 7.0;
    assert!((eigenvalues[0] - variance).abs() < 1e-9 * variance);
    assert_eq!(array(&sandbox, "all/pca.npz", "codes_projections").0, [48, 10]);
    let (shape, distances) = array(&sandbox, "all/distances.npz", "distances");
    let between = |a: usize, b: usize| {
        let code = |row: usize| &run.generation_means[row * 4096..(row + 1) * 4096];
        code(a).iter().zip(code(b)).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum::<f64>().sqrt()
    };
    assert!(shape == [8, 8] && (distances[3] - between(0, 3)).abs() < 1e-9 * between(0, 3));

    // A method that begins at the origin has no angles there, and codes that were not kept no components.
    let origin = ["--optimizer", "cholesky-cmaes", "--keep-codes", "last"];
    sandbox.evolve("origin", &[&LONG[..], &origin].concat());
    let done = sandbox.actmax(&["analyse", "origin", "--also", "all", "--quiet"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert!(done.stderr().contains("origin keeps no codes of all generations"), "{}", done.stderr());
    assert!(array(&sandbox, "origin/analysis/distances.npz", "angles").1[1].is_nan());
    for (arguments, message) in [
        (&["origin", "--also", "codes"][..], "has not the codes of all generations"),
        (&["run", "--also", "agreement"], "name two or more, or a campaign"),
        (&["run", "--also", "axis"], "invalid value 'axis'"),
        (&["run", "--lissajous", "1"], "1 is not in 2..=10"),
    ] {
        let done = sandbox.actmax(&[&["analyse", "--out", "none"], arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{arguments:?}: {}", done.stderr());
        assert!(!sandbox.path("none").exists());
    }
}

/// A run agrees with itself, and with one of another seed only as directions do by chance.
#[test]
fn the_axes_of_several_runs_are_compared() {
    let sandbox = Sandbox::new();
    sandbox.evolve("one", &LONG);
    sandbox.evolve("two", &[&LONG[..], &["--seed", "7"]].concat());
    let p = |runs: [&str; 2]| {
        let text = analyse(&sandbox, &[&runs[..], &["--also", "agreement,axes", "--out", "a"]].concat());
        assert!(text.contains("principal axes of 2 runs") && text.contains("PC7"), "{text}");
        let table = fs::read_to_string(sandbox.path("a/agreement.csv")).unwrap();
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!((rows[0], rows.len()), ("component,pairs_of_runs,mean_squared_cosine,by_chance,p,p_holm", 8));
        rows[1..].iter().map(|row| row.split(',').nth(4).unwrap().parse::<f64>().unwrap()).collect::<Vec<f64>>()
    };
    assert!(p(["one", "one"]).iter().all(|p| *p < 1e-12));
    assert!(p(["one", "two"]).iter().all(|p| *p > 1e-6));
    let pairs = fs::read_to_string(sandbox.path("a/agreement_pairs.csv")).unwrap();
    assert!(pairs.lines().count() == 8 && pairs.lines().nth(1).unwrap().starts_with("one,two,1,"), "{pairs}");
    assert_eq!(array(&sandbox, "a/pca_001.npz", "axes").0, [7, 4096]);
    let svg = fs::read_to_string(sandbox.path("a/agreement.svg")).unwrap();
    assert!(svg.contains("component of another run") && svg.contains("independent directions"));
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
