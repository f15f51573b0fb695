//! `--init`: what a run starts from.

use std::fs;

use experiments::{StoredEvolution, read_codes};
use image::{Rgb, RgbImage};

use crate::support::{Sandbox, write_npy};

const DIM: usize = 4096;
const GENETIC: [&str; 8] =
    ["--unit", "fc8:1", "--optimizer", "genetic", "--option", "population_size=6", "--option", "n_conserve=2"];

fn run(sandbox: &Sandbox, out: &str, arguments: &[&str]) -> StoredEvolution {
    sandbox.evolve(out, &[&GENETIC[..], &["--generations", "2"], arguments].concat());
    sandbox.evolution(out)
}

/// Codes of the first generation.
fn first(run: &StoredEvolution) -> Vec<Vec<f32>> {
    let count = run.generations.iter().filter(|generation| **generation == 0).count();
    run.codes_all.as_ref().unwrap().chunks(DIM).take(count).map(<[f32]>::to_vec).collect()
}

fn norm(code: &[f32]) -> f64 {
    code.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn random_starts_have_their_norm_and_depend_on_the_seed() {
    let sandbox = Sandbox::new();
    let codes = first(&run(&sandbox, "run", &["--init", "random:50"]));
    assert_eq!(codes.len(), 6);
    assert!(codes.iter().all(|code| (norm(code) - 50.0).abs() < 1e-3));
    let natural = first(&run(&sandbox, "natural", &["--init", "random:natural", "--seed", "1"]));
    assert!(natural.iter().all(|code| (norm(code) - 125.0).abs() < 1e-3));
    let scaled = |code: &[f32]| code.iter().map(|x| x / 2.5).collect::<Vec<f32>>();
    assert!(scaled(&natural[0]).iter().zip(&codes[0]).any(|(a, b)| (a - b).abs() > 0.1), "other seeds, other codes");
    // The copy in the folder is enough to go on.
    sandbox.evolve("run", &["--resume", "--generations", "3"]);
    assert_eq!(first(&sandbox.evolution("run")), codes);
}

#[test]
fn folders_of_codes_statistics_and_children() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("codes")).unwrap();
    write_npy(&sandbox.path("codes/b.npy"), [1, DIM], &[2.0; DIM]);
    write_npy(&sandbox.path("codes/a.npy"), [2, DIM], &[[1.0; DIM], [3.0; DIM]].concat());
    let plain = first(&run(&sandbox, "plain", &["--init", "codes"]));
    assert_eq!(plain.iter().map(|code| code[0]).collect::<Vec<_>>(), [1.0, 3.0, 2.0], "files by name");

    let filled = first(&run(&sandbox, "filled", &["--init", "codes", "--init-fill"]));
    assert_eq!((filled.len(), &filled[..3]), (6, &plain[..]));
    assert!(filled.iter().flatten().all(|x| [1.0, 2.0, 3.0].contains(x)));

    let drawn = first(&run(&sandbox, "drawn", &["--init", "stats:codes"]));
    let all: Vec<f64> = drawn.iter().flatten().map(|x| f64::from(*x)).collect();
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / all.len() as f64;
    // Mean 2 and standard deviation 1, over 24576 numbers.
    assert!(drawn.len() == 6 && (mean - 2.0).abs() < 0.04 && (variance - 1.0).abs() < 0.06, "{mean} {variance}");
}

#[test]
fn images_start_where_their_codes_are() {
    let sandbox = Sandbox::new();
    let drawn = sandbox.evolve("eye", &["--unit", "fc8:eye", "--generations", "12"]);
    fs::create_dir(sandbox.path("photos")).unwrap();
    fs::copy(sandbox.path("eye/best.png"), sandbox.path("photos/eye.png")).unwrap();
    RgbImage::from_pixel(64, 64, Rgb([128; 3])).save(sandbox.path("photos/gray.png")).unwrap();
    let codes = first(&run(&sandbox, "run", &["--init", "photos"]));
    assert_eq!(codes.len(), 2, "{}", drawn.stderr());
    // The encoder is fc6 after its rectifier.
    assert!(codes.iter().flatten().all(|x| *x >= 0.0));
    // A code of an image is of natural size, and the two images differ.
    assert!((20.0..400.0).contains(&norm(&codes[0])), "{}", norm(&codes[0]));
    assert_ne!(codes[0], codes[1]);
    let stored = read_codes(&sandbox.path("run/initial_codes.npy"), DIM).unwrap();
    assert_eq!((stored.len(), stored.code(0)[7] as f32), (2, codes[0][7]));
    let one = first(&run(&sandbox, "one", &["--init", "photos/eye.png", "--init-fill"]));
    assert!(one.len() == 6 && one.iter().all(|code| code == &codes[0]), "children of one code are that code");
}

#[test]
fn starts_that_are_none_are_refused() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("empty")).unwrap();
    write_npy(&sandbox.path("one.npy"), [1, DIM], &[2.0; DIM]);
    let cases: [(&[&str], &str); 7] = [
        (&["--init", "random:much"], "write random:natural, or a number"),
        (&["--init", "random:-3"], "give a finite number above 0"),
        (&["--init", "empty"], "neither a run (evolution.npz), nor codes (.npy, .npz), nor images"),
        (&["--init", "stats:one.npy"], "give two codes or more"),
        (&["--init", "nowhere.npy"], "there is no file nowhere.npy"),
        (&["--init", "nowhere"], "there is no file nowhere"),
        (&["--init-fill"], "--init"),
    ];
    for (arguments, message) in cases {
        let done = sandbox.actmax(&[&["evolve", "--out", "out"][..], &GENETIC, arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{message} in {}", done.stderr());
        assert!(!sandbox.path("out").exists());
    }
}
