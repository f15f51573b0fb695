//! `CONFIG.toml`: a campaign as a user writes it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::campaign_target::TargetKeys;
use crate::config_error::ConfigFileError;
use crate::design::DesignKeys;
use crate::{GeometryKeys, StartNorm};

/// A campaign's configuration at one size, not yet checked against the models.
///
/// Every key of the file's top level may stand again in a `[size.NAME]` section, which replaces it at that size.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file, or the preset.
    pub(crate) file: String,
    /// Folder of the file.
    pub(crate) folder: PathBuf,
    pub(crate) text: String,
    pub(crate) name: String,
    pub(crate) size: Option<String>,
    pub(crate) keys: Keys,
}

/// The keys of a configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    pub(crate) name: Option<Spanned<String>>,
    pub(crate) about: Option<String>,
    pub(crate) generations: Option<Spanned<u64>>,
    pub(crate) evaluations: Option<Spanned<u64>>,
    pub(crate) repeats: Option<Spanned<u32>>,
    pub(crate) noise: Option<Vec<Spanned<f64>>>,
    pub(crate) poisson: Option<Vec<Spanned<f64>>>,
    pub(crate) reps: Option<Spanned<u32>>,
    pub(crate) stop_score: Option<Spanned<f64>>,
    pub(crate) stop_after: Option<Spanned<String>>,
    pub(crate) stop_stalled: Option<Spanned<u32>>,
    pub(crate) seed: Option<u64>,
    pub(crate) minimize: Option<bool>,
    pub(crate) norm: Option<Spanned<StartNorm>>,
    pub(crate) keep_codes: Option<bool>,
    pub(crate) keep_recommended: Option<bool>,
    pub(crate) optimizers: Option<Vec<Spanned<String>>>,
    pub(crate) optimizer: Option<Vec<OptimizerKeys>>,
    pub(crate) design: Option<DesignKeys>,
    pub(crate) network: Option<Vec<NetworkKeys>>,
    pub(crate) noise_scores: Option<NoiseScoresKeys>,
    pub(crate) geometry: Option<Spanned<GeometryKeys>>,
    size: Option<BTreeMap<String, Spanned<Keys>>>,
}

/// An `[[optimizer]]` section: a method with options.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptimizerKeys {
    pub(crate) name: Spanned<String>,
    pub(crate) label: Option<String>,
    #[serde(default)]
    pub(crate) options: BTreeMap<Spanned<String>, toml::Value>,
    pub(crate) norm: Option<Spanned<StartNorm>>,
    pub(crate) reps: Option<Spanned<u32>>,
    pub(crate) init: Option<Spanned<String>>,
    pub(crate) keep_codes: Option<bool>,
    pub(crate) keep_recommended: Option<bool>,
}

/// A `[[network]]` section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkKeys {
    pub(crate) generator: Spanned<String>,
    pub(crate) cnn: Spanned<String>,
    #[serde(default)]
    pub(crate) layers: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) channels: Vec<usize>,
    #[serde(default)]
    pub(crate) units: Vec<Spanned<String>>,
    #[serde(default)]
    pub(crate) targets: Vec<Spanned<TargetKeys>>,
}

/// A `[noise_scores]` section: scores drawn from N(0, 1), no network.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoiseScoresKeys {
    pub(crate) dim: Spanned<usize>,
}

impl Keys {
    /// These keys where they are given, else those of `base`.
    fn over(self, base: Self) -> Self {
        // A budget is one key or the other.
        let base = match (&self.generations, &self.evaluations) {
            (None, None) => base,
            _ => Self { generations: None, evaluations: None, ..base },
        };
        macro_rules! laid_over {
            ($($key:ident),*) => { Self { $($key: self.$key.or(base.$key),)* size: None } };
        }
        laid_over!(
            name,
            about,
            generations,
            evaluations,
            repeats,
            noise,
            poisson,
            reps,
            stop_score,
            stop_after,
            stop_stalled,
            seed,
            minimize,
            norm,
            keep_codes,
            keep_recommended,
            optimizers,
            optimizer,
            design,
            network,
            noise_scores,
            geometry
        )
    }
}

impl Config {
    /// Reads a file at one of its sizes.
    ///
    /// # Errors
    /// If it cannot be read, or as [`parse`](Self::parse).
    pub fn read(path: &Path, size: Option<&str>) -> Result<Self, ConfigFileError> {
        let text =
            fs::read_to_string(path).map_err(|source| ConfigFileError::Read { path: path.to_owned(), source })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { folder, ..Self::parse(&path.display().to_string(), &name, &text, size)? })
    }

    /// Reads a text. `name` is what the campaign is called where the text does not say.
    ///
    /// # Errors
    /// If it is no TOML, has an unknown key, a value of the wrong kind, a name that cannot be a folder's, no such size, or
    /// has sizes and none is chosen.
    pub fn parse(file: &str, name: &str, text: &str, size: Option<&str>) -> Result<Self, ConfigFileError> {
        let mut keys: Keys = toml::from_str(text).map_err(|error| ConfigFileError::syntax(file, text, &error))?;
        let mut sizes = keys.size.take().unwrap_or_default();
        let names: Vec<String> = sizes.keys().cloned().collect();
        let chosen = match size {
            Some(size) => {
                let unknown = || ConfigFileError::unknown_size(file, size, names.clone());
                Some(sizes.remove(size).ok_or_else(unknown)?)
            }
            None if names.is_empty() => None,
            None => return Err(ConfigFileError::WhichSize { file: file.to_owned(), sizes: names }),
        };
        if let Some(chosen) = chosen {
            let span = chosen.span();
            check_name(file, text, size.unwrap_or_default(), &span)?;
            let chosen = chosen.into_inner();
            if chosen.size.is_some() {
                return Err(ConfigFileError::NestedSize { file: file.to_owned(), line: line_of(text, &span) });
            }
            keys = chosen.over(keys);
        }
        let (name, span) = keys.name.as_ref().map_or((name, 0..0), |given| (given.get_ref(), given.span()));
        check_name(file, text, name, &span)?;
        let name = name.to_owned();
        let folder = PathBuf::new();
        Ok(Self { file: file.to_owned(), folder, text: text.to_owned(), name, size: size.map(str::to_owned), keys })
    }

    /// Number of noise levels, those of Poisson noise included.
    pub(crate) fn noise_levels(&self) -> usize {
        let levels = |list: &Option<Vec<_>>| list.as_ref().map_or(0, Vec::len);
        (levels(&self.keys.noise) + levels(&self.keys.poisson)).max(1)
    }

    /// Name of the campaign, with its size.
    #[must_use]
    pub fn title(&self) -> String {
        self.size.as_ref().map_or_else(|| self.name.clone(), |size| format!("{}-{size}", self.name))
    }

    /// The file as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line of a place in the text, from 1.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        line_of(&self.text, span)
    }
}

/// Refuses what cannot be the name of a folder: results of a campaign go into one of its name and size.
fn check_name(file: &str, text: &str, name: &str, span: &Range<usize>) -> Result<(), ConfigFileError> {
    if matches!(name, "" | "." | "..") || name.contains(['/', '\\']) {
        let source = format!("'{name}' cannot be the name of a folder of results: use letters and digits").into();
        return Err(ConfigFileError::Value { file: file.to_owned(), line: line_of(text, span), source });
    }
    Ok(())
}

/// Line of a place in a text, from 1.
pub(crate) fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|&byte| byte == b'\n').count() + 1
}
