//! How the options of a method are declared, and what the set of methods needs to know of them.

use std::fmt;

use crate::{ConfigError, Optimizer};

/// One entry of the [`registry`](crate::registry).
#[derive(Clone, Copy, Debug)]
pub struct MethodInfo {
    /// Name on the command line, in configurations and journals.
    pub name: &'static str,
    /// Published names, case-sensitive.
    pub aliases: &'static [&'static str],
    /// What it is, in one line.
    pub about: &'static str,
    /// Author, year, code base.
    pub source: &'static str,
    /// Its options; defaults are those of the configuration.
    pub options: &'static [OptionInfo],
    /// The option that sets the number of codes a generation.
    pub size_option: &'static str,
    /// The smallest value of that option.
    pub smallest_size: usize,
    /// Whether the method uses only the order of the scores.
    pub rank_based: bool,
    /// Whether the method takes a generation without a single score and asks for it again. Other methods
    /// refuse it with [`TellError::AllNan`](crate::TellError::AllNan).
    pub carries_all_nan: bool,
}

/// An option of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionInfo {
    /// Name, as in the reference.
    pub name: &'static str,
    /// What it sets.
    pub about: &'static str,
    /// What values it takes.
    pub takes: ValueKind,
    /// Whether it also takes `none`, which stands for a rule that `about` tells.
    pub optional: bool,
}

impl OptionInfo {
    /// The entry of an option whose values are of type `T`.
    pub(crate) const fn of<T: OptionValue>(name: &'static str, about: &'static str) -> Self {
        Self { name, about, takes: T::KIND, optional: T::OPTIONAL }
    }

    /// The values that it takes, in words.
    #[must_use]
    pub fn values(&self) -> String {
        if self.optional { format!("{}, or none", self.takes) } else { self.takes.to_string() }
    }
}

/// What values an option takes; their range is checked by [`Method::build`](crate::Method::build).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// A whole number, 0 or more.
    Count,
    /// A whole number, or one of these words.
    CountOrWord(&'static [&'static str]),
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// Two numbers, as in `50,7.33`.
    Pair,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl ValueKind {
    /// The words that are values; empty where numbers are.
    #[must_use]
    pub fn words(&self) -> &'static [&'static str] {
        match self {
            Self::Word(words) | Self::CountOrWord(words) => words,
            Self::Count | Self::Number | Self::Flag | Self::Pair => &[],
        }
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => f.write_str("a whole number, 0 or more"),
            Self::CountOrWord(words) => write!(f, "a whole number, 0 or more, or {}", words.join(" or ")),
            Self::Number => f.write_str("a number"),
            Self::Flag => f.write_str("true or false"),
            Self::Pair => f.write_str("two numbers, as in 50,7.33"),
            Self::Word(words) => f.write_str(&words.join(" or ")),
        }
    }
}

/// A type that options have.
pub(crate) trait OptionValue {
    /// What its values are.
    const KIND: ValueKind;
    /// Whether `none` is one of them.
    const OPTIONAL: bool = false;
}

impl OptionValue for usize {
    const KIND: ValueKind = ValueKind::Count;
}

impl OptionValue for f64 {
    const KIND: ValueKind = ValueKind::Number;
}

impl OptionValue for bool {
    const KIND: ValueKind = ValueKind::Flag;
}

impl OptionValue for [f64; 2] {
    const KIND: ValueKind = ValueKind::Pair;
}

impl<T: OptionValue> OptionValue for Option<T> {
    const KIND: ValueKind = T::KIND;
    const OPTIONAL: bool = true;
}

/// What the set of methods needs to know of a method's options.
pub(crate) trait Options: Clone {
    /// The method that these are options of.
    type Method: Optimizer;

    /// The registered method that these options make.
    fn info(&self) -> &'static MethodInfo;

    /// Nominal number of codes a generation in `dim` dimensions.
    fn population_size(&self, dim: usize) -> usize;

    /// A run in `dim` dimensions.
    fn build(self, dim: usize) -> Result<Self::Method, ConfigError>;

    /// Fits a schedule that was not set to a run of so many generations.
    fn fit_generations(&mut self, _generations: usize) {}

    /// An upper estimate of the numbers of 8 bytes that the method holds at once in `dim` dimensions
    /// after `generations` generations, without the population that it writes. Real, so that nothing
    /// overflows.
    fn numbers_held(&self, dim: f64, generations: f64) -> f64;

    /// Root mean square of the norms of the codes that the method samples first, in `dim` dimensions.
    fn start_norm(&self, dim: usize) -> f64;

    /// Multiplies every length in the options so that [`start_norm`](Self::start_norm) becomes `norm`,
    /// which multiplies all codes of a run by the same factor; `false`, and the options as they were,
    /// where they hold no such lengths.
    fn set_start_norm(&mut self, _norm: f64, _dim: usize) -> bool {
        false
    }
}

/// Declares the options of a method: the structure with its defaults, and the list for the registry.
///
/// A field is `name: type = default, "what it sets";`. Its option has the field's name, or the one that
/// `as "Name"` gives.
macro_rules! options {
    ($(#[$doc:meta])* $config:ident {
        $($(#[$field_doc:meta])* $field:ident $(as $name:literal)?: $type:ty = $default:expr, $about:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
        pub struct $config {
            $($(#[$field_doc])* $(#[cfg_attr(feature = "serde", serde(rename = $name))])? pub $field: $type,)*
        }

        impl Default for $config {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $config {
            /// The options in the registry.
            pub(crate) const OPTIONS: &'static [$crate::OptionInfo] = &[
                $($crate::OptionInfo::of::<$type>([$($name,)? stringify!($field)][0], $about),)*
            ];
        }
    };
}
pub(crate) use options;
