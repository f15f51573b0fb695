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
