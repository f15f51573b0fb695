//! The live page in a browser, over a session that a pretend rig answers.

use std::fs;
use std::process::Command;

use test_needs::Need;

use crate::support::Sandbox;

const CONFIG: &str = "
[[thread]]
name = 'it'
generator = 'tiny-deepsim'
optimizer = 'sphere-cma'
options = { population_size = 20 }
generations = 20
[[thread]]
name = 'v4'
generator = 'tiny-deepsim'
optimizer = 'polar-es'
options = { population_size = 20 }
generations = 20
[references]
folders = ['refs']
";

const CAMPAIGN: &str = "
generations = 4
repeats = 2
noise = [0.0, 0.5]
optimizers = ['genetic', 'sphere-cma']
[[network]]
generator = 'tiny-deepsim'
cnn = 'tiny-alexnet'
units = ['fc8:1']
";

#[test]
fn an_experimenter_watches_and_steers_a_session_in_a_browser() {
    let Some(python) = Need::Browser.or_skip() else { return };
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("session.toml"), CONFIG).unwrap();
    fs::write(sandbox.path("campaign.toml"), CAMPAIGN).unwrap();
    fs::create_dir(sandbox.path("refs")).unwrap();
    image::RgbImage::from_pixel(64, 64, image::Rgb([90, 120, 200])).save(sandbox.path("refs/blue <b>.png")).unwrap();
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/live.py")).arg(env!("CARGO_BIN_EXE_actmax"));
    command.arg(sandbox.path("")).arg(test_needs::target_folder().join("live-screenshots"));
    sandbox.enclose(&mut command);
    let done = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{stdout}{stderr}");
}

#[test]
fn what_holds_neither_a_run_nor_a_session_is_refused() {
    let sandbox = Sandbox::new();
    let done = sandbox.actmax(&["view", "."]);
    assert_eq!(done.code(), 2);
    assert!(
        done.stderr()
            .contains("neither a session (session.jsonl), nor a run (journal.jsonl), nor a campaign (campaign.json)"),
        "{}",
        done.stderr()
    );
}
