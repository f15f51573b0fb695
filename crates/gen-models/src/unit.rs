//! Addresses of units in a network, and sums of them with weights.

use std::fmt;

use optim_core::{did_you_mean, nearest_names};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A tensor of a network that units may be read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerInfo {
    /// The tensor's name in the ONNX file.
    pub name: String,
    /// Shape of one image's activation, without the batch: `[C, H, W]` or `[C]`.
    pub shape: Vec<usize>,
    /// Whether units of it can be addressed: `[C, H, W]` and `[C]` can, other ranks cannot.
    #[serde(default = "yes")]
    pub targetable: bool,
    /// Other names that address it, e.g. those of a publication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Names of the channels, in their order, if they have any: the classes of a last layer. They are part of no record:
    /// units are written with numbers.
    #[serde(skip)]
    pub channel_names: Vec<String>,
}

fn yes() -> bool {
    true
}

impl LayerInfo {
    /// A layer; targetable if `shape` is `[C, H, W]` or `[C]`. A name with line breaks or other control characters
    /// gets an alias that can be typed.
    #[must_use]
    pub fn new(name: impl Into<String>, shape: Vec<usize>) -> Self {
        let targetable = matches!(shape.len(), 1 | 3) && !shape.contains(&0);
        let layer = Self { name: name.into(), shape, targetable, aliases: Vec::new(), channel_names: Vec::new() };
        let printable = layer.printable_name();
        Self { aliases: if printable == layer.name { Vec::new() } else { vec![printable] }, ..layer }
    }

    /// Its name with control characters written as in Rust (`\n`), so that it stays on one line of a terminal.
    #[must_use]
    pub fn printable_name(&self) -> String {
        let printable = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
        self.name.chars().map(printable).collect()
    }

    /// Its name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).map(String::as_str)
    }

    /// Gives the channels the names of a network's classes, if this is a layer of one number a class.
    #[must_use]
    pub fn with_classes(self, classes: &[String]) -> Self {
        let fits = self.shape == [classes.len()];
        Self { channel_names: if fits { classes.to_vec() } else { Vec::new() }, ..self }
    }

    /// The unit in the middle of the map: `(floor(H/2), floor(W/2))`; `None` in a `[C]` layer.
    #[must_use]
    pub fn centre(&self) -> Option<(usize, usize)> {
        match self.shape[..] {
            [_, height, width] => Some((height / 2, width / 2)),
            _ => None,
        }
    }
}

/// One unit: a channel of a layer, at a position if the layer is convolutional.
///
/// Written `LAYER:CHANNEL[:ROW:COL]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitAddress {
    /// The layer's name.
    pub layer: String,
    /// The channel, from 0.
    pub channel: usize,
    /// Row and column, from 0; `None` is the centre of a `[C, H, W]` layer, and the only choice in a
    /// `[C]` layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<(usize, usize)>,
}

impl UnitAddress {
    /// Index of the unit in one image's C-order activation of `layer`.
    ///
    /// # Errors
    /// If the layer cannot be targeted, or channel or position are out of its range.
    pub fn offset_in(&self, layer: &LayerInfo) -> Result<usize, UnitError> {
        let name = || layer.name.clone();
        match (&layer.shape[..], self.position) {
            _ if !layer.targetable => Err(UnitError::NotTargetable { layer: name(), shape: layer.shape.clone() }),
            (&[channels, ..], _) if self.channel >= channels => {
                Err(UnitError::ChannelOutOfRange { layer: name(), channel: self.channel, channels })
            }
            (&[_], None) => Ok(self.channel),
            (&[_], Some(_)) => Err(UnitError::PositionInFullyConnected { layer: name() }),
            (&[_, height, width], position) => {
                let (row, column) = position.unwrap_or((height / 2, width / 2));
                if row >= height || column >= width {
                    return Err(UnitError::PositionOutOfRange { layer: name(), row, column, height, width });
                }
                Ok((self.channel * height + row) * width + column)
            }
            _ => Err(UnitError::NotTargetable { layer: name(), shape: layer.shape.clone() }),
        }
    }
}

impl fmt::Display for UnitAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.layer, self.channel)?;
        match self.position {
            Some((row, column)) => write!(f, ":{row}:{column}"),
            None => Ok(()),
        }
    }
}

/// Several units with weights; its score is the sum of weight times activation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightedUnits(Vec<(UnitAddress, f64)>);

impl WeightedUnits {
    /// These units with these weights.
    ///
    /// # Errors
    /// If there is no unit.
    pub fn new(units: Vec<(UnitAddress, f64)>) -> Result<Self, UnitError> {
        if units.is_empty() { Err(UnitError::NoUnit) } else { Ok(Self(units)) }
    }

    /// Parses one unit an argument, each as [`parse_unit`] does.
    ///
    /// # Errors
    /// If there is no argument, or one of them is no unit of `layers`.
    pub fn parse<S: AsRef<str>>(arguments: &[S], layers: &[LayerInfo]) -> Result<Self, UnitError> {
        let units: Result<_, _> = arguments.iter().map(|argument| parse_unit(argument.as_ref(), layers)).collect();
        Self::new(units?)
    }

