//! Patterns of a population.

use paradigm::{Measure, Pattern};

const PATTERN: Pattern<'_> = Pattern {
    values: &[1.0, 2.0, 50.0],
    measure: Measure::Dot,
    mean: &[1.0, 1.0, 0.0],
    std: &[2.0, 2.0, 1.0],
    mask: &[true, true, false],
};

#[test]
fn nearness_is_measured_on_masked_z_scores() {
    let responses = [3.0, 5.0, 7.0]; // z = 1, 2
    for (measure, score) in [
        (Measure::Dot, 5.0),
        (Measure::Cosine, 1.0),
        (Measure::Correlation, 1.0),
        (Measure::NegativeSquaredDistance, 0.0),
    ] {
        let nearness = Pattern { measure, ..PATTERN }.nearness(&responses);
        assert!((nearness - score).abs() < 1e-12, "{measure:?}");
    }
    assert!(PATTERN.nearness(&responses[..2]).is_nan());
}

#[test]
fn a_pattern_that_cannot_be_met_is_refused() {
    assert_eq!(PATTERN.check(), Ok(()));
    let of = |pattern: Pattern<'_>| pattern.check().unwrap_err().to_string();
    assert_eq!(of(Pattern { mean: &[0.0], ..PATTERN }), "mean has 1 values, the pattern 3");
    assert!(of(Pattern { std: &[1.0, 0.0, 1.0], ..PATTERN }).contains("std of channel 1 is 0.0"));
    assert!(of(Pattern { values: &[f64::NAN, 2.0, 3.0], ..PATTERN }).contains("pattern of channel 0 is NaN"));
    assert_eq!(Pattern { values: &[1.0, 2.0, f64::NAN], ..PATTERN }.check(), Ok(()), "masked out");
    assert!(of(Pattern { mask: &[false; 3], ..PATTERN }).contains("no channel counts"));
    assert!(of(Pattern { values: &[0.0; 3], measure: Measure::Cosine, ..PATTERN }).contains("is zero"));
    assert!(of(Pattern { values: &[4.0; 3], measure: Measure::Correlation, ..PATTERN }).contains("does not vary"));
}
