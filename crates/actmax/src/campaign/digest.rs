//! A campaign's scores by optimizer and noise: means with intervals.

use std::collections::BTreeMap;
use std::io::{self, Write};

use analysis::StatsError;
use analysis::bootstrap::GroupBootstrap;
use analysis::comparison::PooledRatio;
use analysis::figure::scores_by_optimizer::{ScoreGroup, ScoresByOptimizer};
use analysis::interval::expanded_coverage;
use experiments::campaign::StoredRun;
use experiments::{Goal, ObjectiveSpec};
use live::{Mean, Summary};
use optim_core::rand::RngExt;
use optim_core::{Stream, stream_rng};

use crate::CommandError;
use crate::console::{counted, significant};

const COVERAGE: f64 = 0.95;
const RESAMPLES: usize = 2000;
/// Seed of the resampling.
const SEED: u64 = 1;

/// The scores of a campaign's finished runs.
pub(crate) struct Digest {
    title: String,
    scores: Vec<Score>,
    /// Whether scores are shares of the unit's largest.
    shares: bool,
    /// Units without a score above 0, which have no shares.
    pub(crate) silent: Vec<String>,
    units: usize,
    /// Runs that it leaves out, because their scores were drawn from N(0, 1).
    control: usize,
}

/// What one run reached.
struct Score {
    network: String,
    unit: String,
    optimizer: String,
    noise: String,
    /// Whether it was drawn from N(0, 1): a control, and no unit.
    control: bool,
    score: f64,
}

/// Mean score of one optimizer under one noise.
pub(crate) struct Cell {
    pub(crate) optimizer: String,
    pub(crate) noise: String,
    pub(crate) runs: usize,
    pub(crate) mean: f64,
    /// Ends of the interval; none of fewer than two units, or runs where there is one unit.
    pub(crate) interval: Option<(f64, f64)>,
}

impl Digest {
    /// Takes the best clean score of every run. Where high scores are sought each is divided by the largest of its unit,
    /// over all runs of the unit. Runs whose scores were drawn from N(0, 1) are left out, unless there are no others.
    pub(crate) fn of(title: &str, goal: Goal, runs: &[StoredRun]) -> Self {
        Self::of_units(title, goal, scores(runs))
    }

    fn of_units(title: &str, goal: Goal, mut scores: Vec<Score>) -> Self {
        let all = scores.len();
        if scores.iter().any(|score| !score.control) {
            scores.retain(|score| !score.control);
        }
        Self { control: all - scores.len(), ..Self::of_scores(title, goal, scores) }
    }

    /// As [`of`](Self::of), with the control.
    pub(crate) fn of_all(title: &str, goal: Goal, runs: &[StoredRun]) -> Self {
        Self::of_scores(title, goal, scores(runs))
    }

    fn of_scores(title: &str, goal: Goal, mut scores: Vec<Score>) -> Self {
        let mut largest: BTreeMap<String, f64> = BTreeMap::new();
        for Score { unit, score, .. } in &scores {
            let known = largest.entry(unit.clone()).or_insert(*score);
            *known = known.max(*score);
        }
        let silent: Vec<String> =
            largest.iter().filter(|(_, largest)| **largest <= 0.0).map(|(unit, _)| unit.clone()).collect();
        let shares = goal == Goal::Maximize && silent.len() < largest.len();
        if shares {
            scores.retain(|score| largest[&score.unit] > 0.0);
            scores.iter_mut().for_each(|score| score.score /= largest[&score.unit]);
        }
        let units = largest.len() - if shares { silent.len() } else { 0 };
        Self {
            title: title.to_owned(),
            scores,
            shares,
            silent: if shares { silent } else { Vec::new() },
            units,
            control: 0,
        }
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.scores.is_empty()
    }

