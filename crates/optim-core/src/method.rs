//! The serialisable set of methods, for configurations, journals and the command line.

use crate::checks::{require, require_at_most};
use crate::linalg::real;
use crate::methods::{
    CholeskyCmaes, CholeskyCmaesConfig, Cma, CmaConfig, CrFmNes, CrFmNesConfig, DiagonalCma, DiagonalCmaConfig,
    Genetic, GeneticConfig, LmMaEs, LmMaEsConfig, LraCma, LraCmaConfig, NgCma, NgCmaConfig, NgDe, NgDeConfig, NgEs,
    NgEsConfig, NgNgopt, NgNgoptConfig, NgOnePlusOne, NgOnePlusOneConfig, NgPso, NgPsoConfig, NgRandomSearch,
    NgRandomSearchConfig, NgRescaledCma, NgRescaledCmaConfig, NgSqpcma, NgSqpcmaConfig, NgTbpsa, NgTbpsaConfig, OpenEs,
    OpenEsConfig, PolarEs, PolarEsConfig, PolarEsSavage, PolarEsSavageConfig, RandomSearch, RandomSearchConfig,
    SphereCma, SphereCmaConfig, UhCma, UhCmaConfig, XdreamFdgd, XdreamFdgdConfig, XdreamGenetic, XdreamGeneticConfig,
    XdreamNes, XdreamNesConfig,
};
use crate::optimizer::delegate;
use crate::options::Options;
use crate::registry::{default_method, registry};
use crate::scaled::{Scaled, ScaledConfig};
use crate::{ConfigError, MethodInfo, Optimizer, nearest_names};

/// The closed sets [`Method`] and [`AnyOptimizer`], one variant a method. The order of the variants
/// is part of the format of a stored state: new ones come last.
macro_rules! methods {
    ($($variant:ident($options:ident),)*) => {
        /// A method with its options: everything that, with a dimension, makes an optimizer.
        ///
        /// Serialised as `{"optimizer": "sphere-cma", "options": {...}}`; options left out take their
        /// defaults, unknown ones are refused.
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize),
            serde(tag = "optimizer", content = "options", rename_all = "kebab-case")
        )]
        #[non_exhaustive]
        pub enum Method {
            $(#[doc = concat!("[`", stringify!($variant), "`].")] $variant($options),)*
        }

        #[cfg(feature = "serde")]
        mod tagged {
            use serde::de::{Deserialize, Deserializer, Error};
            use serde_json::Value;

            use super::Method;

            #[derive(serde::Deserialize)]
            #[serde(rename_all = "kebab-case")]
            enum Tag {
                $($variant,)*
            }

            #[derive(serde::Deserialize)]
            struct Tagged {
                optimizer: Tag,
                options: Value,
            }

            /// By way of a JSON value: the options of all methods are compiled once, not for each format of each crate.
            impl<'de> Deserialize<'de> for Method {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Value::deserialize(deserializer).and_then(|value| method(value).map_err(D::Error::custom))
                }
            }

            fn method(value: Value) -> serde_json::Result<Method> {
                let Tagged { optimizer, options } = Tagged::deserialize(value)?;
                Ok(match optimizer {
                    $(Tag::$variant => Method::$variant(serde_json::from_value(options)?),)*
                })
            }
        }

        /// Calls a function of the options of whichever method it is.
        macro_rules! with_options {
            ($method:expr, $name:ident => $call:expr) => {
                match $method { $(Method::$variant($name) => $call,)* }
            };
        }

        impl Method {
            fn build_unchecked(&self, dim: usize) -> Result<AnyOptimizer, ConfigError> {
                Ok(match self.clone() {
                    $(Self::$variant(options) => AnyOptimizer::$variant(options.build(dim)?),)*
                })
            }
        }

        /// Any method's running state, serialisable at every moment.
        ///
        /// Restored, it continues bit for bit. Use a binary format (postcard, say): JSON has no infinities.
        #[derive(Clone, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
    Scaled(ScaledConfig),
    PolarEs(PolarEsConfig),
    CrFmNes(CrFmNesConfig),
    OpenEs(OpenEsConfig),
    LmMaEs(LmMaEsConfig),
    UhCma(UhCmaConfig),
    PolarEsSavage(PolarEsSavageConfig),
    LraCma(LraCmaConfig),
}

/// [`PolarEsSavage`], which `actmax evolve` and sessions take where no method is named; docs/polar-es.md says why.
impl Default for Method {
    fn default() -> Self {
        Self::PolarEsSavage(PolarEsSavageConfig::default())
    }
}

