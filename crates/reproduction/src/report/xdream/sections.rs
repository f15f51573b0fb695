//! The questions of the study, each with its figure, table and claims.

use analysis::figure::Estimate;
use analysis::figure::scores_by_optimizer::{ScoreGroup, ScoresByOptimizer};
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use anyhow::Result;

use super::super::claims::{Side, Statement, over_units};
use super::super::study::{Content, NamedTable};
use super::results::{Results, SHARES};

/// XDream's genetic algorithm with the settings of its examples: what everything is compared with.
pub(super) const DEFAULT: &str = "xdream-genetic";
pub(super) const QUIET: &str = "no noise";
pub(super) const LAST: usize = SHARES.len() - 1;
/// A gain that would be worth a change of settings.
const WORTHWHILE: f64 = 1.1;
pub(super) const PUBLICATION: &str = "Xiao and Kreiman (arXiv 1905.00378)";
pub(super) const NUMBER_UNKNOWN: &str = "not known";
/// Optimizers that are compared; the last three are ours to add.
const OPTIMIZERS: [&str; 8] =
    [DEFAULT, "xdream-fdgd", "xdream-nes", "genetic", "cholesky-cmaes", "sphere-cma", "polar-es", "random-search"];

/// A hyperparameter of the genetic algorithm.
pub(super) struct Hyperparameter {
    /// How labels of its arms begin.
    pub(super) name: &'static str,
    /// Its option.
    pub(super) option: &'static str,
    pub(super) default: f64,
    pub(super) whole: bool,
    /// Equal ratios count as equal steps.
    pub(super) logarithmic: bool,
}

impl Hyperparameter {
    const fn new(name: &'static str, option: &'static str, default: f64) -> Self {
        Self { name, option, default, whole: false, logarithmic: false }
    }
}

pub(super) const HYPERPARAMETERS: [Hyperparameter; 6] = [
    Hyperparameter { whole: true, logarithmic: true, ..Hyperparameter::new("population", "population_size", 20.0) },
    Hyperparameter::new("mutation rate", "mutation_rate", 0.5),
    Hyperparameter { logarithmic: true, ..Hyperparameter::new("mutation size", "mutation_size", 0.5) },
    Hyperparameter { logarithmic: true, ..Hyperparameter::new("selectivity", "selectivity", 2.0) },
    Hyperparameter::new("heritability", "heritability", 0.5),
    Hyperparameter { whole: true, ..Hyperparameter::new("conserved", "n_conserve", 0.0) },
];

/// Optimizers against the genetic algorithm.
pub(super) fn optimizers(results: &Results) -> Result<Content> {
    let mut claims = Vec::new();
    for (other, source, claimed) in [
        ("xdream-fdgd", PUBLICATION, "genetic best of three"),
        ("xdream-nes", PUBLICATION, "genetic best of three"),
        ("random-search", PUBLICATION, NUMBER_UNKNOWN),
    ] {
        let ratio = results.ratio(DEFAULT, other, QUIET, LAST)?;
        let words = format!("XDream's genetic algorithm is above {}", optimizer_label(other));
        claims.push(claim(results, &words, "", (source, claimed), ratio, (Side::Above, 1.0)));
    }
    for other in ["cholesky-cmaes", "sphere-cma", "polar-es"] {
        let ratio = results.ratio(other, DEFAULT, QUIET, LAST)?;
        let words = format!("{} is above XDream's genetic algorithm", optimizer_label(other));
        claims.push(claim(results, &words, "", ("not in the publication", ""), ratio, (Side::Above, 1.0)));
    }
    let row = |label: &&str| {
        let cells = [Cell::text(optimizer_label(label)), estimate(results.mean(label, QUIET, LAST)?)];
        Ok([&cells[..], &[estimate(results.ratio(label, DEFAULT, QUIET, LAST)?)]].concat())
    };
    let rows = OPTIMIZERS.iter().map(row).collect::<Result<_>>()?;
    let headings = ["optimizer", "mean score", "over XDream's genetic algorithm"].map(str::to_owned).to_vec();
    let table = Table { caption: "Optimizers, no noise, whole budget".to_owned(), headings, rows };
    Ok(Content {
        svg: Some(boxes(results, "Optimizers", &OPTIMIZERS, &[QUIET])?),
        summary: "The publication compared a genetic algorithm with gradient descent by finite differences (FDGD) and \
                  natural evolution strategies (NES), and found the genetic algorithm best. The CMA family and our own \
                  method stand beside them here."
            .to_owned(),
        caption: caption(results),
        tables: vec![NamedTable { stem: "xdream-optimizers", table }],
        claims,
    })
}

