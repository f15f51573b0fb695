//! The first line of a session: which method, in how many dimensions, from where.

use std::path::PathBuf;

use experiments::FolderError;
use gen_models::GeneratorModel;
use optim_core::{ConfigError, Method, Population, did_you_mean, nearest_names};
use serde_json::{Map, Value};
use thiserror::Error;

use super::encoding::{Encoding, codes_from};
use super::pictures::ImagesAs;
use super::state::StateError;
use crate::{CommandError, Library};

/// Keys of the first line.
const KEYS: [&str; 12] = [
    "optimizer",
    "dim",
    "seed",
    "options",
    "generations",
    "x0",
    "maximize",
    "resume",
    "encoding",
    "generator",
    "images",
    "out",
];

/// Keys that say how a session is shown. They go with a session that is resumed too.
const SHOWN: [&str; 2] = ["encoding", "images"];

/// Most numbers that a generation may consist of (1 GiB), so that a slip of the pen is a message
/// instead of a machine without memory.
const LARGEST_GENERATION: usize = 1 << 27;

/// Longest schedule.
const MOST_GENERATIONS: u32 = 10_000_000;

/// Why a session could not begin.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// The input was empty.
    #[error("the input ended before the first line, which names optimizer and dim")]
    Ended,
    /// No JSON object.
    #[error("the first line is no JSON object: {reason}")]
    NotAnObject {
        /// What is wrong with it.
        reason: String,
    },
    /// A key that is none.
    #[error("unknown key '{key}' in the first line{}; keys are {}", did_you_mean(nearest), KEYS.join(", "))]
    UnknownKey {
        /// The key as given.
        key: String,
        /// Keys that resemble it.
        nearest: Vec<String>,
    },
    /// A key that must be there.
    #[error("the first line needs '{key}'")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong kind.
    #[error("'{key}' must be {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// What its value must be.
        expected: &'static str,
    },
    /// Initial codes of different lengths.
    #[error("'x0': code {row} has {found} numbers, code 0 has {expected}")]
    Ragged {
        /// Row of the code, from 0.
        row: usize,
        /// Its length.
        found: usize,
        /// Length of the first one.
        expected: usize,
    },
    /// Initial codes that are no base64.
    #[error("'x0': 'codes_base64' is no base64: {0}")]
    InitialBase64(#[from] base64::DecodeError),
    /// Initial codes of another number of bytes.
    #[error(
        "'x0': 'codes_base64' holds {found} bytes; {rows} codes of {dim} numbers in single precision have {expected}"
    )]
    InitialLength {
        /// Bytes found.
        found: usize,
        /// Codes by the shape.
        rows: u64,
        /// Length of a code by the shape.
        dim: u64,
        /// Bytes that they have.
        expected: u128,
    },
    /// A length of the codes that the generator does not take.
    #[error("'dim' is {dim}, but a code of the generator '{generator}' has {expected} numbers: leave 'dim' out")]
    GeneratorDim {
        /// Length of a code as given.
        dim: u64,
        /// Name of the generator.
        generator: String,
        /// Length of its codes.
        expected: usize,
    },
    /// A generator that does not take the codes of a saved session.
    #[error("codes of the saved session have {dim} numbers, but those of the generator '{generator}' have {expected}")]
    StateDim {
        /// Length of a code of the session.
        dim: usize,
        /// Name of the generator.
        generator: String,
        /// Length of its codes.
        expected: usize,
    },
    /// Images without what they need.
    #[error("'images' {images} needs '{key}'")]
    ImagesNeed {
        /// How images were to be given.
        images: &'static str,
        /// The key that is missing.
        key: &'static str,
    },
    /// The folder holds a run already.
    #[error(
        "{} holds a run: {{\"resume\": true, \"out\": ...}} goes on with it; else name another folder", folder.display()
    )]
    HoldsRun {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The folder holds a run of something else.
    #[error("the journal in {} is not of a run of `actmax ask-tell`", folder.display())]
    OtherRun {
        /// The folder.
        folder: PathBuf,
    },
    /// More numbers than a line should hold.
    #[error("{dim} dimensions and {codes} codes a generation are more than {LARGEST_GENERATION} numbers")]
    TooLarge {
        /// Length of a code.
        dim: u64,
        /// Codes a generation.
        codes: usize,
    },
    /// Something beside a state that has it already.
    #[error("'resume' takes everything from {from}: leave '{key}' out")]
    BesideResume {
        /// Where a session is resumed from.
        from: &'static str,
        /// The other key.
        key: String,
    },
    /// The method, an option or the initial codes do not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The state is not one that can be continued.
    #[error("the session cannot be resumed")]
    State(#[from] StateError),
}

/// What the first line asks for, and how the answers are to be written.
pub(crate) struct Opening {
    pub(super) beginning: Beginning,
    pub(super) encoding: Encoding,
    pub(super) generator: Option<GeneratorModel>,
    pub(super) images: Option<ImagesAs>,
}

/// What a session begins from.
#[expect(clippy::large_enum_variant, reason = "one a dialogue")]
pub(super) enum Beginning {
    /// A first line.
    New(Start),
    /// A state that was saved.
    State(String),
    /// The folder of a run.
    Folder(PathBuf),
}

/// A session that begins.
pub(super) struct Start {
    pub(super) method: Method,
    pub(super) dim: usize,
    pub(super) seed: u64,
    /// Length of the run, if it was given.
    pub(super) generations: Option<u32>,
    pub(super) maximize: bool,
    pub(super) x0: Option<Population>,
    /// Folder of the run, if there is to be one.
    pub(super) out: Option<PathBuf>,
}

impl Opening {
    /// Reads the first line. Generators come from `library`.
    pub(crate) fn parse(line: &[u8], library: &Library) -> Result<Self, CommandError> {
        let mut keys = object(line).map_err(|reason| OpeningError::NotAnObject { reason })?;
        if let Some(key) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let nearest = nearest_names(key, &KEYS.map(str::to_owned));
            return Err(OpeningError::UnknownKey { key: key.clone(), nearest }.into());
        }
        keys.retain(|_, value| !value.is_null());
        let encoding = Encoding::parse(keys.get("encoding"))?;
        let images = keys.get("images").map(ImagesAs::parse).transpose()?;
        let generator = text(&keys, "generator", "the name of a generator")?;
        let generator = generator.map(|name| library.generator(name)).transpose()?;
        let beginning = match keys.remove("resume") {
            None => Beginning::New(Start::parse(&keys, generator.as_ref())?),
            Some(from) => resumed(from, &keys)?,
        };
        if let Some(images) = images {
            let out = !matches!(beginning, Beginning::New(Start { out: None, .. }) | Beginning::State(_));
            images.check(generator.is_some() || matches!(beginning, Beginning::Folder(_)), out)?;
        }
        Ok(Self { beginning, encoding, generator, images })
    }
}

