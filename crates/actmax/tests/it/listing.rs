//! `models`, `layers`, `optimizers`, and help.

use actmax::Library;
use optim_core::registry;

use crate::support::Sandbox;

fn listed(arguments: &[&str]) -> String {
    let done = Sandbox::new().actmax(arguments);
    assert_eq!((done.code(), done.stderr().as_str()), (0, ""));
    done.stdout()
}

#[test]
fn models_are_listed_with_what_a_user_must_know() {
    let text = listed(&["models"]);
    for model in &Library::embedded().unwrap().manifest().models {
        assert!(text.contains(model.name()));
    }
    for fact in ["code of 4096 numbers -> image 64 x 64", "compiled in, 7.3 MB", "MIT OR Apache-2.0", "conv5, fc6"] {
        assert!(text.contains(fact), "{fact} in {text}");
    }
}

#[test]
fn published_models_are_listed_with_the_command_that_fetches_them() {
    let text = listed(&["models"]);
    for model in &Library::published().unwrap().models {
        assert!(text.contains(&format!("actmax models fetch {} ", model.name)), "{}", model.name);
    }
    for arguments in [&["layers", "alexnet"][..], &["evolve", "--unit", "fc8:1", "--generator", "deepsim-fc6"]] {
        let done = Sandbox::new().actmax(arguments);
        assert_eq!(done.code(), 2);
        let name = arguments.last().unwrap();
        assert!(done.stderr().contains(&format!("`actmax models fetch {name}`")), "{}", done.stderr());
    }
    // A generator is no CNN.
    let done = Sandbox::new().actmax(&["layers", "deepsim-fc6"]);
    assert!(done.code() == 2 && done.stderr().contains("has no CNN 'deepsim-fc6'"), "{}", done.stderr());
}

#[test]
fn a_damaged_manifest_of_the_users_folder_is_named() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("models")).unwrap();
    std::fs::write(sandbox.path("models/manifest.toml"), "nonsense").unwrap();
    let done = sandbox.actmax(&["models"]);
    assert_eq!(done.code(), 1);
    assert!(done.stderr().contains("manifest.toml") && done.stderr().contains("damaged"), "{}", done.stderr());
    let done = sandbox.actmax(&["--models", "elsewhere", "models"]);
    assert_eq!(done.code(), 0, "{}", done.stderr());
}

#[test]
fn layers_are_listed_with_their_units() {
    let text = listed(&["layers", "tiny-alexnet"]);
    let row = |name: &str| -> Vec<&str> {
        text.lines().find(|line| line.starts_with(name)).unwrap().split("  ").filter(|cell| !cell.is_empty()).collect()
    };
    let cells = |name| row(name).into_iter().map(str::trim).collect::<Vec<_>>();
    assert_eq!(cells("conv5"), ["conv5", "64 x 8 x 8", "0 to 63", "0 to 7, 0 to 7", "4:4"]);
    assert_eq!(cells("fc8"), ["fc8", "31", "0 to 30", "-", "-"]);
    assert_eq!(listed(&["layers"]), text);
}

#[test]
fn optimizers_are_listed_with_options_and_defaults() {
    let text = listed(&["optimizers"]);
    for info in registry() {
        for line in [info.name, info.about, info.source].into_iter().chain(info.options.iter().map(|o| o.name)) {
            assert!(text.contains(line), "{line}");
        }
    }
    assert!(text.contains("lim              50.0,7.33  first and last angle"), "{text}");
    assert!(text.contains("select_size      none"), "{text}");
}

#[test]
fn a_listed_default_can_be_given_as_an_option() {
    for (optimizer, option) in [("sphere-cma", "lim=50.0,7.33"), ("cholesky-cmaes", "cc=none")] {
        let sandbox = Sandbox::new();
        let run = ["--optimizer", optimizer, "--option", option, "--unit", "fc8:3", "--generations", "1"];
        sandbox.evolve("run", &run);
    }
}

#[test]
fn help_teaches_and_the_version_is_that_of_the_package() {
    let help = listed(&["evolve", "--help"]);
    for word in ["Units:", "Noise:", "Files written", "--resume --out", "Exit status", "trace.svg"] {
        assert!(help.contains(word), "{word}");
    }
    assert_eq!(listed(&["--version"]).trim(), format!("actmax {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_of_ask_tell_shows_a_session() {
    let help = listed(&["ask-tell", "--help"]);
    for word in ["\"scores\"", "\"generation\": 0", "\"save\"", "\"stop\"", "resume", "Exit status", "Example"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn models_are_measured_part_by_part() {
    let arguments =
        ["bench-models", "--layer", "conv1", "--layer", "fc8", "--batch", "1,3", "--threads", "1", "--repeats", "1"];
    let lines = listed(&[&arguments[..], &["--json"]].concat());
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let parts: Vec<&str> = lines.iter().step_by(2).map(|line| line["part"].as_str().unwrap()).collect();
    assert_eq!(parts, ["generator", "CNN to conv1", "CNN to fc8", "pair to conv1", "pair to fc8"]);
    for line in &lines {
        assert!(line["images_per_second"].as_f64().unwrap() > 0.0, "{line}");
        assert!([1, 3].contains(&line["batch"].as_u64().unwrap()) && line["device"] == "the processor", "{line}");
    }
    let table = listed(&arguments);
    assert!(table.contains("tiny-deepsim and tiny-alexnet on the processor"), "{table}");
    assert_eq!(table.lines().filter(|line| line.starts_with("pair to fc8")).count(), 2, "{table}");
}
