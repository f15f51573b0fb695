//! One number read from all activations of a layer: a linear readout, or the nearness to a pattern.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::pattern::{Measure, Pattern, PatternError};

/// An array of numbers, C order.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The values.
    pub values: Vec<f64>,
}

/// Arrays of a file by name. The only array of a file without names has the name `""`.
pub type NamedNumbers = BTreeMap<String, Numbers>;

/// Reads one number from the activations of a layer to an image, `[C, H, W]` or `[C]`.
///
/// ```text
/// linear:   bias + sum over channels and positions of weight times activation
/// pattern:  measure((activation - mean) / std, pattern) over what the mask leaves
/// ```
///
/// A value a channel, of a layer with positions, is about the channel's mean over the positions; a value a position about the
/// mean over the channels. Weights of channels and of positions together are multiplied, as in encoding models with a
/// spatial mask (Klindt et al., 2017. Neural system identification for large populations. NeurIPS).
#[derive(Clone, Debug, PartialEq)]
pub struct LayerReadout(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Linear { weights: Vec<f64>, bias: f64 },
    Pattern { lists: Lists, measure: Measure, positions: usize },
}

/// The lists of a pattern; `positions` activations in a row are averaged to one response.
#[derive(Clone, Debug, Default, PartialEq)]
struct Lists {
    values: Vec<f64>,
    mean: Vec<f64>,
    std: Vec<f64>,
    mask: Vec<bool>,
}

/// Why arrays are no readout of a layer.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ReadoutError {
    /// The array that says what is read is not there.
    #[error("it holds none of the arrays {}", wanted.join(", "))]
    Missing {
        /// Arrays of which one is needed.
        wanted: &'static [&'static str],
    },
    /// Two arrays that say the same.
    #[error("it holds 'weights' beside 'channel_weights' or 'position_weights': leave one of them out")]
    Both,
    /// An array that does not fit the layer.
    #[error("its array '{array}' has shape {found:?}, of a layer {layer:?} it must be {expected}")]
    Shape {
        /// The array.
        array: String,
        /// Its shape.
        found: Vec<usize>,
        /// Shape of the layer.
        layer: Vec<usize>,
        /// What it must be.
        expected: String,
    },
    /// A weight that is not finite.
    #[error("value {index} of its array '{array}' is not finite")]
    NotFinite {
        /// The array.
        array: String,
        /// Place of the value, C order.
        index: usize,
    },
    /// All weights are 0.
    #[error("all its weights are 0")]
    Zero,
    /// The pattern cannot be met.
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

/// Which axes of a layer an array goes along.
enum Along {
    All,
    Channels,
    Positions,
}

/// A layer `[C, H, W]` or `[C]`.
struct Layer<'a>(&'a [usize]);

impl Layer<'_> {
    fn channels(&self) -> usize {
        self.0.first().copied().unwrap_or(0)
    }

    fn positions(&self) -> usize {
        self.0[1.min(self.0.len())..].iter().product()
    }

    /// Which axes `array` goes along: those of its shape, or of its length where it is flattened.
    fn along(&self, name: &str, array: &Numbers) -> Result<Along, ReadoutError> {
        let (shape, len) = (&array.shape[..], array.values.len());
        match shape {
            _ if shape == self.0 => Ok(Along::All),
            [_] if len == self.channels() => Ok(Along::Channels),
            [_] if len == self.channels() * self.positions() => Ok(Along::All),
            [_, _] if self.0.len() == 3 && shape == &self.0[1..] => Ok(Along::Positions),
            _ => Err(self.wrong(name, array, "")),
        }
    }

    fn wrong(&self, name: &str, array: &Numbers, expected: &str) -> ReadoutError {
        let (channels, grid) = (self.channels(), &self.0[1.min(self.0.len())..]);
        let expected = match (expected, grid) {
            ("", []) => format!("[{channels}]"),
            ("", grid) => format!("{:?}, [{channels}] for its channels or {grid:?} for its positions", self.0),
            (expected, _) => expected.to_owned(),
        };
        let array_name = if name.is_empty() { "the only one" } else { name };
        ReadoutError::Shape {
            array: array_name.to_owned(),
            found: array.shape.clone(),
            layer: self.0.to_vec(),
            expected,
        }
    }
}

