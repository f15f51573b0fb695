//! What a run maximizes, as data.

use paradigm::{Geometry, Measure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a run maximizes. It is part of the run's identity, so the JSON of an objective never changes.
///
/// This crate opens no objective: it stores the specification, and the caller's
/// [`ObjectiveSource`](crate::campaign::ObjectiveSource) reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum ObjectiveSpec {
    /// The weighted sum of some units' activations, for the images that a generator makes of the codes.
    Units(NetworkUnits),
    /// Scores drawn from a distribution, whatever the code.
    NoiseScores {
        /// The distribution.
        scores: ScoreDistribution,
    },
    /// Anything else, in the caller's words.
    Other(Value),
}

/// Units of a CNN behind a generator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkUnits {
    /// Name of the CNN.
    pub cnn: String,
    /// SHA-256 of its file, hexadecimal.
    pub cnn_sha256: Option<String>,
    /// Name of the generator.
    pub generator: String,
    /// SHA-256 of its file, hexadecimal.
    pub generator_sha256: Option<String>,
    /// The units, each as `LAYER:CHANNEL[:ROW:COL][=WEIGHT]`.
    pub units: Vec<String>,
    /// Whether the units see images of 8 bits, as a screen shows them. Files leave it out if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quantise: bool,
    /// Where the images lie on a canvas. Files leave it out if the units see the image and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geometry: Option<Geometry>,
    /// What is read from a layer instead of units. Files leave it out if units are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<LayerTarget>,
}

/// A number that a file reads from all activations of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerTarget {
    /// How it is read.
    pub kind: TargetKind,
    /// Name of the layer.
    pub layer: String,
    /// How the nearness to a pattern is measured; of a pattern only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// How a number is read from a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A weighted sum of all activations.
    LinearReadout,
    /// The nearness to a pattern.
    Pattern,
}

/// Where scores are drawn from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScoreDistribution {
    /// The standard normal distribution.
    #[default]
    #[serde(rename = "N(0, 1)")]
    StandardNormal,
}

impl ObjectiveSpec {
    /// The units, where it is the activation of units.
    #[must_use]
    pub fn units(&self) -> Option<&NetworkUnits> {
        if let Self::Units(units) = self { Some(units) } else { None }
    }

    /// What the caller said, where it is an objective of the caller's own.
    #[must_use]
    pub fn other(&self) -> Option<&Value> {
        if let Self::Other(value) = self { Some(value) } else { None }
    }
}

impl Default for ObjectiveSpec {
    /// Nothing is said.
    fn default() -> Self {
        Self::Other(Value::Null)
    }
}

impl From<Value> for ObjectiveSpec {
    /// The objective that the JSON stands for.
    fn from(value: Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or(Self::Other(value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_json_is_the_same_to_the_byte() {
        let units =
            r#"{"cnn":"a","cnn_sha256":"00","generator":"b","generator_sha256":null,"units":["c:1","d:2=0.5"]}"#;
        let noise = r#"{"scores":"N(0, 1)"}"#;
        let screen =
            r#"{"cnn":"a","cnn_sha256":null,"generator":"b","generator_sha256":null,"units":[],"quantise":true}"#;
        let patch = units.replace('}', r#","geometry":{"canvas":9,"size":4,"at":[2,3],"surround":128}}"#);
        let readout = units.replace('}', r#","target":{"kind":"linear_readout","layer":"c","sha256":"01"}}"#);
        for (text, typed) in [
            (units, "Units"),
            (&readout, "Units"),
            (&patch, "Units"),
            (screen, "Units"),
            (noise, "NoiseScores"),
            (r#"{"unit":"hill"}"#, "Other"),
            ("null", "Other"),
        ] {
            let spec: ObjectiveSpec = serde_json::from_str(text).unwrap();
            assert!(format!("{spec:?}").starts_with(typed), "{spec:?}");
            assert_eq!(serde_json::to_string(&spec).unwrap(), text);
            assert_eq!(ObjectiveSpec::from(serde_json::from_str::<Value>(text).unwrap()), spec);
        }
    }

    #[test]
    fn what_resembles_a_known_objective_keeps_all_that_it_says() {
        for value in [
            json!({ "scores": "N(0, 1)", "more": 1 }),
            json!({ "cnn": "a", "units": [] }),
            json!({ "scores": "U(0, 1)" }),
        ] {
            assert_eq!(ObjectiveSpec::from(value.clone()), ObjectiveSpec::Other(value));
        }
    }
}