impl Method {
    /// The method of that name or alias, with its default options.
    ///
    /// # Errors
    /// [`ConfigError::UnknownMethod`] with the nearest names.
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        default_method(name).ok_or_else(|| unknown_method(name))
    }

    /// Its entry in the registry.
    #[must_use]
    pub fn info(&self) -> &'static MethodInfo {
        with_options!(self, options => options.info())
    }

    /// The name in the registry.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.info().name
    }

    /// Nominal number of codes a generation in `dim` dimensions. Only `population_size` `reference` depends on
    /// the dimension.
    #[must_use]
    pub fn population_size(&self, dim: usize) -> usize {
        with_options!(self, options => options.population_size(dim))
    }

    /// The method with a schedule as long as the run, where it has one that was not set.
    #[must_use]
    pub fn for_generations(mut self, generations: usize) -> Self {
        with_options!(&mut self, options => options.fit_generations(generations));
        self
    }

    /// Root mean square of the norms of the codes that the method samples first, in `dim` dimensions:
    /// the scale on which it searches. Walls of a box are not accounted for.
    ///
    /// Codes at the starting point itself do not count (the zero code of `cholesky-cmaes` and
    /// `ng-one-plus-one`, the ascents of `ng-sqpcma`).
    #[must_use]
    pub fn start_norm(&self, dim: usize) -> f64 {
        with_options!(self, options => options.start_norm(dim))
    }

    /// The method on another scale: [`start_norm`](Self::start_norm) becomes `norm`, and all codes of a
    /// run on an objective that is stretched alike are multiplied by the same factor.
    ///
    /// Where options hold the scale (`sphere_norm`, `R0`, `norm`, `init_sigma`, `sigma`, `sigma0` and `x0`,
    /// `search_radius` with its learning rates), they change. The others, `genetic`, `xdream-genetic`, `open-es` and
    /// nevergrad's, become a [`Scaled`] method.
    ///
    /// # Errors
    /// [`ConfigError::OutOfRange`] if the norm is not above 0 and at most 1e100, or
    /// [`ConfigError::ZeroDimension`].
    pub fn with_norm(mut self, norm: f64, dim: usize) -> Result<Self, ConfigError> {
        if dim == 0 {
            return Err(ConfigError::ZeroDimension);
        }
        require(norm > 0.0 && norm <= 1e100, "norm", norm, "above 0 and at most 1e100")?;
        if with_options!(&mut self, options => options.set_start_norm(norm, dim)) {
            return Ok(self);
        }
        let factor = norm / self.start_norm(dim);
        Ok(if factor == 1.0 { self } else { Self::Scaled(ScaledConfig { factor, method: Box::new(self) }) })
    }

    /// An upper estimate of the memory, in bytes, that a run of so many generations in `dim` dimensions
    /// holds at once: the method's state and one population. Records that the caller keeps do not count.
    ///
    /// Callers compare it with the memory that the machine has. Saturates instead of overflowing, and
    /// allocates nothing.
    #[must_use]
    pub fn memory_bytes(&self, dim: usize, generations: u64) -> u64 {
        let n = real(dim);
        let population = real(self.population_size(dim)) + 1.0;
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let held = with_options!(self, options => options.numbers_held(n, generations as f64));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let bytes = (8.0 * (held + n * (population + 2.0)) + 4096.0) as u64;
        bytes
    }

    /// Checks that codes, population and state have sizes that a run can begin with: `dim` is 1 or more,
    /// the population is at most 2^20, and the memory of the first generation can be had. Allocates
    /// nothing that stays. [`build`](Self::build) begins with this.
    ///
    /// # Errors
    /// [`ConfigError::ZeroDimension`], [`ConfigError::OutOfRange`] with the option that sets the population,
    /// or [`ConfigError::TooLarge`].
    pub fn check_size(&self, dim: usize) -> Result<(), ConfigError> {
        if dim == 0 {
            return Err(ConfigError::ZeroDimension);
        }
        let population = self.population_size(dim);
        require_at_most(self.info().size_option, population)?;
        let bytes = self.memory_bytes(dim, 1);
        let fits = usize::try_from(bytes).is_ok_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
        if fits { Ok(()) } else { Err(ConfigError::TooLarge { dim, population, bytes }) }
    }

    /// An optimizer of codes of length `dim`.
    ///
    /// # Errors
    /// If the dimension is 0, an option is out of range, or the memory cannot be had
    /// ([`check_size`](Self::check_size)).
    pub fn build(&self, dim: usize) -> Result<AnyOptimizer, ConfigError> {
        self.check_size(dim)?;
        self.build_unchecked(dim)
    }
}

fn unknown_method(name: &str) -> ConfigError {
    let known: Vec<String> = registry().iter().map(|info| info.name.to_owned()).collect();
    ConfigError::UnknownMethod { name: name.to_owned(), nearest: nearest_names(name, &known), known }
}

impl Optimizer for AnyOptimizer {
    delegate!(self => self.inner(), self.inner_mut());
}
