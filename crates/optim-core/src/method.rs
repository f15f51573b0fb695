//! The serialisable set of methods, for configurations, journals and the command line.

use rand::Rng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::methods::{
    CholeskyCmaes, CholeskyCmaesConfig, Cma, CmaConfig, DiagonalCma, DiagonalCmaConfig, Genetic, GeneticConfig, NgCma,
    NgCmaConfig, NgDe, NgDeConfig, NgEs, NgEsConfig, NgNgopt, NgNgoptConfig, NgOnePlusOne, NgOnePlusOneConfig, NgPso,
    NgPsoConfig, NgRandomSearch, NgRandomSearchConfig, NgRescaledCma, NgRescaledCmaConfig, NgSqpcma, NgSqpcmaConfig,
    NgTbpsa, NgTbpsaConfig, RandomSearch, RandomSearchConfig, SphereCma, SphereCmaConfig, XdreamFdgd, XdreamFdgdConfig,
    XdreamGenetic, XdreamGeneticConfig, XdreamNes, XdreamNesConfig,
};
use crate::registry::{MethodInfo, find, nearest_names, registry};
use crate::{ConfigError, Optimizer, Population, TellError};

/// What the set of methods needs to know of a method's options.
pub(crate) trait Options: Clone + Serialize + DeserializeOwned {
    /// The method that these are options of.
    type Method: Optimizer;

    /// The registered method that these options make.
    fn info(&self) -> &'static MethodInfo;

    /// Nominal number of codes a generation.
    fn population_size(&self) -> usize;

    /// A run in `dim` dimensions.
    fn build(self, dim: usize) -> Result<Self::Method, ConfigError>;

    /// Fits a schedule that was not set to a run of so many generations.
    fn fit_generations(&mut self, _generations: usize) {}
}

/// The closed sets [`Method`] and [`AnyOptimizer`], one variant a method. The order of the variants
/// is part of the format of a stored state: new ones come last.
macro_rules! methods {
    ($($variant:ident($options:ident),)*) => {
        /// A method with its options: everything that, with a dimension, makes an optimizer.
        ///
        /// Serialised as `{"optimizer": "sphere-cma", "options": {...}}`; options left out take their
        /// defaults, unknown ones are refused.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "optimizer", content = "options", rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Method {
            $(#[doc = concat!("[`", stringify!($variant), "`].")] $variant($options),)*
        }

        impl Method {
            /// Its entry in the registry.
            #[must_use]
            pub fn info(&self) -> &'static MethodInfo {
                match self { $(Self::$variant(options) => options.info(),)* }
            }

            /// Nominal number of codes a generation.
            #[must_use]
            pub fn population_size(&self) -> usize {
                match self { $(Self::$variant(options) => options.population_size(),)* }
            }

            /// The method with a schedule as long as the run, where it has one that was not set.
            #[must_use]
            pub fn for_generations(mut self, generations: usize) -> Self {
                match &mut self { $(Self::$variant(options) => options.fit_generations(generations),)* }
                self
            }

            /// An optimizer of codes of length `dim`.
            ///
            /// # Errors
            /// If the dimension is 0 or an option is out of range.
            pub fn build(&self, dim: usize) -> Result<AnyOptimizer, ConfigError> {
                Ok(match self.clone() {
                    $(Self::$variant(options) => AnyOptimizer::$variant(options.build(dim)?),)*
                })
            }
        }

        /// Any method's running state, serialisable at every moment.
        ///
        /// Restored, it continues bit for bit. Use a binary format (postcard, say): JSON has no infinities.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "one a run: its size is nothing beside its codes")]
        pub enum AnyOptimizer {
            $(#[doc = concat!("[`", stringify!($variant), "`].")] $variant($variant),)*
        }

        impl AnyOptimizer {
            fn inner(&self) -> &dyn Optimizer {
                match self { $(Self::$variant(method) => method,)* }
            }

            fn inner_mut(&mut self) -> &mut dyn Optimizer {
                match self { $(Self::$variant(method) => method,)* }
            }
        }
    };
}

methods! {
    CholeskyCmaes(CholeskyCmaesConfig),
    SphereCma(SphereCmaConfig),
    Genetic(GeneticConfig),
    RandomSearch(RandomSearchConfig),
    Cma(CmaConfig),
    DiagonalCma(DiagonalCmaConfig),
    NgDe(NgDeConfig),
    NgEs(NgEsConfig),
    NgPso(NgPsoConfig),
    NgOnePlusOne(NgOnePlusOneConfig),
    NgTbpsa(NgTbpsaConfig),
    NgRandomSearch(NgRandomSearchConfig),
    NgCma(NgCmaConfig),
    NgRescaledCma(NgRescaledCmaConfig),
    NgNgopt(NgNgoptConfig),
    NgSqpcma(NgSqpcmaConfig),
    XdreamGenetic(XdreamGeneticConfig),
    XdreamFdgd(XdreamFdgdConfig),
    XdreamNes(XdreamNesConfig),
}

impl Method {
    /// The method of that name or alias, with its default options.
    ///
    /// # Errors
    /// [`ConfigError::UnknownMethod`] with the nearest names.
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        find(name).map(|info| (info.method)()).ok_or_else(|| unknown_method(name))
    }

    /// The method of that name with options given as text, as on a command line.
    ///
    /// Numbers, `true`, `false`, lists (`50,7.33` or `[50,7.33]`) and `none` are understood.
    ///
    /// # Errors
    /// If the method or an option is not known, or a value is of the wrong type. Ranges are checked
    /// by [`build`](Self::build).
    pub fn with_options(name: &str, options: &[(String, String)]) -> Result<Self, ConfigError> {
        let set = |method: Self, (option, text): &(String, String)| method.with_option(option, parse_value(text), text);
        options.iter().try_fold(Self::from_name(name)?, set)
    }

    /// The method of that name with options given as JSON values.
    ///
    /// # Errors
    /// As for [`with_options`](Self::with_options).
    pub fn from_json_options(name: &str, options: &serde_json::Map<String, Value>) -> Result<Self, ConfigError> {
        let set = |method: Self, (option, value): (&String, &Value)| {
            method.with_option(option, value.clone(), &value.to_string())
        };
        options.iter().try_fold(Self::from_name(name)?, set)
    }

    /// The method with another value of an option, which stands in messages as `given`.
    fn with_option(&self, option: &str, value: Value, given: &str) -> Result<Self, ConfigError> {
        let mut options = self.options();
        let Some(slot) = options.get_mut(option) else {
            let known: Vec<String> = options.keys().cloned().collect();
            let nearest = nearest_names(option, &known);
            return Err(ConfigError::UnknownOption {
                method: self.name().into(),
                option: option.into(),
                nearest,
                known,
            });
        };
        *slot = value;
        let tagged = serde_json::json!({ "optimizer": self.serialised_name(), "options": options });
        serde_json::from_value(tagged).map_err(|error| ConfigError::OptionType {
            method: self.name().into(),
            option: option.into(),
            value: given.into(),
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
        self.info().name
    }
}

fn unknown_method(name: &str) -> ConfigError {
    let known: Vec<String> = registry().iter().map(|info| info.name.to_owned()).collect();
    ConfigError::UnknownMethod { name: name.to_owned(), nearest: nearest_names(name, &known), known }
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
    fn draw_ahead(&mut self, rng: &mut dyn Rng) {
        self.inner_mut().draw_ahead(rng);
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