impl LayerReadout {
    /// Arrays that a linear readout is read from. `weights` go along all axes of the layer, or along its channels or
    /// positions alone.
    pub const LINEAR: [&'static str; 4] = ["weights", "channel_weights", "position_weights", "bias"];
    /// Arrays that a pattern is read from, all of one shape; all but the first may be left out.
    pub const PATTERN: [&'static str; 4] = ["pattern", "mean", "std", "mask"];

    /// A linear readout of a layer of this shape.
    ///
    /// # Errors
    /// If there are no weights, or they do not fit the layer, are not finite, or all 0.
    pub fn linear(layer: &[usize], arrays: &NamedNumbers) -> Result<Self, ReadoutError> {
        let layer = Layer(layer);
        for (name, array) in arrays {
            if let Some(index) = array.values.iter().position(|value| !value.is_finite()) {
                return Err(ReadoutError::NotFinite { array: name.clone(), index });
            }
        }
        let (mut channels, mut positions) = (arrays.get("channel_weights"), arrays.get("position_weights"));
        let mut all = None;
        if let Some((name, array)) = ["weights", ""].iter().find_map(|name| Some((*name, arrays.get(*name)?))) {
            if channels.or(positions).is_some() {
                return Err(ReadoutError::Both);
            }
            match layer.along(name, array)? {
                Along::All => all = Some(array),
                Along::Channels => channels = Some(array),
                Along::Positions => positions = Some(array),
            }
        }
        let weights = match (all, channels, positions) {
            (Some(all), ..) => all.values.clone(),
            (None, None, None) => return Err(ReadoutError::Missing { wanted: &Self::LINEAR[..3] }),
            (None, channels, positions) => {
                let of = |name, array: Option<&Numbers>, len: usize| match array {
                    Some(array) if array.values.len() != len => {
                        Err(layer.wrong(name, array, &format!("of {len} values")))
                    }
                    Some(array) => Ok(array.values.clone()),
                    None => Ok(vec![1.0 / len as f64; len]),
                };
                let channels = of("channel_weights", channels, layer.channels())?;
                let positions = of("position_weights", positions, layer.positions())?;
                channels.iter().flat_map(|c| positions.iter().map(move |p| c * p)).collect()
            }
        };
        let bias = match arrays.get("bias") {
            Some(bias) if bias.values.len() != 1 => return Err(layer.wrong("bias", bias, "one number")),
            bias => bias.map_or(0.0, |bias| bias.values[0]),
        };
        let has_any = weights.iter().any(|&weight| weight != 0.0);
        if has_any { Ok(Self(Kind::Linear { weights, bias })) } else { Err(ReadoutError::Zero) }
    }

    /// The nearness of a layer of this shape to a pattern: a value a unit of the layer, or a value a channel.
    ///
    /// # Errors
    /// If there is no pattern, an array does not fit the layer or the pattern, or the measure is not defined with it.
    pub fn pattern(layer: &[usize], arrays: &NamedNumbers, measure: Measure) -> Result<Self, ReadoutError> {
        let layer = Layer(layer);
        let found = ["pattern", ""].iter().find_map(|name| Some((*name, arrays.get(*name)?)));
        let (name, array) = found.ok_or(ReadoutError::Missing { wanted: &Self::PATTERN[..1] })?;
        let positions = match layer.along(name, array)? {
            Along::All => 1,
            Along::Channels => layer.positions(),
            Along::Positions => return Err(layer.wrong(name, array, "a value a unit, or a value a channel")),
        };
        let list = |name: &str| arrays.get(name).map_or_else(Vec::new, |array| array.values.clone());
        let mask = list("mask").iter().map(|&counts| counts != 0.0).collect();
        let lists = Lists { values: array.values.clone(), mean: list("mean"), std: list("std"), mask };
        lists.with(measure).check()?;
        Ok(Self(Kind::Pattern { lists, measure, positions }))
    }

    /// The number, for the activations of the layer to one image, C order.
    #[must_use]
    pub fn score(&self, activations: &[f32]) -> f64 {
        match &self.0 {
            Kind::Linear { weights, bias } => {
                bias + weights.iter().zip(activations).map(|(w, &a)| w * f64::from(a)).sum::<f64>()
            }
            Kind::Pattern { lists, measure, positions } => {
                let mean = |unit: &[f32]| unit.iter().map(|&a| f64::from(a)).sum::<f64>() / *positions as f64;
                let responses: Vec<f64> = activations.chunks(*positions).map(mean).collect();
                lists.with(*measure).nearness(&responses)
            }
        }
    }
}

impl Lists {
    fn with(&self, measure: Measure) -> Pattern<'_> {
        Pattern { values: &self.values, measure, mean: &self.mean, std: &self.std, mask: &self.mask }
    }
}
