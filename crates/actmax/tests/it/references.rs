//! `evolve --reference`: the evolved image among others.

use std::fs;

use image::RgbImage;

use crate::support::{Place, SMALL, assert_same_arrays};

/// A folder with a grey image, one of another size, and a file that is none.
fn references(place: &Place) {
    fs::create_dir(place.path("photos")).unwrap();
    RgbImage::from_pixel(64, 64, image::Rgb([128; 3])).save(place.path("photos/grey.png")).unwrap();
    let stripes = |x: u32, _| image::Rgb([if (x / 5).is_multiple_of(2) { 255 } else { 0 }; 3]);
    RgbImage::from_fn(90, 60, stripes).save(place.path("photos/stripes.JPG")).unwrap();
    fs::write(place.path("photos/notes.txt"), "no image").unwrap();
}

#[test]
fn the_best_image_is_placed_among_references() {
    let place = Place::new();
    references(&place);
    let done = place.evolve("run", &[&SMALL[..], &["--reference", "photos"]].concat());
    let text = done.stdout();
    assert!(text.contains("of the 2 images in photos") && text.contains("reference.csv"), "{text}");
    let (summary, table) = (place.summary("run"), fs::read_to_string(place.path("run/reference.csv")).unwrap());
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
    let place = Place::new();
    references(&place);
    place.evolve("run", &SMALL);
    let (before, journal) = (place.evolution("run"), fs::read(place.path("run/journal.jsonl")).unwrap());
    assert!(place.summary("run").reference.is_none());
    let done = place.evolve("run", &["--resume", "--reference", "photos"]);
    assert!(done.stdout().contains("among references"), "{}", done.stdout());
    assert_same_arrays(&before, &place.evolution("run"));
    assert!(fs::read(place.path("run/journal.jsonl")).unwrap() == journal);
    assert_eq!(place.summary("run").reference.unwrap().images, 2);
}

#[test]
fn an_image_that_is_none_is_named_before_the_run() {
    let place = Place::new();
    references(&place);
    fs::create_dir(place.path("none")).unwrap();
    fs::create_dir(place.path("broken")).unwrap();
    fs::write(place.path("broken/cat.png"), b"\x89PNG\r\n\x1a\nhalf").unwrap();
    for (folder, message) in [
        ("missing", "folder of reference images missing"),
        ("none", ".png, .jpg or .jpeg"),
        ("broken", "broken/cat.png"),
    ] {
        let run = [&["evolve", "--out", "run", "--reference", folder], &SMALL[..]].concat();
        let done = place.actmax(&run);
        assert_eq!(done.code(), 2, "{folder}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{folder}: {}", done.stderr());
        assert!(!place.path("run").exists(), "{folder} left a folder");
    }
}