    /// The units and their weights.
    #[must_use]
    pub fn units(&self) -> &[(UnitAddress, f64)] {
        &self.0
    }

    /// Names of the layers that the units are in, each once, in order of first use.
    #[must_use]
    pub fn layers(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (unit, _) in &self.0 {
            if !names.contains(&unit.layer.as_str()) {
                names.push(&unit.layer);
            }
        }
        names
    }
}

impl From<UnitAddress> for WeightedUnits {
    /// One unit with weight 1.
    fn from(unit: UnitAddress) -> Self {
        Self(vec![(unit, 1.0)])
    }
}

impl fmt::Display for WeightedUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (unit, weight)) in self.0.iter().enumerate() {
            write!(f, "{}{unit}", if i == 0 { "" } else { " " })?;
            if *weight != 1.0 {
                write!(f, "={weight}")?;
            }
        }
        Ok(())
    }
}

/// What is wrong with a unit.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum UnitError {
    /// No layer of this name.
    #[error("unknown layer '{layer}'{}", did_you_mean(nearest))]
    UnknownLayer {
        /// The name as given.
        layer: String,
        /// Up to three names that resemble it most.
        nearest: Vec<String>,
    },
    /// A layer without a channel.
    #[error("'{argument}' names no channel: write {layer}:CHANNEL or {layer}:CHANNEL:ROW:COL")]
    MissingChannel {
        /// The argument as given.
        argument: String,
        /// The layer.
        layer: String,
    },
    /// Not one or three numbers after the layer.
    #[error("'{argument}' has {found} numbers after the layer: write {layer}:CHANNEL or {layer}:CHANNEL:ROW:COL")]
    NumberCount {
        /// The argument as given.
        argument: String,
        /// The layer.
        layer: String,
        /// Numbers found.
        found: usize,
    },
    /// No channel of that name.
    #[error("layer {layer} has no channel '{name}'{}; `actmax layers` lists them", did_you_mean(nearest))]
    UnknownChannel {
        /// The layer.
        layer: String,
        /// The name as given.
        name: String,
        /// Up to three names that resemble it most.
        nearest: Vec<String>,
    },
    /// A name that several channels have.
    #[error("layer {layer} has several channels '{name}': write one of the numbers {}", channels.iter().map(usize::to_string).collect::<Vec<_>>().join(", "))]
    AmbiguousChannel {
        /// The layer.
        layer: String,
        /// The name as given.
        name: String,
        /// The channels that have it.
        channels: Vec<usize>,
    },
    /// A part that is no number.
    #[error("'{text}' in '{argument}' is no {what}")]
    NotANumber {
        /// The argument as given.
        argument: String,
        /// The part of it.
        text: String,
        /// What it should be.
        what: &'static str,
    },
    /// A channel that the layer does not have.
    #[error("layer {layer} has no channel {channel}: its channels are 0 to {}", channels.saturating_sub(1))]
    ChannelOutOfRange {
        /// The layer.
        layer: String,
        /// The channel as given.
        channel: usize,
        /// Number of channels.
        channels: usize,
    },
    /// A position outside the layer's map.
    #[error("layer {layer} has no position {row}:{column}: rows are 0 to {}, columns 0 to {}", height.saturating_sub(1), width.saturating_sub(1))]
    PositionOutOfRange {
        /// The layer.
        layer: String,
        /// The row as given.
        row: usize,
        /// The column as given.
        column: usize,
        /// Number of rows H.
        height: usize,
        /// Number of columns W.
        width: usize,
    },
    /// A position in a layer that has none.
    #[error("layer {layer} is fully connected, its units have no position: write {layer}:CHANNEL")]
    PositionInFullyConnected {
        /// The layer.
        layer: String,
    },
    /// A unit outside the part of its layer that a session computes.
    #[error("the session computes a part of layer {layer} without unit {unit}: prepare it for the units that are read")]
    NotComputed {
        /// The unit.
        unit: String,
        /// The layer.
        layer: String,
    },
    /// A layer whose activation is neither a map nor a vector.
    #[error("units of layer {layer} cannot be addressed: its shape {shape:?} is neither [C, H, W] nor [C]")]
    NotTargetable {
        /// The layer.
        layer: String,
        /// Its shape, without the batch.
        shape: Vec<usize>,
    },
    /// No unit.
    #[error("there must be at least one unit")]
    NoUnit,
}

