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
    let grid = |name: &str| {
        let mut grid = campaign(name, Size::Smoke, &models, None).unwrap();
        // The design's curves need all its points, at any length.
        grid.arms.iter_mut().for_each(|arm| arm.generations = 2);
        grid
    };
    let with_runs = |name: &'static str, grid: Campaign| {
        let config = networks::Preset::find(name).unwrap().config(Size::Smoke).unwrap();
        let stored = folders.stored(&grid, campaign_starts(&config, &grid, &models).unwrap()).unwrap();
        (name, grid, stored)
    };
    let campaigns = CAMPAIGNS.into_iter().chain([GENERATORS.0]).map(|name| with_runs(name, grid(name))).collect();
    let mut analyses = crate::report::preset::Preset::Smoke.analyses();
    (analyses.resamples, analyses.random_codes) = (50, 20);
    let pictures = Pictures::embedded().unwrap();
    let networks = Models { library: &models, runtime };
    let mut study = Study { size: Size::Smoke, campaigns, models: networks, pictures, analyses };
    let check = study.with_advice(grid(CHECK.0)).unwrap();
    study.campaigns.push(with_runs(CHECK.0, check));
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
    let questions = QUESTIONS.iter().map(|(stem, heading, ..)| (*stem, *heading));
    for (stem, heading) in questions.chain([REFERENCES, DESIGN, GENERATORS, CHECK]) {
        assert!(page.contains(&format!("id=\"{stem}\"")) && page.contains(heading), "{stem}");
        assert!(text(&format!("{stem}.svg")).starts_with("<svg"));
        assert!(text(&format!("{stem}.csv")).lines().count() > 4, "{stem}");
    }
    // The guide is an arm of the check unless it is the default.
    let advice = claims.lines().filter(|line| line.contains("On new units")).count();
    assert!((3..=4).contains(&advice), "{claims}");
    // Two optimizers beside two kinds of references behind four generators; six of optimizers, of hyperparameters one by one
    // and together, of norms and of pictures to start from; four of repeats, two of generators.
    assert_eq!(claims.lines().count(), 1 + 2 * 2 * 4 + 5 * 6 + 4 + 2 + advice, "{claims}");
    assert!(claims.contains("genetic best of three") && claims.contains("number not known to us"));
    // Three units are enough for a verdict on every claim.
    assert!(!claims.contains("not tested"), "{claims}");
    // A setting over itself is 1, in every noise.
    let repeats = text("xdream-repeats.csv");
    let once: Vec<&str> = repeats.lines().filter(|line| line.contains(",1,")).collect();
    assert_eq!(once.len(), 4 * 2);
    assert!(once.iter().all(|line| line.ends_with("\"1.00 [1.00, 1.00]\"")), "{repeats}");
    // Made again from the stored runs, everything is the same.
    let again = made(folder.path());
    assert!(files.iter().zip(&again).all(|(a, b)| a == b));
}

#[test]
fn what_the_study_does_not_have_is_refused() {
    let cli = Cli::try_parse_from(["reproduce", "--study", "xdream", "--figure", "norms"]).unwrap();
    let error = make(&cli.args, &Library::embedded().unwrap(), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("leave --figure and --published out"), "{error}");
}
