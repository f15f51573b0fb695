//! The whole errand on short campaigns of one or two units.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use clap::Parser;
use gen_models::{Runtime, locate_in};

use super::*;

/// Generations of a run: enough for a cosine fit.
const GENERATIONS: u32 = 7;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: ReportArgs,
}

/// The smoke campaigns, shortened; round 2 with one unit.
fn tiny(campaigns: &Path, names: &[&str], workers: usize) -> Request {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let outputs = chosen(&names);
    let cli = Cli::try_parse_from(["reproduce", "--preset", "smoke"]).unwrap();
    let mut grids = grids(&cli.args, &outputs, &Library::embedded().unwrap()).unwrap();
    for (_, campaign) in &mut grids {
        campaign.arms.iter_mut().for_each(|arm| arm.generations = GENERATIONS);
        campaign.units.truncate(1);
        campaign.noise.truncate(1);
        campaign.repeats = 1;
    }
    let analyses = Analyses {
        metric_directions: Some(12),
        hessian_units: 1,
        hessian_directions: 2,
        images_compared: 2,
        shuffles: 2,
        resamples: 50,
        ..Preset::Smoke.analyses()
    };
    let preset = Preset::Smoke;
    Request { preset, analyses, outputs, grids, campaigns: campaigns.to_owned(), published_from: None, workers }
}

fn files(request: &Request) -> Files {
    // The library that is loaded first is the library of the process: not one of the user's cache.
    let library = locate_in(&test_needs::cache_folder(), &progress::say).unwrap();
    Runtime::load(&library).unwrap();
    request.files(&Library::embedded().unwrap(), PublishedMeans::embedded().unwrap()).unwrap()
}

fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    let (_, bytes) = files.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"));
    std::str::from_utf8(bytes).unwrap()
}

/// Files whose content depends on how long a run took.
fn timed(name: &str) -> bool {
    name.contains("runtime") || name == REPORT
}

#[test]
fn everything_is_made_and_one_worker_and_two_make_the_same() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let one = files(&tiny(folders[0].path(), &[], 1));
    let two = files(&tiny(folders[1].path(), &[], 2));
    assert_eq!(one.len(), two.len());
    for (a, b) in one.iter().zip(&two) {
        assert_eq!(a.0, b.0);
        assert!(timed(&a.0) || a.1 == b.1, "{} differs", a.0);
    }
    let report = text(&one, REPORT);
    let names: HashSet<&str> = one.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), one.len(), "two files of one name");
    for output in OUTPUTS {
        assert!(report.contains(&format!("id=\"{}\"", output.name)), "{}", output.name);
        let table_only = ["convergence", "anova", "drift-claims"].contains(&output.name);
        assert!(table_only || names.contains(format!("{}.svg", output.name).as_str()), "{}", output.name);
    }
    let linked = |name: &&str| report.contains(&format!("href=\"{name}\""));
    assert_eq!(names.iter().filter(|name| **name != REPORT && !linked(name)).count(), 0, "a file without a link");
    let mut claims = ::csv::Reader::from_reader(text(&one, "claims.csv").as_bytes());
    let claims: Vec<::csv::StringRecord> = claims.records().map(Result::unwrap).collect();
    assert!(claims.len() > 20, "{}", claims.len());
    let known = ["holds", "does not hold", "undecided", "not tested"];
    for claim in &claims {
        assert!(known.contains(&&claim[8]) && !claim[9].is_empty(), "{claim:?}");
    }
    let untested = claims.iter().filter(|claim| &claim[8] == "not tested");
    assert!(untested.clone().count() > 5 && untested.clone().all(|claim| claim[9].len() > 20));
    let names: Vec<&str> = claims.iter().map(|claim| &claim[0]).collect();
    for words in ["above RandomSearch (round 1)", "first generation that has a base point", "CMA above Genetic"] {
        assert!(names.iter().any(|name| name.contains(words)), "{words} is missing in {names:?}");
    }
    assert!(report.contains("restricted to 12 random directions of N = 4096"));
    // One unit and one repeat decide nothing over units.
    assert!(claims.iter().filter(|claim| claim[0].contains("above Genetic")).all(|claim| &claim[8] == "not tested"));
}

/// Samples of SphereCMA are at the angles of its schedule: 41 of them in 4096 dimensions give it to a tenth of a degree.
#[test]
fn measured_angles_follow_the_schedule() {
    let folder = tempfile::tempdir().unwrap();
    let made = files(&tiny(folder.path(), &["schedules"], 2));
    let mut table = ::csv::Reader::from_reader(text(&made, "schedules.csv").as_bytes());
    let rows: Vec<::csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2, "first and last generation");
    for row in rows {
        let (schedule, measured): (f64, f64) =
            (row[1].parse().unwrap(), row[2].split(' ').next().unwrap().parse().unwrap());
        assert!((schedule - measured).abs() < 0.3, "{row:?}");
    }
}

