//! docs/tutorial.md is true: its commands run, and the files and pictures that it names come out of them.
//!
//! With `ACTMAX_DRAW_TUTORIAL` set, the pictures of the tutorial are replaced by those that the commands make.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::support::Sandbox;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Contents of the fenced blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(named), None) => open = Some((named == language, String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take().filter(|(wanted, _)| *wanted).map(|(_, text)| text)),
            (None, Some((_, text))) => *text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// Text outside the fenced blocks.
fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// What stands between backticks and looks like a file that a command makes.
fn files_named(prose: &str) -> Vec<&str> {
    let made = |text: &&str| text.starts_with("runs/") || text.starts_with("campaigns/");
    prose.split('`').skip(1).step_by(2).filter(made).collect()
}

/// Pictures, as the page links them, and the files that they are copies of: the code on the line below.
fn pictures(page: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = page.lines().collect();
    let mut pictures = Vec::new();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("![")) {
        let link = line.split_once("](").and_then(|(_, link)| link.strip_suffix(')')).unwrap();
        let source = lines.get(number + 1).and_then(|caption| caption.split('`').nth(1));
        pictures.push((link, source.unwrap_or_else(|| panic!("no file is named below the picture {link}"))));
    }
    pictures
}

/// An empty sandbox with what a clone of the repository has, and the program on the path.
fn clone_of_the_repository() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let references = "models/pictures/classes";
    fs::create_dir_all(sandbox.path(references)).unwrap();
    for entry in fs::read_dir(root().join(references)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), sandbox.path(references).join(entry.file_name())).unwrap();
    }
    fs::create_dir(sandbox.path("bin")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_actmax"), sandbox.path("bin/actmax")).unwrap();
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    (sandbox, path)
}

#[test]
#[cfg_attr(not(unix), ignore = "the commands of the tutorial are for a POSIX shell")]
fn the_tutorial_is_true() {
    let page = fs::read_to_string(root().join("docs/tutorial.md")).unwrap();
    let (sandbox, path) = clone_of_the_repository();
    let commands = blocks(&page, "sh");
    assert!(commands.len() >= 5 && commands.concat().matches("actmax").count() >= 8, "{commands:?}");
    for commands in commands {
        let start = Instant::now();
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &commands]).env("PATH", &path).env("ACTMAX_MODELS", sandbox.path("registered"));
        let done = shell.current_dir(sandbox.path("")).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        println!("$ {commands}{out}[{:.1} s]\n", start.elapsed().as_secs_f64());
        assert!(done.status.success(), "{commands}{out}{err}");
    }
    let prose = prose(&page);
    let named = files_named(&prose);
    assert!(named.len() > 5, "{named:?}");
    for file in named {
        assert!(sandbox.path(file).exists(), "the commands of the tutorial do not make {file}");
    }
    let pictures = pictures(&page);
    assert!(pictures.len() >= 4, "{pictures:?}");
    for (link, source) in pictures {
        compare_picture(&sandbox.path(source), &root().join("docs").join(link));
    }
}

/// The picture in the repository is one that the commands make; elsewhere, rounding may have led them elsewhere.
fn compare_picture(made: &Path, kept: &Path) {
    if std::env::var_os("ACTMAX_DRAW_TUTORIAL").is_some() {
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        fs::copy(made, kept).unwrap();
    }
    let size =
        |path: &Path| image::image_dimensions(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let ((width, height), (kept_width, kept_height)) = (size(made), size(kept));
    // Labels of axes are part of the width.
    let close = |a: u32, b: u32| a.abs_diff(b) * 10 <= a.max(b);
    assert!(
        close(width, kept_width) && close(height, kept_height),
        "{} does not show {}",
        kept.display(),
        made.display()
    );
}

#[test]
fn blocks_files_and_pictures_are_found() {
    let page = "Make `runs/a/b.png`:\n\n```sh\nactmax\n```\n```text\nsh\n```\n![x](p/q.png)\n*`runs/a/b.png`*\n";
    assert_eq!(blocks(page, "sh"), ["actmax\n"]);
    assert_eq!(files_named(&prose(page)), ["runs/a/b.png"; 2]);
    assert_eq!(pictures(page), [("p/q.png", "runs/a/b.png")]);
}
