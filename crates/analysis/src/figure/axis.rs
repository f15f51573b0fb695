//! Ranges, scales and ticks.

use super::text;

/// Font size of tick labels.
pub(crate) const TICK_SIZE: f64 = 10.5;
/// Labelled decades of a logarithmic axis; of more, every second or third has a label.
const MOST_DECADES: f64 = 8.0;
/// Share of the data's range added above and below.
const PADDING: f64 = 0.05;
/// Ranges below this one would have ticks without digits.
const TINY: f64 = 1e-300;
/// Ends of a logarithmic axis lie within this factor of 1.
const RATIO: f64 = 1e140;
/// Values beyond this one would have ranges that overflow.
const HUGE: f64 = 1e300;

/// One axis: the range it shows, its scale and its labelled ticks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
    /// Position in data units, label.
    pub(crate) ticks: Vec<(f64, String)>,
    /// Labels are set at a slant, being too wide for their places.
    pub(crate) slanted: bool,
}

/// How values are spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    Logarithmic,
    /// `asinh(value / unit)`: linear within a unit of zero, logarithmic beyond, for either sign.
    Signed {
        unit: f64,
    },
}

impl Scale {
    fn apply(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Logarithmic => value.ln(),
            Self::Signed { unit } => (value / unit).asinh(),
        }
    }
}

impl Axis {
    /// Linear axis around all finite `values`, with about `count` ticks.
    pub(crate) fn around(values: impl IntoIterator<Item = f64>, count: usize) -> Self {
        let (low, high) = range(values).unwrap_or((0.0, 1.0));
        // A range of rounding noise alone would be labelled with sixteen digits.
        let smallest = (1e-9 * low.abs().max(high.abs())).max(TINY);
        let spread = if high - low > smallest { (high - low) * PADDING } else { (low.abs() * PADDING).max(0.5) };
        Self::linear(low - spread, high + spread, count)
    }

    /// Linear axis around all finite `values` and zero.
    pub(crate) fn from_zero(values: impl IntoIterator<Item = f64>, count: usize) -> Self {
        let (low, high) = range(values.into_iter().chain([0.0])).unwrap_or((0.0, 1.0));
        if high - low < TINY {
            return Self::linear(0.0, 1.0, count);
        }
        let spread = (high - low) * PADDING;
        let (below, above) = (if low < 0.0 { spread } else { 0.0 }, if high > 0.0 { spread } else { 0.0 });
        Self::linear(low - below, high + above, count)
    }

    /// Axis of the generations `0 .. length - 1`.
    pub(crate) fn generations(length: usize, count: usize) -> Self {
        Self::linear(0.0, length.saturating_sub(1).max(1) as f64, count)
    }

    /// Logarithmic axis around all positive `values`, with ticks at decades, and at 2 and 5 where there are few.
    pub(crate) fn logarithmic(values: impl IntoIterator<Item = f64>) -> Self {
        let positive = values.into_iter().filter(|value| *value > 0.0);
        let (low, high) = range(positive).unwrap_or((1.0, 10.0));
        // Ratios of the ends must not overflow.
        let [low, high] = [low, high].map(|end| end.clamp(1.0 / RATIO, RATIO));
        // Four times a number spans at least one of 1, 2 and 5.
        let stretch = if high / low < 3.0 { 2.0 } else { (high / low).powf(PADDING).max(1.2) };
        let (low, high) = (low / stretch, high * stretch);
        let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let steps: &[f64] = if high / low < 200.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let stride = ((high / low).log10() / MOST_DECADES).ceil().max(1.0) as i32;
        let ticks = decades
            .filter(|decade| decade % stride == 0)
            .flat_map(|decade| steps.iter().map(move |step| step * 10f64.powi(decade)))
            .filter(|value| (low..=high).contains(value))
            .map(|value| (value, decade(value)))
            .collect();
        Self { low, high, scale: Scale::Logarithmic, ticks, slanted: false }
    }