/// A state or a folder to go on from, which stands beside no other key that says what is run.
fn resumed(from: Value, keys: &Map<String, Value>) -> Result<Beginning, OpeningError> {
    let expected = "the text that 'save' gave, or true beside 'out'";
    let (beginning, from, also) = match (from, text(keys, "out", "the path of a folder")?) {
        (Value::String(state), _) => (Beginning::State(state), "the state", "generator"),
        (Value::Bool(true), Some(out)) => (Beginning::Folder(out.into()), "the folder", "out"),
        (Value::Bool(true), None) => return Err(OpeningError::Missing { key: "out" }),
        _ => return Err(OpeningError::Value { key: "resume", expected }),
    };
    match keys.keys().find(|key| *key != also && !SHOWN.contains(&key.as_str())) {
        Some(key) => Err(OpeningError::BesideResume { from, key: key.clone() }),
        None => Ok(beginning),
    }
}

impl Start {
    fn parse(keys: &Map<String, Value>, generator: Option<&GeneratorModel>) -> Result<Self, OpeningError> {
        let method = method(keys)?;
        let dim = dim(keys, generator)?;
        let codes = |dim: usize| method.population_size(dim).max(1);
        let fits = |dim: &usize| dim.checked_mul(codes(*dim)).is_some_and(|numbers| numbers <= LARGEST_GENERATION);
        let wanted = usize::try_from(dim).unwrap_or(usize::MAX);
        let size = Some(wanted).filter(fits).ok_or_else(|| OpeningError::TooLarge { dim, codes: codes(wanted) })?;
        let maximize = match keys.get("maximize") {
            None => true,
            Some(value) => value.as_bool().ok_or(OpeningError::Value { key: "maximize", expected: "true or false" })?,
        };
        let seed = whole(keys, "seed", "a whole number from 0 to 2^64 - 1")?.unwrap_or(0);
        let x0 = keys.get("x0").map(codes_from).transpose()?;
        let out = text(keys, "out", "the path of a folder")?.map(PathBuf::from);
        Ok(Self { method, dim: size, seed, generations: generations(keys)?, maximize, x0, out })
    }
}

