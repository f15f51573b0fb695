//! `ask-tell` with a generator: images, codes as base64, runs in folders.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gen_models::{Runtime, SessionOptions};
use image::RgbImage;
use networks::Library;
use optim_core::Generator;
use serde_json::{Value, json};

use crate::ask_tell::{Client, assert_refused, codes, scores_of};
use crate::support::Sandbox;

const GENERATOR: &str = "tiny-deepsim";

/// A short run in the folder `run`.
fn run_of(generations: u32) -> Value {
    let options = json!({"population_size": 5});
    json!({"optimizer": "sphere-cma", "dim": 6, "seed": 4, "options": options, "generations": generations, "out": "run"})
}

/// The numbers behind `codes_base64`, and their shape.
fn decoded(reply: &Value) -> (Vec<f32>, [usize; 2]) {
    let bytes = STANDARD.decode(reply["codes_base64"].as_str().unwrap()).unwrap();
    let numbers = bytes.chunks(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    (numbers, serde_json::from_value(reply["shape"].clone()).unwrap())
}

/// What the generator makes of codes, as the library has it.
pub(crate) fn rendered(codes: &[Vec<f64>]) -> Vec<RgbImage> {
    let runtime = Runtime::get(&|_| ()).unwrap();
    let model = Library::embedded().unwrap().generator(GENERATOR).unwrap();
    let mut session = model.session(runtime, SessionOptions::default()).unwrap();
    let codes: Vec<f32> = codes.concat().into_iter().map(|x| x as f32).collect();
    let images = session.generate(&codes).unwrap();
    (0..images.len()).map(|i| images.to_rgb8(i)).collect()
}

#[test]
fn base64_holds_the_codes_in_single_precision() {
    let sandbox = Sandbox::new();
    let first = json!({"optimizer": "cholesky-cmaes", "dim": 7, "seed": 2, "options": {"population_size": 4}});
    let mut binary = first.clone();
    binary["encoding"] = "base64-f32".into();
    let ((mut digits, mut plain), (mut base64, mut packed)) =
        (Client::open_in(&sandbox, &first), Client::open_in(&sandbox, &binary));
    for _ in 0..5 {
        let rows = codes(&plain);
        let single: Vec<f32> = rows.concat().into_iter().map(|x| x as f32).collect();
        assert_eq!(decoded(&packed), (single, [rows.len(), 7]));
        assert!(packed.get("codes").is_none() && plain.get("shape").is_none());
        let scores = scores_of(&plain, 1.0);
        (plain, packed) = (digits.send(&scores), base64.send(&scores));
    }
    let state = base64.send(r#"{"save": true}"#)["state"].clone();
    let (_, again) = Client::open_in(&sandbox, &json!({"resume": state, "encoding": "base64-f32"}));
    assert_eq!(again, packed);
    assert_eq!(digits.end(), base64.end(), "the last line is the same");
    let x0 = json!({"codes_base64": packed["codes_base64"], "shape": packed["shape"]});
    let start = json!({"optimizer": "genetic", "dim": 7, "x0": x0, "encoding": "base64-f32"});
    let (_, reply) = Client::open_in(&sandbox, &start);
    assert_eq!(decoded(&reply), decoded(&packed));
}

#[test]
fn a_client_gets_the_images_of_its_codes() {
    let sandbox = Sandbox::new();
    let first = json!({"optimizer": "sphere-cma", "generator": GENERATOR, "images": "png",
        "options": {"population_size": 3}});
    let (mut client, mut reply) = Client::open_in(&sandbox, &first);
    for _ in 0..2 {
        let png = |text: &Value| STANDARD.decode(text.as_str().unwrap()).unwrap();
        let images: Vec<_> = reply["images"].as_array().unwrap().iter().map(png).collect();
        let images: Vec<_> = images.iter().map(|png| image::load_from_memory(png).unwrap().to_rgb8()).collect();
        assert_eq!(codes(&reply)[0].len(), 4096, "the length of a code is the generator's");
        assert!(images == rendered(&codes(&reply)), "other images than those of the codes");
        reply = client.turn(&reply);
    }
    let state = client.send(r#"{"save": true}"#)["state"].clone();
    let again = json!({"resume": state, "generator": GENERATOR, "images": "png"});
    assert_eq!(Client::open_in(&sandbox, &again).1, reply);
}

#[test]
fn a_run_in_a_folder_is_one_like_that_of_evolve() {
    let sandbox = Sandbox::new();
    let first = json!({"optimizer": "sphere-cma", "generator": GENERATOR, "images": "path", "out": "runs/a",
        "options": {"population_size": 3}, "generations": 5});
    let (mut client, mut reply) = Client::open_in(&sandbox, &first);
    let mut scored = Vec::new();
    for generation in 0..6 {
        assert_eq!((&reply["generation"], reply.get("over").is_some()), (&json!(generation), generation == 5));
        let names: Vec<String> = serde_json::from_value(reply["images"].clone()).unwrap();
        let open = |name: &String| image::open(sandbox.path("runs/a").join(name)).unwrap().to_rgb8();
        assert!(names.iter().map(open).eq(rendered(&codes(&reply))), "other images than those of the codes");
        if generation < 5 {
            scored.extend(codes(&reply).concat());
            reply = client.turn(&reply);
        }
    }
    for file in
        ["best.png", "evolution.npz", "final_mean.png", "journal.jsonl", "progress.png", "summary.json", "trace.svg"]
    {
        assert!(sandbox.path("runs/a").join(file).is_file(), "{file} is there once the last scores are");
    }
    let over = client.send(r#"{"scores": [1, 2, 3, 4]}"#);
    assert!(over["error"].as_str().unwrap().contains("all 5 generations"), "{over}");
    let last = client.end();
    let evolution = sandbox.evolution("runs/a");
    assert_eq!(evolution.codes_all.unwrap(), scored.into_iter().map(|x| x as f32).collect::<Vec<_>>());
    assert!(evolution.scores_all[6].is_nan(), "the fourth score of a generation is missing");
    let summary = sandbox.summary("runs/a");
    assert_eq!(json!(summary.run.best_clean.unwrap().score), last["best"]["score"]);
    let analysed = sandbox.actmax(&["analyse", "runs/a"]);
    assert_eq!(analysed.code(), 0, "{}", analysed.stderr());
    assert!(sandbox.path("runs/a/analysis/generations.csv").is_file());
    let (_, again) = Client::open_in(&sandbox, &json!({"resume": true, "out": "runs/a", "images": "path"}));
    assert_eq!(again, reply, "a finished run shows what would have come next");
}

#[test]
fn a_killed_run_goes_on_from_its_folder() {
    let (undisturbed, killed) = (Sandbox::new(), Sandbox::new());
    for maximize in [true, false] {
        let mut first = run_of(8);
        first["maximize"] = maximize.into();
        first["x0"] = json!([[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]]);
        first["out"] = format!("run-{maximize}").into();
        let (mut whole, mut reply) = Client::open_in(&undisturbed, &first);
        let (mut torn, again) = Client::open_in(&killed, &first);
        assert_eq!(reply, again);
        for _ in 0..8 {
            reply = whole.turn(&reply);
        }
        let mut again = again;
        for generation in 0..8 {
            again = torn.turn(&again);
            if generation % 3 == 1 {
                torn.kill();
                let resumed = json!({"resume": true, "out": first["out"]});
                let (client, reply) = Client::open_in(&killed, &resumed);
                assert_eq!(reply, again, "generation {generation}");
                torn = client;
            }
        }
        assert_eq!(again, reply);
        assert_eq!(torn.end(), whole.end());
        let name = first["out"].as_str().unwrap();
        // Missing scores are NaN, which equal nothing but in print.
        let printed = |sandbox: &Sandbox| {
            let mut evolution = sandbox.evolution(name);
            evolution.runtime = None;
            format!("{evolution:?}")
        };
        assert!(printed(&undisturbed) == printed(&killed), "the arrays differ");
    }
}

#[test]
fn a_folder_changes_no_code() {
    let sandbox = Sandbox::new();
    let mut plain = run_of(5);
    plain.as_object_mut().unwrap().remove("out");
    let ((mut kept, mut a), (mut free, mut b)) =
        (Client::open_in(&sandbox, &run_of(5)), Client::open_in(&sandbox, &plain));
    for _ in 0..4 {
        assert_eq!(a, b);
        (a, b) = (kept.turn(&a), free.turn(&b));
    }
    for (line, message) in [
        (r#"{"scores": [1, 2]}"#, "2 scores were told for 6 codes"),
        (r#"{"scores": [null, null, null, null, null, null]}"#, "all 6 scores"),
        (r#"{"save": true}"#, "\"resume\": true"),
    ] {
        let error = kept.send(line)["error"].clone();
        assert!(error.as_str().unwrap().contains(message), "{line}: {error}");
    }
    assert_eq!(kept.turn(&a)["codes"], free.turn(&b)["codes"], "refused lines change nothing");
    // A client that stops early leaves all files, and the run can go on.
    let mut early = run_of(5);
    early["out"] = "early".into();
    let (mut client, reply) = Client::open_in(&sandbox, &early);
    let next = client.turn(&reply);
    client.end();
    assert!(sandbox.path("early/trace.svg").is_file());
    let (_, resumed) = Client::open_in(&sandbox, &json!({"resume": true, "out": "early"}));
    assert_eq!(resumed, next);
}

#[test]
fn what_does_not_go_together_says_why() {
    let generator = r#"{"optimizer": "genetic", "generator": "tiny-deepsim""#;
    for (first, messages) in [
        (format!(r#"{generator}, "dim": 256}}"#), &["'dim' is 256", "4096 numbers", "leave 'dim' out"][..]),
        (format!(r#"{generator}, "images": "path"}}"#), &["\"path\" needs 'out'"]),
        (format!(r#"{generator}, "images": "jpg"}}"#), &["'images' must be \"png\" or \"path\""]),
        (format!(r#"{generator}, "encoding": "f64"}}"#), &["'encoding' must be"]),
        (format!(r#"{generator}, "out": ""}}"#), &["'out' must be the path of a folder"]),
        (r#"{"optimizer": "genetic", "generator": "tiny"}"#.to_owned(), &["no generator 'tiny'"]),
        (r#"{"optimizer": "genetic", "dim": 3, "images": "png"}"#.to_owned(), &["needs 'generator'"]),
        (r#"{"resume": true}"#.to_owned(), &["needs 'out'"]),
        (r#"{"resume": true, "out": "x", "seed": 1}"#.to_owned(), &["from the folder: leave 'seed' out"]),
        (r#"{"resume": true, "out": "nowhere"}"#.to_owned(), &["no journal", "nowhere"]),
        (r#"{"resume": "x", "out": "y"}"#.to_owned(), &["from the state: leave 'out' out"]),
        (
            r#"{"optimizer": "genetic", "dim": 2, "x0": {"codes_base64": "AAAA", "shape": [1, 2]}}"#.to_owned(),
            &["holds 3 bytes", "have 8"],
        ),
        (r#"{"optimizer": "genetic", "dim": 2, "x0": {"shape": [1, 2]}}"#.to_owned(), &["'x0' must be"]),
        (
            r#"{"optimizer": "genetic", "dim": 2, "x0": {"codes_base64": "?", "shape": [1, 2]}}"#.to_owned(),
            &["no base64"],
        ),
    ] {
        assert_refused(&first, messages);
    }
}

#[test]
fn folders_of_other_runs_are_left_alone() {
    let sandbox = Sandbox::new();
    let (mut client, reply) = Client::open_in(&sandbox, &run_of(2));
    client.turn(&reply);
    let refused = |first: &Value, message: &str| {
        fs::write(sandbox.path("first"), first.to_string()).unwrap();
        let mut command = sandbox.command(&["ask-tell"]);
        let done = command.stdin(fs::File::open(sandbox.path("first")).unwrap()).output().unwrap();
        let stderr = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && done.stdout.is_empty() && stderr.contains(message), "{stderr}");
    };
    refused(&json!({"resume": true, "out": "run"}), "another process");
    client.kill();
    refused(&run_of(2), "holds a run");
    sandbox.evolve("evolved", &["--unit", "fc8:1", "--option", "population_size=5", "--generations", "1"]);
    refused(&json!({"resume": true, "out": "evolved"}), "not of a run of `actmax ask-tell`");
    let done = sandbox.actmax(&["evolve", "--resume", "--out", "run"]);
    assert!(done.code() == 2 && done.stderr().contains("not of a run of `actmax evolve`"), "{}", done.stderr());
}
