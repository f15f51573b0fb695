//! `models add` and `models remove`: networks of the user's own.

use std::path::{Path, PathBuf};

use crate::support::{Sandbox, write_npy};

/// A file of `crates/gen-models/tests/fixtures/foreign`.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../gen-models/tests/fixtures/foreign").join(name)
}

/// `models add` with these arguments; must succeed. What it prints.
fn add(sandbox: &Sandbox, file: &str, arguments: &[&str]) -> String {
    let path = fixture(file);
    let done = sandbox.actmax(&[&["models", "add", path.to_str().unwrap()], arguments].concat());
    assert_eq!(done.code(), 0, "{file}: {}", done.stderr());
    done.stdout()
}

fn assert_refused(sandbox: &Sandbox, arguments: &[&str], code: i32, message: &str) {
    let done = sandbox.actmax(arguments);
    assert_eq!((done.code(), done.stdout().as_str()), (code, ""), "{arguments:?}: {}", done.stderr());
    assert!(done.stderr().contains(message), "{arguments:?}: {message} in {}", done.stderr());
}

#[test]
fn networks_that_were_added_are_listed_evolved_and_removed() {
    let sandbox = Sandbox::new();
    write_npy(&sandbox.path("class.npy"), [1, 5], &[0.5, 0.0, 0.25, 0.0, 0.25]);
    let held = ["--name", "painter", "--input", "gen/z:evolve", "--input", "gen/class:hold=class.npy"];
    let said = add(&sandbox, "g-conditioned.onnx", &held);
    for words in ["painter is a generator: code of 8 numbers -> image 8 x 8", "Sigmoid", "(--range)"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let said = add(&sandbox, "tokens-batch1.onnx", &["--range", "-1..1"]);
    assert!(said.contains("tokens-batch1 is a CNN") && said.contains("one by one, which is slow"), "{said}");
    let listed = sandbox.actmax(&["models"]).stdout();
    assert!(listed.contains("painter  (generator)") && listed.contains("tokens-batch1  (CNN)"), "{listed}");
    let layers = sandbox.actmax(&["layers", "tokens-batch1"]).stdout();
    assert!(layers.contains("block/out") && layers.contains("6 x 5 x 1"), "{layers}");
    let models = ["--generator", "painter", "--cnn", "tokens-batch1"];
    let short = ["--unit", "block/out:3:0:0", "--option", "population_size=6", "--generations", "3"];
    sandbox.evolve("run", &[&models[..], &short].concat());
    let run = sandbox.evolution("run");
    assert_eq!(run.codes_all.as_ref().map(Vec::len), Some(8 * run.cleanscores_all.len()));
    assert!(run.cleanscores_all.len() >= 3 * 6 && run.cleanscores_all.iter().all(|score| score.is_finite()));

    let done = sandbox.actmax(&["models", "remove", "painter"]);
    assert!(done.code() == 0 && done.stdout().contains("painter.onnx"), "{}", done.stderr());
    assert!(!sandbox.path("models/painter.onnx").exists() && sandbox.path("models/tokens-batch1.onnx").exists());
    assert_refused(&sandbox, &["models", "remove", "painter"], 2, "there are tokens-batch1");
}

#[test]
fn names_are_taken_once() {
    let sandbox = Sandbox::new();
    add(&sandbox, "g-tanh.onnx", &[]);
    let path = fixture("g-tanh.onnx");
    let again = ["models", "add", path.to_str().unwrap()];
    assert_refused(&sandbox, &again, 2, "'g-tanh' is registered already");
    add(&sandbox, "g-tanh.onnx", &["--replace"]);
    assert_refused(&sandbox, &[&again[..], &["--name", "tiny-alexnet"]].concat(), 2, "compiled into this program");
    assert_refused(&sandbox, &["models", "remove", "tiny-alexnet"], 2, "compiled into this program");
}

#[test]
fn what_is_refused_is_not_registered() {
    let sandbox = Sandbox::new();
    for (file, arguments, code, message) in [
        ("bad-custom.onnx", &[][..], 1, "GridPool of the domain 'org.example'"),
        ("bad-operator.onnx", &[], 1, "NoSuchOperator"),
        ("bad-opset.onnx", &[], 1, "opset 99; 7 to 26 can be run"),
        ("bad-images.onnx", &[], 2, "--kind"),
        ("bad-random.onnx", &[], 1, "RandomNormalLike"),
        ("bad-vectors.onnx", &["--kind", "cnn"], 1, "no input of it is an image"),
        ("make.py", &[], 1, "is no ONNX model"),
        ("g-conditioned.onnx", &["--input", "gen/z:keep"], 2, "NAME:hold=NUMBER"),
        ("g-conditioned.onnx", &["--input", "gen/class:hold=none.npy"], 2, "none.npy"),
        ("g-tanh.onnx", &["--align-corners"], 2, "--align-corners does not fit"),
        ("opset9.onnx", &["--natural-norm", "5"], 2, "--natural-norm does not fit"),
    ] {
        let path = fixture(file);
        assert_refused(&sandbox, &[&["models", "add", path.to_str().unwrap()], arguments].concat(), code, message);
    }
    assert!(!sandbox.path("models").exists());
}

#[test]
fn a_file_that_changed_after_it_was_added_is_refused() {
    let sandbox = Sandbox::new();
    add(&sandbox, "nhwc.onnx", &[]);
    let path = sandbox.path("models/nhwc.onnx");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    std::fs::remove_file(sandbox.path("models/nhwc.onnx.verified")).unwrap();
    assert_refused(&sandbox, &["layers", "nhwc"], 1, "SHA-256");
}

#[test]
fn help_teaches_how_a_network_is_added() {
    let help = Sandbox::new().actmax(&["models", "add", "--help"]).stdout();
    for word in ["Pixels:", "Codes:", "Layers:", "Examples:", "one-hot=207", "code[128..256]", "--range", "--replace"] {
        assert!(help.contains(word), "{word}");
    }
}
