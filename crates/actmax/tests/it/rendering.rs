//! `render`: images of codes, and of the code files of a rig.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use image::RgbImage;
use rig_files::Codes;

use crate::ask_tell_images::rendered;
use crate::support::{Sandbox, write_npy};

const DIM: usize = 4096;

/// Codes of three images, other ones for another salt.
fn codes(salt: f64) -> Vec<Vec<f64>> {
    (0..3).map(|row| (0..DIM).map(|i| (i as f64 * 0.37 + f64::from(row) + salt).sin()).collect()).collect()
}

fn code_file(codes: &[Vec<f64>], ids: &[&str]) -> Vec<u8> {
    let ids = ids.iter().map(|&id| id.to_owned()).collect();
    Codes { ids, rows: codes.concat(), dim: codes[0].len() }.to_mat()
}

/// Ends the program with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the image at a path shows, once it is there and is as expected. A file that is there is whole.
fn wait_for(path: &Path, expected: &RgbImage) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if path.is_file() && image::open(path).expect("a whole image").to_rgb8() == *expected {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{} is not there, or shows something else", path.display());
}

#[test]
fn code_files_are_answered_with_their_images() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("rig");
    fs::create_dir(&folder).unwrap();
    let names = ["block002_thread000_gen_gen001_000003.bmp", "plain", "third.png"];
    let files = ["block002_thread000_gen_gen001_000003.bmp", "plain.bmp", "third.png"];
    let stderr = fs::File::create(sandbox.path("stderr")).unwrap();
    let mut command = sandbox.command(&["render", "--watch", "rig", "--dialect", "poncelab"]);
    let _running = Ended(command.stdout(Stdio::null()).stderr(stderr).spawn().unwrap());
    let answered = |codes: &[Vec<f64>]| {
        files.iter().zip(rendered(codes)).for_each(|(file, image)| wait_for(&folder.join(file), &image));
    };
    // Half a file first: it is waited for.
    let whole = code_file(&codes(0.0), &names);
    fs::write(folder.join("block001_thread000_code.mat"), &whole[..whole.len() / 2]).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    fs::write(folder.join("block001_thread000_code.mat"), &whole).unwrap();
    answered(&codes(0.0));
    // A file that is written anew is answered anew.
    fs::write(folder.join("block001_thread000_code.mat"), code_file(&codes(1.0), &names)).unwrap();
    answered(&codes(1.0));
    // Files that cannot be used are named once and kept; others are served still.
    fs::write(folder.join("block005_code.mat"), code_file(&codes(0.0), &["../out.bmp", "b", "c"])).unwrap();
    fs::write(folder.join("block006_code.mat"), code_file(&[vec![0.0; 8]], &["short.bmp"])).unwrap();
    fs::write(folder.join("block007_code.mat"), b"no MAT file").unwrap();
    fs::write(folder.join("init_code.mat"), code_file(&codes(2.0), &names)).unwrap();
    answered(&codes(2.0));
    std::thread::sleep(Duration::from_secs(3));
    let said = fs::read_to_string(sandbox.path("stderr")).unwrap();
    for words in ["'../out.bmp' is no name", "codes have 8 numbers, the generator takes 4096", "block007_code.mat"] {
        assert_eq!(said.matches(words).count(), 1, "{words} in {said}");
    }
    assert!(!sandbox.path("out.bmp").exists() && folder.join("block007_code.mat").is_file());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 5 + files.len(), "nothing else lies in the folder");
}

#[test]
fn a_file_of_codes_becomes_images() {
    let sandbox = Sandbox::new();
    let single: Vec<f32> = codes(0.0).concat().into_iter().map(|x| x as f32).collect();
    write_npy(&sandbox.path("codes.npy"), [3, DIM], &single);
    let done = sandbox.actmax(&["render", "codes.npy", "--out", "pictures"]);
    assert_eq!((done.code(), done.stdout().trim()), (0, "3 images in pictures"), "{}", done.stderr());
    for (row, image) in rendered(&codes(0.0)).iter().enumerate() {
        assert!(image::open(sandbox.path(&format!("pictures/000{row}.png"))).unwrap().to_rgb8() == *image, "{row}");
    }
    let sheet = sandbox.actmax(&["render", "codes.npy", "--out", "pictures", "--sheet"]);
    assert!(sheet.stdout().contains("3 images, and sheet.png in pictures"), "{}", sheet.stdout());
    let sheet = image::open(sandbox.path("pictures/sheet.png")).unwrap();
    assert!(sheet.width() > 3 * 144 && sheet.height() > 144, "{} x {}", sheet.width(), sheet.height());
    assert_eq!(sandbox.actmax(&["render"]).code(), 2);
}

