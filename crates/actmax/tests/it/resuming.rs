//! Interrupted, finished and overwritten runs.

use std::fs;

use crate::support::{FILES, SMALL, Sandbox, assert_same_arrays};

/// Leaves of a finished run what a killed process would: so many generations of its journal.
fn interrupt_after(sandbox: &Sandbox, out: &str, generations: usize) {
    let journal = sandbox.path(out).join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let lines: Vec<&str> = text.lines().take(1 + generations).collect();
    let torn = format!("{}\n{{\"generation\":", lines.join("\n"));
    fs::write(&journal, torn).unwrap();
    for file in FILES.iter().filter(|file| **file != "journal.jsonl") {
        fs::remove_file(sandbox.path(out).join(file)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_run_stopped_by_ctrl_c_resumes_bit_for_bit() {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let sandbox = Sandbox::new();
    let run = ["evolve", "--unit", "conv5:12", "--noise", "0.2", "--option", "population_size=12"];
    let run = [&run[..], &["--generations", "60", "--out"]].concat();
    let with = |out| [&run[..], &[out]].concat();

    let mut child = sandbox.command(&with("stopped")).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let journal = sandbox.path("stopped/journal.jsonl");
    let lines = || fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
    while lines() < 4 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let done = sandbox.summary("stopped").run.generations_done;
    assert!((3..60).contains(&done), "{done} generations");
    assert_eq!(sandbox.contents("stopped").keys().collect::<Vec<_>>(), FILES.each_ref());

    let resumed = sandbox.actmax(&["evolve", "--resume", "--out", "stopped"]);
    assert_eq!(resumed.code(), 0, "{}", resumed.stderr());
    assert!(resumed.stderr().contains(&format!("after generation {done} of 60")), "{}", resumed.stderr());
    assert_eq!(sandbox.actmax(&with("undisturbed")).code(), 0);
    assert_same_arrays(&sandbox.evolution("stopped"), &sandbox.evolution("undisturbed"));
    let [stopped, undisturbed] = ["stopped", "undisturbed"].map(|out| sandbox.contents(out));
    for file in ["best.png", "final_mean.png", "progress.png", "trace.svg"] {
        assert!(stopped[file] == undisturbed[file], "{file} differs");
    }
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_at_once_without_a_word() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let sandbox = Sandbox::new();
    let run = ["evolve", "--unit", "fc8:1", "--option", "population_size=400", "--generations", "60", "--out", "run"];
    let mut child = sandbox.command(&run).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let interrupt = || Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success();
    let mut wait_for = |words: &str| assert!(said.any(|line| line.contains(words)), "{words}");
    wait_for("generation 6/60");
    assert!(interrupt());
    wait_for("press Ctrl-C again");
    assert!(interrupt());
    assert_eq!(said.collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!sandbox.path("run/summary.json").exists());
}

#[test]
fn a_killed_run_with_initial_codes_resumes_by_its_folder_alone() {
    let sandbox = Sandbox::new();
    sandbox.evolve("first", &SMALL);
    let run = ["--unit", "fc8:3", "--optimizer", "genetic", "--option", "population_size=8", "--generations", "5"];
    let more = ["--option", "n_conserve=2", "--minimize", "--seed", "3", "--poisson", "2"];
    let run = [&run[..], &more, &["--init", "first/evolution.npz"]].concat();
    sandbox.evolve("whole", &run);
    sandbox.evolve("killed", &run);
    interrupt_after(&sandbox, "killed", 2);
    fs::remove_file(sandbox.path("first/evolution.npz")).unwrap();
    sandbox.evolve("killed", &["--resume"]);
    assert_same_arrays(&sandbox.evolution("killed"), &sandbox.evolution("whole"));
    assert_eq!(sandbox.summary("killed").run.spec, sandbox.summary("whole").run.spec);
}

#[test]
fn resuming_with_the_same_arguments_again_is_fine() {
    let sandbox = Sandbox::new();
    let of_sphere = |name, more: &[&'static str]| [&SMALL[..], &["--optimizer", name], more].concat();
    sandbox.evolve("whole", &of_sphere("sphere-cma", &[]));
    sandbox.evolve("killed", &of_sphere("sphere-cma", &[]));
    interrupt_after(&sandbox, "killed", 1);
    sandbox.evolve("killed", &of_sphere("ZOHA_Sphere_exp", &["--resume", "--noise", "0"]));
    assert_same_arrays(&sandbox.evolution("killed"), &sandbox.evolution("whole"));
}

#[test]
fn resuming_with_other_arguments_is_refused_and_names_them() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    interrupt_after(&sandbox, "run", 2);
    let before = sandbox.contents("run");
    let cases: [(&[&str], &str); 6] = [
        (&["--seed", "8"], "seed (0 recorded, 8 requested)"),
        (&["--unit", "conv5:13"], "objective.units"),
        (&["--option", "population_size=7"], "method.options.population_size (6 recorded, 7 requested)"),
        (&["--optimizer", "genetic"], "method.optimizer"),
        (&["--noise", "0.5"], "noise.kind"),
        (&["--minimize", "--generations", "9"], "generations (4 recorded, 9 requested)"),
    ];
    for (arguments, message) in cases {
        let done = sandbox.actmax(&[&["evolve", "--resume", "--out", "run"], arguments].concat());
        assert_eq!(done.code(), 2, "{}", done.stderr());
        assert!(done.stderr().contains(message), "{message} in {}", done.stderr());
    }
    assert_eq!(sandbox.contents("run"), before);
}

#[test]
fn a_run_of_other_models_is_not_resumed() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    interrupt_after(&sandbox, "run", 2);
    let journal = sandbox.path("run/journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replacen("\"generator_sha256\":\"", "\"generator_sha256\":\"00", 1)).unwrap();
    let done = sandbox.actmax(&["evolve", "--resume", "--out", "run"]);
    assert_eq!(done.code(), 2);
    assert!(done.stderr().contains("objective.generator_sha256"), "{}", done.stderr());
}

#[test]
fn resuming_a_finished_run_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    let before = sandbox.contents("run");
    let done = sandbox.evolve("run", &["--resume"]);
    assert!(done.stdout().contains("finished already"), "{}", done.stdout());
    assert!(sandbox.contents("run") == before);
}

