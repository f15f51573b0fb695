//! The serialisable set of methods, for configurations, journals and the command line.

use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::methods::{
    AngleSchedule, CholeskyCmaes, CholeskyCmaesConfig, Genetic, GeneticConfig, RandomSearch, RandomSearchConfig,
    SphereCma, SphereCmaConfig,
};
use crate::registry::{find, nearest, registry};
use crate::{ConfigError, Optimizer, Population, TellError};

/// A method with its options: everything that, with a dimension, makes an optimizer.
///
/// Serialised as `{"optimizer": "sphere-cma", "options": {...}}`; options left out take their
/// defaults, unknown ones are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "optimizer", content = "options", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Method {
    /// [`CholeskyCmaes`].
    CholeskyCmaes(CholeskyCmaesConfig),
    /// [`SphereCma`] in any schedule.
    SphereCma(SphereCmaConfig),
    /// [`Genetic`].
    Genetic(GeneticConfig),
    /// [`RandomSearch`].
    RandomSearch(RandomSearchConfig),
}

impl Method {
    /// The method of that name or alias, with its default options.
    ///
    /// # Errors
    /// [`ConfigError::UnknownMethod`] with the nearest names.
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        let info = find(name).ok_or_else(|| unknown_method(name))?;
        let sphere = |schedule| Self::SphereCma(SphereCmaConfig::with_schedule(schedule));
        match info.name {
            "cholesky-cmaes" => Ok(Self::CholeskyCmaes(CholeskyCmaesConfig::default())),
            "sphere-cma" => Ok(sphere(AngleSchedule::Exp)),
            "sphere-cma-inv" => Ok(sphere(AngleSchedule::Inv)),
            "sphere-cma-lin" => Ok(sphere(AngleSchedule::Lin)),
            "genetic" => Ok(Self::Genetic(GeneticConfig::default())),
            "random-search" => Ok(Self::RandomSearch(RandomSearchConfig::default())),
            _ => Err(unknown_method(name)),
        }
    }

    /// The method of that name with options given as text, as on a command line.
    ///
    /// Numbers, `true`, `false`, lists (`50,7.33` or `[50,7.33]`) and `none` are understood.
    ///
    /// # Errors
    /// If the method or an option is not known, or a value is of the wrong type. Ranges are checked
    /// by [`build`](Self::build).
    pub fn with_options(name: &str, options: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut method = Self::from_name(name)?;
        for (option, value) in options {
            method = method.with_option(option, value)?;
        }
        Ok(method)
    }

    fn with_option(&self, option: &str, value: &str) -> Result<Self, ConfigError> {
        let mut options = self.options();
        let Some(slot) = options.get_mut(option) else {
            let known: Vec<String> = options.keys().cloned().collect();
            let nearest = nearest(option, &known);
            return Err(ConfigError::UnknownOption {
                method: self.name().into(),
                option: option.into(),
                nearest,
                known,
            });
        };
        *slot = parse_value(value);
        let tagged = serde_json::json!({ "optimizer": self.serialised_name(), "options": options });
        serde_json::from_value(tagged).map_err(|error| ConfigError::OptionType {
            method: self.name().into(),
            option: option.into(),
            value: value.into(),
            reason: error.to_string(),
        })
    }

    /// The options with their values, as a JSON object.
    #[must_use]
    pub fn options(&self) -> serde_json::Map<String, Value> {
        match self.to_value() {
            Value::Object(mut tagged) => match tagged.remove("options") {
                Some(Value::Object(options)) => options,
                _ => serde_json::Map::new(),
            },
            _ => serde_json::Map::new(),
        }
    }

    fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    fn serialised_name(&self) -> Value {
        self.to_value()["optimizer"].clone()
    }

    /// The name in the registry.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CholeskyCmaes(_) => "cholesky-cmaes",
            Self::SphereCma(config) => match config.schedule_mode {
                AngleSchedule::Exp => "sphere-cma",
                AngleSchedule::Inv => "sphere-cma-inv",
                AngleSchedule::Lin => "sphere-cma-lin",
            },
            Self::Genetic(_) => "genetic",
            Self::RandomSearch(_) => "random-search",
        }
    }

    /// Nominal number of codes a generation.
    #[must_use]
    pub fn population_size(&self) -> usize {
        match self {
            Self::CholeskyCmaes(config) => config.population_size,
            Self::SphereCma(config) => config.population_size,
            Self::Genetic(config) => config.population_size,
            Self::RandomSearch(config) => config.population_size,
        }
    }

    /// The method with a schedule as long as the run, where it has one that was not set.
    #[must_use]
    pub fn for_generations(mut self, generations: usize) -> Self {
        if let Self::SphereCma(config) = &mut self {
            config.n_gen.get_or_insert(generations);
        }
        self
    }

    /// An optimizer of codes of length `dim`.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn build(&self, dim: usize) -> Result<AnyOptimizer, ConfigError> {
        Ok(match self.clone() {
            Self::CholeskyCmaes(config) => AnyOptimizer::CholeskyCmaes(CholeskyCmaes::new(dim, config)?),
            Self::SphereCma(config) => AnyOptimizer::SphereCma(SphereCma::new(dim, config)?),
            Self::Genetic(config) => AnyOptimizer::Genetic(Genetic::new(dim, config)?),
            Self::RandomSearch(config) => AnyOptimizer::RandomSearch(RandomSearch::new(dim, config)?),
        })
    }
}

