//! Options of a method as text or JSON.

use serde_json::{Map, Value};

use crate::{ConfigError, Method, OptionInfo, ScaledConfig, nearest_names};

impl Method {
    /// The method of that name with options given as text, as on a command line.
    ///
    /// Numbers, `true`, `false`, lists (`50,7.33` or `[50,7.33]`) and `none` are understood.
    ///
    /// # Errors
    /// If the method or an option is not known, or a value is of the wrong type. Ranges are checked
    /// by [`build`](Self::build).
    pub fn with_options(name: &str, options: &[(String, String)]) -> Result<Self, ConfigError> {
        Self::from_name(name)?.changed(options)
    }

    /// The method with other values of some options, given as for [`with_options`](Self::with_options).
    ///
    /// # Errors
    /// As for [`with_options`](Self::with_options).
    pub fn changed(&self, options: &[(String, String)]) -> Result<Self, ConfigError> {
        let set = |method: Self, (option, text): &(String, String)| method.with_option(option, parse_value(text), text);
        options.iter().try_fold(self.clone(), set)
    }

    /// The method of that name with options given as JSON values.
    ///
    /// # Errors
    /// As for [`with_options`](Self::with_options).
    pub fn from_json_options(name: &str, options: &Map<String, Value>) -> Result<Self, ConfigError> {
        let set = |method: Self, (option, value): (&String, &Value)| {
            method.with_option(option, value.clone(), &value.to_string())
        };
        options.iter().try_fold(Self::from_name(name)?, set)
    }

    /// The method with another value of an option, which stands in messages as `given`.
    fn with_option(&self, option: &str, value: Value, given: &str) -> Result<Self, ConfigError> {
        if let Self::Scaled(ScaledConfig { factor, method }) = self {
            let method = Box::new(method.with_option(option, value, given)?);
            return Ok(Self::Scaled(ScaledConfig { factor: *factor, method }));
        }
        let info = self.option(option)?;
        let mut tagged = self.to_value();
        tagged["options"][option] = value;
        serde_json::from_value(tagged).map_err(|_| ConfigError::OptionType {
            method: self.name().into(),
            option: option.into(),
            value: given.into(),
            takes: info.values(),
        })
    }

    /// The entry of an option.
    fn option(&self, option: &str) -> Result<OptionInfo, ConfigError> {
        let info = self.info();
        info.options.iter().find(|known| known.name == option).copied().ok_or_else(|| {
            let known: Vec<String> = info.options.iter().map(|option| option.name.to_owned()).collect();
            let nearest = nearest_options(option, &known);
            ConfigError::UnknownOption { method: self.name().into(), option: option.into(), nearest, known }
        })
    }

    /// The options with their values, as a JSON object; of a [`Scaled`](crate::Scaled) method, those of the
    /// method that is scaled.
    #[must_use]
    pub fn options(&self) -> Map<String, Value> {
        if let Self::Scaled(scaled) = self {
            return scaled.method.options();
        }
        match self.to_value()["options"].take() {
            Value::Object(options) => options,
            _ => Map::new(),
        }
    }

    fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
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

/// Names that other programs give to options, and the options that do the same here.
const USUAL_NAMES: &[(&[&str], &[&str])] = &[
    (
        &["sigma", "sigma_0", "sigma0", "init_sigma", "step_size", "stepsize", "std"],
        &["init_sigma", "sigma0", "search_radius", "mutation_size"],
    ),
    (
        &[
            "popsize",
            "pop_size",
            "population",
            "population_size",
            "lambda",
            "num_workers",
            "workers",
            "batch_size",
            "n_samples",
        ],
        &["population_size", "workers", "n_samples"],
    ),
    (&["radius", "norm", "sphere_norm"], &["sphere_norm", "norm", "R0", "search_radius"]),
    (&["generations", "n_generations", "steps"], &["n_gen"]),
    (&["learning_rate", "lr"], &["lr", "learning_rate"]),
    (&["mu", "parents", "elite"], &["select_size", "n_conserve"]),
    (&["mean", "start", "x_0"], &["x0"]),
    (&["schedule"], &["schedule_mode"]),
    (&["temperature"], &["kT_multiplier", "selectivity"]),
    (&["elitism", "conserve"], &["n_conserve"]),
];

/// Options of `known` that do what programs elsewhere call `name`, else those that resemble it.
fn nearest_options(name: &str, known: &[String]) -> Vec<String> {
    let wanted = name.to_lowercase();
    let usual = USUAL_NAMES.iter().filter(|(names, _)| names.contains(&wanted.as_str())).flat_map(|(_, here)| *here);
    let usual: Vec<String> = usual.filter(|here| known.iter().any(|k| k == *here)).map(|here| (*here).into()).collect();
    if usual.is_empty() { nearest_names(name, known) } else { usual }
}

#[cfg(test)]
mod tests {
    use super::nearest_options;

    fn known(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn usual_names_lead_to_the_options_here() {
        let cholesky = known(&["population_size", "init_sigma", "cc", "cs", "c1"]);
        assert_eq!(nearest_options("sigma", &cholesky), ["init_sigma"]);
        assert_eq!(nearest_options("popsize", &cholesky), ["population_size"]);
        let sphere = known(&["population_size", "lim", "lr", "sphere_norm"]);
        assert!(nearest_options("sigma", &sphere).is_empty());
        assert_eq!(nearest_options("radius", &sphere), ["sphere_norm"]);
        assert_eq!(nearest_options("spher_norm", &sphere), ["sphere_norm"]);
    }
}
