//! `evolve` from beginning to end.

use std::fs;

use experiments::{Goal, Outcome};

use crate::support::{FILES, SMALL, Sandbox, write_npy};

#[test]
fn a_run_writes_all_its_files() {
    let sandbox = Sandbox::new();
    let done = sandbox.evolve("run", &[&SMALL[..], &["--noise", "0.2", "--seed", "7"]].concat());
    assert_eq!(sandbox.contents("run").keys().collect::<Vec<_>>(), FILES.each_ref());

    let stored = sandbox.evolution("run");
    assert_eq!((stored.dim, stored.scores_all.len()), (4096, 4 * 6));
    assert_ne!(stored.scores_all, stored.cleanscores_all);

    let summary = sandbox.summary("run");
    let best = summary.run.best_clean.unwrap();
    let highest = stored.cleanscores_all.iter().copied().fold(f64::NAN, f64::max);
    assert_eq!((best.score.0, stored.cleanscores_all[best.evaluation]), (highest, highest));
    assert_eq!((summary.run.outcome, summary.run.evaluations), (Outcome::Finished, 24));
    assert!(summary.run.final_mean_score.unwrap().0.is_finite());
    let onnx = summary.onnx_seconds;
    assert!(0.0 < onnx.session && onnx.session <= onnx.evaluate && onnx.evaluate <= onnx.total);
    assert!(summary.run.provenance.versions.contains_key("onnxruntime"));

    for text in ["best clean score", "best noisy score", "final mean", "24 in", "trace.svg"] {
        assert!(done.stdout().contains(text), "{text} in {}", done.stdout());
    }
    assert!(done.stderr().contains("generation 4/4: best"), "{}", done.stderr());
}

#[test]
fn pictures_and_figure_show_the_run() {
    let sandbox = Sandbox::new();
    let done = sandbox.evolve("run", &SMALL);
    assert!(!done.stdout().contains("noisy"), "{}", done.stdout());
    let open = |name: &str| image::open(sandbox.path("run").join(name)).unwrap().to_rgb8();
    for name in ["best.png", "final_mean.png"] {
        let image = open(name);
        assert_eq!(image.dimensions(), (256, 256));
        assert!(image.pixels().any(|pixel| pixel != image.get_pixel(0, 0)), "{name} is of one colour");
    }
    assert_ne!(open("best.png"), open("final_mean.png"));
    assert!(open("progress.png").width() > 4 * 100);
    let trace = fs::read_to_string(sandbox.path("run/trace.svg")).unwrap();
    assert!(analysis::png::render(&trace, 1.0).is_ok());
    assert!(!trace.contains("noisy"), "a run without noise has no noisy scores");
}

#[test]
fn the_same_arguments_give_the_same_run_whatever_the_folder() {
    let sandbox = Sandbox::new();
    let generations = ["--unit", "fc8:3", "--option", "population_size=6", "--evaluations", "23"];
    sandbox.evolve("a", &generations);
    sandbox.evolve("b", &generations);
    let (a, b) = (sandbox.evolution("a"), sandbox.evolution("b"));
    assert_eq!(a.mean_norms.len(), 3);
    crate::support::assert_same_arrays(&a, &b);
}

#[test]
fn the_folder_has_a_default_that_is_announced() {
    let sandbox = Sandbox::new();
    let done = sandbox.actmax(&[&["evolve"], &SMALL[..]].concat());
    assert_eq!(done.code(), 0, "{}", done.stderr());
    assert!(done.stderr().contains("into runs/conv5-12-polar-es-savage-0"), "{}", done.stderr());
    assert_eq!(sandbox.evolution("runs/conv5-12-polar-es-savage-0").mean_norms.len(), 4);
}

#[test]
fn quiet_says_nothing() {
    let done = Sandbox::new().evolve("run", &[&SMALL[..], &["--quiet"]].concat());
    assert_eq!((done.stdout(), done.stderr()), (String::new(), String::new()));
}