/// Hyperparameters of the genetic algorithm, one at a time.
pub(super) fn hyperparameters(results: &Results) -> Result<Content> {
    let (mut rows, mut claims, mut ranges) = (Vec::new(), Vec::new(), Vec::new());
    let mut shown = vec![DEFAULT];
    for Hyperparameter { name, default, .. } in &HYPERPARAMETERS {
        let mut ratios: Vec<(&str, Estimate)> = Vec::new();
        for label in results.labels.iter().filter(|label| label.starts_with(*name)) {
            shown.push(label);
            ratios.push((label, results.ratio(label, DEFAULT, QUIET, LAST)?));
        }
        let least = ratios.iter().map(|(_, ratio)| ratio.mean).fold(1.0, f64::min);
        ratios.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
        let Some((best, ratio)) = ratios.first().copied() else { continue };
        ranges.push((name, ratio.mean.max(1.0) / least));
        let words = format!("No other {name} gains more than 10 % on the default {default}");
        let source = (PUBLICATION, "'locally near-optimal'");
        claims.push(claim(results, &words, &format!("best: {best}"), source, ratio, (Side::Below, WORTHWHILE)));
        for (label, ratio) in ratios {
            let mean = results.mean(label, QUIET, LAST)?;
            rows.push(vec![Cell::text(*name), Cell::text(label), estimate(mean), estimate(ratio)]);
        }
    }
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
    let order: Vec<String> = ranges.iter().map(|(name, range)| format!("{name} ({range:.2})")).collect();
    let headings = ["hyperparameter", "setting", "mean score", "over the default"].map(str::to_owned).to_vec();
    let caption_ = "One hyperparameter at a time, no noise, whole budget; defaults are those of XDream's examples";
    let table = Table { caption: caption_.to_owned(), headings, rows };
    Ok(Content {
        svg: Some(boxes(results, "Hyperparameters of the genetic algorithm", &shown, &[QUIET])?),
        summary: format!(
            "What to set first: the largest mean score over the smallest, over the values tried of each hyperparameter, is {}. \
             Each was changed alone: interactions are not seen. The best of several values is picked, which makes its gain \
             look larger than it is.",
            order.join(", ")
        ),
        caption: caption(results),
        tables: vec![NamedTable { stem: "xdream-hyperparameters", table }],
        claims,
    })
}

/// What a section of starts says.
struct Starts {
    stem: &'static str,
    /// How the labels of its arms begin.
    prefix: &'static str,
    title: &'static str,
    summary: &'static str,
}

/// Random starts of several norms after parts of the budget.
pub(super) fn starts(results: &Results) -> Result<Content> {
    let summary = "All these starts are random codes; only their norm differs.";
    let title = "Starts: norm of the first random codes";
    starts_of(results, &Starts { stem: "xdream-starts", prefix: "start norm", title, summary })
}

/// Starts from codes of pictures after parts of the budget.
pub(super) fn starts_from_pictures(results: &Results) -> Result<Content> {
    let summary = "Random codes of the norm of natural codes; codes drawn from mean and spread of the codes of 62 drawn pictures; \
                   the codes of those of the pictures that the unit answers best, as many as the population. A code of a \
                   picture is what the network's fc6 answers to it, for which the generator was made. The 62 scores that choose \
                   the best pictures are not counted as evaluations. In campaigns of your own, init = \"stats:FOLDER\" and \
                   init = \"best:FOLDER\" start from your photographs.";
    let title = "Starts from codes of pictures";
    starts_of(results, &Starts { stem: "xdream-pictures", prefix: "start from", title, summary })
}

fn starts_of(results: &Results, of: &Starts) -> Result<Content> {
    let labels: Vec<&str> =
        results.labels.iter().map(String::as_str).filter(|label| label.starts_with(of.prefix)).collect();
    let (mut rows, mut claims) = (Vec::new(), Vec::new());
    for label in std::iter::once(DEFAULT).chain(labels.iter().copied()) {
        let named = if label == DEFAULT { "random, norm 64 (default)" } else { label };
        let mut cells = vec![Cell::text(named)];
        for share in 0..SHARES.len() {
            cells.push(estimate(results.mean(label, QUIET, share)?));
        }
        rows.push(cells);
    }
    for label in &labels {
        let words = format!("A {label} gains at most 10 % on norm 64");
        let condition = format!("after {} % of the budget", SHARES[LAST]);
        let ratio = results.ratio(label, DEFAULT, QUIET, LAST)?;
        claims.push(claim(
            results,
            &words,
            &condition,
            (PUBLICATION, NUMBER_UNKNOWN),
            ratio,
            (Side::Below, WORTHWHILE),
        ));
        // Early scores may be negative, so that only their difference means something.
        let (words, condition) =
            (format!("A {label} is ahead of norm 64"), format!("after {} % of the budget", SHARES[0]));
        let statement = Statement { words, condition, source: PUBLICATION, claimed: NUMBER_UNKNOWN.to_owned() };
        let ahead = results.difference(label, DEFAULT, QUIET, 0)?;
        claims.push(over_units(statement, "difference of means", ahead, (Side::Above, 0.0), results.units));
    }
    let shares = SHARES.map(|share| format!("after {share} % of the budget"));
    let headings = std::iter::once("start".to_owned()).chain(shares).collect();
    let caption_ = "Starts of XDream's genetic algorithm: mean of the best score so far, no noise";
    let table = Table { caption: caption_.to_owned(), headings, rows };
    let shown: Vec<&str> = std::iter::once(DEFAULT).chain(labels).collect();
    Ok(Content {
        svg: Some(boxes(results, of.title, &shown, &[QUIET])?),
        summary: of.summary.to_owned(),
        caption: caption(results),
        tables: vec![NamedTable { stem: of.stem, table }],
        claims,
    })
}

