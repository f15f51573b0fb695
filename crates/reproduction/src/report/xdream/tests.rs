//! The study on short runs of three units.

use std::path::Path;

use clap::Parser;
use gen_models::{Runtime, locate_in};

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: ReportArgs,
}

fn made(campaigns: &Path) -> Files {
    let library = locate_in(&test_needs::cache_folder(), &progress::say).unwrap();
    Runtime::load(&library).unwrap();
    let models = Library::embedded().unwrap();
    let runtime = Runtime::get(&progress::say).unwrap();
    let jobs = NonZero::new(2).unwrap();
    let folders = CampaignFolders { folder: campaigns.to_owned(), library: &models, runtime, jobs };
    let mut analyses = crate::report::preset::Preset::Smoke.analyses();
    (analyses.resamples, analyses.random_codes) = (50, 20);
    let pictures = Pictures::embedded().unwrap();
    let networks = Models { library: &models, runtime };
    let questions = QUESTIONS.iter().collect();
    let mut study = Study { size: Size::Smoke, questions, campaigns: Vec::new(), models: networks, pictures, analyses };
    let Cli { args } = Cli::parse_from(["reproduce", "--study", "xdream", "--preset", "smoke"]);
    for name in CAMPAIGNS {
        let mut grid = campaign(name, &args, &models).unwrap();
        // The design's curves need all its points, at any length.
        grid.arms.iter_mut().for_each(|arm| arm.generations = 2);
        study.run(name, grid, &folders).unwrap();
    }
    study.files().unwrap()
}

#[test]
fn every_question_has_a_figure_a_table_and_claims() {
    let folder = tempfile::tempdir().unwrap();
    let files = made(folder.path());
    let text = |name: &str| {
        let (_, bytes) = files.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"));
        std::str::from_utf8(bytes).unwrap()
    };
    let (page, claims) = (text(PAGE), text("xdream-claims.csv"));
    for Question { name: stem, heading, .. } in &QUESTIONS {
        assert!(page.contains(&format!("id=\"{stem}\"")) && page.contains(heading), "{stem}");
        assert!(text(&format!("{stem}.svg")).starts_with("<svg"));
        assert!(text(&format!("{stem}.csv")).lines().count() > 4, "{stem}");
    }
    // Two optimizers, two starts, the best point; the guide is an arm of the check unless it is the default.
    let advice = claims.lines().filter(|line| line.contains("On new units")).count();
    assert!((5..=6).contains(&advice), "{claims}");
    // Two optimizers beside two kinds of references behind four generators; six of optimizers, of hyperparameters one by one
    // and together, of norms and of pictures to start from; four of repeats, two of generators.
    assert_eq!(claims.lines().count(), 1 + 2 * 2 * 4 + 5 * 6 + 4 + 2 + advice, "{claims}");
    assert!(claims.contains("genetic best of three") && claims.contains("not known"));
    // Three units are enough for a verdict on every claim; one of the design does not respond within two generations.
    let untested = claims.lines().filter(|line| line.contains("not tested"));
    assert!(untested.clone().all(|line| line.contains("Setting it changes the score")), "{claims}");
    assert!(untested.count() <= 6);
    // A setting over itself is 1, in every noise.
    let repeats = text("xdream-repeats.csv");
    let once: Vec<&str> = repeats.lines().filter(|line| line.contains(",1,")).collect();
    assert_eq!(once.len(), 4 * 2);
    assert!(once.iter().all(|line| line.ends_with("\"1.00 [1.00, 1.00]\"")), "{repeats}");
    // Made again from the stored runs, everything is the same.
    let again = made(folder.path());
    assert!(files.iter().zip(&again).all(|(a, b)| a == b));
}

fn refused(arguments: &[&str]) -> String {
    let cli = Cli::try_parse_from([&["reproduce"], arguments].concat()).unwrap();
    super::super::run(&cli.args, &Library::embedded().unwrap(), &mut Vec::new()).unwrap_err().to_string()
}

#[test]
fn what_a_study_does_not_have_is_refused() {
    assert!(refused(&["--study", "xdream", "--figure", "norms"]).contains("other study"));
    assert!(refused(&["--study", "xdream", "--published", "folder"]).contains("leave --published out"));
    assert!(refused(&["--figure", "xdream-check"]).contains("--study xdream"));
    assert!(refused(&["--registered"]).contains("--study xdream"));
    assert!(refused(&["--references", "folder"]).contains("--study xdream"));
}

#[test]
fn the_sections_are_listed() {
    let cli = Cli::try_parse_from(["reproduce", "--study", "xdream", "--figure", "list"]).unwrap();
    let mut out = Vec::new();
    make(&cli.args, &Library::embedded().unwrap(), &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.lines().count(), QUESTIONS.len());
    assert!(names().all(|name| out.contains(name)));
}