    /// What a score is.
    pub(crate) fn quantity(&self) -> &'static str {
        if self.shares { "best clean score / largest of the unit" } else { "best clean score" }
    }

    /// Means by optimizer and noise, in the order in which they appear in the grid.
    pub(crate) fn cells(&self) -> Result<Vec<Cell>, StatsError> {
        let mut groups: Vec<(&str, &str, Vec<&Score>)> = Vec::new();
        for score in &self.scores {
            let (optimizer, noise) = (score.optimizer.as_str(), score.noise.as_str());
            match groups.iter_mut().find(|(a, b, _)| (*a, *b) == (optimizer, noise)) {
                Some((_, _, scores)) => scores.push(score),
                None => groups.push((optimizer, noise, vec![score])),
            }
        }
        groups.into_iter().map(|(optimizer, noise, scores)| self.cell(optimizer, noise, &scores)).collect()
    }

    fn cell(&self, optimizer: &str, noise: &str, scores: &[&Score]) -> Result<Cell, StatsError> {
        let values: Vec<f64> = scores.iter().map(|score| score.score).collect();
        let mut names: Vec<&str> = Vec::new();
        let mut members = Vec::new();
        for score in scores {
            members.push(names.iter().position(|name| *name == score.unit).unwrap_or_else(|| {
                names.push(&score.unit);
                names.len() - 1
            }));
        }
        // The runs of one unit stand for the spread of runs only.
        if self.units == 1 {
            members = (0..values.len()).collect();
        }
        let groups = members.iter().max().map_or(0, |last| last + 1);
        let interval = if groups < 2 { None } else { Some(interval(&values, &members, groups)?) };
        Ok(Cell {
            optimizer: optimizer.to_owned(),
            noise: noise.to_owned(),
            runs: values.len(),
            mean: values.iter().sum::<f64>() / values.len() as f64,
            interval,
        })
    }

    /// The means for the page of a campaign.
    pub(crate) fn summary(&self) -> Result<Summary, StatsError> {
        let mean = |Cell { optimizer, noise, runs, mean, interval }| Mean { optimizer, noise, runs, mean, interval };
        let means = self.cells()?.into_iter().map(mean).collect();
        Ok(Summary { quantity: self.quantity().to_owned(), means })
    }

    /// The table of the means on a terminal.
    pub(crate) fn write_text(&self, cells: &[Cell], out: &mut dyn Write) -> io::Result<()> {
        let width = cells.iter().map(|cell| cell.optimizer.chars().count()).max().unwrap_or(0);
        let mut noises: Vec<&str> = Vec::new();
        for cell in cells {
            if !noises.contains(&cell.noise.as_str()) {
                noises.push(&cell.noise);
            }
        }
        for noise in noises {
            writeln!(out, "{}, {noise}", self.quantity())?;
            for Cell { optimizer, runs, mean, interval, .. } in cells.iter().filter(|cell| cell.noise == noise) {
                let interval = interval
                    .map_or_else(String::new, |(low, high)| format!("[{}, {}]", significant(low), significant(high)));
                let runs = counted(*runs, "run");
                writeln!(out, "  {optimizer:width$}  {:>7}  {interval:18}  {runs}", significant(*mean))?;
            }
        }
        let of = if self.units == 1 { "the runs of one unit".to_owned() } else { counted(self.units, "unit") };
        writeln!(out, "means with 95 % bootstrap intervals over {of}")?;
        match self.control {
            0 => Ok(()),
            runs => writeln!(out, "without the control of N(0, 1) scores: {}", counted(runs, "run")),
        }
    }

    /// The same as CSV.
    pub(crate) fn to_csv(cells: &[Cell]) -> Result<Vec<u8>, CommandError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["optimizer", "noise", "runs", "mean", "low", "high"])?;
        for Cell { optimizer, noise, runs, mean, interval } in cells {
            let [low, high] =
                interval.map_or_else(Default::default, |(low, high)| [format!("{low:?}"), format!("{high:?}")]);
            writer.write_record([optimizer, noise, &runs.to_string(), &format!("{mean:?}"), &low, &high])?;
        }
        Ok(writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?)
    }

    /// The figure of the scores of all runs.
    pub(crate) fn figure(&self) -> ScoresByOptimizer {
        let mut groups: Vec<ScoreGroup> = Vec::new();
        for Score { network, optimizer, noise, score, .. } in &self.scores {
            let same = |group: &&mut ScoreGroup| {
                group.network == *network && group.optimizer == *optimizer && group.noise == *noise
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.scores.push(*score),
                None => groups.push(ScoreGroup {
                    network: network.clone(),
                    noise: noise.clone(),
                    optimizer: optimizer.clone(),
                    scores: vec![*score],
                }),
            }
        }
        ScoresByOptimizer { title: self.title.clone(), score: self.quantity().to_owned(), groups }
    }
}