/// Parses `LAYER:CHANNEL[:ROW:COL][=WEIGHT]` into a unit and its weight (1 if none is given).
///
/// LAYER is the longest known name or alias that the argument begins with, because names in foreign files
/// hold colons and slashes; an alias is replaced by the layer's name. CHANNEL is a number, or a name among the layer's
/// [`channel_names`](LayerInfo::channel_names); what can be read as a number is one. Without a position the unit in the
/// centre of the map is meant, and written into the address.
///
/// # Errors
/// If the layer or channel is unknown, a number cannot be read, or the unit is outside the layer.
pub fn parse_unit(argument: &str, layers: &[LayerInfo]) -> Result<(UnitAddress, f64), UnitError> {
    let (layer, rest) = split_layer(argument, layers)?;
    let (numbers, weight) = match rest.split_once('=') {
        Some((numbers, weight)) => (numbers, parse_weight(argument, weight)?),
        None => (rest, 1.0),
    };
    let missing = || UnitError::MissingChannel { argument: argument.to_owned(), layer: layer.name.clone() };
    let numbers = numbers.strip_prefix(':').filter(|numbers| !numbers.is_empty()).ok_or_else(missing)?;
    let (first, position) = numbers.split_once(':').map_or((numbers, None), |(first, rest)| (first, Some(rest)));
    let channel = parse_channel(argument, first, layer)?;
    let position = position.into_iter().flat_map(|rest| rest.split(':')).map(|text| parse_index(argument, text));
    let numbers: Vec<usize> = std::iter::once(Ok(channel)).chain(position).collect::<Result<_, _>>()?;
    let (channel, position) = match numbers[..] {
        [channel] => (channel, layer.centre()),
        [channel, row, column] => (channel, Some((row, column))),
        _ => {
            let (argument, layer) = (argument.to_owned(), layer.name.clone());
            return Err(UnitError::NumberCount { argument, layer, found: numbers.len() });
        }
    };
    let unit = UnitAddress { layer: layer.name.clone(), channel, position };
    unit.offset_in(layer)?;
    Ok((unit, weight))
}

/// The longest layer name that the argument begins with, and what follows it.
fn split_layer<'a, 'l>(argument: &'a str, layers: &'l [LayerInfo]) -> Result<(&'l LayerInfo, &'a str), UnitError> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([':', '=']);
    layers
        .iter()
        .flat_map(|layer| layer.names().map(move |name| (layer, name)))
        .filter_map(|(layer, name)| Some((layer, argument.strip_prefix(name).filter(|rest| ends(rest))?)))
        .min_by_key(|(_, rest)| rest.len())
        .ok_or_else(|| unknown_layer(without_numbers(argument), layers.iter().flat_map(LayerInfo::names)))
}

/// The layer of this name or alias.
///
/// # Errors
/// If there is none (with the nearest names).
pub fn find_layer<'l>(name: &str, layers: &'l [LayerInfo]) -> Result<&'l LayerInfo, UnitError> {
    let found = layers.iter().find(|layer| layer.names().any(|other| other == name));
    found.ok_or_else(|| unknown_layer(name, layers.iter().flat_map(LayerInfo::names)))
}

/// The error for a layer name that is none of `known`.
pub(crate) fn unknown_layer<'a>(layer: &str, known: impl Iterator<Item = &'a str>) -> UnitError {
    let known: Vec<String> = known.map(str::to_owned).collect();
    UnitError::UnknownLayer { layer: layer.to_owned(), nearest: nearest_names(layer, &known) }
}

/// What is presumably meant as the layer: the argument without its weight and up to three numbers.
fn without_numbers(argument: &str) -> &str {
    let mut name = argument.split_once('=').map_or(argument, |(name, _)| name);
    for _ in 0..3 {
        match name.rsplit_once(':') {
            Some((head, tail)) if !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit()) => name = head,
            _ => break,
        }
    }
    name
}

/// A channel by its number or name.
fn parse_channel(argument: &str, text: &str, layer: &LayerInfo) -> Result<usize, UnitError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || layer.channel_names.is_empty() {
        return parse_index(argument, text);
    }
    let named = layer.channel_names.iter().enumerate().filter(|(_, name)| *name == text).map(|(channel, _)| channel);
    let name = || text.to_owned();
    match named.collect::<Vec<_>>()[..] {
        [channel] => Ok(channel),
        [] => Err(UnitError::UnknownChannel {
            layer: layer.name.clone(),
            name: name(),
            nearest: nearest_names(text, &layer.channel_names),
        }),
        ref channels => {
            Err(UnitError::AmbiguousChannel { layer: layer.name.clone(), name: name(), channels: channels.to_vec() })
        }
    }
}

fn parse_index(argument: &str, text: &str) -> Result<usize, UnitError> {
    let (argument, what) = (argument.to_owned(), "whole number from 0");
    text.parse().map_err(|_| UnitError::NotANumber { argument, text: text.to_owned(), what })
}

fn parse_weight(argument: &str, text: &str) -> Result<f64, UnitError> {
    let (argument, what) = (argument.to_owned(), "finite weight");
    let weight = text.parse().ok().filter(|weight: &f64| weight.is_finite());
    weight.ok_or_else(|| UnitError::NotANumber { argument, text: text.to_owned(), what })
}
