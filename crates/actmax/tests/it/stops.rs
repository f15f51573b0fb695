//! Runs that end early, and presentations that count as evaluations.

use experiments::{Noise, Outcome, StopReason, read_codes_named};

use crate::support::{SMALL, Sandbox, assert_same_arrays};

#[test]
fn a_run_stops_at_a_target_and_goes_on_without_it() {
    let sandbox = Sandbox::new();
    sandbox.evolve("whole", &SMALL);
    // The first generation is above this target.
    let done = sandbox.evolve("run", &[&SMALL[..], &["--stop-score", "-1000"]].concat());
    assert!(done.stdout().contains("stopped after      1 of 4 generations: the mean score"), "{}", done.stdout());
    let summary = sandbox.summary("run").run;
    assert_eq!((summary.outcome, summary.generations_done), (Outcome::Stopped, 1));
    assert!(matches!(summary.stopped, Some(StopReason::Score { generation: 0, .. })));

    let again = sandbox.actmax(&["evolve", "--resume", "--out", "run"]);
    assert_eq!(again.code(), 0, "{}", again.stderr());
    assert!(again.stdout().contains("finished already") && again.stdout().contains("--stop-score none"));
    sandbox.evolve("run", &["--resume", "--stop-score", "none"]);
    assert_same_arrays(&sandbox.evolution("run"), &sandbox.evolution("whole"));
    assert_eq!(sandbox.summary("run").run.spec, sandbox.summary("whole").run.spec);
}

#[test]
fn a_run_stops_at_its_time_and_at_a_standstill() {
    let sandbox = Sandbox::new();
    sandbox.evolve("time", &[&SMALL[..], &["--stop-after", "0.001s"]].concat());
    let stopped = sandbox.summary("time").run.stopped;
    assert!(matches!(stopped, Some(StopReason::Time { generation: 0, .. })), "{stopped:?}");
    // Random codes make no progress.
    let random = ["--unit", "fc8:1", "--optimizer", "random-search", "--option", "population_size=4"];
    let random = [&random[..], &["--generations", "60", "--stop-stalled", "5"]].concat();
    sandbox.evolve("random", &random);
    let summary = sandbox.summary("random").run;
    assert!(matches!(summary.stopped, Some(StopReason::Stalled { over: 5, .. })), "{:?}", summary.stopped);
    assert!(summary.generations_done < 40, "{}", summary.generations_done);
}

#[test]
fn presentations_count_as_evaluations() {
    let sandbox = Sandbox::new();
    let run = ["--unit", "fc8:1", "--option", "population_size=6", "--evaluations", "60"];
    let done = sandbox.evolve("noisy", &[&run[..], &["--noise", "0.5", "--reps", "5"]].concat());
    let summary = sandbox.summary("noisy").run;
    assert_eq!((summary.generations_done, summary.spec.reps, summary.spec.presentations()), (2, 5, 5));
    assert!(done.stdout().contains("presentations      60: 12 codes, 5 times each"), "{}", done.stdout());
    // Poisson noise has always counted its presentations itself; the older name of the argument still works.
    sandbox.evolve("counts", &[&run[..], &["--poisson", "2", "--repeats", "5"]].concat());
    let summary = sandbox.summary("counts").run;
    assert_eq!((summary.generations_done, summary.spec.reps), (2, 1));
    assert_eq!(summary.spec.noise, Noise::Poisson { scale: 2.0, repeats: 5 });
    // A resumed run keeps its presentations.
    let genetic = ["--optimizer", "genetic", "--option", "n_conserve=2", "--noise", "0.5", "--reps", "5"];
    sandbox.evolve("longer", &[&run[..], &genetic].concat());
    sandbox.evolve("longer", &["--resume", "--generations", "3"]);
    let summary = sandbox.summary("longer").run;
    assert_eq!((summary.spec.reps, summary.generations_done), (5, 3));
}

#[test]
fn the_last_generation_is_written_under_the_published_names() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &[&SMALL[..], &["--noise", "0.3"]].concat());
    sandbox.evolve("run", &["--resume", "--published-codes"]);
    let file = sandbox.path("run/Evolution_codes_run.npz");
    let run = sandbox.evolution("run");
    let best = read_codes_named(&file, 4096, "best_code").unwrap();
    let last = read_codes_named(&file, 4096, "lastgen_codes").unwrap();
    let top = (0..run.scores_all.len()).max_by(|&a, &b| run.scores_all[a].total_cmp(&run.scores_all[b])).unwrap();
    let codes = run.codes_all.as_ref().unwrap();
    assert_eq!((best.len(), best.code(0)[5] as f32), (1, codes[top * 4096 + 5]));
    let mean = &run.generation_means[3 * 4096..];
    assert!(last.code(0).iter().zip(mean).all(|(a, b)| *a as f32 == *b));
}

#[test]
fn stops_and_repeats_out_of_range_are_refused() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], &str); 9] = [
        (&["--stop-score", "high"], "give a number, or none"),
        (&["--stop-score", "inf"], "the score to stop at is inf"),
        (&["--stop-after", "soon"], "write 90s, 10m, 1h30m"),
        (&["--stop-after", "0s"], "give more than 0"),
        (&["--stop-stalled", "4"], "4 generations are too few"),
        (&["--stop-stalled", "2.5"], "give a number of generations"),
        (&["--reps", "0"], "0 repeats give no score"),
        (&["--reps", "2"], "without noise 2 presentations"),
        (
            &["--evaluations", "59", "--reps", "10", "--noise", "1"],
            "less than one generation of 6 codes, 10 times each; give at least 60",
        ),
    ];
    for (arguments, message) in cases {
        let run = ["evolve", "--out", "run", "--unit", "fc8:1", "--option", "population_size=6"];
        let done = sandbox.actmax(&[&run[..], arguments].concat());
        assert_eq!(done.code(), 2, "{arguments:?}: {}", done.stderr());
        assert!(done.stderr().contains(message), "{message} in {}", done.stderr());
        assert!(!sandbox.path("run").exists());
    }
}