/// Norm of a code.
fn norm(code: &[f64]) -> f64 {
    code.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// `render` of the codes of two files, `a.npy` (three codes) and `b.npy` (one), into `out`; must succeed. Returns the codes
/// of the sweep, if it was one.
fn swept(sandbox: &Sandbox, arguments: &[&str]) -> Option<Vec<Vec<f64>>> {
    let done = sandbox.actmax(&[&["render"], arguments, &["--out", "out"]].concat());
    assert_eq!(done.code(), 0, "{}", done.stderr());
    let codes = experiments::read_codes(&sandbox.path("out/codes.npy"), DIM).ok()?;
    Some(codes.iter().map(<[f64]>::to_vec).collect())
}

fn two_files(sandbox: &Sandbox) -> Vec<Vec<f64>> {
    let single = |codes: Vec<Vec<f64>>| -> Vec<f32> { codes.concat().into_iter().map(|x| x as f32).collect() };
    write_npy(&sandbox.path("a.npy"), [3, DIM], &single(codes(0.0)));
    write_npy(&sandbox.path("b.npy"), [1, DIM], &single(codes(5.0)[..1].to_vec()));
    codes(0.0)
}

#[test]
fn codes_are_shown_at_several_norms() {
    let sandbox = Sandbox::new();
    let a = two_files(&sandbox);
    let found = swept(&sandbox, &["a.npy", "--rows", "2,0", "--norms", "20,80.5,300"]).unwrap();
    assert_eq!(found.len(), 6);
    for (code, expected) in found.iter().zip([20.0, 80.5, 300.0].repeat(2)) {
        assert!((norm(code) - expected).abs() < 1e-9 * expected);
    }
    let along = found[1].iter().zip(&a[2]).map(|(x, y)| x * y).sum::<f64>() / (norm(&found[1]) * norm(&a[2]));
    assert!(along > 1.0 - 1e-6, "row 2 comes first: {along}");
    let mut names: Vec<String> = sandbox.contents("out").into_keys().collect();
    names.sort();
    let expected = ["0000_norm20.png", "0000_norm300.png", "0000_norm80.5.png", "0002_norm20.png", "0002_norm300.png"];
    assert_eq!(names[..5], expected);
    let image = image::open(sandbox.path("out/0002_norm80.5.png")).unwrap().to_rgb8();
    assert!(image == rendered(&found[1..2])[0]);
    let sheet = image::open(sandbox.path("out/sheet.png")).unwrap();
    assert!(sheet.height() > 2 * 144 && sheet.width() < 4 * 170, "three images a row: {} px", sheet.width());
}

#[test]
fn codes_turn_towards_others_at_their_norm() {
    let sandbox = Sandbox::new();
    let a = two_files(&sandbox);
    let cosine = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / (norm(x) * norm(y));
    let found = swept(&sandbox, &["a.npy", "--angles", "-30,0,45,90", "--towards", "b.npy"]).unwrap();
    assert_eq!(found.len(), 12);
    for (i, code) in found.iter().enumerate() {
        let (start, angle) = (&a[i / 4], [-30_f64, 0.0, 45.0, 90.0][i % 4]);
        assert!(
            (norm(code) - norm(start)).abs() < 1e-4 && (cosine(code, start) - angle.to_radians().cos()).abs() < 1e-6
        );
    }
    // The seed draws the direction.
    let seeded = |seed: &str| swept(&sandbox, &["b.npy", "--angles", "60", "--seed", seed]).unwrap();
    assert_eq!(seeded("1"), seeded("1"));
    assert!(seeded("1") != seeded("2"));
    assert_eq!(swept(&sandbox, &["b.npy", "--angles", "60"]).unwrap(), seeded("0"));
}

#[test]
fn a_way_leads_from_one_code_to_another() {
    let sandbox = Sandbox::new();
    let a = two_files(&sandbox);
    let found = swept(&sandbox, &["a.npy", "--rows", "1", "--to", "b.npy", "--steps", "5"]).unwrap();
    let b = &codes(5.0)[0];
    let close = |x: &[f64], y: &[f64]| x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-5);
    assert!(found.len() == 5 && close(&found[0], &a[1]) && close(&found[4], b));
    assert!((norm(&found[2]) - (norm(&a[1]) + norm(b)) / 2.0).abs() < 1e-4, "the arc keeps the norm");
    let line = swept(&sandbox, &["a.npy", "--rows", "1", "--to", "b.npy", "--steps", "3", "--along", "line"]).unwrap();
    let middle: Vec<f64> = a[1].iter().zip(b).map(|(x, y)| (x + y) / 2.0).collect();
    assert!(close(&line[1], &middle));
}

#[test]
fn a_run_gives_the_means_of_its_generations() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &crate::support::SMALL);
    let done = sandbox.actmax(&["render", "run:means", "--out", "means", "--sheet"]);
    assert_eq!((done.code(), done.stdout().trim()), (0, "4 images, and sheet.png in means"), "{}", done.stderr());
    let mean: Vec<f64> = sandbox.evolution("run").generation_means[3 * DIM..].iter().map(|&x| f64::from(x)).collect();
    assert!(image::open(sandbox.path("means/0003.png")).unwrap().to_rgb8() == rendered(&[mean])[0]);
}

#[test]
fn a_sweep_that_cannot_be_is_refused() {
    let sandbox = Sandbox::new();
    two_files(&sandbox);
    write_npy(&sandbox.path("two.npy"), [2, DIM], &vec![0.5; 2 * DIM]);
    write_npy(&sandbox.path("zero.npy"), [1, DIM], &vec![0.0; DIM]);
    write_npy(&sandbox.path("minus.npy"), [1, DIM], &vec![-0.5; DIM]);
    for (arguments, message) in [
        (&["a.npy", "--rows", "1,7"][..], "a.npy has no row 7: its rows are 0 to 2"),
        (&["a.npy", "--rows", "x"], "for example 0,5,10-20"),
        (&["a.npy", "--norms", "10", "--angles", "10"], "cannot be used with"),
        (&["a.npy", "--towards", "b.npy"], "--angles"),
        (&["a.npy", "--to", "two.npy"], "two.npy holds 2 codes, for 3 codes there must be one or as many"),
        (&["zero.npy", "--norms", "10"], "row 0 of zero.npy: a vector has length zero"),
        (&["two.npy", "--to", "minus.npy"], "lie in one line"),
        (&["two.npy", "--to", "minus.npy"], "hint: --along line"),
        (&["a.npy:best"], "a.npy holds no run"),
    ] {
        let done = sandbox.actmax(&[&["render", "--out", "out"], arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{arguments:?}: {}", done.stderr());
        assert!(!sandbox.path("out").exists(), "{arguments:?}");
    }
}
