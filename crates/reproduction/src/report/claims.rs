//! Claims of the publication and the rules by which they are judged. Every rule is stated in the claim's own words.

use analysis::figure::Estimate;
use analysis::interval::mean_interval;
use analysis::report::{Claim, Effect, Verdict};
use analysis::summary::Summary;
use anyhow::{Context, Result};

/// Units or runs below which an interval over them says nothing.
pub(super) const FEWEST: usize = 3;
/// Coverage of the intervals of means.
pub(super) const COVERAGE: f64 = 0.95;
/// Standard errors by which a mean may differ from what is expected: by chance more in 1 of 370 cases.
const ERRORS: f64 = 3.0;

/// A claim before it is judged.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub(super) words: String,
    /// Under what condition it is tested; may be empty. Claims of the same words follow each other.
    pub(super) condition: String,
    /// Where the publication makes it.
    pub(super) source: &'static str,
    /// Its value there; may be empty.
    pub(super) claimed: String,
}

/// Where a value is claimed to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

impl Side {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::Below => Self::Above,
        }
    }
}

/// How a value is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notation {
    Decimals(usize),
    Scientific(usize),
}

/// Digits that a value may get beyond those of its notation.
const MORE_DIGITS: usize = 3;

impl Notation {
    /// The same notation with as many more digits as tell both ends of an interval from a bound.
    fn telling(self, estimate: Estimate, bound: f64) -> Self {
        let Self::Decimals(fewest) = self else { return self };
        let tells = |decimals: &usize| {
            let written = |value: f64| Self::Decimals(*decimals).write(value);
            [estimate.low, estimate.high].iter().all(|end| *end == bound || written(*end) != written(bound))
        };
        Self::Decimals((fewest..=fewest + MORE_DIGITS).find(tells).unwrap_or(fewest))
    }

    pub(super) fn write(self, value: f64) -> String {
        match self {
            Self::Decimals(decimals) => format!("{value:.decimals$}").replace('-', "−"),
            Self::Scientific(decimals) => format!("{value:.decimals$e}").replace('-', "−"),
        }
    }

    /// Digits after the point in an [`Effect`].
    fn decimals(self) -> usize {
        match self {
            Self::Decimals(decimals) => decimals,
            Self::Scientific(_) => 3,
        }
    }
}

/// A value over units with its bootstrap interval, claimed to lie on one side of a bound.
pub(super) fn over_units(
    statement: Statement,
    measure: &str,
    estimate: Estimate,
    (side, bound): (Side, f64),
    units: usize,
) -> Claim {
    // Three or four units have too few resamples for its percentiles: they end at the smallest and the largest unit.
    let over = match units {
        3 | 4 => format!("the range over {units} units, which stands for a 95 % interval,"),
        _ => format!("the 95 % bootstrap interval over {units} units"),
    };
    over_groups(statement, measure, estimate, (side, bound), (units, &over))
}

/// A value with an interval over groups that is named in words, claimed to lie on one side of a bound.
pub(super) fn over_groups(
    statement: Statement,
    measure: &str,
    estimate: Estimate,
    bound: (Side, f64),
    groups: (usize, &str),
) -> Claim {
    judged(statement, measure, estimate, bound, groups, Notation::Decimals(2))
}

/// The mean over runs, claimed to lie on one side of a bound.
pub(super) fn over_runs(
    statement: Statement,
    measure: &str,
    values: &[f64],
    (side, bound): (Side, f64),
    notation: Notation,
) -> Result<Claim> {
    let summary = Summary::of(values).with_context(|| format!("claim '{}'", statement.words))?;
    let (low, high) = mean_interval(values, COVERAGE).unwrap_or((f64::NAN, f64::NAN));
    let estimate = Estimate { mean: summary.mean, low, high };
    let over = format!("the 95 % t interval of the mean over {} runs", summary.n);
    Ok(judged(statement, measure, estimate, (side, bound), (summary.n, &over), notation))
}

/// A claim for which there is nothing to judge by.
pub(super) fn not_tested(statement: Statement, why: &str) -> Claim {
    claim(statement, String::new(), None, Verdict::NotTested, why.to_owned())
}

fn judged(
    statement: Statement,
    measure: &str,
    estimate: Estimate,
    (side, bound): (Side, f64),
    (count, over): (usize, &str),
    notation: Notation,
) -> Claim {
    let (wanted, other, bound_text) = (side.words(), side.other().words(), notation.write(bound));
    let notation = notation.telling(estimate, bound);
    // An interval over so few would pass for more than it is.
    let estimate = if count >= FEWEST { estimate } else { Estimate { low: f64::NAN, high: f64::NAN, ..estimate } };
    let rule = format!(
        "The claim holds where {over} lies wholly {wanted} {bound_text}, and does not hold where it lies wholly {other}."
    );
    let verdict = if count < FEWEST { Verdict::NotTested } else { verdict(estimate, side, bound) };
    let reason = match verdict {
        Verdict::NotTested => format!("Only {count} of at least {FEWEST} that an interval needs. {rule}"),
        Verdict::Undecided => format!("The interval contains {bound_text}: more units or repeats would tell. {rule}"),
        _ => rule,
    };
    claim(statement, notation.write(estimate.mean), Some(effect(measure, estimate, notation)), verdict, reason)
}

