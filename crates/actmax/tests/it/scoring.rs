//! `score`: what units and layers answer to images and codes.

use std::fs::{self, File};

use image::RgbImage;
use npyz::NpyFile;
use zip::ZipArchive;

use crate::support::{SMALL, Sandbox, write_npy};

/// A folder with three images, of other sizes, and a file that is none.
pub(crate) fn photos(sandbox: &Sandbox) {
    fs::create_dir(sandbox.path("photos")).unwrap();
    RgbImage::from_pixel(64, 64, image::Rgb([128; 3])).save(sandbox.path("photos/grey.png")).unwrap();
    let stripes = |x: u32, _| image::Rgb([if (x / 5).is_multiple_of(2) { 255 } else { 0 }; 3]);
    RgbImage::from_fn(90, 60, stripes).save(sandbox.path("photos/stripes.jpg")).unwrap();
    let ramp = |x: u32, y: u32| image::Rgb([(x * 3) as u8, (y * 3) as u8, 40]);
    RgbImage::from_fn(80, 80, ramp).save(sandbox.path("photos/ramp.png")).unwrap();
    fs::write(sandbox.path("photos/notes.txt"), "not read").unwrap();
}

/// Header and rows of a table: name and numbers.
pub(crate) fn table(text: &str) -> (Vec<String>, Vec<(String, Vec<f64>)>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |row: csv::StringRecord| {
        (row[0].to_owned(), row.iter().skip(1).map(|number| number.parse().unwrap()).collect())
    };
    (header, reader.records().map(|record| row(record.unwrap())).collect())
}

/// `actmax score` with these arguments; must succeed. Returns its table.
pub(crate) fn scored(sandbox: &Sandbox, arguments: &[&str]) -> Vec<(String, Vec<f64>)> {
    let done = sandbox.actmax(&[&["score"], arguments].concat());
    assert_eq!(done.code(), 0, "{}", done.stderr());
    table(&done.stdout()).1
}

#[test]
fn a_folder_of_images_is_scored_by_several_units() {
    let sandbox = Sandbox::new();
    photos(&sandbox);
    let done = sandbox.actmax(&["score", "photos", "--unit", "conv5:12", "--unit", "fc8:eye=-2"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let (header, rows) = table(&done.stdout());
    assert_eq!(header[0], "image");
    assert!(header[1].starts_with("conv5:12:") && header[2].starts_with("fc8:"), "{header:?}");
    assert_eq!(header[3], "weighted_sum");
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["grey.png", "ramp.png", "stripes.jpg"]);
    assert!(rows.iter().all(|(_, row)| row[2] == row[0] - 2.0 * row[1]));
    assert_ne!(rows[0].1[1], rows[2].1[1]);
    // A single unit says the same as beside others, and so does evolve of its references.
    let alone = scored(&sandbox, &["photos/ramp.png", "photos", "--unit", "conv5:12"]);
    assert_eq!((alone[0].0.as_str(), alone[1].0.as_str()), ("photos/ramp.png", "photos/grey.png"));
    assert_eq!(alone[0].1, alone[2].1);
    sandbox.evolve("run", &[&SMALL[..], &["--reference", "photos"]].concat());
    let references = table(&fs::read_to_string(sandbox.path("run/reference.csv")).unwrap()).1;
    for (reference, (_, row)) in references.iter().zip(&rows) {
        assert!((reference.1[0] - row[0]).abs() <= 1e-5 * row[0].abs(), "{reference:?} {row:?}");
    }
}

#[test]
fn the_codes_of_a_run_score_as_they_did_in_it() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    let run = sandbox.evolution("run");
    let close = |found: &[(String, Vec<f64>)], expected: &[f64]| {
        assert_eq!(found.len(), expected.len());
        for ((_, row), score) in found.iter().zip(expected) {
            assert!((row[0] - score).abs() <= 1e-4 * score.abs().max(0.1), "{row:?} is not {score}");
        }
    };
    let all = scored(&sandbox, &["run", "--unit", "conv5:12"]);
    close(&all, &run.cleanscores_all);
    assert_eq!(all[23].0, "0023");
    close(&scored(&sandbox, &["run/evolution.npz:last", "--unit", "conv5:12"]), &run.cleanscores_all[18..]);
    let best = run.cleanscores_all.iter().copied().fold(f64::MIN, f64::max);
    close(&scored(&sandbox, &["run:best", "--unit", "conv5:12"]), &[best]);
    assert_eq!(scored(&sandbox, &["run:means", "--unit", "conv5:12"]).len(), 4);
    for (arguments, message) in [
        (&["score", "run:bst", "--unit", "conv5:12"][..], "'bst' names no codes of the run run: write all, last, best"),
        (&["render", "home"], "home holds no codes: name the folder of a run"),
        (&["score", "run"], "--unit <LAYER:CHANNEL[:ROW:COL][=WEIGHT]>|--readout <FILE>|--pattern <FILE>|--layer"),
    ] {
        fs::create_dir_all(sandbox.path("home")).unwrap();
        let done = sandbox.actmax(arguments);
        assert!(done.code() == 2 && done.stderr().contains(message), "{arguments:?}: {}", done.stderr());
    }
    assert_eq!(scored(&sandbox, &["run/evolution.npz:generation_means", "--unit", "conv5:12"]).len(), 4);
}