    /// Axis around all finite `values` and zero that is linear near zero and logarithmic further out, for values of
    /// either sign over several orders of magnitude.
    pub(crate) fn signed_logarithmic(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = range(values.into_iter().chain([0.0])).unwrap_or((-1.0, 1.0));
        let largest = low.abs().max(high.abs());
        let top = if largest > TINY { largest } else { 1.0 };
        let unit = 10f64.powf(top.log10().floor()) / 1000.0;
        let magnitudes = (1..=3).map(|power| unit * 10f64.powi(power));
        let signed = magnitudes.clone().rev().map(|value| -value).chain([0.0]).chain(magnitudes);
        let (low, high) = (if low < 0.0 { low * 1.6 } else { -unit }, if high > 0.0 { high * 1.6 } else { unit });
        let ticks = signed.filter(|value| (low..=high).contains(value)).map(|value| (value, decade(value))).collect();
        Self { low, high, scale: Scale::Signed { unit }, ticks, slanted: false }
    }

    /// Places `0, 1 ..` from left to right, one a label, over `width` CSS pixels.
    pub(crate) fn columns(labels: &[String], width: f64) -> Self {
        let place = width / labels.len().max(1) as f64;
        let widest = labels.iter().map(|label| text::width(label, TICK_SIZE, false)).fold(0.0, f64::max);
        Self { slanted: widest + 4.0 > place, ..Self::places(labels, -0.5, labels.len().max(1) as f64 - 0.5) }
    }

    /// Places `0, 1 ..` from top to bottom, one a label.
    pub(crate) fn rows(labels: &[String]) -> Self {
        Self::places(labels, labels.len().max(1) as f64 - 0.5, -0.5)
    }

    fn places(labels: &[String], low: f64, high: f64) -> Self {
        let ticks = labels.iter().enumerate().map(|(index, label)| (index as f64, label.clone())).collect();
        Self { low, high, scale: Scale::Linear, ticks, slanted: false }
    }

    /// The same axis with bare ticks, for panels beside one that has the labels.
    pub(crate) fn unlabelled(mut self) -> Self {
        self.ticks.iter_mut().for_each(|(_, label)| label.clear());
        self
    }

    /// Linear axis over exactly `low .. high`, with about `count` ticks.
    pub(crate) fn linear(low: f64, high: f64, count: usize) -> Self {
        let step = nice_step((high - low) / count.max(1) as f64);
        let first = (low / step - 1e-9).ceil();
        let last = (high / step + 1e-9).floor();
        let decimals = (-step.log10().floor()).max(0.0) as usize + usize::from(is_quarter(step));
        // Adding 0.0 turns -0.0 into 0.0.
        let at = |index: usize| (first + index as f64) * step + 0.0;
        let number = ((last - first).max(0.0) as usize + 1).min(4 * count + 4);
        let ticks = (0..number).map(|index| (at(index), plain(at(index), decimals))).collect();
        Self { low, high, scale: Scale::Linear, ticks, slanted: false }
    }

    /// Its ends, in data units.
    pub(crate) fn ends(&self) -> [f64; 2] {
        [self.low, self.high]
    }

    /// Share of the axis below `value`: 0 at the low end, 1 at the high end.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        let [value, low, high] = [value, self.low, self.high].map(|value| self.scale.apply(value));
        (value - low) / (high - low)
    }
}

/// Smallest and largest finite value.
fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let range = values.into_iter().filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    });
    range.map(|(low, high)| (low.clamp(-HUGE, HUGE), high.clamp(-HUGE, HUGE)))
}

/// The one of 1, 2, 2.5, 5 and 10 times a power of ten that is nearest to `raw` in proportion.
fn nice_step(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let distance = |step: f64| (step * power / raw).ln().abs();
    let nearest = |best: f64, step: f64| if distance(step) < distance(best) { step } else { best };
    power * [2.0, 2.5, 5.0, 10.0].into_iter().fold(1.0, nearest)
}

/// True for 2.5 times a power of ten, which needs one decimal more.
fn is_quarter(step: f64) -> bool {
    let digit = step / 10f64.powf(step.log10().floor());
    (digit - 2.5).abs() < 1e-6 && step < 10.0
}

/// A tick label: plain digits up to a million and down to 0.0001, powers of ten beyond.
fn plain(value: f64, decimals: usize) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        return scientific(value);
    }
    let needed = if magnitude > 0.0 && magnitude < 1.0 { (-magnitude.log10()).ceil() as usize } else { 0 };
    minus(&format!("{value:.*}", decimals.max(needed)))
}

