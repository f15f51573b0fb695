//! When a run ends before its last generation: a target, a time, no more progress.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};
use thiserror::Error;

use crate::Goal;

/// Fewest generations over which a trend is tested.
const FEWEST_STALLED: u32 = 5;

/// Level of the test for a trend.
const LEVEL: f64 = 0.05;

/// When a run ends before its last generation. Every rule looks at what an experimenter sees: the scores that the method
/// was told, and the clock. The first rule that holds ends the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopRules {
    /// The mean score of a generation, as the method saw it, is this or more (this or less, if low scores are sought). A
    /// mean, because the best of 40 noisy scores is a lucky one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The run took so many seconds, those of its journal included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// The mean scores of so many last generations show no progress: see [`trend`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stalled: Option<u32>,
}

/// A stop rule out of range.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum StopError {
    /// A target that is no number.
    #[error("the score to stop at is {score}: give a finite number")]
    Score {
        /// The target.
        score: f64,
    },
    /// A time that is none.
    #[error("the time to stop after is {seconds} s: give more than 0")]
    Seconds {
        /// The time.
        seconds: f64,
    },
    /// Too few generations for a test.
    #[error("{generations} generations are too few to tell a standstill from noise: give {FEWEST_STALLED} or more")]
    Stalled {
        /// The number of generations.
        generations: u32,
    },
}

/// Why a run ended before its last generation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum StopReason {
    /// The mean score reached the target.
    Score {
        /// The target.
        target: f64,
        /// Mean of the scores that the method saw in that generation.
        mean: f64,
        /// The generation, counted from 0.
        generation: u32,
    },
    /// The time is over.
    Time {
        /// The time that was given, in seconds.
        limit: f64,
        /// The generation, counted from 0.
        generation: u32,
    },
    /// There was no more progress.
    Stalled {
        /// Generations that were tested.
        over: u32,
        /// Change of the mean score from one generation to the next.
        slope: f64,
        /// One-sided p of the slope.
        p: f64,
        /// The generation, counted from 0.
        generation: u32,
    },
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Score { target, mean, .. } => write!(f, "the mean score {mean:.4} reached the target {target}"),
            Self::Time { limit, .. } => write!(f, "the time of {limit} s is over"),
            Self::Stalled { over, slope, p, .. } => write!(
                f,
                "no progress in {over} generations: the mean score changed by {slope:.3} a generation (p = {p:.2})"
            ),
        }
    }
}

impl StopRules {
    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// If a target is not finite, a time is not above 0, or fewer than 5 generations are to be tested.
    pub fn validate(&self) -> Result<(), StopError> {
        match *self {
            Self { score: Some(score), .. } if !score.is_finite() => Err(StopError::Score { score }),
            Self { seconds: Some(seconds), .. } if !(seconds.is_finite() && seconds > 0.0) => {
                Err(StopError::Seconds { seconds })
            }
            Self { stalled: Some(generations), .. } if generations < FEWEST_STALLED => {
                Err(StopError::Stalled { generations })
            }
            _ => Ok(()),
        }
    }

    /// The rule that holds after a generation; `means` are the mean scores of all generations, as the method saw them.
    pub(crate) fn reason(&self, goal: Goal, means: &[f64], elapsed: Duration) -> Option<StopReason> {
        let &mean = means.last()?;
        let generation = u32::try_from(means.len() - 1).unwrap_or(u32::MAX);
        if let Some(target) = self.score
            && (mean == target || goal.is_better(mean, target))
        {
            return Some(StopReason::Score { target, mean, generation });
        }
        if let Some(limit) = self.seconds
            && elapsed.as_secs_f64() >= limit
        {
            return Some(StopReason::Time { limit, generation });
        }
        let over = self.stalled?;
        let last = means.get(means.len().checked_sub(over as usize)?..)?;
        let Trend { slope, p } = trend(last, goal)?;
        (p > LEVEL).then_some(StopReason::Stalled { over, slope, p, generation })
    }
}

/// Seconds of a text such as `90`, `90s`, `10m`, `1h30m` or `1.5h`; none if it is no such text.
#[must_use]
pub fn parse_seconds(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let (mut rest, mut sum) = (text, 0.0);
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let end = rest[unit..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |digits| unit + digits);
        let factor = match &rest[unit..end] {
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        sum += rest[..unit].parse::<f64>().ok()? * factor;
        rest = &rest[end..];
    }
    (!text.is_empty()).then_some(sum)
}

/// A straight line through the mean scores of successive generations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Change from one generation to the next.
    pub slope: f64,
    /// Probability of such a slope, or one further in the sought direction, if the true one is 0.
    pub p: f64,
}

