//! What a run maximizes, as its specification spells it.

use experiments::RunSpec;
use gen_models::{CnnModel, GeneratorModel, UnitMixture};
use serde::{Deserialize, Serialize};

/// What is maximized, as journals and summaries spell it: [`RunSpec::objective`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveSpec {
    /// Name of the generator.
    pub generator: String,
    /// SHA-256 of its file, hexadecimal.
    pub generator_sha256: Option<String>,
    /// Name of the CNN.
    pub cnn: String,
    /// SHA-256 of its file, hexadecimal.
    pub cnn_sha256: Option<String>,
    /// The units of the mixture, each as `LAYER:CHANNEL[:ROW:COL][=WEIGHT]`.
    pub units: Vec<String>,
}

impl ObjectiveSpec {
    /// Names the two networks and the units.
    #[must_use]
    pub fn new(generator: &GeneratorModel, cnn: &CnnModel, mixture: &UnitMixture) -> Self {
        let unit = |(unit, weight): &(_, f64)| match *weight {
            1.0 => format!("{unit}"),
            weight => format!("{unit}={weight}"),
        };
        Self {
            generator: generator.spec().name.clone(),
            generator_sha256: generator.spec().sha256.clone(),
            cnn: cnn.spec().name.clone(),
            cnn_sha256: cnn.spec().sha256.clone(),
            units: mixture.units().iter().map(unit).collect(),
        }
    }

    /// Reads it from a run's specification.
    ///
    /// # Errors
    /// If the run's objective is of another form.
    pub fn from_run(spec: &RunSpec) -> Result<Self, serde_json::Error> {
        serde_json::from_value(spec.objective.clone())
    }

    /// As [`RunSpec::objective`] holds it.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::json!(self)
    }
}
