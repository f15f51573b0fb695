//! The whole errand on a grid of five short runs.

use std::collections::HashSet;

use analysis::report::Verdict;
use clap::Parser;

use super::preset::UnitRule;
use super::*;

fn tiny() -> Settings {
    Settings {
        name: "tiny",
        layers: &["conv2"],
        units: UnitRule::Live(1),
        noise_levels: &[0.0],
        evaluations: 200,
        drift_seeds: 2,
        control_seeds: 1,
        ..Preset::Smoke.settings()
    }
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: ReproduceArgs,
}

fn names(files: &Files) -> Vec<&str> {
    files.iter().map(|(name, _)| name.as_str()).collect()
}

fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    let (_, bytes) = files.iter().find(|(known, _)| known == name).unwrap();
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn one_worker_and_two_make_the_same_files() {
    let one = reproduce(&tiny(), &Output::ALL, 5, 1).unwrap();
    let two = reproduce(&tiny(), &Output::ALL, 5, 2).unwrap();
    assert_eq!(names(&one), names(&two));
    for (a, b) in one.iter().zip(&two) {
        assert_eq!(a, b, "{}", a.0);
    }
    let results = text(&one, "results.csv");
    let rows: Vec<Vec<&str>> = results.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), OPTIMIZERS.len());
    assert!(rows.is_sorted());
    for row in &rows {
        assert!(row[6] == row[7], "without noise both bests are one: {row:?}");
        assert!(row[6].parse::<f64>().unwrap() > 0.0, "{row:?}");
    }
    // Of five generations: 1 + 4 * 40, 5 * 40 twice, 40 + 4 * 41 twice.
    let evaluations: Vec<&str> = rows.iter().map(|row| row[10]).collect();
    assert_eq!(evaluations, ["161", "200", "200", "204", "204"]);
    let report = text(&one, "report.html");
    for output in Output::ALL {
        assert!(report.contains(&format!("id=\"{}\"", output.name())), "{}", output.name());
    }
}

#[test]
fn a_figure_alone_has_the_results_that_it_has_among_others() {
    let montage = reproduce(&tiny(), &[Output::Montage], 5, 2).unwrap();
    assert_eq!(names(&montage), ["montage.svg", "montage.png", "results.csv", "report.html"]);
    let projections = reproduce(&tiny(), &[Output::Projections], 5, 2).unwrap();
    let all: HashSet<&str> = text(&montage, "results.csv").lines().collect();
    let some: Vec<&str> = text(&projections, "results.csv").lines().collect();
    assert_eq!(some.len(), 1 + grid::PROJECTED.len());
    assert!(some.iter().all(|line| all.contains(line)), "{some:?}");
}

#[test]
fn drift_claims_need_no_network_and_hold() {
    let (pool, settings) = (parallel::pool(2).unwrap(), Settings { drift_seeds: 4, ..tiny() });
    let driven = NoiseDriven::run(&settings, &[Output::DriftClaims], 5, 5, &pool).unwrap();
    assert!(driven.controls.is_empty());
    let rows = claims::rows(&driven.published).unwrap();
    assert_eq!(rows.len(), 8);
    for row in &rows {
        assert_eq!(row.verdict, Verdict::Holds, "{row:?}");
    }
}

#[test]
fn an_unknown_figure_is_wrong_usage_and_the_known_ones_are_named() {
    let Err(error) = Cli::try_parse_from(["reproduce-figures", "--figure", "nope"]) else { panic!("it was taken") };
    assert_eq!(error.exit_code(), 2);
    let message = error.to_string();
    for output in Output::ALL {
        assert!(message.contains(output.name()), "{message}");
    }
}

#[test]
fn outputs_are_chosen_by_name_in_the_order_of_the_report() {
    let cli = Cli::try_parse_from(["reproduce-figures", "--figure", "norms", "--figure", "montage"]).unwrap();
    assert_eq!(chosen(&cli.args.figures), [Output::Montage, Output::Norms]);
    assert_eq!(chosen(&[]), Output::ALL);
    assert!(Cli::try_parse_from(["reproduce-figures", "--jobs", "0"]).is_err());
}

#[test]
fn the_full_preset_names_what_is_missing_and_writes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("figures");
    let models = out.path().join("models");
    let paths = ["--out", folder.to_str().unwrap(), "--models", models.to_str().unwrap()];
    let cli = Cli::try_parse_from([&["reproduce-figures", "--preset", "full"][..], &paths].concat()).unwrap();
    let message = format!("{:#}", run(&cli.args).unwrap_err());
    assert!(message.contains("fetch-models deepsim-fc6 alexnet") && message.contains("5250 runs"), "{message}");
    assert!(!folder.exists());
}

#[test]
fn an_output_folder_that_cannot_be_made_is_named() {
    let out = tempfile::NamedTempFile::new().unwrap();
    let folder = out.path().join("figures");
    let cli = Cli::try_parse_from(["reproduce-figures", "--out", folder.to_str().unwrap()]).unwrap();
    let message = format!("{:#}", run(&cli.args).unwrap_err());
    assert!(message.contains(folder.to_str().unwrap()), "{message}");
}

#[test]
fn every_run_has_a_seed_of_its_own() {
    let mut seeds = HashSet::new();
    for base in [1, 2] {
        for optimizer in OPTIMIZERS {
            for unit in ["fc8:0", "fc8:1"] {
                for noise in [0.0, 0.2] {
                    for repeat in 0..3 {
                        assert!(seeds.insert(grid::run_seed(base, optimizer, unit, noise, repeat)));
                    }
                }
            }
        }
    }
}

#[test]
fn a_failed_job_fails_the_whole_and_stops_the_rest() {
    let pool = parallel::pool(2).unwrap();
    let jobs: Vec<usize> = (0..100).collect();
    let done = parallel::map(&pool, &jobs, || (), |(), job| Ok(job * 2)).unwrap();
    assert_eq!(done, (0..200).step_by(2).collect::<Vec<usize>>());
    let failed = parallel::map(&pool, &jobs, || (), |(), job| if *job == 3 { bail!("job 3") } else { Ok(()) });
    assert_eq!(failed.unwrap_err().to_string(), "job 3");
}