#[test]
fn a_layer_is_recorded_whole_for_all_images() {
    let sandbox = Sandbox::new();
    photos(&sandbox);
    let done = sandbox.actmax(&["score", "photos", "--layer", "conv5", "--layer", "fc8", "--recording", "r.npz"]);
    assert_eq!((done.code(), done.stdout().as_str()), (0, ""), "{}", done.stderr());
    assert!(done.stderr().contains("of 3 images in r.npz"), "{}", done.stderr());
    let mut archive = ZipArchive::new(File::open(sandbox.path("r.npz")).unwrap()).unwrap();
    let mut array = |name: &str| {
        let array = NpyFile::new(archive.by_name(&format!("{name}.npy")).unwrap()).unwrap();
        (array.shape().to_vec(), array.into_vec::<f32>().unwrap())
    };
    let ((conv5, maps), (fc8, classes)) = (array("conv5"), array("fc8"));
    assert_eq!((conv5.len(), conv5[0], fc8.len(), fc8[0]), (4, 3, 2, 3));
    let names = NpyFile::new(archive.by_name("names.npy").unwrap()).unwrap().into_vec::<String>().unwrap();
    assert_eq!(names, ["grey.png", "ramp.png", "stripes.jpg"]);
    let rows = scored(&sandbox, &["photos", "--unit", "conv5:12:1:2", "--unit", "fc8:3"]);
    for (i, (name, row)) in rows.iter().enumerate() {
        let (channels, height, width) = (conv5[1] as usize, conv5[2] as usize, conv5[3] as usize);
        let recorded = [maps[((i * channels + 12) * height + 1) * width + 2], classes[i * fc8[1] as usize + 3]];
        for (recorded, unit) in recorded.iter().zip(row) {
            assert!((f64::from(*recorded) - unit).abs() <= 1e-5 * unit.abs().max(0.1), "{name}: {recorded} {unit}");
        }
    }
}

#[test]
fn the_best_images_are_drawn_and_the_table_goes_to_a_file() {
    let sandbox = Sandbox::new();
    photos(&sandbox);
    let arguments = ["score", "photos", "--unit", "conv5:12", "--out", "scores.csv", "--top", "2", "--sheet", "b.png"];
    let done = sandbox.actmax(&arguments);
    assert_eq!((done.code(), done.stdout().as_str()), (0, ""), "{}", done.stderr());
    assert_eq!(table(&fs::read_to_string(sandbox.path("scores.csv")).unwrap()).1.len(), 3);
    let sheet = image::open(sandbox.path("b.png")).unwrap();
    assert!(sheet.width() > 2 * 144 && sheet.height() > 144);
    let quiet = sandbox.actmax(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!((quiet.stdout(), quiet.stderr()), (String::new(), String::new()));
}

/// A folder that `render` made has a sheet beside the images.
#[test]
fn sheets_among_the_images_of_a_folder_are_left_out() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    let rendered = sandbox.actmax(&["render", "run:last", "--out", "pictures", "--sheet"]);
    assert_eq!(rendered.code(), 0, "{}", rendered.stderr());
    let done = sandbox.actmax(&["score", "pictures", "--unit", "conv5:12", "--quiet"]);
    let names: Vec<String> = table(&done.stdout()).1.into_iter().map(|(name, _)| name).collect();
    let images = sandbox.contents("pictures");
    assert!(images.contains_key("sheet.png") && !names.contains(&"sheet.png".to_owned()), "{names:?}");
    assert_eq!(names.len(), images.keys().filter(|name| name.starts_with("00")).count());
    assert!(done.stderr().contains("passed over sheet.png in pictures"), "{}", done.stderr());
    assert_eq!(scored(&sandbox, &["pictures/sheet.png", "--unit", "conv5:12"]).len(), 1);
}

#[test]
fn what_cannot_be_scored_is_named() {
    let sandbox = Sandbox::new();
    photos(&sandbox);
    fs::create_dir(sandbox.path("none")).unwrap();
    fs::create_dir(sandbox.path("broken")).unwrap();
    fs::create_dir(sandbox.path("sheets")).unwrap();
    fs::copy(sandbox.path("photos/grey.png"), sandbox.path("sheets/sheet.png")).unwrap();
    fs::write(sandbox.path("broken/cat.png"), b"\x89PNG\r\n\x1a\nhalf").unwrap();
    write_npy(&sandbox.path("short.npy"), [2, 5], &[0.5; 10]);
    let unit = ["--unit", "conv5:12"];
    for (arguments, message) in [
        (&["photos"][..], "--unit"),
        (&[&["none"], &unit[..]].concat(), "there is no .png, .jpg or .jpeg file in none"),
        (&[&["missing"], &unit[..]].concat(), "there is no file or folder missing"),
        (&[&["broken"], &unit[..]].concat(), "the image broken/cat.png cannot be read"),
        (&[&["photos/notes.txt"], &unit[..]].concat(), "the image photos/notes.txt cannot be read"),
        (&[&["short.npy"], &unit[..]].concat(), "codes of short.npy have 5 components, 4096 are needed"),
        (&[&["gone.npz:best"], &unit[..]].concat(), "there is no file gone.npz"),
        (&["photos", "--unit", "conv7:12"], "unknown layer 'conv7'"),
        (&["photos", "--unit", "fc8:eyes"], "has no channel 'eyes' (did you mean"),
        (&["photos", "--layer", "conv55"], "unknown layer 'conv55'"),
        (&["photos", "--unit", "conv5:1", "--cnn", "tiny-alexnot"], "the CNNs are tiny-alexnet"),
        (&["photos", "--layer", "conv5", "--top", "3"], "--unit"),
        (&["sheets", "--unit", "conv5:12"], "the only images in sheets are sheets that actmax drew (sheet.png)"),
    ] {
        let done = sandbox.actmax(&[&["score"], arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{arguments:?}: {}", done.stderr());
    }
    assert!(!sandbox.path("recording.npz").exists() && !sandbox.path("top.png").exists());
}
