//! What a response is worth: channels and time bins to one score.

use paradigm::{Measure, Pattern};
use serde::{Deserialize, Serialize};

/// A channel, by place from 0 or by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a channel must be its place, a whole number from 0, or its name in quotes")]
pub enum Channel {
    /// Its place in the response, from 0.
    Place(usize),
    /// Its name.
    Name(String),
}

/// What a thread is after. At most one of `channel`, `channels` and `pattern`; with none, the mean of all channels.
///
/// ```text
/// r_c = mean over the bins of `window` - mean over the bins of `baseline`     (channels x bins; else the channel itself)
/// channel:   r_c            channels: mean of r_c, or sum_c weights_c r_c
/// pattern:   z_c = (r_c - mean_c) / std_c on the channels of the mask; measure(z, pattern)
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// One channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Several channels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Their weights; without, their mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// A value a channel, for all channels in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pattern: Vec<f64>,
    /// How near a response is to the pattern.
    pub measure: Measure,
    /// Means of the channels, for z-scores.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mean: Vec<f64>,
    /// Standard deviations of the channels, for z-scores.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub std: Vec<f64>,
    /// Which channels count for the pattern; without, all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mask: Vec<bool>,
    /// Evoked window, first and last millisecond; without, all bins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<[f64; 2]>,
    /// Window whose mean is subtracted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<[f64; 2]>,
}

/// Names and bins of a response's values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layout<'a> {
    /// Names of the channels.
    pub channels: Option<&'a [String]>,
    /// Edges of the bins in milliseconds, one more than bins; without, a value a channel.
    pub bins_ms: Option<&'a [f64]>,
}

impl Layout<'_> {
    /// Time bins of a channel: 1 if it is one number.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.bins_ms.map_or(1, |edges| edges.len().saturating_sub(1).max(1))
    }
}

impl Target {
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let kinds = [self.channel.is_some(), !self.channels.is_empty(), !self.pattern.is_empty()];
        let fits = |list: usize| list == 0 || list == self.pattern.len();
        if kinds.iter().filter(|&&kind| kind).count() > 1 {
            return Err("at most one of channel, channels and pattern");
        }
        if !self.weights.is_empty() && self.weights.len() != self.channels.len() {
            return Err("with a weight for each of channels");
        }
        if !(fits(self.mean.len()) && fits(self.std.len()) && fits(self.mask.len())) {
            return Err("with mean, std and mask as long as pattern");
        }
        let finite = |list: &[f64]| list.iter().all(|value| value.is_finite());
        if ![&self.weights, &self.pattern, &self.mean].into_iter().all(|list| finite(list)) {
            return Err("of finite numbers");
        }
        let ordered = |window: &Option<[f64; 2]>| window.is_none_or(|[from, to]| from < to);
        if ordered(&self.window) && ordered(&self.baseline) { Ok(()) } else { Err("with windows from early to late") }
    }

    /// The score of a response: `values` are channels, or channels x bins in C order. NaN where a value that is needed
    /// is missing or not there.
    #[must_use]
    pub fn score(&self, values: &[f64], layout: Layout<'_>) -> f64 {
        let rates = self.rates(values, layout);
        let rate = |channel: &Channel| match channel {
            Channel::Place(place) => rates.get(*place).copied().unwrap_or(f64::NAN),
            Channel::Name(name) => {
                let place = layout.channels.and_then(|names| names.iter().position(|other| other == name));
                place.and_then(|place| rates.get(place).copied()).unwrap_or(f64::NAN)
            }
        };
        if let Some(channel) = &self.channel {
            return rate(channel);
        }
        if !self.channels.is_empty() {
            let rates: Vec<f64> = self.channels.iter().map(rate).collect();
            return if self.weights.is_empty() { mean(&rates) } else { dot(&rates, &self.weights) };
        }
        if self.pattern.is_empty() { mean(&rates) } else { self.as_pattern().nearness(&rates) }
    }

    /// A rate a channel: the mean of its bins in the window, less that in the baseline.
    fn rates(&self, values: &[f64], layout: Layout<'_>) -> Vec<f64> {
        let Some(edges) = layout.bins_ms.filter(|edges| edges.len() > 1) else { return values.to_vec() };
        let bins = edges.len() - 1;
        let within = |bin: usize, window: &Option<[f64; 2]>| {
            window.is_none_or(|window| is_within([edges[bin], edges[bin + 1]], window))
        };
        let average = |channel: &[f64], window: &Option<[f64; 2]>| {
            let inside: Vec<f64> = (0..bins).filter(|&bin| within(bin, window)).map(|bin| channel[bin]).collect();
            mean(&inside)
        };
        let rate = |channel: &[f64]| {
            let evoked = average(channel, &self.window);
            if self.baseline.is_some() { evoked - average(channel, &self.baseline) } else { evoked }
        };
        values.chunks_exact(bins).map(rate).collect()
    }

    pub(crate) fn as_pattern(&self) -> Pattern<'_> {
        let Self { pattern: values, measure, mean, std, mask, .. } = self;
        Pattern { values, measure: *measure, mean, std, mask }
    }

    /// Why no response of `values` numbers can be used: what the target reads, and what the responses have. None if it fits.
    pub(crate) fn misfit(&self, values: usize, layout: Layout<'_>) -> Option<String> {
        let count = values / layout.bins();
        let have = format!("the responses have {count} channel{}", if count == 1 { "" } else { "s" });
        for channel in self.channel.iter().chain(&self.channels) {
            match (channel, layout.channels) {
                (Channel::Place(place), _) if *place >= count => {
                    return Some(format!("the target reads channel {place}, {have}, numbered from 0"));
                }
                (Channel::Name(name), None) => {
                    return Some(format!("the target reads channel '{name}', {have} without names"));
                }
                (Channel::Name(name), Some(names)) if !names.contains(name) => {
                    return Some(format!("the target reads channel '{name}', {have}: {}", names.join(", ")));
                }
                _ => {}
            }
        }
        if !self.pattern.is_empty() {
            let length = self.pattern.len();
            if length != count {
                return Some(format!(
                    "the target's pattern has {length} value{}, {have}",
                    if length == 1 { "" } else { "s" }
                ));
            }
            if let Err(error) = self.as_pattern().check() {
                return Some(error.to_string());
            }
        }
        let edges = layout.bins_ms.filter(|edges| edges.len() > 1)?;
        let outside = |window: &&[f64; 2]| !edges.windows(2).any(|bin| is_within([bin[0], bin[1]], **window));
        let [from, to] = self.window.iter().chain(&self.baseline).find(outside)?;
        Some(format!("the target reads {from} to {to} ms, no time bin of the responses lies within: {edges:?}"))
    }
}

