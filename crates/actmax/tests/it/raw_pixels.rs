//! `--generator pixels:WxH`: codes that are pixels.

use std::fs;

use crate::scoring::scored;
use crate::support::{Sandbox, write_npy};

#[test]
fn a_code_is_the_image_number_for_number() {
    let sandbox = Sandbox::new();
    // 2 columns, 1 row; red, green, blue planes. A number of 2 is full brightness, -2 is black.
    let codes = [0.0, 2.0, 1.0, -2.0, -9.0, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    write_npy(&sandbox.path("a.npy"), [2, 6], &codes);
    let done = sandbox.actmax(&["render", "a.npy", "--generator", "pixels:2x1", "--out", "out"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let image = image::open(sandbox.path("out/0000.png")).unwrap().to_rgb8();
    assert_eq!(image.dimensions(), (2, 1));
    assert_eq!((image.get_pixel(0, 0).0, image.get_pixel(1, 0).0), ([128, 191, 0], [255, 0, 153]));
}

#[test]
fn raw_pixels_evolve_and_score() {
    let sandbox = Sandbox::new();
    let run = ["--generator", "pixels:16x16", "--unit", "conv2:3", "--norm", "natural", "--optimizer", "genetic"];
    let done = sandbox.evolve("run", &[&run[..], &["--generations", "5"]].concat());
    assert!(done.stderr().contains("norm 27.7, 1.0 times the natural norm"), "{}", done.stderr());
    let evolution = sandbox.evolution("run");
    assert_eq!(evolution.dim, 768);
    let best = evolution.cleanscores_all.iter().copied().fold(f64::MIN, f64::max);
    assert!(best > evolution.cleanscores_all[0]);
    let found = scored(&sandbox, &["run:best", "--generator", "pixels:16x16", "--unit", "conv2:3"])[0].1[0];
    assert!((found - best).abs() <= 1e-4 * best.abs(), "{found} {best}");
    // With a canvas, and in a campaign.
    sandbox.evolve("patch", &[&run[..], &["--generations", "2", "--size", "16", "--at", "40,30"]].concat());
    let config = "generations = 2\noptimizers = [\"genetic\"]\nnorm = \"natural\"\n[[network]]\n\
                  generator = \"pixels:16x16\"\ncnn = \"tiny-alexnet\"\nunits = [\"conv2:3\"]\n";
    fs::write(sandbox.path("c.toml"), config).unwrap();
    let campaign = sandbox.actmax(&["campaign", "run", "c.toml", "--out", "c", "--quiet"]);
    assert_eq!(campaign.code(), 0, "{}", campaign.stderr());
}

#[test]
fn a_grid_that_is_none_is_refused() {
    let sandbox = Sandbox::new();
    for name in ["pixels:16", "pixels:0x4", "pixels:9999x4"] {
        let done = sandbox.actmax(&["evolve", "--unit", "fc8:1", "--generator", name, "--out", "run"]);
        assert_eq!(done.code(), 2);
        assert!(done.stderr().contains("write pixels:WIDTHxHEIGHT"), "{}", done.stderr());
    }
}
