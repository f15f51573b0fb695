//! Wrong usage and failures: what is said, how it exits, and that nothing is left behind.

use std::fs;

use test_needs::Need;

use crate::support::{SMALL, Sandbox, write_npy};

/// Asserts status and message, and that no folder was made.
fn assert_refused(sandbox: &Sandbox, arguments: &[&str], code: i32, messages: &[&str]) {
    let done = sandbox.actmax(arguments);
    assert_eq!(done.code(), code, "{arguments:?}: {}", done.stderr());
    for message in messages {
        assert!(done.stderr().contains(message), "{arguments:?}: {message} in {}", done.stderr());
    }
    assert!(!done.stderr().contains("panicked"), "{}", done.stderr());
    assert_eq!(done.stdout(), "");
    assert!(!sandbox.path("out").exists(), "{arguments:?} left a folder");
}

#[test]
fn wrong_usage_names_the_thing_and_the_way_out() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], &[&str]); 24] = [
        (&[], &["--unit"]),
        (&["--unit", "conv5:64"], &["channel 64", "0 to 63", "actmax layers"]),
        (&["--unit", "conv5:1:8:0"], &["8:0", "rows are 0 to 7", "columns 0 to 7"]),
        (&["--unit", "fc8:1:0:0"], &["fully connected"]),
        (&["--unit", "conv9:1"], &["unknown layer 'conv9'", "did you mean conv"]),
        (&["--unit", "conv5"], &["conv5:CHANNEL"]),
        (&["--unit", "conv5:1=heavy"], &["'heavy'", "finite weight"]),
        (&["--unit", "fc8:1", "--cnn", "alexnot"], &["'alexnot'", "tiny-alexnet", "actmax models"]),
        (&["--unit", "fc8:1", "--cnn", "alexnet"], &["'alexnet'", "`actmax models fetch alexnet`"]),
        (&["--unit", "fc8:1", "--generator", "gan"], &["'gan'", "tiny-deepsim"]),
        (&["--unit", "fc8:1", "--optimizer", "sphere-cmaes"], &["'sphere-cmaes'", "did you mean sphere-cma"]),
        (&["--unit", "fc8:1", "--option", "popsize=3"], &["'popsize'", "population_size", "actmax optimizers"]),
        (&["--unit", "fc8:1", "--option", "phi=fast"], &["phi", "'fast'"]),
        (&["--unit", "fc8:1", "--option", "population_size=0"], &["population_size", "0 is out of range"]),
        (&["--unit", "fc8:1", "--option", "phi"], &["NAME=VALUE"]),
        (&["--unit", "fc8:1", "--generations", "0"], &["1 generation or more"]),
        (&["--unit", "fc8:1", "--evaluations", "39"], &["39 evaluations", "at least 40"]),
        (&["--unit", "fc8:1", "--noise", "-0.1"], &["noise level -0.1", "0 or more"]),
        (&["--unit", "fc8:1", "--noise", "nan"], &["noise level NaN"]),
        (&["--unit", "fc8:1", "--poisson", "-2"], &["Poisson scale -2", "above 0"]),
        (&["--unit", "fc8:1", "--poisson", "1", "--repeats", "0"], &["repeats must be 1 or more"]),
        (&["--unit", "fc8:1", "--threads", "0"], &["--threads", "1 or more"]),
        (&["--unit", "fc8:1", "--norm", "long"], &["--norm", "natural"]),
        (&["--unit", "fc8:1", "--norm", "0"], &["norm", "above 0"]),
    ];
    for (arguments, messages) in cases {
        assert_refused(&sandbox, &[&["evolve", "--out", "out"], arguments].concat(), 2, messages);
    }
    assert_refused(&sandbox, &["layers", "resnet"], 2, &["'resnet'", "tiny-alexnet"]);
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    let sandbox = Sandbox::new();
    let run = [&["evolve", "--out", "out"], &SMALL[..]].concat();
    for contradiction in [
        &["--evaluations", "100"][..],
        &["--noise", "0.1", "--poisson", "1"],
        &["--repeats", "2"],
        &["--resume", "--overwrite"],
    ] {
        assert_refused(&sandbox, &[&run[..], contradiction].concat(), 2, &["error"]);
    }
}