fn effect(measure: &str, estimate: Estimate, notation: Notation) -> Effect {
    Effect { measure: measure.to_owned(), estimate, decimals: notation.decimals() }
}

fn claim(statement: Statement, ours: String, effect: Option<Effect>, verdict: Verdict, reason: String) -> Claim {
    let Statement { words, condition, source, claimed } = statement;
    let (claim, source, data) = (words, source.to_owned(), Vec::new());
    Claim { claim, condition, source, claimed, ours, effect, verdict, reason, data }
}

/// Whether a whole interval lies on the claimed side of a bound, wholly on the other, or neither.
fn verdict(estimate: Estimate, side: Side, bound: f64) -> Verdict {
    let (above, below) = (estimate.low > bound, estimate.high < bound);
    match side {
        _ if !(estimate.low.is_finite() && estimate.high.is_finite()) => Verdict::Undecided,
        Side::Above if above => Verdict::Holds,
        Side::Below if below => Verdict::Holds,
        _ if above || below => Verdict::DoesNotHold,
        _ => Verdict::Undecided,
    }
}

/// A value that many runs must give on average.
pub(super) struct Expected {
    pub(super) value: f64,
    /// Its spread over runs where that is known beforehand; it then stands for ours, which few runs give badly and which
    /// would widen the tolerance where ours is too large.
    pub(super) sd: Option<f64>,
    /// Runs whose mean the value is; none: it is exact.
    pub(super) reference_runs: Option<usize>,
    /// Half a unit of the last digit of the value as it was published.
    pub(super) rounding: f64,
    pub(super) notation: Notation,
}

impl Expected {
    /// Largest difference of a mean over `n` runs that counts as none: [`ERRORS`] standard errors of the difference of
    /// two means, and the rounding.
    fn tolerance(&self, n: usize, own_sd: f64) -> f64 {
        let inverse = |n: usize| 1.0 / n as f64;
        let error = self.sd.unwrap_or(own_sd) * (inverse(n) + self.reference_runs.map_or(0.0, inverse)).sqrt();
        ERRORS * error + self.rounding
    }

    fn rule(&self, n: usize, tolerance: f64) -> String {
        let runs = match self.reference_runs {
            Some(reference) => format!("{n} of ours and {reference} behind the expected value"),
            None => format!("{n} of ours"),
        };
        let spread = if self.sd.is_some() { "the spread that is expected" } else { "our spread" };
        format!(
            "The claim holds where the difference is at most {} to either side: {ERRORS} standard errors, from {spread} and \
             the number of runs ({runs}), and half a unit of the last digit.",
            two_digits(tolerance)
        )
    }
}

/// A mean over runs that is claimed to have a value.
pub(super) fn equals(words: &str, source: &'static str, expected: &Expected, values: &[f64]) -> Result<Claim> {
    let ours = Summary::of(values).with_context(|| format!("claim '{words}'"))?;
    let Expected { value, sd, notation, .. } = *expected;
    let tolerance = expected.tolerance(ours.n, ours.sd);
    let difference = ours.mean - value;
    let rule = expected.rule(ours.n, tolerance);
    let (verdict, reason) = match ours.n >= FEWEST || sd.is_some() {
        false => (Verdict::NotTested, format!("Only {} of at least {FEWEST} runs. {rule}", ours.n)),
        true if difference.abs() <= tolerance => (Verdict::Holds, rule),
        true => (Verdict::DoesNotHold, rule),
    };
    let claimed = match sd {
        Some(sd) => format!("expected {} (sd {})", notation.write(value), two_digits(sd)),
        None => format!("expected {}", notation.write(value)),
    };
    let around = |mean: f64, reach: f64| Estimate { mean, low: mean - reach, high: mean + reach };
    let effect = match notation {
        Notation::Decimals(decimals) => {
            Effect { measure: "difference".to_owned(), estimate: around(difference, tolerance), decimals }
        }
        Notation::Scientific(_) => Effect {
            measure: "difference over expected".to_owned(),
            estimate: around(difference / value, tolerance / value),
            decimals: 3,
        },
    };
    let statement = Statement { words: words.to_owned(), source, claimed, ..Statement::default() };
    let ours = match ours.n {
        1 => notation.write(ours.mean),
        _ => format!("{} (sd {})", notation.write(ours.mean), two_digits(ours.sd)),
    };
    Ok(claim(statement, ours, Some(effect), verdict, reason))
}

