//! `evolve --reference`: the evolved image among others.

use std::fs;

use image::RgbImage;

use crate::support::{SMALL, Sandbox, assert_same_arrays};

/// A folder with a grey image, one of another size, two of other formats, and a file that is none.
fn references(sandbox: &Sandbox) {
    fs::create_dir(sandbox.path("photos")).unwrap();
    RgbImage::from_pixel(64, 64, image::Rgb([128; 3])).save(sandbox.path("photos/grey.png")).unwrap();
    let stripes = |x: u32, _| image::Rgb([if (x / 5).is_multiple_of(2) { 255 } else { 0 }; 3]);
    RgbImage::from_fn(90, 60, stripes).save(sandbox.path("photos/stripes.JPG")).unwrap();
    for name in ["notes.txt", "face.gif", "scan.TIFF"] {
        fs::write(sandbox.path("photos").join(name), "not read").unwrap();
    }
}

#[test]
fn the_best_image_is_placed_among_references() {
    let sandbox = Sandbox::new();
    references(&sandbox);
    let done = sandbox.evolve("run", &[&SMALL[..], &["--reference", "photos"]].concat());
    assert!(done.stderr().contains("warning: passed over face.gif and 1 more in photos"), "{}", done.stderr());
    let text = done.stdout();
    assert!(text.contains("of the 2 images in photos") && text.contains("reference.csv"), "{text}");
    let (summary, table) = (sandbox.summary("run"), fs::read_to_string(sandbox.path("run/reference.csv")).unwrap());
    let scores: Vec<(&str, f64)> = table
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').map(|(name, score)| (name, score.parse().unwrap())).unwrap())
        .collect();
    assert_eq!(scores.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["grey.png", "stripes.JPG"]);
    assert_ne!(scores[0].1, scores[1].1);
    let reference = summary.reference.unwrap();
    let best = summary.run.best_clean.unwrap().score.0;
    let below = scores.iter().filter(|(_, score)| *score < best).count() as f64 / 2.0;
    assert_eq!((reference.images, reference.share_below), (2, below));
    let highest = scores.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a }).unwrap();
    assert_eq!((reference.best_image.as_str(), reference.best_score.0), highest);
}

#[test]
fn a_finished_run_is_compared_without_evolving_it_again() {
    let sandbox = Sandbox::new();
    references(&sandbox);
    sandbox.evolve("run", &SMALL);
    let (before, journal) = (sandbox.evolution("run"), fs::read(sandbox.path("run/journal.jsonl")).unwrap());
    assert!(sandbox.summary("run").reference.is_none());
    let done = sandbox.evolve("run", &["--resume", "--reference", "photos"]);
    assert!(done.stdout().contains("among references"), "{}", done.stdout());
    assert!(done.stdout().contains("24, all of them recorded before\n"), "{}", done.stdout());
    assert_same_arrays(&before, &sandbox.evolution("run"));
    assert!(fs::read(sandbox.path("run/journal.jsonl")).unwrap() == journal);
    assert_eq!(sandbox.summary("run").reference.unwrap().images, 2);
}

#[test]
fn an_image_that_is_none_is_named_before_the_run() {
    let sandbox = Sandbox::new();
    references(&sandbox);
    fs::create_dir(sandbox.path("none")).unwrap();
    fs::create_dir(sandbox.path("broken")).unwrap();
    fs::write(sandbox.path("broken/cat.png"), b"\x89PNG\r\n\x1a\nhalf").unwrap();
    for (folder, message) in
        [("missing", "folder of images missing"), ("none", ".png, .jpg or .jpeg"), ("broken", "broken/cat.png")]
    {
        let run = [&["evolve", "--out", "run", "--reference", folder], &SMALL[..]].concat();
        let done = sandbox.actmax(&run);
        assert_eq!(done.code(), 2, "{folder}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{folder}: {}", done.stderr());
        assert!(!sandbox.path("run").exists(), "{folder} left a folder");
    }
}