#[test]
fn a_mixture_scores_the_weighted_sum() {
    let sandbox = Sandbox::new();
    let start: Vec<f32> = (0..2 * 4096).map(|i| ((i % 97) as f32 - 48.0) / 20.0).collect();
    write_npy(&sandbox.path("start.npy"), [2, 4096], &start);
    let score = |out: &str, units: &[&str]| {
        let units = units.iter().flat_map(|unit| ["--unit", unit]);
        let common = ["--optimizer", "genetic", "--generations", "1", "--init", "start.npy"];
        sandbox.evolve(out, &units.chain(common).collect::<Vec<_>>());
        sandbox.evolution(out).cleanscores_all
    };
    let (a, b) = (score("a", &["conv5:13"]), score("b", &["fc8:3"]));
    let mixed = score("mixed", &["conv5:13=0.7", "fc8:3=-0.3"]);
    assert!(a[0] != a[1] && b[0] != b[1]);
    for i in 0..2 {
        let expected = 0.7 * a[i] - 0.3 * b[i];
        assert!((mixed[i] - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{} and {expected}", mixed[i]);
    }
}

#[test]
fn a_run_starts_from_the_codes_of_another() {
    let sandbox = Sandbox::new();
    sandbox.evolve("first", &SMALL);
    let first = sandbox.evolution("first");
    let all = first.codes_all.as_ref().unwrap();
    let next = ["--unit", "conv5:12", "--optimizer", "genetic", "--generations", "1", "--option", "population_size=6"];
    let started = |out: &str, init: &str| {
        let said = sandbox.evolve(out, &[&next[..], &["--init", init]].concat()).stderr();
        assert!(sandbox.summary(out).run.spec.initial_codes_sha256.is_some());
        (sandbox.evolution(out).codes_all.unwrap(), said)
    };
    let (codes, said) = started("last", "first/evolution.npz");
    assert_eq!(codes, all[18 * 4096..]);
    assert!(said.contains("starts from 6 codes (the last generation) of first/evolution.npz"), "{said}");
    assert!(!said.contains("warning"), "{said}");
    let (codes, said) = started("best", "first:best");
    assert_eq!(Some(codes), first.best_code);
    assert!(said.contains("starts from 1 code (the code with the best clean score)"), "{said}");
    let (codes, said) = started("all", "first/evolution.npz:all");
    assert_eq!(&codes, all);
    assert!(said.contains("the first generation has 24 codes") && said.contains("the population is 6"), "{said}");
    assert_eq!(sandbox.summary("all").warnings.len(), 1);
}

#[test]
fn zero_codes_are_dropped_where_they_have_no_use() {
    let sandbox = Sandbox::new();
    let codes: Vec<f32> = (0..3 * 4096).map(|i| if i < 4096 { 0.0 } else { (i % 97) as f32 - 48.0 }).collect();
    write_npy(&sandbox.path("codes.npy"), [3, 4096], &codes);
    let started = |optimizer: &str| {
        let run = ["--unit", "fc8:3", "--optimizer", optimizer, "--generations", "1", "--init", "codes.npy"];
        let said = sandbox.evolve(optimizer, &run).stderr();
        (sandbox.evolution(optimizer).cleanscores_all.len(), said)
    };
    let (codes, said) = started("sphere-cma");
    assert!(codes == 2 && said.contains("dropped 1 code of zeros"), "{codes} {said}");
    let (codes, said) = started("cholesky-cmaes");
    assert!(codes == 3 && !said.contains("dropped"), "{codes} {said}");
    // The folder holds the codes that were used.
    sandbox.evolve("sphere-cma", &["--resume"]);
}

#[test]
fn the_norm_sets_the_scale_of_any_method() {
    let sandbox = Sandbox::new();
    let small = ["--unit", "fc8:3", "--generations", "2", "--option", "population_size=5"];
    for (out, optimizer, norm, expected) in
        [("a", "sphere-cma", "natural", 125.0), ("b", "genetic", "40", 40.0), ("c", "sphere-cma", "1000", 1000.0)]
    {
        let said = sandbox.evolve(out, &[&small[..], &["--optimizer", optimizer, "--norm", norm]].concat()).stderr();
        let norm = sandbox.evolution(out).mean_norms[0];
        assert!((norm / expected - 1.0).abs() < 0.05, "{optimizer}: {norm}");
        assert_eq!(said.contains("warning: codes start with norm 1000.0, 8.0 times"), expected == 1000.0, "{said}");
        assert!(said.contains("times the natural norm of the generator, 125.0"), "{said}");
        assert!(sandbox.evolve(out, &["--resume"]).stdout().contains("finished already"));
    }
    let plain = sandbox.evolve("d", &small).stderr();
    assert!(plain.contains("codes start with norm 300.0, 2.4 times"), "{plain}");
}

#[test]
fn minimizing_lowers_the_score() {
    let sandbox = Sandbox::new();
    let run = ["--unit", "fc8:3", "--minimize", "--option", "population_size=10", "--generations", "10"];
    sandbox.evolve("run", &run);
    let (stored, summary) = (sandbox.evolution("run"), sandbox.summary("run"));
    let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
    let (first, last) = (mean(&stored.cleanscores_all[..10]), mean(&stored.cleanscores_all[98..]));
    assert!(last < first - 1.0, "{first} to {last}");
    let lowest = stored.cleanscores_all.iter().copied().fold(f64::NAN, f64::min);
    assert_eq!((summary.run.spec.goal, summary.run.best_clean.unwrap().score.0), (Goal::Minimize, lowest));
}

#[test]
fn a_unit_that_never_responds_is_warned_of_once() {
    let sandbox = Sandbox::new();
    let run = ["--unit", "conv5:12=0", "--option", "population_size=5", "--generations", "8"];
    let done = sandbox.evolve("run", &run);
    assert_eq!(done.stderr().matches("the unit does not respond").count(), 1, "{}", done.stderr());
    assert!(done.stdout().contains("the unit does not respond"), "{}", done.stdout());
    assert_eq!(sandbox.summary("run").warnings.len(), 1);
}

#[test]
fn poisson_noise_counts_spikes() {
    let sandbox = Sandbox::new();
    sandbox.evolve("run", &[&SMALL[..], &["--poisson", "2", "--repeats", "4"]].concat());
    let stored = sandbox.evolution("run");
    assert!(stored.scores_all.iter().all(|score| (score * 8.0).fract() == 0.0), "{:?}", stored.scores_all);
    assert_ne!(stored.scores_all, stored.cleanscores_all);
}