#[test]
fn initial_codes_must_fit() {
    let sandbox = Sandbox::new();
    write_npy(&sandbox.path("short.npy"), [2, 3], &[0.5; 6]);
    write_npy(&sandbox.path("nan.npy"), [1, 4096], &[f32::NAN; 4096]);
    write_npy(&sandbox.path("zero.npy"), [1, 4096], &[0.0; 4096]);
    fs::write(sandbox.path("torn.npy"), b"\x93NUMPY\x01").unwrap();
    for (file, messages) in [
        ("short.npy", &["short.npy have 3 components", "4096 are needed"][..]),
        ("nan.npy", &["nan.npy", "not finite"]),
        ("zero.npy", &["initial code 0 cannot be used"]),
        ("torn.npy", &["torn.npy", "cut off"]),
        ("none.npy", &["there is no file none.npy"]),
        ("codes.mat", &["neither a .npy nor a .npz"]),
        ("short.npy:best", &["short.npy holds no run", "colon"]),
        ("run.npz:lst", &["run.npz:lst is neither", "last, best, recommended, next, all or means"]),
    ] {
        let run = [&["evolve", "--out", "out", "--init", file], &SMALL[..]].concat();
        assert_refused(&sandbox, &run, 2, messages);
    }
}

#[test]
fn a_folder_with_other_things_in_it_is_left_alone() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("taken")).unwrap();
    fs::write(sandbox.path("taken/thesis.tex"), "two years").unwrap();
    fs::write(sandbox.path("file"), "").unwrap();
    for (out, message) in [("taken", "found 'thesis.tex'"), ("file", "is not a folder")] {
        for overwrite in [&[][..], &["--overwrite"]] {
            let run = [&["evolve", "--out", out], &SMALL[..], overwrite].concat();
            assert_refused(&sandbox, &run, 2, &[message, "--out names another folder"]);
        }
    }
    assert_eq!(sandbox.contents("taken").len(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_a_failure() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("file"), "").unwrap();
    let run = [&["evolve", "--out", "file/run"], &SMALL[..]].concat();
    assert_refused(&sandbox, &run, 1, &["cannot create the folder file/run", "hint"]);
}

#[test]
fn a_library_that_is_none_is_a_failure() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("libonnxruntime.so"), "no library").unwrap();
    let run = [&["evolve", "--out", "out"], &SMALL[..]].concat();
    let done = sandbox.command(&run).env("ORT_DYLIB_PATH", sandbox.path("libonnxruntime.so")).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("cannot be used as ONNX Runtime"));
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a_gpu_that_cannot_be_used_is_refused_with_the_way_out() {
    let sandbox = Sandbox::new();
    let evolve = |device| ["evolve", "--out", "out", "--unit", "fc8:1", "--device", device];
    assert_refused(&sandbox, &evolve("gpu"), 2, &["'gpu'", "cuda:N"]);
    if Need::CpuRuntime.or_skip().is_none() {
        return;
    }
    for device in ["cuda", "cuda:1"] {
        let messages =
            ["CUDA cannot be used", "pip install --target DIR", "onnxruntime-gpu[cuda,cudnn]", "ORT_DYLIB_PATH"];
        assert_refused(&sandbox, &evolve(device), 1, &messages);
    }
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    let cases: [&[&str]; 3] = [
        &["--generations", "100000000"],
        &["--option", "population_size=100000000000"],
        &["--optimizer", "genetic", "--option", "population_size=1000000", "--generations", "100000"],
    ];
    for arguments in cases {
        let done = sandbox.actmax(&[&["evolve", "--unit", "conv5:12", "--out", "run"], arguments].concat());
        assert_eq!(done.code(), 2, "{}", done.stderr());
        assert!(done.stderr().contains("population"), "{}", done.stderr());
        assert!(!sandbox.path("run").exists());
    }
    let config = "generations = 5\nrepeats = 1000000000\noptimizers = [\"genetic\"]\n[noise_scores]\ndim = 64\n";
    fs::write(sandbox.path("many.toml"), config).unwrap();
    let done = sandbox.actmax(&["campaign", "run", "many.toml", "--out", "many"]);
    assert_eq!(done.code(), 2, "{}", done.stderr());
    assert!(done.stderr().contains("1000000000 repeats"), "{}", done.stderr());
    assert!(!sandbox.path("many").exists());
}