fn is_within([first, last]: [f64; 2], [from, to]: [f64; 2]) -> bool {
    first >= from - 1e-9 && last <= to + 1e-9
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_and_a_baseline_are_means_of_bins() {
        let target = Target {
            channel: Some(Channel::Name("5A".into())),
            window: Some([50.0, 200.0]),
            baseline: Some([0.0, 50.0]),
            ..Target::default()
        };
        let names = ["4B".to_owned(), "5A".to_owned()];
        let layout = Layout { channels: Some(&names), bins_ms: Some(&[0.0, 50.0, 100.0, 200.0]) };
        assert_eq!(target.score(&[9.0, 9.0, 9.0, 1.0, 4.0, 8.0], layout), 5.0);
        assert!(target.score(&[9.0, 9.0, 9.0, 1.0, f64::NAN, 8.0], layout).is_nan());
    }

    #[test]
    fn channels_are_averaged_or_weighted() {
        let mut target = Target { channels: vec![Channel::Place(0), Channel::Place(2)], ..Target::default() };
        assert_eq!(target.score(&[1.0, 7.0, 3.0], Layout::default()), 2.0);
        target.weights = vec![1.0, -2.0];
        assert_eq!(target.score(&[1.0, 7.0, 3.0], Layout::default()), -5.0);
        assert_eq!(Target::default().score(&[1.0, 2.0, 6.0], Layout::default()), 3.0);
    }

    #[test]
    fn a_target_that_does_not_fit_says_what_it_reads_and_what_the_responses_have() {
        let names = ["4B".to_owned(), "5A".to_owned()];
        let misfit = |target: &str, values: usize, layout: Layout<'_>| {
            toml::from_str::<Target>(target).unwrap().misfit(values, layout).unwrap_or_default()
        };
        let bare = Layout::default();
        let named = Layout { channels: Some(&names), ..bare };
        let binned = Layout { bins_ms: Some(&[0.0, 50.0, 100.0]), ..bare };
        for (target, values, layout, expected) in [
            ("channel = 3", 1, bare, "the target reads channel 3, the responses have 1 channel, numbered from 0"),
            (
                "channels = [0, 2]",
                2,
                named,
                "the target reads channel 2, the responses have 2 channels, numbered from 0",
            ),
            ("channel = 1", 2, binned, "the target reads channel 1, the responses have 1 channel, numbered from 0"),
            ("channel = '5C'", 2, named, "the target reads channel '5C', the responses have 2 channels: 4B, 5A"),
            ("channel = '5C'", 2, bare, "the target reads channel '5C', the responses have 2 channels without names"),
            ("pattern = [1, 2]", 1, bare, "the target's pattern has 2 values, the responses have 1 channel"),
            (
                "window = [60, 90]",
                2,
                binned,
                "the target reads 60 to 90 ms, no time bin of the responses lies within: [0.0, 50.0, 100.0]",
            ),
            ("channels = ['5A', 0]\nwindow = [50, 90]", 2, named, ""),
            ("pattern = [1, 2]\nbaseline = [0, 50]", 4, binned, ""),
        ] {
            assert_eq!(misfit(target, values, layout), expected, "{target}");
        }
        assert!(misfit("pattern = [0]\nmeasure = 'cosine'", 1, bare).starts_with("the pattern is zero"));
    }

    #[test]
    fn patterns_are_met_on_masked_z_scores() {
        let mut target = Target {
            pattern: vec![1.0, 2.0, 50.0],
            mean: vec![1.0, 1.0, 0.0],
            std: vec![2.0, 2.0, 1.0],
            mask: vec![true, true, false],
            ..Target::default()
        };
        let rates = [3.0, 5.0, 7.0]; // z = 1, 2
        let expected = [
            (Measure::Dot, 5.0),
            (Measure::Cosine, 1.0),
            (Measure::Correlation, 1.0),
            (Measure::NegativeSquaredDistance, 0.0),
        ];
        for (measure, score) in expected {
            target.measure = measure;
            assert!((target.score(&rates, Layout::default()) - score).abs() < 1e-12, "{measure:?}");
        }
        assert!(target.score(&rates[..2], Layout::default()).is_nan());
    }
}