/// Tests whether scores still move in the sought direction: the least-squares line through `means` against the generation,
/// and Student's t test of its slope, one-sided, with n - 2 degrees of freedom (Draper and Smith, *Applied Regression
/// Analysis*, 3rd ed. 1998, section 1.4). The scatter of the means about the line is the noise, whatever its origin; no
/// noise level has to be known. Generations that follow a line exactly have p 0 or 1. None if there are fewer than three
/// means, or one is not a number.
///
/// Means of successive generations are not quite independent, which makes p too small: a run rather goes on for too long
/// than ends too early.
#[must_use]
pub fn trend(means: &[f64], goal: Goal) -> Option<Trend> {
    let n = means.len() as f64;
    if means.len() < 3 || means.iter().any(|mean| !mean.is_finite()) {
        return None;
    }
    let (middle, mean) = ((n - 1.0) / 2.0, means.iter().sum::<f64>() / n);
    let from_middle = |at: usize| at as f64 - middle;
    let spread: f64 = (0..means.len()).map(|at| from_middle(at).powi(2)).sum();
    let slope = means.iter().enumerate().map(|(at, y)| from_middle(at) * (y - mean)).sum::<f64>() / spread;
    let residuals: f64 = means.iter().enumerate().map(|(at, y)| (y - mean - slope * from_middle(at)).powi(2)).sum();
    let upwards = if goal == Goal::Minimize { -slope } else { slope };
    let error = (residuals / (n - 2.0) / spread).sqrt();
    let p = if error > 0.0 {
        1.0 - StudentsT::new(0.0, 1.0, n - 2.0).ok()?.cdf(upwards / error)
    } else {
        f64::from(upwards <= 0.0)
    };
    Some(Trend { slope, p })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{StopError, StopReason, StopRules, Trend, parse_seconds, trend};
    use crate::Goal;

    #[test]
    fn the_slope_is_tested_as_by_scipy() {
        // scipy.stats.linregress(range(8), y, alternative="greater") of SciPy 1.17.1
        const SLOPE: f64 = 0.111_904_761_904_761_88;
        const P: f64 = 0.009_660_110_451_685_031;
        let y = [3.1, 2.9, 3.4, 3.2, 3.8, 3.3, 3.6, 3.9];
        let Trend { slope, p } = trend(&y, Goal::Maximize).unwrap();
        assert!((slope - SLOPE).abs() < 1e-12, "{slope}");
        assert!((p - P).abs() < 1e-9, "{p}");
        let down = trend(&y, Goal::Minimize).unwrap();
        assert!((down.p - (1.0 - P)).abs() < 1e-9);
    }

    #[test]
    fn exact_lines_leave_no_doubt() {
        assert_eq!(trend(&[1.0, 2.0, 3.0], Goal::Maximize), Some(Trend { slope: 1.0, p: 0.0 }));
        assert_eq!(trend(&[1.0, 2.0, 3.0], Goal::Minimize), Some(Trend { slope: 1.0, p: 1.0 }));
        assert_eq!(trend(&[2.0; 5], Goal::Maximize), Some(Trend { slope: 0.0, p: 1.0 }));
        assert_eq!(trend(&[2.0, 3.0], Goal::Maximize), None);
        assert_eq!(trend(&[2.0, f64::NAN, 3.0], Goal::Maximize), None);
    }

    #[test]
    fn each_rule_ends_a_run() {
        let reason = |rules: StopRules, goal, means: &[f64], seconds| {
            rules.validate().unwrap();
            rules.reason(goal, means, Duration::from_secs(seconds))
        };
        let score = StopRules { score: Some(2.0), ..StopRules::default() };
        assert_eq!(reason(score, Goal::Maximize, &[1.0, 1.9], 9), None);
        let reached = Some(StopReason::Score { target: 2.0, mean: 2.0, generation: 1 });
        assert_eq!(reason(score, Goal::Maximize, &[1.0, 2.0], 9), reached);
        assert_eq!(reason(score, Goal::Minimize, &[3.0, 2.0], 9), reached);
        assert_eq!(reason(score, Goal::Minimize, &[3.0, 2.1], 9), None);
        let time = StopRules { seconds: Some(9.0), ..StopRules::default() };
        assert_eq!(reason(time, Goal::Maximize, &[1.0], 8), None);
        assert_eq!(reason(time, Goal::Maximize, &[1.0], 9), Some(StopReason::Time { limit: 9.0, generation: 0 }));
        let stalled = StopRules { stalled: Some(5), ..StopRules::default() };
        assert_eq!(reason(stalled, Goal::Maximize, &[0.0, 1.0, 2.0, 3.0, 4.0], 0), None);
        assert_eq!(reason(stalled, Goal::Maximize, &[4.0; 4], 0), None, "too few generations");
        let ended = reason(stalled, Goal::Maximize, &[0.0, 4.0, 4.0, 4.0, 4.0, 4.0], 0);
        assert_eq!(ended, Some(StopReason::Stalled { over: 5, slope: 0.0, p: 1.0, generation: 5 }));
    }

    #[test]
    fn rules_out_of_range_are_refused() {
        let none = StopRules::default();
        assert_eq!(StopRules { stalled: Some(4), ..none }.validate(), Err(StopError::Stalled { generations: 4 }));
        for seconds in [0.0, -1.0, f64::INFINITY] {
            assert_eq!(StopRules { seconds: Some(seconds), ..none }.validate(), Err(StopError::Seconds { seconds }));
        }
        assert!(matches!(StopRules { score: Some(f64::NAN), ..none }.validate(), Err(StopError::Score { .. })));
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let times = ["90", "90s", "10m", "10min", "1h30m", "1.5h", "2h1m5s"].map(parse_seconds);
        assert_eq!(times, [90.0, 90.0, 600.0, 600.0, 5400.0, 5400.0, 7265.0].map(Some));
        assert_eq!(["", "m", "10x", "1h30", "-", "1h-3m"].map(parse_seconds), [None; 6]);
    }

    #[test]
    fn unused_rules_leave_no_trace_in_files() {
        assert_eq!(serde_json::to_string(&StopRules::default()).unwrap(), "{}");
    }
}
