//! The scale on which a method searches, beside that of the codes that a generator was made for.

use std::fmt;
use std::str::FromStr;

use gen_models::{CodeNorm, GeneratorSpec};
use optim_core::Method;
use serde::{Deserialize, Deserializer, de};

/// The norm that the first codes of a method shall have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StartNorm {
    /// That of the codes that the generator was made for, [`GeneratorSpec::code_norm`].
    Natural,
    /// This one.
    Number(f64),
}

impl StartNorm {
    /// The norm for codes of this generator.
    #[must_use]
    pub fn value(self, generator: &GeneratorSpec) -> f64 {
        match self {
            Self::Natural => generator.code_norm().value(),
            Self::Number(norm) => norm,
        }
    }
}

impl FromStr for StartNorm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "natural" => Ok(Self::Natural),
            number => number.parse().map(Self::Number).map_err(|_| "write natural, or a number"),
        }
    }
}

impl<'de> Deserialize<'de> for StartNorm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = StartNorm;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"natural\" or a number")
            }
            fn visit_f64<E: de::Error>(self, norm: f64) -> Result<StartNorm, E> {
                Ok(StartNorm::Number(norm))
            }
            fn visit_i64<E: de::Error>(self, norm: i64) -> Result<StartNorm, E> {
                Ok(StartNorm::Number(norm as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<StartNorm, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The norm with which a method starts, beside the natural norm of a generator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormRatio {
    start: f64,
    natural: CodeNorm,
}

impl NormRatio {
    /// Of a method that makes codes for a generator.
    #[must_use]
    pub fn of(method: &Method, generator: &GeneratorSpec) -> Self {
        Self { start: method.start_norm(generator.latent_dim), natural: generator.code_norm() }
    }

    /// Start norm divided by natural norm.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.start / self.natural.value()
    }

    /// Whether images are likely to saturate. A norm that is only assumed may be several times too small: codes that
    /// are activations of a rectified layer are longer than standard normal ones.
    #[must_use]
    pub fn is_far(self) -> bool {
        let bound = match self.natural {
            CodeNorm::Stated(_) => 3.0,
            CodeNorm::Assumed(_) => 10.0,
        };
        self.ratio() > bound
    }
}

impl fmt::Display for NormRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let natural = match self.natural {
            CodeNorm::Stated(norm) => format!("natural norm of the generator, {norm:.1}"),
            CodeNorm::Assumed(norm) => format!("norm of standard normal codes, {norm:.1}"),
        };
        write!(f, "norm {:.1}, {:.1} times the {natural}", self.start, self.ratio())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generator(natural: Option<f64>) -> GeneratorSpec {
        let natural = natural.map_or_else(String::new, |norm| format!("natural_norm = {norm}\n"));
        let text = format!(
            "[[model]]\nkind = \"generator\"\nname = \"g\"\nfile = \"g.onnx\"\ninput = \"z\"\noutput = \"image\"\n\
             latent_dim = 100\nimage_size = [8, 8]\nvalue_range = [0.0, 1.0]\norigin = \"test\"\nlicence = \"none\"\n{natural}"
        );
        gen_models::Manifest::parse(&text).unwrap().generator("g").unwrap().clone()
    }

    #[test]
    fn the_default_scale_is_far_from_short_codes() {
        let sphere = Method::from_name("sphere-cma").unwrap();
        let stated = NormRatio::of(&sphere, &generator(Some(10.0)));
        assert_eq!((stated.ratio(), stated.is_far()), (30.0, true));
        assert_eq!(stated.to_string(), "norm 300.0, 30.0 times the natural norm of the generator, 10.0");
        assert!(!NormRatio::of(&sphere, &generator(Some(125.0))).is_far());
        let natural = sphere.with_norm(StartNorm::Natural.value(&generator(None)), 100).unwrap();
        assert_eq!(NormRatio::of(&natural, &generator(None)).ratio(), 1.0);
    }

    #[test]
    fn norms_are_read() {
        assert_eq!("natural".parse(), Ok(StartNorm::Natural));
        assert_eq!("12.5".parse(), Ok(StartNorm::Number(12.5)));
        assert!("normal".parse::<StartNorm>().is_err());
        #[derive(Deserialize)]
        struct Keys {
            norm: StartNorm,
        }
        let read = |text: &str| toml::from_str::<Keys>(text).map(|keys| keys.norm);
        assert_eq!(read("norm = \"natural\"").unwrap(), StartNorm::Natural);
        assert_eq!(read("norm = 300").unwrap(), StartNorm::Number(300.0));
        assert!(read("norm = \"long\"").unwrap_err().to_string().contains("natural"));
    }
}