fn unknown_method(name: &str) -> ConfigError {
    let known: Vec<String> = registry().iter().map(|info| info.name.to_owned()).collect();
    ConfigError::UnknownMethod { name: name.to_owned(), nearest: nearest(name, &known), known }
}

/// A value as typed on a command line: JSON where it is, else `none`, Python's booleans, a list, a word.
fn parse_value(text: &str) -> Value {
    match text {
        "none" | "None" => Value::Null,
        "True" => Value::Bool(true),
        "False" => Value::Bool(false),
        _ => serde_json::from_str(text)
            .or_else(|_| serde_json::from_str(&format!("[{text}]")))
            .unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}

/// Any method's running state, serialisable at every moment.
///
/// Restored, it continues bit for bit. Use a binary format (postcard, say): JSON has no infinities.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "one a run: its size is nothing beside its codes")]
pub enum AnyOptimizer {
    /// [`CholeskyCmaes`].
    CholeskyCmaes(CholeskyCmaes),
    /// [`SphereCma`].
    SphereCma(SphereCma),
    /// [`Genetic`].
    Genetic(Genetic),
    /// [`RandomSearch`].
    RandomSearch(RandomSearch),
}

impl AnyOptimizer {
    fn inner(&self) -> &dyn Optimizer {
        match self {
            Self::CholeskyCmaes(method) => method,
            Self::SphereCma(method) => method,
            Self::Genetic(method) => method,
            Self::RandomSearch(method) => method,
        }
    }

    fn inner_mut(&mut self) -> &mut dyn Optimizer {
        match self {
            Self::CholeskyCmaes(method) => method,
            Self::SphereCma(method) => method,
            Self::Genetic(method) => method,
            Self::RandomSearch(method) => method,
        }
    }
}

impl Optimizer for AnyOptimizer {
    fn dim(&self) -> usize {
        self.inner().dim()
    }
    fn generation(&self) -> u64 {
        self.inner().generation()
    }
    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.inner_mut().start_from(codes)
    }
    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        self.inner_mut().ask(rng, out);
    }
    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.inner_mut().tell(codes, scores)
    }
    fn recommend(&self) -> &[f64] {
        self.inner().recommend()
    }
    fn incumbent(&self) -> Option<(&[f64], f64)> {
        self.inner().incumbent()
    }
    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.inner().diagnostics()
    }
}