/// A spread with two significant digits.
fn two_digits(value: f64) -> String {
    let exponent = value.log10().floor();
    if (-3.0..=3.0).contains(&exponent) {
        let decimals = (1.0 - exponent).max(0.0) as usize;
        format!("{value:.decimals$}")
    } else {
        format!("{value:.1e}").replace('-', "−")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement { words: "a claim".to_owned(), claimed: "2".to_owned(), ..Statement::default() }
    }

    fn ratio(ratio: f64, low: f64, high: f64, side: Side, units: usize) -> Verdict {
        let estimate = Estimate { mean: ratio, low, high };
        over_units(statement(), "ratio", estimate, (side, 1.0), units).verdict
    }

    #[test]
    fn a_whole_interval_decides() {
        assert_eq!(ratio(1.5, 1.2, 1.9, Side::Above, 7), Verdict::Holds);
        assert_eq!(ratio(1.5, 1.2, 1.9, Side::Below, 7), Verdict::DoesNotHold);
        assert_eq!(ratio(0.8, 0.7, 0.9, Side::Above, 7), Verdict::DoesNotHold);
        assert_eq!(ratio(0.8, 0.7, 0.9, Side::Below, 7), Verdict::Holds);
        assert_eq!(ratio(1.1, 0.9, 1.4, Side::Above, 7), Verdict::Undecided);
        assert_eq!(ratio(1.5, 1.2, 1.9, Side::Above, 2), Verdict::NotTested);
        assert_eq!(ratio(1.5, f64::NAN, 1.9, Side::Above, 7), Verdict::Undecided);
    }

    #[test]
    fn a_mean_over_runs_must_be_clear_of_the_bound() {
        let judge = |values: &[f64]| {
            over_runs(statement(), "R²", values, (Side::Above, 0.9), Notation::Decimals(3)).unwrap().verdict
        };
        assert_eq!(judge(&[0.95, 0.96, 0.97]), Verdict::Holds);
        assert_eq!(judge(&[0.5, 0.55, 0.6]), Verdict::DoesNotHold);
        assert_eq!(judge(&[0.8, 0.91, 0.99]), Verdict::Undecided);
        assert_eq!(judge(&[0.95, 0.96]), Verdict::NotTested);
        assert!(over_runs(statement(), "R²", &[], (Side::Above, 0.9), Notation::Decimals(3)).is_err());
    }

    #[test]
    fn values_must_agree_within_their_errors_and_rounding() {
        let (notation, reference_runs) = (Notation::Decimals(1), Some(20));
        let expected = Expected { value: 418.0, sd: Some(7.0), reference_runs, rounding: 0.5, notation };
        let judge = |values: &[f64]| equals("norm", "", &expected, values).unwrap().verdict;
        assert_eq!(judge(&[410.0, 425.0, 419.0]), Verdict::Holds);
        assert_eq!(judge(&[460.0, 465.0, 459.0]), Verdict::DoesNotHold);
        // 3 * 7 * sqrt(1/5 + 1/20) + 0.5 = 11.0 over five runs, however far they spread.
        assert_eq!(judge(&[428.8; 5]), Verdict::Holds);
        assert_eq!(judge(&[429.2; 5]), Verdict::DoesNotHold);
        assert_eq!(judge(&[329.2, 529.2, 429.2, 329.2, 529.2]), Verdict::DoesNotHold);
        let exact = Expected { sd: None, reference_runs: None, ..expected };
        assert_eq!(equals("norm", "", &exact, &[418.0, 418.1]).unwrap().verdict, Verdict::NotTested);
        assert_eq!(equals("norm", "", &exact, &[419.0, 419.1, 419.05]).unwrap().verdict, Verdict::DoesNotHold);
    }

    #[test]
    fn reasons_state_the_rule() {
        let judge = |low: f64, units: usize| {
            let found = Estimate { mean: 1.5, low, high: 1.9 };
            over_units(statement(), "ratio of means", found, (Side::Above, 1.0), units)
        };
        let (undecided, untested) = (judge(0.9, 7), judge(1.2, 2));
        assert!(undecided.reason.starts_with("The interval contains 1.00"), "{}", undecided.reason);
        assert!(untested.reason.starts_with("Only 2 of at least 3"), "{}", untested.reason);
        let claim = judge(1.2, 7);
        assert!(claim.reason.contains("wholly above 1.00") && claim.reason.contains("7 units"), "{}", claim.reason);
        assert_eq!(claim.effect.unwrap().value(), "1.50\u{a0}[1.20,\u{a0}1.90]");
    }

    #[test]
    fn an_end_that_rounds_to_the_bound_gets_more_digits() {
        let shown = |low: f64, high: f64| {
            let found = Estimate { mean: (low + high) / 2.0, low, high };
            over_units(statement(), "", found, (Side::Above, 1.0), 7).effect.unwrap().value()
        };
        assert_eq!(shown(1.003, 1.2), "1.101\u{a0}[1.003,\u{a0}1.200]");
        assert_eq!(shown(0.9, 0.99996), "0.94998\u{a0}[0.90000,\u{a0}0.99996]");
        assert_eq!(shown(1.01, 1.2), "1.10\u{a0}[1.01,\u{a0}1.20]");
        assert_eq!(shown(1.0, 1.2), "1.10\u{a0}[1.00,\u{a0}1.20]", "a bound that is touched");
    }
}