#[test]
fn a_run_killed_while_it_wrote_its_files_gets_them_by_resuming() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    let before = sandbox.evolution("run");
    interrupt_after(&sandbox, "run", 4);
    sandbox.evolve("run", &["--resume"]);
    assert_same_arrays(&sandbox.evolution("run"), &before);
    assert_eq!(sandbox.contents("run").keys().collect::<Vec<_>>(), FILES.each_ref());
}

#[test]
fn a_run_is_replaced_only_if_asked_to() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &SMALL);
    let before = sandbox.contents("run");
    let again = [&["evolve", "--out", "run", "--seed", "1"], &SMALL[..]].concat();
    let refused = sandbox.actmax(&again);
    assert_eq!(refused.code(), 2);
    for way_out in ["already holds a run", "--resume", "--overwrite"] {
        assert!(refused.stderr().contains(way_out), "{}", refused.stderr());
    }
    assert!(sandbox.contents("run") == before);
    let replaced = sandbox.actmax(&[&again[..], &["--overwrite"]].concat());
    assert_eq!(replaced.code(), 0, "{}", replaced.stderr());
    assert_eq!(sandbox.summary("run").run.spec.seed, 1);
}

#[test]
fn there_must_be_something_to_resume() {
    let sandbox = Sandbox::new();
    let done = sandbox.actmax(&["evolve", "--resume", "--out", "nowhere"]);
    assert_eq!(done.code(), 2);
    assert!(done.stderr().contains("nothing to resume"), "{}", done.stderr());
    assert!(!sandbox.path("nowhere").exists());
    let done = sandbox.actmax(&["evolve", "--resume"]);
    assert_eq!(done.code(), 2);
    assert!(done.stderr().contains("--out"), "{}", done.stderr());
}

#[test]
fn deleted_files_of_a_finished_run_come_back() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &[&SMALL[..], &["--noise", "0.2"]].concat());
    let (arrays, spec) = (sandbox.evolution("run"), sandbox.summary("run").run.spec);
    for deleted in FILES.into_iter().filter(|file| *file != "journal.jsonl") {
        let before = sandbox.contents("run");
        fs::remove_file(sandbox.path("run").join(deleted)).unwrap();
        let done = sandbox.evolve("run", &["--resume"]);
        assert!(done.stdout().contains(deleted), "{}", done.stdout());
        let after = sandbox.contents("run");
        assert_eq!(after.keys().collect::<Vec<_>>(), FILES.each_ref());
        // Both of these hold seconds. The summary says that the run is finished: without it all files are written.
        let timed = ["evolution.npz", "summary.json"];
        for (file, bytes) in &before {
            let same = file != deleted && deleted != "summary.json" || !timed.contains(&file.as_str());
            assert!(!same || after[file] == *bytes, "{file} differs after {deleted} was deleted");
        }
        assert_same_arrays(&sandbox.evolution("run"), &arrays);
        assert_eq!(sandbox.summary("run").run.spec, spec);
    }
}

#[test]
fn a_finished_run_is_extended() {
    let sandbox = Sandbox::new();
    let run = ["--unit", "fc8:3", "--optimizer", "genetic", "--option", "population_size=6", "--generations"];
    sandbox.evolve("extended", &[&run[..], &["3"]].concat());
    let done = sandbox.evolve("extended", &["--resume", "--generations", "5"]);
    assert!(done.stderr().contains("after generation 3 of 5"), "{}", done.stderr());
    sandbox.evolve("whole", &[&run[..], &["5"]].concat());
    assert_same_arrays(&sandbox.evolution("extended"), &sandbox.evolution("whole"));
    assert_eq!(sandbox.summary("extended").run.spec, sandbox.summary("whole").run.spec);

    sandbox.evolve("scheduled", &SMALL);
    let refused = sandbox.actmax(&["evolve", "--resume", "--out", "scheduled", "--generations", "9"]);
    assert_eq!(refused.code(), 2);
    assert!(refused.stderr().contains("n_gen") && refused.stderr().contains("4 to 9"), "{}", refused.stderr());
}

#[test]
fn a_run_that_keeps_few_codes_resumes_so() {
    let sandbox = Sandbox::new();
    for (keep, codes) in [("last", Some("last_codes")), ("none", None)] {
        sandbox.evolve(keep, &[&SMALL[..], &["--keep-codes", keep]].concat());
        let stored = sandbox.evolution(keep);
        assert_eq!((stored.codes_all.is_none(), stored.last_codes.is_empty()), (true, codes.is_none()));
        assert!(!sandbox.path(keep).join("progress.png").exists());
        let analysed = sandbox.actmax(&["analyse", keep]);
        let means = if codes.is_some() { "mean codes of 4 generations" } else { "mean codes of 0 generations" };
        assert!(analysed.stderr().contains(means), "{}", analysed.stderr());
        fs::remove_file(sandbox.path(keep).join("evolution.npz")).unwrap();
        sandbox.evolve(keep, &["--resume"]);
        assert_same_arrays(&sandbox.evolution(keep), &stored);
    }
}
