//! `--canvas`, `--size`, `--at`, `--gray`, `--resize`: the image as a patch on gray.

use std::fs;

use paradigm::{Geometry, Resampling};
use serde_json::Value;

use crate::scoring::{photos, scored};
use crate::support::{SMALL, Sandbox, assert_same_arrays};

const PATCH: [&str; 6] = ["--size", "24", "--at", "44,20", "--gray", "100"];

fn objective(sandbox: &Sandbox, run: &str) -> Value {
    let summary: Value = serde_json::from_slice(&fs::read(sandbox.path(run).join("summary.json")).unwrap()).unwrap();
    summary["spec"]["objective"].clone()
}

#[test]
fn a_run_on_a_canvas_keeps_its_geometry_and_goes_on_with_it() {
    let sandbox = Sandbox::new();
    sandbox.evolve("plain", &SMALL);
    let long = [&SMALL[..], &["--optimizer", "cholesky-cmaes"], &PATCH].concat();
    sandbox.evolve("patch", &long);
    assert!(objective(&sandbox, "plain").get("geometry").is_none(), "runs without a canvas are what they were");
    let expected = serde_json::json!({ "canvas": 64, "size": 24, "at": [44, 20], "surround": 100 });
    assert_eq!(objective(&sandbox, "patch")["geometry"], expected);
    assert_ne!(sandbox.evolution("plain").cleanscores_all, sandbox.evolution("patch").cleanscores_all);
    // The stimulus is the best image on its canvas.
    let alone = image::open(sandbox.path("patch/best.png")).unwrap();
    assert_eq!((alone.width(), alone.height()), (256, 256));
    let stimulus = image::open(sandbox.path("patch/stimulus.png")).unwrap().to_rgb8();
    assert_eq!(stimulus.dimensions(), (64, 64));
    assert!(stimulus.get_pixel(0, 63).0 == [100; 3] && stimulus.get_pixel(44, 20).0 != [100; 3]);
    assert!(!sandbox.path("plain/stimulus.png").exists());
    // So are the images of progress.png: most of each is gray.
    let gray = |run: &str| {
        let sheet = image::open(sandbox.path(run).join("progress.png")).unwrap().to_rgb8();
        sheet.pixels().filter(|pixel| pixel.0 == [100; 3]).count()
    };
    assert!(gray("patch") > 4 * 60 * 60 && gray("plain") < 1000, "{} {}", gray("patch"), gray("plain"));
    // Interrupted and resumed, the run is the same; so is a deleted picture.
    let short: Vec<&str> = long.iter().map(|&argument| if argument == "4" { "2" } else { argument }).collect();
    sandbox.evolve("half", &short);
    let done = sandbox.evolve("half", &["--resume", "--generations", "4"]);
    assert!(done.stderr().contains("24 px at 44,20 on 64 px"), "{}", done.stderr());
    assert_same_arrays(&sandbox.evolution("half"), &sandbox.evolution("patch"));
    fs::remove_file(sandbox.path("half/stimulus.png")).unwrap();
    sandbox.evolve("half", &["--resume"]);
    assert!(image::open(sandbox.path("half/stimulus.png")).unwrap().to_rgb8() == stimulus);
    let other = sandbox.actmax(&["evolve", "--resume", "--out", "half", "--size", "30"]);
    assert_eq!(other.code(), 2);
    assert!(other.stderr().contains("objective.geometry"), "{}", other.stderr());
}

#[test]
fn an_image_that_covers_the_canvas_makes_the_same_run() {
    let sandbox = Sandbox::new();
    sandbox.evolve("plain", &SMALL);
    sandbox.evolve("covering", &[&SMALL[..], &["--canvas", "64", "--size", "64"]].concat());
    assert_same_arrays(&sandbox.evolution("plain"), &sandbox.evolution("covering"));
}

/// What a screen shows is in `stimulus.png`, to the bit.
#[test]
fn the_stimulus_scores_as_the_run_says() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &[&SMALL[..], &PATCH, &["--quantise"]].concat());
    let best = sandbox.summary("run").run.best_clean.unwrap().score.0;
    assert_eq!(scored(&sandbox, &["run/stimulus.png", "--unit", "conv5:12"])[0].1, [best]);
    // Codes on the canvas, without the screen's 8 bits.
    let codes = scored(&sandbox, &[&["run:best", "--unit", "conv5:12"], &PATCH[..]].concat());
    assert!((codes[0].1[0] - best).abs() < 0.02 * best.abs(), "{codes:?} {best}");
}

