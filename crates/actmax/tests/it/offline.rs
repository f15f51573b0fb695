//! Nothing leaves the machine.

use std::fs;
use std::process::Command;

use test_needs::Need;

use crate::support::Sandbox;

/// ONNX Runtime's telemetry shows after some seconds of a run.
const LONG: [&str; 7] = ["evolve", "--unit", "conv1:0", "--generations", "400", "--out", "run"];

/// The program with an empty home, and ONNX Runtime's library from where the tests keep it.
fn in_an_empty_home(sandbox: &Sandbox, command: &mut Command) {
    let library = gen_models::locate_in(&test_needs::cache_folder(), &|message| eprintln!("{message}")).unwrap();
    fs::create_dir(sandbox.path("home")).unwrap();
    command.env_clear().env("HOME", sandbox.path("home")).env("ORT_DYLIB_PATH", library);
}

#[test]
fn a_run_of_some_seconds_leaves_nothing_in_an_empty_home_and_calls_nobody() {
    let sandbox = Sandbox::new();
    let mut plain = sandbox.command(&LONG);
    let strace = Need::Strace.or_skip();
    let mut command = match &strace {
        Some(strace) => {
            let mut command = Command::new(strace);
            command.args(["-f", "-qq", "-e", "trace=connect,sendto", "-o", "calls"]).arg(plain.get_program());
            command.args(plain.get_args()).current_dir(sandbox.path("."));
            command
        }
        None => {
            plain.arg("--quiet");
            plain
        }
    };
    in_an_empty_home(&sandbox, &mut command);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let left: Vec<_> = fs::read_dir(sandbox.path("home")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
    if strace.is_some() {
        let calls = fs::read_to_string(sandbox.path("calls")).unwrap();
        assert_eq!(calls, "", "calls of the network");
    }
}