/// Repeats of each code against more codes, at one budget of presentations.
pub(super) fn repeats(results: &Results) -> Result<Content> {
    let methods: Vec<&str> = results.labels.iter().map(String::as_str).filter(|label| !label.contains(" x")).collect();
    let (mut rows, mut claims) = (Vec::new(), Vec::new());
    for noise in &results.noises {
        for method in &methods {
            for label in results.labels.iter().filter(|label| is_repeat_of(label, method)) {
                let times = label.rsplit_once(" x").map_or("1", |(_, times)| times);
                let ratio = results.ratio(label, method, noise, LAST)?;
                let mean = estimate(results.mean(label, noise, LAST)?);
                let name = optimizer_label(method);
                rows.push(vec![Cell::text(noise), Cell::text(name), Cell::numeric(times), mean, estimate(ratio)]);
                if times == "4" && noise != QUIET {
                    let words = format!("Presenting every code 4 times does not pay for {name}");
                    let source = (PUBLICATION, NUMBER_UNKNOWN);
                    claims.push(claim(results, &words, noise, source, ratio, (Side::Below, 1.0)));
                }
            }
        }
    }
    let headings = ["noise", "optimizer", "presentations of a code", "mean score", "over one presentation"];
    let caption_ = "Repeats at a fixed budget of presentations";
    let table = Table { caption: caption_.to_owned(), headings: headings.map(str::to_owned).to_vec(), rows };
    let labels: Vec<&str> = results.labels.iter().map(String::as_str).collect();
    let noises: Vec<&str> = results.noises.iter().map(String::as_str).collect();
    Ok(Content {
        svg: Some(boxes(results, "Repeats at a fixed budget of presentations", &labels, &noises)?),
        summary: "The budget counts presentations, as an experiment's time does. Presenting a code R times leaves an R-th of \
                  the codes, each with an R-th of the variance. The scale of spike counts is the expected number of spikes per unit of \
                  activation and presentation. The score is the mean clean score of the last generation: the best of many noisy codes is a lucky one, \
                  and the luckier the more codes there are. Without noise repeats only waste the budget: those rows say \
                  how much."
            .to_owned(),
        caption: caption(results),
        tables: vec![NamedTable { stem: "xdream-repeats", table }],
        claims,
    })
}

fn is_repeat_of(label: &str, method: &str) -> bool {
    label.strip_prefix(method).is_some_and(|rest| rest.is_empty() || rest.starts_with(" x"))
}

pub(super) fn claim(
    results: &Results,
    words: &str,
    condition: &str,
    (source, claimed): (&'static str, &str),
    ratio: Estimate,
    bound: (Side, f64),
) -> Claim {
    let (condition, claimed) = (condition.to_owned(), claimed.to_owned());
    let statement = Statement { words: words.to_owned(), condition, source, claimed };
    over_units(statement, "ratio of means", ratio, bound, results.units)
}

pub(super) fn estimate(Estimate { mean, low, high }: Estimate) -> Cell {
    match (mean.is_finite(), low.is_finite() && high.is_finite()) {
        (false, _) => Cell::text("no ratio"),
        (true, false) => Cell::numeric(format!("{mean:.2}, no interval")),
        (true, true) => Cell::numeric(format!("{mean:.2} [{low:.2}, {high:.2}]")),
    }
}

pub(super) fn boxes(results: &Results, title: &str, labels: &[&str], noises: &[&str]) -> Result<String> {
    let mut groups = Vec::new();
    for noise in noises {
        groups.extend(labels.iter().map(|label| ScoreGroup {
            network: String::new(),
            noise: (*noise).to_owned(),
            optimizer: repeated(label).unwrap_or_else(|| (*label).to_owned()),
            scores: results.scores(label, noise),
        }));
    }
    let score = results.measure.over_largest().to_owned();
    Ok(ScoresByOptimizer { title: title.to_owned(), score, groups }.to_svg()?)
}

/// The label of an arm that presents its codes several times, in words.
fn repeated(label: &str) -> Option<String> {
    let (method, times) = label.rsplit_once(" x")?;
    times.parse::<u32>().ok().map(|times| format!("{} × {times}", optimizer_label(method)))
}

pub(super) fn caption(results: &Results) -> String {
    format!(
        "One point a run: {} in the campaign; {} units that respond. Intervals are 95 % bootstrap intervals over units.",
        results.measure.over_largest(),
        results.units
    )
}