/// A tick label of a logarithmic axis: plain digits from 0.001 up to a million, powers of ten beyond.
fn decade(value: f64) -> String {
    if value == 0.0 || (1e-3..1e6).contains(&value.abs()) {
        return plain(value, 0);
    }
    let exponent = value.abs().log10().round();
    if (value.abs().log10() - exponent).abs() < 1e-9 {
        let sign = if value < 0.0 { "−" } else { "" };
        return format!("{sign}10{}", superscript(exponent as i32));
    }
    scientific(value)
}

/// Mantissa and power of ten.
fn scientific(value: f64) -> String {
    let exponent = value.abs().log10().floor();
    let mantissa = format!("{:.2}", value / 10f64.powf(exponent));
    let digits = mantissa.trim_end_matches('0').trim_end_matches('.');
    minus(&format!("{digits}×10{}", superscript(exponent as i32)))
}

/// Writes a typographic minus sign.
fn minus(digits: &str) -> String {
    digits.replace('-', "−")
}

fn superscript(number: i32) -> String {
    let glyph = |character: char| match character {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
    };
    number.to_string().chars().map(glyph).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers_inside_the_range() {
        assert_eq!(labels(&Axis::generations(75, 4)), ["0", "20", "40", "60"]);
        assert_eq!(labels(&Axis::around([-1.0, 1.0], 4)), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(&Axis::from_zero([9.5], 4)), ["0.0", "2.5", "5.0", "7.5"]);
        assert_eq!(labels(&Axis::from_zero([4.0e6], 2)), ["0", "2×10⁶", "4×10⁶"]);
        assert_eq!(labels(&Axis::logarithmic([0.001, 0.6])), ["0.001", "0.01", "0.1"]);
        assert_eq!(labels(&Axis::logarithmic([1.0, 10.0])), ["1", "2", "5", "10"]);
    }

    #[test]
    fn places_run_from_left_to_right_and_from_top_to_bottom() {
        let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!([0.0, 3.0].map(|at| Axis::columns(&names, 400.0).fraction(at)), [0.125, 0.875]);
        assert_eq!([0.0, 3.0].map(|at| Axis::rows(&names).fraction(at)), [0.875, 0.125]);
        let long = vec!["a long name of a layer".to_owned(); 4];
        assert!(Axis::columns(&long, 200.0).slanted && !Axis::columns(&names, 200.0).slanted);
        assert_eq!(labels(&Axis::rows(&names).unlabelled()), [""; 4]);
    }

    #[test]
    fn signed_axes_have_both_signs_and_zero() {
        let axis = Axis::signed_logarithmic([-20.0, 300.0, f64::NAN]);
        assert_eq!(labels(&axis), ["−10", "−1", "0", "1", "10", "100"]);
        assert!(axis.fraction(-20.0) < axis.fraction(0.0) && axis.fraction(0.0) < axis.fraction(1.0));
        assert!(Axis::signed_logarithmic([]).high > 0.0);
    }

    #[test]
    fn many_decades_have_few_labels() {
        assert!(labels(&Axis::logarithmic([1e-12, 1e12])).len() <= 9);
        assert_eq!(labels(&Axis::logarithmic([2e-5, 5e-5])), ["10⁻⁵", "2×10⁻⁵", "5×10⁻⁵", "10⁻⁴"]);
        assert_eq!(decade(-1e-4), "−10⁻⁴");
    }

    #[test]
    fn degenerate_ranges_have_an_extent_and_ticks() {
        let nan = f64::NAN;
        for values in [
            vec![],
            vec![nan],
            vec![0.0],
            vec![5.0; 3],
            vec![300.0, 300.0 + 1e-13],
            vec![-4.0, f64::INFINITY],
            vec![1e-300, 1e300],
        ] {
            for axis in
                [Axis::around(values.clone(), 4), Axis::from_zero(values.clone(), 4), Axis::logarithmic(values.clone())]
            {
                assert!(axis.high > axis.low && !axis.ticks.is_empty(), "{values:?} {axis:?}");
                assert!(axis.ticks.iter().all(|(_, label)| label.chars().count() < 12), "{values:?} {axis:?}");
                assert!(axis.ticks.iter().all(|(at, _)| axis.fraction(*at).is_finite()), "{values:?} {axis:?}");
            }
        }
        for length in 0..3 {
            assert!(Axis::generations(length, 4).ticks.len() > 1);
        }
    }
}