#[test]
fn files_and_codes_are_placed_as_the_geometry_says() {
    let sandbox = Sandbox::new();
    photos(&sandbox);
    fs::create_dir(sandbox.path("placed")).unwrap();
    let geometry = Geometry { canvas: 64, size: 24, at: [44, 20], surround: 100, resize: Resampling::Area };
    for name in ["grey.png", "ramp.png", "stripes.jpg"] {
        let image = image::open(sandbox.path("photos").join(name)).unwrap().to_rgb8();
        geometry.place_middle(&image).save(sandbox.path("placed").join(name).with_extension("png")).unwrap();
    }
    let there = scored(&sandbox, &[&["photos", "--unit", "conv5:12", "--resize", "area"], &PATCH[..]].concat());
    let before = scored(&sandbox, &["placed", "--unit", "conv5:12"]);
    let numbers = |rows: &[(String, Vec<f64>)]| rows.iter().map(|row| row.1[0]).collect::<Vec<_>>();
    assert_eq!(numbers(&there), numbers(&before));
    assert_ne!(numbers(&before), numbers(&scored(&sandbox, &["photos", "--unit", "conv5:12"])));
    // The same of codes: render, then score, is to score the codes.
    sandbox.evolve("run", &[&SMALL[..], &["--optimizer", "sphere-cma"]].concat());
    let canvas = [&PATCH[..], &["--canvas", "64"]].concat();
    let done = sandbox.actmax(&[&["render", "run:best", "--out", "best"], &canvas[..]].concat());
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let rendered = numbers(&scored(&sandbox, &["best/0000.png", "--unit", "conv5:12"]));
    let coded = numbers(&scored(&sandbox, &[&["run:best", "--unit", "conv5:12"], &canvas[..]].concat()));
    assert!((rendered[0] - coded[0]).abs() < 0.02 * coded[0].abs(), "{rendered:?} {coded:?}");
}

#[test]
fn a_campaign_shows_its_images_on_a_canvas() {
    let sandbox = Sandbox::new();
    let config = "generations = 2\n[[optimizer]]\nname = \"sphere-cma\"\noptions = { population_size = 6 }\n\
                  [[network]]\ngenerator = \"tiny-deepsim\"\ncnn = \"tiny-alexnet\"\nunits = [\"conv5:12\"]\n";
    let geometry = "[geometry]\nsize = 24\nat = [44, 20]\ngray = 100\n";
    fs::write(sandbox.path("plain.toml"), config).unwrap();
    fs::write(sandbox.path("patch.toml"), format!("{config}{geometry}")).unwrap();
    let best = |name: &str| -> Vec<(String, f64)> {
        let done = sandbox.actmax(&["campaign", "run", &format!("{name}.toml"), "--out", name, "--quiet"]);
        assert_eq!(done.code(), 0, "{}", done.stderr());
        let folder = fs::read_dir(sandbox.path(name).join("runs")).unwrap().next().unwrap().unwrap().path();
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let record = |path: std::path::PathBuf| {
            let record: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            (record["spec"]["objective"]["geometry"].to_string(), record["best_clean"]["score"].as_f64().unwrap())
        };
        files.filter(|path| path.extension().is_some_and(|kind| kind == "json")).map(record).collect()
    };
    let (plain, patch) = (best("plain"), best("patch"));
    assert_eq!((plain.len(), patch.len()), (1, 1));
    assert_eq!(plain[0].0, "null");
    assert_eq!(patch[0].0, r#"{"at":[44,20],"canvas":64,"size":24,"surround":100}"#);
    assert_ne!(plain[0].1, patch[0].1);
    fs::write(sandbox.path("far.toml"), format!("{config}{}", geometry.replace("44", "444"))).unwrap();
    let far = sandbox.actmax(&["campaign", "run", "far.toml", "--out", "far"]);
    assert_eq!(far.code(), 2);
    assert!(far.stderr().contains("far.toml, line") && far.stderr().contains("outside the canvas"), "{}", far.stderr());
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let sandbox = Sandbox::new();
    for (arguments, message) in [
        (&["--at", "500,10"][..], "an image of 64 pixels at 500,10 lies outside the canvas of 64 pixels"),
        (&["--at", "5"], "write X,Y in pixels"),
        (&["--size", "0"], "the image has 0 pixels a side"),
        (&["--canvas", "10000"], "it must have from 1 to 4096"),
        (&["--gray", "300"], "--gray"),
        (&["--resize", "cubic"], "write bilinear, nearest or area"),
    ] {
        let done = sandbox.actmax(&[&["evolve", "--out", "run"], &SMALL[..], arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{arguments:?}: {}", done.stderr());
        assert!(!sandbox.path("run").exists(), "{arguments:?}");
    }
    crate::support::write_npy(&sandbox.path("a.npy"), [1, 4096], &[0.1; 4096]);
    let render = sandbox.actmax(&["render", "a.npy", "--size", "20"]);
    assert_eq!(render.code(), 2);
    assert!(render.stderr().contains("give --canvas"), "{}", render.stderr());
}
