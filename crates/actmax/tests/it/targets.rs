//! `--readout` and `--pattern`: a number that a file reads from a layer.

use std::fs::{self, File};
use std::path::Path;

use experiments::NpzWriter;
use serde_json::Value;

use crate::scoring::scored;
use crate::support::{SMALL, Sandbox, assert_same_arrays};

/// The smallest run, without a unit.
fn small() -> Vec<&'static str> {
    SMALL[2..].to_vec()
}

/// An array of doubles by name and shape.
type Named<'a> = (&'a str, &'a [u64], Vec<f64>);

fn write(path: &Path, arrays: &[Named<'_>]) {
    let mut npz = NpzWriter::new(File::create(path).unwrap());
    arrays.iter().for_each(|(name, shape, values)| npz.array(name, shape, values.iter().copied()).unwrap());
    npz.finish().unwrap();
}

/// 64 weights that are 0 but for two.
fn two_of_64(a: f64, b: f64) -> Vec<f64> {
    (0..64).map(|channel| if channel == 12 { a } else { b * f64::from(u8::from(channel == 40)) }).collect()
}

fn objective(sandbox: &Sandbox, run: &str) -> Value {
    let summary: Value = serde_json::from_slice(&fs::read(sandbox.path(run).join("summary.json")).unwrap()).unwrap();
    summary["spec"]["objective"].clone()
}

/// Weights of one unit each are those units: the run is that of weighted units, to the last bit.
#[test]
fn a_readout_of_two_units_is_their_weighted_sum() {
    let sandbox = Sandbox::new();
    let mut weights = vec![0.0; 64 * 64];
    (weights[12 * 64 + 4 * 8 + 4], weights[40 * 64 + 8 + 2]) = (0.5, -2.0);
    write(&sandbox.path("two.npz"), &[("weights", &[64, 8, 8], weights), ("bias", &[], vec![0.25])]);
    let file = sandbox.evolve("file", &[&["--readout", "two.npz", "--layer", "conv5"], &small()[..]].concat());
    assert!(file.stderr().contains("tiny-alexnet two.npz on conv5"), "{}", file.stderr());
    let units = ["--unit", "conv5:12=0.5", "--unit", "conv5:40:1:2=-2"];
    sandbox.evolve("units", &[&units[..], &small()].concat());
    let (file, units) = (sandbox.evolution("file"), sandbox.evolution("units"));
    for (a, b) in file.cleanscores_all[..6].iter().zip(&units.cleanscores_all) {
        assert!((a - b - 0.25).abs() < 1e-5, "{a} {b}");
    }
    let spec = objective(&sandbox, "file");
    assert_eq!((&spec["units"], &spec["target"]["kind"]), (&serde_json::json!([]), &"linear_readout".into()));
    assert_eq!(spec["target"]["layer"], "conv5");
    assert!(objective(&sandbox, "units").get("target").is_none(), "runs of units are what they were");
}

/// A run goes on from the copy in its folder, whatever became of the file; another file is another run.
#[test]
fn a_run_keeps_its_file_and_goes_on_with_it() {
    let sandbox = Sandbox::new();
    write(&sandbox.path("channels.npz"), &[("channel_weights", &[64], two_of_64(1.0, -1.0))]);
    let short = ["--readout", "channels.npz", "--layer", "conv5", "--optimizer", "cholesky-cmaes"];
    let short = [&short[..], &["--option", "population_size=6", "--generations"]].concat();
    sandbox.evolve("whole", &[&short[..], &["4"]].concat());
    sandbox.evolve("half", &[&short[..], &["2"]].concat());
    let bytes = fs::read(sandbox.path("channels.npz")).unwrap();
    assert!(fs::read(sandbox.path("half/target.npz")).unwrap() == bytes);
    write(&sandbox.path("channels.npz"), &[("channel_weights", &[64], two_of_64(1.0, 1.0))]);
    let other = sandbox.actmax(&[&["evolve", "--resume", "--out", "half"], &short[..2]].concat());
    assert_eq!(other.code(), 2, "{}", other.stderr());
    assert!(other.stderr().contains("objective.target.sha256"), "{}", other.stderr());
    fs::remove_file(sandbox.path("channels.npz")).unwrap();
    sandbox.evolve("half", &["--resume", "--generations", "4"]);
    assert_same_arrays(&sandbox.evolution("half"), &sandbox.evolution("whole"));
    fs::write(sandbox.path("half/target.npz"), "something else").unwrap();
    let damaged = sandbox.actmax(&["evolve", "--resume", "--out", "half", "--generations", "5"]);
    assert_eq!(damaged.code(), 2);
    assert!(damaged.stderr().contains("target.npz or target.npy, is gone or changed"), "{}", damaged.stderr());
}

/// The activations of an image as the pattern: nothing is nearer than that image.
#[test]
fn a_pattern_is_met_best_by_the_image_that_gave_it() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    let done = sandbox.actmax(&["score", "run:best", "--layer", "fc6", "--recording", "fc6.npz"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let mut archive = zip::ZipArchive::new(File::open(sandbox.path("fc6.npz")).unwrap()).unwrap();
    let fc6 = npyz::NpyFile::new(archive.by_name("fc6.npy").unwrap()).unwrap().into_vec::<f32>().unwrap();
    let pattern: Vec<f64> = fc6.iter().map(|&x| f64::from(x)).collect();
    let mask: Vec<f64> = (0..4096).map(|i| f64::from(u8::from(i < 2000))).collect();
    let ones = || vec![1.0; 4096];
    write(
        &sandbox.path("pattern.npz"),
        &[
            ("pattern", &[4096], pattern),
            ("mask", &[4096], mask),
            ("mean", &[4096], vec![0.0; 4096]),
            ("std", &[4096], ones()),
        ],
    );
    let best = |measure: &str| {
        let run = ["--pattern", "pattern.npz", "--layer", "fc6", "--measure", measure, "--init", "run:best"];
        sandbox.evolve(measure, &[&run[..], &["--optimizer", "genetic"], &small()].concat());
        assert_eq!(objective(&sandbox, measure)["target"]["kind"], "pattern");
        sandbox.summary(measure).run.best_clean.unwrap().score.0
    };
    assert!((best("cosine") - 1.0).abs() < 1e-5);
    assert!((best("correlation") - 1.0).abs() < 1e-5);
    assert!(best("squared-distance").abs() < 1e-5);
    assert!(best("dot") > 0.0);
    assert_eq!(objective(&sandbox, "squared-distance")["target"]["measure"], "negative_squared_distance");
}

/// Behind a canvas and an 8-bit screen the readout sees what units see.
#[test]
fn a_readout_goes_with_a_canvas_and_references() {
    let sandbox = Sandbox::new();
    crate::scoring::photos(&sandbox);
    let mut weights = vec![0.0; 64 * 64];
    weights[12 * 64 + 4 * 8 + 4] = 1.0;
    write(&sandbox.path("one.npz"), &[("weights", &[4096], weights)]);
    let patch = ["--size", "24", "--at", "44,20"];
    let run = ["--readout", "one.npz", "--layer", "conv5", "--quantise", "--reference", "photos"];
    sandbox.evolve("run", &[&run[..], &patch, &small()].concat());
    let best = sandbox.summary("run").run.best_clean.unwrap().score.0;
    let unit = scored(&sandbox, &["run/stimulus.png", "--unit", "conv5:12"])[0].1[0];
    assert!((best - unit).abs() <= 1e-5 * unit.abs(), "{best} {unit}");
    let references = crate::scoring::table(&fs::read_to_string(sandbox.path("run/reference.csv")).unwrap()).1;
    assert_eq!(references.len(), 3);
}

/// Readouts and patterns are columns beside units, and say what `evolve` records of the same codes.
#[test]
fn images_and_codes_are_scored_by_files_beside_units() {
    let sandbox = Sandbox::new();
    crate::scoring::photos(&sandbox);
    let mut weights = vec![0.0; 64 * 64];
    weights[12 * 64 + 4 * 8 + 4] = -2.0;
    write(&sandbox.path("one.npz"), &[("weights", &[4096], weights), ("bias", &[], vec![0.5])]);
    write(&sandbox.path("face.npz"), &[("pattern", &[64], two_of_64(1.0, -1.0))]);
    let files = ["--readout", "one.npz", "--pattern", "face.npz", "--layer", "conv5", "--measure", "cosine"];
    let done = sandbox.actmax(&[&["score", "photos", "--unit", "conv5:12"], &files[..]].concat());
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let (header, rows) = crate::scoring::table(&done.stdout());
    assert_eq!(header[2..], ["one.npz on conv5", "face.npz on conv5"]);
    assert!(rows.len() == 3 && !sandbox.path("recording.npz").exists());
    for (name, row) in &rows {
        assert!((row[1] - (0.5 - 2.0 * row[0])).abs() <= 1e-5 * row[0].abs().max(1.0), "{name}: {row:?}");
        assert!(row[2].abs() <= 1.0, "{name}: {row:?}");
    }
    let run = [&files[2..], &["--init", "random:100"]].concat();
    sandbox.evolve("run", &[&run[..], &small()].concat());
    let columns = scored(&sandbox, &[&["run"], &files[2..]].concat());
    let recorded = sandbox.evolution("run").cleanscores_all;
    assert_eq!(columns.len(), recorded.len());
    for ((_, row), recorded) in columns.iter().zip(&recorded) {
        assert!((row[0] - recorded).abs() < 1e-5, "{row:?} {recorded}");
    }
    // The sheet of the best is by the last column, which is the pattern's.
    let top = sandbox.actmax(&[&["score", "photos", "--top", "1", "--out", "t.csv"], &files[..]].concat());
    assert_eq!(top.code(), 0, "{}", top.stderr());
    for (arguments, message) in [
        (&["--readout", "one.npz"][..], "one.npz is read from a layer: name it with --layer"),
        (&["--readout", "one.npz", "--layer", "conv5", "--layer", "fc6"], "--layer names 2: conv5, fc6"),
        (&["--readout", "one.npz", "--layer", "fc8"], "one.npz cannot be read from layer fc8"),
        (&["--readout", "one.npz", "--layer", "conv5", "--recording", "r.npz"], "cannot be used with"),
        (&["--readout", "one.npz", "--layer", "conv5", "--measure", "dot"], "--pattern"),
        (&["--readout", "gone.npz", "--layer", "conv5"], "there is no file gone.npz"),
    ] {
        let done = sandbox.actmax(&[&["score", "photos"], arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{arguments:?}: {}", done.stderr());
    }
}

#[test]
fn a_file_that_is_no_target_is_named() {
    let sandbox = Sandbox::new();
    write(&sandbox.path("good.npz"), &[("weights", &[64], vec![1.0; 64])]);
    write(&sandbox.path("wrong.npz"), &[("weights", &[63], vec![1.0; 63])]);
    write(&sandbox.path("other.npz"), &[("coefficients", &[64], vec![1.0; 64])]);
    write(&sandbox.path("zero.npz"), &[("pattern", &[64], vec![0.0; 64])]);
    fs::write(sandbox.path("text.csv"), "1,2").unwrap();
    for (arguments, message) in [
        (&["--readout", "good.npz"][..], "good.npz is read from a layer: name it with --layer"),
        (&["--readout", "good.npz", "--layer", "conv9"], "unknown layer 'conv9'"),
        (&["--readout", "good.npz", "--layer", "conv5", "--unit", "fc8:1"], "cannot be used with"),
        (&["--readout", "good.npz", "--layer", "conv5", "--measure", "dot"], "cannot be used with"),
        (&["--readout", "wrong.npz", "--layer", "conv5"], "[64, 8, 8], [64] for its channels or [8, 8]"),
        (&["--readout", "other.npz", "--layer", "conv5"], "other.npz holds no array 'weights'"),
        (&["--readout", "gone.npz", "--layer", "conv5"], "there is no file gone.npz"),
        (&["--readout", "text.csv", "--layer", "conv5"], "neither a .npy nor a .npz file"),
        (&["--pattern", "zero.npz", "--layer", "conv5", "--measure", "cosine"], "the pattern is zero"),
    ] {
        let done = sandbox.actmax(&[&["evolve", "--out", "run"], &small()[..], arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{arguments:?}: {}", done.stderr());
        assert!(!sandbox.path("run").exists(), "{arguments:?}");
    }
}

/// The folder of a cluster's scripts holds all that they need: files beside the configuration by their names, others by
/// names within the folder. The runs are those of the configuration in its place.
#[test]
fn files_of_targets_go_with_the_scripts_of_a_cluster() {
    let sandbox = Sandbox::new();
    for folder in ["conf/below", "fits"] {
        fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    for (path, weight) in [("conf/below/a.npz", 1.0), ("fits/a.npz", 2.0), ("absolute.npz", 3.0)] {
        write(&sandbox.path(path), &[("weights", &[64], two_of_64(weight, -1.0))]);
    }
    let absolute = sandbox.path("absolute.npz").display().to_string();
    let target = |path: &str| format!("{{ layer = \"conv5\", readout = '{path}' }},\n");
    let targets: String = ["below/a.npz", "../fits/a.npz", &absolute].map(target).concat();
    let config = format!(
        "generations = 2\n[[optimizer]]\nname = \"sphere-cma\"\noptions = {{ population_size = 6 }}\n\
         [[optimizer]]\nname = \"genetic\"\noptions = {{ population_size = 6 }}\ninit = \"stats:../photos\"\n\
         [[network]]\ngenerator = \"tiny-deepsim\"\ncnn = \"tiny-alexnet\"\ntargets = [\n{targets}] # three\n"
    );
    crate::scoring::photos(&sandbox);
    fs::write(sandbox.path("conf/c.toml"), &config).unwrap();
    let slurm = || sandbox.actmax(&["campaign", "slurm", "conf/c.toml", "--out", "s", "--array", "2"]);
    for _ in 0..2 {
        assert_eq!(slurm().code(), 0, "{}", slurm().stderr());
    }
    let carried = fs::read_to_string(sandbox.path("s/slurm/config.toml")).unwrap();
    assert!(!carried.contains("..") && carried.ends_with("] # three\n"), "{carried}");
    assert!(carried.contains(&absolute) && carried.contains("'below/a.npz'"), "{carried}");
    let run = |config: &str, out: &str| {
        let done = sandbox.actmax(&["campaign", "run", config, "--out", out, "--quiet"]);
        assert_eq!(done.code(), 0, "{}", done.stderr());
        let folders = fs::read_dir(sandbox.path(out).join("runs")).unwrap().map(|entry| entry.unwrap().path());
        let names = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
        let mut names: Vec<_> = names.map(|path| path.strip_prefix(sandbox.path(out)).unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let here = run("conf/c.toml", "here");
    fs::remove_dir_all(sandbox.path("fits")).unwrap();
    assert_eq!((here.len(), run("s/slurm/config.toml", "there")), (2 * 3 * 2, here));
}

/// Weights of one unit: the recorded best score is that unit's answer to the recorded best code.
#[test]
fn a_campaign_reads_targets_from_files_beside_its_configuration() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("conf")).unwrap();
    let mut weights = vec![0.0; 64 * 64];
    weights[12 * 64 + 4 * 8 + 4] = 1.0;
    write(&sandbox.path("conf/one.npz"), &[("weights", &[4096], weights)]);
    write(&sandbox.path("conf/face.npz"), &[("pattern", &[64], two_of_64(1.0, -1.0))]);
    let config = "generations = 2\n[[optimizer]]\nname = \"sphere-cma\"\noptions = { population_size = 6 }\n\
                  [[network]]\ngenerator = \"tiny-deepsim\"\ncnn = \"tiny-alexnet\"\nunits = [\"conv5:3\"]\ntargets = [\n\
                  { readout = \"one.npz\", layer = \"conv5\" },\n\
                  { pattern = \"face.npz\", layer = \"conv5\", measure = \"cosine\" },\n]\n";
    fs::write(sandbox.path("conf/c.toml"), config).unwrap();
    let done = sandbox.actmax(&["campaign", "run", "conf/c.toml", "--out", "c", "--quiet"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert_eq!(fs::read_dir(sandbox.path("c/targets")).unwrap().count(), 2);
    let only = |folder: &str, kind: &str| -> String {
        let files = fs::read_dir(sandbox.path("c/runs").join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let file = files.into_iter().find(|path| path.extension().is_some_and(|found| found == kind)).unwrap();
        file.strip_prefix(sandbox.path("")).unwrap().to_str().unwrap().to_owned()
    };
    let folder = "tiny-alexnet_conv5-one_000";
    let record: Value = serde_json::from_slice(&fs::read(sandbox.path(&only(folder, "json"))).unwrap()).unwrap();
    let best = record["best_clean"]["score"].as_f64().unwrap();
    let unit = scored(&sandbox, &[&format!("{}:best", only(folder, "npz")), "--unit", "conv5:12"])[0].1[0];
    assert!((best - unit).abs() <= 1e-4 * unit.abs().max(0.1), "{best} {unit}");
    let face = only("tiny-alexnet_conv5-face_000", "json");
    let record: Value = serde_json::from_slice(&fs::read(sandbox.path(&face)).unwrap()).unwrap();
    assert!(record["best_clean"]["score"].as_f64().unwrap().abs() <= 1.0, "a cosine");
    fs::remove_file(sandbox.path("conf/face.npz")).unwrap();
    let gone = sandbox.actmax(&["campaign", "run", "conf/c.toml", "--out", "c"]);
    assert_eq!(gone.code(), 2);
    assert!(gone.stderr().contains("c.toml, line 11") && gone.stderr().contains("face.npz"), "{}", gone.stderr());
}