/// The best clean score of every run that has one.
fn scores(runs: &[StoredRun]) -> Vec<Score> {
    let score = |stored: &StoredRun| {
        let run = &stored.run;
        let score = stored.record.best_clean.map(|best| best.score.0).filter(|score| score.is_finite())?;
        Some(Score {
            network: run.unit.network.clone(),
            unit: run.unit.to_string(),
            optimizer: run.label.clone(),
            noise: run.spec.noise.to_string(),
            control: matches!(run.unit.objective, ObjectiveSpec::NoiseScores { .. }),
            score,
        })
    };
    runs.iter().filter_map(score).collect()
}

/// Interval of a mean over so many groups, of which `members` says each value's.
fn interval(values: &[f64], members: &[usize], groups: usize) -> Result<(f64, f64), StatsError> {
    let mut rng = stream_rng(SEED, Stream::Resampling, 0);
    let draw = GroupBootstrap::draw(groups, RESAMPLES, |n| rng.random_range(0..n))?;
    let ones = vec![1.0; values.len()];
    let PooledRatio { low, high, .. } =
        PooledRatio::of(values, &ones, members, &draw, expanded_coverage(groups, COVERAGE)?)?;
    Ok((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(unit: &str, optimizer: &str, score: f64) -> Score {
        let (network, noise) = ("net".to_owned(), "no noise".to_owned());
        Score { network, unit: unit.to_owned(), optimizer: optimizer.to_owned(), noise, control: false, score }
    }

    fn digest(scores: Vec<Score>, units: usize) -> Digest {
        Digest { title: "test".to_owned(), scores, shares: false, silent: Vec::new(), units, control: 0 }
    }

    #[test]
    fn intervals_span_units_and_not_runs() {
        // Ten runs of each of two units: the runs agree, the units do not.
        let runs = |unit: &'static str, value: f64| (0..10).map(move |_| score(unit, "genetic", value));
        let cells = digest(runs("a", 1.0).chain(runs("b", 3.0)).collect(), 2).cells().unwrap();
        assert_eq!((cells.len(), cells[0].runs, cells[0].mean), (1, 20, 2.0));
        assert_eq!(cells[0].interval, Some((1.0, 3.0)));
        let one = digest(runs("a", 1.0).collect(), 1).cells().unwrap();
        assert_eq!(one[0].interval, Some((1.0, 1.0)));
        assert_eq!(digest(vec![score("a", "cma", 5.0)], 1).cells().unwrap()[0].interval, None);
    }

    #[test]
    fn the_control_is_no_unit_of_the_means() {
        let control = |optimizer| Score { control: true, ..score("noise", optimizer, 3.0) };
        let runs = || {
            let units = [score("a", "genetic", 1.0), score("a", "cma", 4.0), score("b", "genetic", 2.0)];
            units.into_iter().chain([control("genetic"), control("cma")]).collect()
        };
        let digest = Digest::of_units("test", Goal::Maximize, runs());
        let cells = digest.cells().unwrap();
        // 1 / 4 and 2 / 2; the control would be a third share of 1.
        assert_eq!((cells[0].runs, cells[0].mean, digest.units), (2, 0.625, 2));
        let mut text = Vec::new();
        digest.write_text(&cells, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.ends_with("over 2 units\nwithout the control of N(0, 1) scores: 2 runs\n"), "{text}");
        // The tables have it still, and a campaign of nothing else too.
        assert_eq!(Digest::of_scores("test", Goal::Maximize, runs()).cells().unwrap()[0].runs, 3);
        let alone = Digest::of_units("test", Goal::Maximize, vec![control("genetic")]);
        assert_eq!((alone.cells().unwrap().len(), alone.control), (1, 0));
    }

    #[test]
    fn the_table_has_a_line_a_cell() {
        let scores = vec![score("a", "genetic", 0.5), score("b", "genetic", 0.7), score("a", "cma", 1.0)];
        let digest = digest(scores, 2);
        let cells = digest.cells().unwrap();
        let mut text = Vec::new();
        digest.write_text(&cells, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "best clean score, no noise");
        assert!(
            lines[1].starts_with("  genetic") && lines[1].contains("[0.5000, 0.7000]") && lines[1].ends_with("2 runs"),
            "{text}"
        );
        assert!(lines[2].starts_with("  cma    ") && lines[2].ends_with("1 run"), "{text}");
        assert_eq!(lines.len(), 4);
        let csv = String::from_utf8(Digest::to_csv(&cells).unwrap()).unwrap();
        assert!(csv.ends_with("cma,no noise,1,1.0,,\n"), "{csv}");
    }
}
