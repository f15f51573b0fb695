//! The whole command against a web server on loopback.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use gen_models::{ModelFolder, Published, file_sha256};
use tempfile::TempDir;

use super::server::{Fault, Server};
use super::{fetch, with_causes};
use crate::models_cli::FetchArgs;
use crate::{Cli, Library};

fn checkpoint(name: &str) -> PathBuf {
    let file = format!("../gen-models/tests/fixtures/checkpoints/{name}.pt");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// A server with small instances of published models, a table of them and an empty folder.
struct Sandbox {
    server: Server,
    folder: TempDir,
    published: Published,
}

/// Name, width, whether a checksum is published.
const MODELS: [(&str, usize, bool); 4] =
    [("deepsim-fc6", 32, true), ("deepsim-pool5", 32, false), ("alexnet", 64, true), ("resnet50", 64, true)];

impl Sandbox {
    fn new() -> Self {
        let server = Server::new();
        let mut table = String::new();
        for (name, width, hashed) in MODELS {
            let bytes = fs::read(checkpoint(name)).unwrap();
            server.put(&format!("{name}.pt"), &bytes, &format!("\"{name}-1\""));
            let url = format!("{}/moved/{name}.pt", server.address());
            table.push_str(&format!("[[model]]\nname = {name:?}\narchitecture = {name:?}\nurl = {url:?}\n"));
            table.push_str(&format!("about = 'a small instance'\nlicence = 'none'\nwidth = {width}\n"));
            if hashed {
                let sha256 = file_sha256(&checkpoint(name)).unwrap();
                let stated = if name == "resnet50" { &sha256[..8] } else { &sha256 };
                table.push_str(&format!("sha256 = {stated:?}\nbytes = {}\n", bytes.len()));
            }
        }
        Self { server, folder: tempfile::tempdir().unwrap(), published: Published::parse(&table).unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command; what it wrote, or its error.
    fn fetch(&self, arguments: &[&str]) -> Result<String, String> {
        #[derive(Parser)]
        struct Command {
            #[command(flatten)]
            args: FetchArgs,
        }
        let arguments = [&["fetch"], arguments].concat();
        let args = Command::try_parse_from(arguments).map_err(|error| error.to_string())?.args;
        let mut out = Vec::new();
        let done = fetch(&args, &self.published, &ModelFolder::new(self.folder.path()), &mut out);
        let text = String::from_utf8(out).unwrap();
        done.map(|()| text.clone()).map_err(|error| format!("{text}{}", with_causes(&error)))
    }

    fn registered(&self) -> Vec<String> {
        let manifest = ModelFolder::new(self.folder.path()).manifest().unwrap();
        manifest.models.iter().map(|model| model.name().to_owned()).collect()
    }

    /// Runs `actmax`; what it wrote.
    fn actmax(&self, arguments: &[&str]) -> Result<String, String> {
        let arguments = [&["actmax", "--models", self.folder.path().to_str().unwrap()], arguments].concat();
        let mut out = Vec::new();
        let done = crate::run(&Cli::try_parse_from(arguments).unwrap(), &mut out);
        done.map(|_| String::from_utf8(out).unwrap()).map_err(|error| error.report())
    }

    /// Ranges asked for in requests of the file itself.
    fn ranges(&self) -> Vec<Option<String>> {
        let requests = self.server.requests();
        requests.into_iter().filter(|(path, _)| !path.starts_with("/moved/")).map(|(_, range)| range).collect()
    }

    /// Names of what is left of downloads, locks and records apart.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("downloads")).unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.map(|name| name.into_string().unwrap());
        names.filter(|name| !name.ends_with(".lock") && !name.ends_with(".sha256")).collect()
    }
}

#[test]
fn fetched_models_are_listed_and_evolved_on_under_published_names() {
    let sandbox = Sandbox::new();
    let missing = sandbox.actmax(&["evolve", "--unit", "fc8:3", "--generator", "deepsim-fc6"]).unwrap_err();
    assert!(missing.contains("actmax models fetch deepsim-fc6"), "{missing}");
    assert!(sandbox.actmax(&["models"]).unwrap().contains("actmax models fetch alexnet"));

    let said = sandbox.fetch(&["--all"]).unwrap();
    assert_eq!(sandbox.registered(), MODELS.map(|(name, ..)| name));
    assert!(said.contains("deepsim-pool5: no checksum is published"), "{said}");
    assert_eq!(sandbox.left(), Vec::<String>::new());

    let models = sandbox.actmax(&["models"]).unwrap();
    assert!(models.contains(sandbox.path("deepsim-fc6.onnx").to_str().unwrap()), "{models}");
    assert!(!models.contains("models fetch alexnet") && models.contains("models fetch deepsim-norm1"), "{models}");
    assert!(sandbox.actmax(&["layers", "alexnet"]).unwrap().contains(".features.ReLU11"));
    let folder = sandbox.path("run");
    let units = ["--unit", ".features.ReLU11:0=0.5", "--unit", ".classifier.Linear6:3", "--unit", "conv5_pre:0:2:2"];
    let rest = ["--generations", "2", "--quiet", "--out", folder.to_str().unwrap()];
    let run = ["evolve", "--generator", "deepsim-fc6", "--cnn", "alexnet"];
    sandbox.actmax(&[&run[..], &units, &rest].concat()).unwrap();
    let summary = fs::read_to_string(folder.join("summary.json")).unwrap();
    assert!(summary.contains("deepsim-fc6") && folder.join("best.png").is_file(), "{summary}");
    sandbox.server.requests();
    assert!(sandbox.fetch(&["alexnet"]).unwrap().contains("is here already"));
    assert_eq!(sandbox.server.requests(), []);
}

#[test]
fn a_cut_connection_is_gone_on_with_where_it_broke() {
    let sandbox = Sandbox::new();
    sandbox.server.fail(&[Fault::Cut(1000), Fault::Cut(0), Fault::Status(503), Fault::Cut(500)]);
    sandbox.fetch(&["alexnet"]).unwrap();
    let at = |start: usize| Some(format!("bytes={start}-"));
    assert_eq!(sandbox.ranges(), [None, at(1000), at(1000), at(1000), at(1500)]);
    assert_eq!(sandbox.registered(), ["alexnet"]);
}

#[test]
fn an_interrupted_download_is_kept_and_gone_on_with_by_the_next_call() {
    let sandbox = Sandbox::new();
    sandbox.server.fail(&[Fault::Cut(3000), Fault::Cut(0), Fault::Cut(0), Fault::Cut(0), Fault::Cut(0)]);
    let said = sandbox.fetch(&["resnet50"]).unwrap_err();
    assert!(said.contains("not fetched: resnet50"), "{said}");
    assert_eq!(fs::metadata(sandbox.path("downloads/resnet50.pt.part")).unwrap().len(), 3000);
    assert_eq!(sandbox.registered(), Vec::<String>::new());
    sandbox.server.fail(&[]);
    sandbox.ranges();
    sandbox.fetch(&["resnet50"]).unwrap();
    assert_eq!(sandbox.ranges(), [Some("bytes=3000-".to_owned())]);
}

#[test]
fn a_server_without_ranges_or_with_another_version_begins_anew() {
    let sandbox = Sandbox::new();
    sandbox.server.fail(&[Fault::Cut(1000), Fault::NoRanges]);
    sandbox.fetch(&["alexnet"]).unwrap();
    sandbox.server.fail(&[Fault::Cut(1000), Fault::OtherRange]);
    sandbox.fetch(&["resnet50"]).unwrap();

    // Without a checksum, parts are joined on the server's word only that they are of one version.
    sandbox.server.fail(&[Fault::Cut(1000), Fault::Cut(0), Fault::Cut(0), Fault::Cut(0)]);
    sandbox.fetch(&["deepsim-pool5"]).unwrap_err();
    sandbox.server.put("deepsim-pool5.pt", &fs::read(checkpoint("deepsim-pool5")).unwrap(), "\"deepsim-pool5-2\"");
    sandbox.fetch(&["deepsim-pool5"]).unwrap();
    assert_eq!(sandbox.registered(), ["alexnet", "resnet50", "deepsim-pool5"]);
}

#[test]
fn another_content_than_the_published_one_is_an_error_that_keeps_nothing() {
    let sandbox = Sandbox::new();
    let mut bytes = fs::read(checkpoint("alexnet")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    sandbox.server.put("alexnet.pt", &bytes, "\"x\"");
    sandbox.fetch(&["alexnet"]).unwrap_err();
    assert_eq!((sandbox.left(), sandbox.registered()), (vec![], vec![]));

    sandbox.server.fail(&[Fault::TooLong]);
    sandbox.fetch(&["resnet50"]).unwrap_err();
    assert_eq!((sandbox.left(), sandbox.registered()), (vec![], vec![]));

    sandbox.fetch(&["deepsim-pool5"]).unwrap();
    let mut bytes = fs::read(checkpoint("deepsim-pool5")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::remove_file(sandbox.path("deepsim-pool5.onnx")).unwrap();
    sandbox.server.put("deepsim-pool5.pt", &bytes, "\"y\"");
    sandbox.fetch(&["deepsim-pool5"]).unwrap_err();
    assert_eq!(sandbox.left(), Vec::<String>::new());
}

#[test]
fn what_is_not_there_is_said_at_once_and_the_others_are_fetched() {
    let sandbox = Sandbox::new();
    sandbox.server.fail(&[Fault::Status(404)]);
    let said = sandbox.fetch(&["alexnet", "resnet50"]).unwrap_err();
    assert!(said.contains("not fetched: alexnet") && said.contains("resnet50: registered"), "{said}");
    let said = sandbox.fetch(&["alexnot"]).unwrap_err();
    assert!(said.contains("no published model 'alexnot'; there are deepsim-fc6"), "{said}");
    assert!(sandbox.fetch(&[]).is_err() && sandbox.fetch(&["alexnet", "--all"]).is_err());
}

#[test]
fn a_mirror_is_asked_for_the_published_name() {
    let sandbox = Sandbox::new();
    sandbox.fetch(&["alexnet", "--base-url", &format!("{}/", sandbox.server.address())]).unwrap();
    assert_eq!(sandbox.server.requests(), [("/alexnet.pt".to_owned(), None)]);
}

#[test]
fn a_checkpoint_at_hand_is_converted_and_told_from_the_published_one() {
    let sandbox = Sandbox::new();
    let file = checkpoint("alexnet");
    let said = sandbox.fetch(&["alexnet", "--from", file.to_str().unwrap(), "--size", "224"]).unwrap();
    assert!(!said.contains("not the published"), "{said}");
    let manifest = ModelFolder::new(sandbox.folder.path()).manifest().unwrap();
    assert_eq!(manifest.cnn("alexnet").unwrap().input_size, [224, 224]);
    assert_eq!(sandbox.server.requests(), []);

    let robust = checkpoint("resnet50-robust");
    let said = sandbox.fetch(&["resnet50", "--from", robust.to_str().unwrap()]).unwrap();
    assert!(said.contains("not the published file"), "{said}");
    let said = sandbox.fetch(&["resnet50", "--from", file.to_str().unwrap()]).unwrap_err();
    assert!(said.contains("no tensor 'conv1.weight'"), "{said}");
    let said = sandbox.fetch(&["alexnet", "resnet50", "--from", file.to_str().unwrap()]).unwrap_err();
    assert!(said.contains("the NAME of one model"), "{said}");
}

#[test]
fn the_list_says_what_is_published_and_what_is_here() {
    let sandbox = Sandbox::new();
    sandbox.fetch(&["alexnet"]).unwrap();
    let list = sandbox.fetch(&["--list"]).unwrap();
    assert_eq!(list.matches("[here]").count(), 1, "{list}");
    assert!(list.contains("no SHA-256 published") && list.contains("SHA-256 begins with"), "{list}");
    assert_eq!(Library::published().unwrap().models.len(), 12);
}

#[test]
fn calls_at_once_download_once() {
    let sandbox = Sandbox::new();
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..3).map(|_| scope.spawn(|| sandbox.fetch(&["alexnet", "resnet50"]))).collect();
        for call in calls {
            call.join().unwrap().unwrap();
        }
    });
    assert_eq!(sandbox.ranges().len(), 2);
    let mut registered = sandbox.registered();
    registered.sort();
    assert_eq!(registered, ["alexnet", "resnet50"]);
}

#[test]
fn a_damaged_or_vanished_model_is_fetched_again() {
    let sandbox = Sandbox::new();
    sandbox.fetch(&["alexnet"]).unwrap();
    let file = sandbox.path("alexnet.onnx");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[1..]).unwrap();
    sandbox.fetch(&["alexnet"]).unwrap();
    assert!(fs::read(&file).unwrap() == bytes);
    fs::remove_file(&file).unwrap();
    let gone = sandbox.actmax(&["layers", "alexnet"]).unwrap_err();
    assert!(gone.contains("is gone") && gone.contains("actmax models fetch alexnet"), "{gone}");
    assert!(sandbox.actmax(&["models"]).unwrap().contains("is gone"));
}