/// The length of a code: that of the generator, if there is one.
fn dim(keys: &Map<String, Value>, generator: Option<&GeneratorModel>) -> Result<u64, OpeningError> {
    let dim = whole(keys, "dim", "a whole number, 1 or more")?;
    let Some(generator) = generator else { return dim.ok_or(OpeningError::Missing { key: "dim" }) };
    let (expected, name) = (generator.spec().latent_dim, &generator.spec().name);
    match dim {
        Some(dim) if dim != expected as u64 => {
            Err(OpeningError::GeneratorDim { dim, generator: name.clone(), expected })
        }
        _ => Ok(expected as u64),
    }
}

/// A text that is not empty.
fn text<'a>(
    keys: &'a Map<String, Value>,
    key: &'static str,
    expected: &'static str,
) -> Result<Option<&'a str>, OpeningError> {
    let Some(value) = keys.get(key) else { return Ok(None) };
    value.as_str().filter(|text| !text.is_empty()).map(Some).ok_or(OpeningError::Value { key, expected })
}

fn method(keys: &Map<String, Value>) -> Result<Method, OpeningError> {
    let wrong = |key, expected| OpeningError::Value { key, expected };
    let name = keys.get("optimizer").ok_or(OpeningError::Missing { key: "optimizer" })?;
    let name = name.as_str().ok_or(wrong("optimizer", "the name of an optimizer"))?;
    match keys.get("options") {
        None => Ok(Method::from_name(name)?),
        Some(Value::Object(options)) => Ok(Method::from_json_options(name, options)?),
        Some(_) => Err(wrong("options", "an object of options and their values")),
    }
}

/// The length of the run.
fn generations(keys: &Map<String, Value>) -> Result<Option<u32>, OpeningError> {
    const GENERATIONS: &str = "a whole number from 1 to 10000000";
    let fits = |generations: &u32| (1..=MOST_GENERATIONS).contains(generations);
    let Some(given) = whole(keys, "generations", GENERATIONS)? else { return Ok(None) };
    let generations = u32::try_from(given).ok().filter(fits);
    generations.map(Some).ok_or(OpeningError::Value { key: "generations", expected: GENERATIONS })
}

/// A whole number, also where the client's language writes it as `4096.0`.
fn whole(keys: &Map<String, Value>, key: &'static str, expected: &'static str) -> Result<Option<u64>, OpeningError> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
    let from_real = |x: f64| (x.fract() == 0.0 && (0.0..=EXACT).contains(&x)).then_some(x as u64);
    let number = |value: &Value| value.as_u64().or_else(|| value.as_f64().and_then(from_real));
    let Some(value) = keys.get(key) else { return Ok(None) };
    number(value).map(Some).ok_or(OpeningError::Value { key, expected })
}

/// Whether a line holds what Python and JavaScript write for numbers that are not finite.
fn names_not_a_number(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    text.contains("NaN") || text.contains("Infinity")
}

/// The keys of a line, or why it is no JSON object.
pub(super) fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(keys)) => Ok(keys),
        Ok(_) => Err("it is JSON of another kind".to_owned()),
        Err(error) if names_not_a_number(line) => {
            Err(format!("{error}; JSON has no NaN and no Infinity, send null instead"))
        }
        Err(error) => Err(error.to_string()),
    }
}
