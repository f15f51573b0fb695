//! `--stop-...`: when a run ends before its last generation.

use clap::Args;
use experiments::{StopRules, parse_seconds};

/// When a run ends before its last generation. What is left out has the recorded value with `--resume`, else none.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct StopArgs {
    /// Stop once the mean score of a generation, as the optimizer saw it, is X or more; with --minimize X or less.
    #[arg(long, value_name = "X|none", allow_negative_numbers = true, value_parser = score)]
    pub stop_score: Option<Stop<f64>>,
    /// Stop after the generation in which the run has taken this time: 90s, 10m, 1h30m.
    #[arg(long, value_name = "TIME|none", value_parser = seconds)]
    pub stop_after: Option<Stop<f64>>,
    /// Stop if the mean scores of the last K generations, as the optimizer saw them, show no progress by a t test.
    #[arg(long, value_name = "K|none", value_parser = generations)]
    pub stop_stalled: Option<Stop<u32>>,
}

/// A stop rule as an argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop<T> {
    /// No such rule, in place of a recorded one.
    Never,
    /// The rule with its number.
    At(T),
}

impl<T> Stop<T> {
    fn parse(text: &str, number: impl FnOnce(&str) -> Result<T, String>) -> Result<Self, String> {
        if text == "none" { Ok(Self::Never) } else { number(text).map(Self::At) }
    }

    fn into_option(self) -> Option<T> {
        match self {
            Self::Never => None,
            Self::At(number) => Some(number),
        }
    }
}

fn score(text: &str) -> Result<Stop<f64>, String> {
    Stop::parse(text, |text| text.parse().map_err(|_| "give a number, or none".to_owned()))
}

fn seconds(text: &str) -> Result<Stop<f64>, String> {
    Stop::parse(text, |text| parse_seconds(text).ok_or_else(|| "write 90s, 10m, 1h30m, or none".to_owned()))
}

fn generations(text: &str) -> Result<Stop<u32>, String> {
    Stop::parse(text, |text| text.parse().map_err(|_| "give a number of generations, or none".to_owned()))
}

impl StopArgs {
    /// The rules of a run, laid over recorded ones.
    pub(super) fn over(self, recorded: StopRules) -> StopRules {
        StopRules {
            score: self.stop_score.map_or(recorded.score, Stop::into_option),
            seconds: self.stop_after.map_or(recorded.seconds, Stop::into_option),
            stalled: self.stop_stalled.map_or(recorded.stalled, Stop::into_option),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_lie_over_what_is_recorded() {
        let recorded = StopRules { score: Some(2.0), seconds: Some(60.0), stalled: None };
        let args = StopArgs {
            stop_score: Some(score("none").unwrap()),
            stop_after: None,
            stop_stalled: Some(generations("12").unwrap()),
        };
        assert_eq!(args.over(recorded), StopRules { score: None, seconds: Some(60.0), stalled: Some(12) });
        assert_eq!(StopArgs::default().over(recorded), recorded);
        assert_eq!(seconds("1h30m"), Ok(Stop::At(5400.0)));
        assert!(seconds("soon").is_err() && score("much").is_err() && generations("1.5").is_err());
    }
}