#[test]
fn a_second_call_and_another_figure_run_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = files(&tiny(folder.path(), &["norms", "ga-against-cma"], 2));
    let made = modified(folder.path());
    assert!(made.len() > 10);
    let again = files(&tiny(folder.path(), &["ga-against-cma"], 2));
    assert_eq!(modified(folder.path()), made);
    assert_eq!(text(&first, "ga-against-cma.svg"), text(&again, "ga-against-cma.svg"));
    let names: Vec<&str> = again.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["ga-against-cma.svg", "ga-against-cma.png", "results.csv", "claims.csv", REPORT]);
}

/// Every run's file with the time of its last change.
fn modified(folder: &Path) -> Vec<(String, std::time::SystemTime)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "npz") {
                found.push((path.display().to_string(), entry.metadata().unwrap().modified().unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn figures_run_only_the_campaigns_that_they_need() {
    let needs = |name: &str| {
        let cli = Cli::try_parse_from(["reproduce", "--figure", name]).unwrap();
        let grids = grids(&cli.args, &chosen(&cli.args.figures), &Library::embedded().unwrap()).unwrap();
        grids.into_iter().map(|(grid, _)| grid.name()).collect::<Vec<_>>()
    };
    assert_eq!(needs("drift-claims"), ["noise-control"]);
    assert_eq!(needs("covariance"), ["covariance"]);
    assert_eq!(needs("norms"), ["noise-control", "round2"]);
}

#[test]
fn an_unknown_figure_is_wrong_usage_and_the_known_ones_are_named() {
    let Err(error) = Cli::try_parse_from(["reproduce", "--figure", "nope"]) else { panic!("it was taken") };
    assert_eq!(error.exit_code(), 2);
    let message = error.to_string();
    for output in OUTPUTS {
        assert!(message.contains(output.name), "{message}");
    }
}

#[test]
fn outputs_are_chosen_by_name_in_the_order_of_the_report() {
    let cli = Cli::try_parse_from(["reproduce", "--figure", "sphere", "--figure", "norms"]).unwrap();
    let names: Vec<&str> = chosen(&cli.args.figures).iter().map(|output| output.name).collect();
    assert_eq!(names, ["norms", "sphere"]);
    assert_eq!(chosen(&[]).len(), OUTPUTS.len());
    let names: HashSet<&str> = OUTPUTS.iter().map(|output| output.name).collect();
    assert_eq!(names.len(), OUTPUTS.len());
    assert!(Cli::try_parse_from(["reproduce", "--jobs", "0"]).is_err());
}

#[test]
fn the_full_preset_names_what_is_missing_and_writes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("figures");
    let models = out.path().join("models");
    let line = ["reproduce", "--preset", "full", "--out", folder.to_str().unwrap()];
    let cli = Cli::try_parse_from(line).unwrap();
    let library = Library::open(Some(&models)).unwrap();
    let message = format!("{:#}", make(&cli.args, &library, &mut Vec::new()).unwrap_err());
    assert!(message.contains("actmax models fetch deepsim-fc6 alexnet resnet50"), "{message}");
    assert!(!folder.exists());
}

#[test]
fn an_output_folder_that_cannot_be_made_is_named() {
    let out = tempfile::NamedTempFile::new().unwrap();
    let folder = out.path().join("figures");
    let cli = Cli::try_parse_from(["reproduce", "--out", folder.to_str().unwrap()]).unwrap();
    let message = format!("{:#}", make(&cli.args, &Library::embedded().unwrap(), &mut Vec::new()).unwrap_err());
    assert!(message.contains(folder.to_str().unwrap()), "{message}");
}

#[test]
fn a_folder_of_another_campaign_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let request = tiny(folder.path(), &["covariance"], 2);
    files(&request);
    let mut other = tiny(folder.path(), &["covariance"], 2);
    other.grids[0].1.seed += 1;
    let error = other.files(&Library::embedded().unwrap(), PublishedMeans::embedded().unwrap()).unwrap_err();
    let message = format!("{error:#}");
    assert!(message.contains("--campaigns") && message.contains("seed"), "{message}");
}

#[test]
fn a_failed_job_fails_the_whole_and_stops_the_rest() {
    let pool = parallel::pool(2).unwrap();
    let jobs: Vec<usize> = (0..100).collect();
    let done = parallel::map(&pool, &jobs, || (), |(), job| Ok(job * 2)).unwrap();
    assert_eq!(done, (0..200).step_by(2).collect::<Vec<usize>>());
    let failed = parallel::map(&pool, &jobs, || (), |(), job| if *job == 3 { anyhow::bail!("job 3") } else { Ok(()) });
    assert_eq!(failed.unwrap_err().to_string(), "job 3");
}
