//! docs/tutorial.md is true: its commands run, print what it says, and make the files and pictures that it names.
//!
//! With `ACTMAX_DRAW_TUTORIAL` set, the pictures of the tutorial are replaced by those that the commands make.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use test_needs::Need;

use crate::support::Sandbox;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Commands of the page, and what the page says that they print.
#[derive(Debug, Default, PartialEq)]
struct Step {
    commands: String,
    printed: Vec<String>,
}

/// The blocks of commands in their order, each with the blocks of text up to the next one.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in page.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "sh" => steps.push(Step { commands: text.to_owned(), printed: Vec::new() }),
            "text" => steps.last_mut().expect("commands above the text").printed.push(text.to_owned()),
            _ => {}
        }
    }
    steps
}

/// A number as it is written, or what stands between numbers.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Number(&'a str),
    Words(&'a str),
}

fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let signed = rest[..start].ends_with('-') && !rest[..start - 1].ends_with(char::is_alphanumeric);
        let (before, from) = rest.split_at(start - usize::from(signed));
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut end = usize::from(signed) + digits(&from[usize::from(signed)..]);
        if from[end..].starts_with('.') {
            let decimals = digits(&from[end + 1..]);
            end += if decimals > 0 { 1 + decimals } else { 0 };
        }
        pieces.extend([Piece::Words(before), Piece::Number(&from[..end])]);
        rest = &from[end..];
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// What rounding makes of a score, in units of the score: networks compute in single precision.
const SINGLE: f64 = 1e-6;

/// Whether a line is the printed one: its words, and its numbers to their last digit that means something.
fn is_printed(line: &str, printed: &str, with_numbers: bool) -> bool {
    let near = |a: &str, b: &str| {
        let decimals = b.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let (a, b): (f64, f64) = (a.parse().unwrap(), b.parse().unwrap());
        (a - b).abs() < (1.000_001 * 10_f64.powi(-i32::try_from(decimals).unwrap())).max(SINGLE * b.abs())
    };
    let (line, printed) = (pieces(line), pieces(printed));
    let alike = |(a, b): (&Piece<'_>, &Piece<'_>)| match (a, b) {
        (Piece::Number(a), Piece::Number(b)) => !with_numbers || near(a, b),
        (a, b) => a == b,
    };
    line.len() == printed.len() && line.iter().zip(&printed).all(alike)
}

/// Asserts that some lines of the output are the printed ones, in their order.
fn assert_prints(output: &str, printed: &str, with_numbers: bool) {
    let (lines, printed): (Vec<&str>, Vec<&str>) = (output.lines().collect(), printed.lines().collect());
    let found = lines.windows(printed.len()).any(|lines| {
        lines.iter().zip(&printed).all(|(line, printed)| is_printed(line.trim_end(), printed.trim_end(), with_numbers))
    });
    assert!(found, "the tutorial has\n{}\nbut its commands print\n{output}", printed.join("\n"));
}

/// The processor, with the widest instructions that the networks may run in. Rounding depends on both.
fn processor() -> String {
    #[cfg(target_arch = "x86_64")]
    let widest = if std::is_x86_feature_detected!("avx512f") { "avx512f" } else { "no avx512f" };
    #[cfg(not(target_arch = "x86_64"))]
    let widest = std::env::consts::ARCH;
    format!("{}, {widest}", experiments::cpu_model())
}

/// Whether this is the processor that the numbers of the page come from.
fn numbers_are_comparable(page: &str) -> bool {
    let (_, rest) = page.split_once("<!-- processor: ").expect("the page names the processor of its numbers");
    let (theirs, ours) = (rest.split_once(" -->").unwrap().0, processor());
    let same = if theirs == ours { Ok(()) } else { Err(format!("they come from {theirs}; this is {ours}")) };
    Need::TutorialProcessor.check(same).is_some()
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
    let (steps, with_numbers) = (steps(&page), numbers_are_comparable(&page));
    assert!(steps.len() >= 5 && steps.iter().map(|step| step.printed.len()).sum::<usize>() >= 3, "{steps:?}");
    for Step { commands, printed } in steps {
        let start = Instant::now();
        let mut shell = Command::new("sh");
        sandbox.enclose(shell.args(["-e", "-c", &commands]).env("PATH", &path));
        let done = shell.output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        println!("$ {commands}{out}[{:.1} s]\n", start.elapsed().as_secs_f64());
        assert!(done.status.success(), "{commands}{out}{err}");
        printed.iter().for_each(|printed| assert_prints(&out, printed, with_numbers));
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
        let kept = root().join("docs").join(link);
        if std::env::var_os("ACTMAX_DRAW_TUTORIAL").is_some() {
            fs::create_dir_all(kept.parent().unwrap()).unwrap();
            fs::copy(sandbox.path(source), &kept).unwrap();
        }
        assert!(image::image_dimensions(&kept).is_ok(), "the picture {}", kept.display());
    }
}

#[test]
fn steps_files_and_pictures_are_found() {
    let page = "Make `runs/a/b.png`:\n\n```sh\nactmax\n```\n```text\nsh\n```\n![x](p/q.png)\n*`runs/a/b.png`*\n";
    assert_eq!(steps(page), [Step { commands: "actmax\n".to_owned(), printed: vec!["sh\n".to_owned()] }]);
    assert_eq!(files_named(&prose(page)), ["runs/a/b.png"; 2]);
    assert_eq!(pictures(page), [("p/q.png", "runs/a/b.png")]);
}

#[test]
fn lines_are_compared_to_the_last_printed_digit() {
    assert_eq!(pieces("PC1 -2.50, eye-0.png"), {
        use Piece::{Number, Words};
        [Words("PC"), Number("1"), Words(" "), Number("-2.50"), Words(", eye-"), Number("0"), Words(".png")]
    });
    assert!(is_printed("R² 0.998 of 75", "R² 0.999 of 75", true));
    assert!(!is_printed("R² 0.997 of 75", "R² 0.999 of 75", true));
    assert!(is_printed("11.322271347045898", "11.322272300720215", true));
    assert!(!is_printed("11.322371347045898", "11.322272300720215", true));
    assert!(is_printed("R² 0.997 of 75", "R² 0.999 of 75", false));
    assert!(!is_printed("R² 0.999 at 75", "R² 0.999 of 75", false));
    assert!(!is_printed("R² 0.999 of", "R² 0.999 of 75", false));
}
