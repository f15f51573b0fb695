//! `init` of a campaign's optimizer: what its runs start from.

use std::path::Path;

use experiments::campaign::{Arm, Campaign, Unit};
use experiments::{StartError, codes_like, codes_sha256};
use gen_models::{ModelError, Runtime, SessionOptions, UnitAddress, UnitScorer, WeightedUnits};
use optim_core::{Method, Population};
use paradigm::ImageFileError;
use thiserror::Error;
use toml::Spanned;

use crate::config::Config;
use crate::pictures::{EncodeError, Pictures};
use crate::resolve::ResolveError;
use crate::{Library, LibraryError};

/// In place of a folder: the pictures that are compiled in.
const COMPILED_IN: &str = "pictures";

/// What `init` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Init<'a> {
    /// `random:NORM`.
    Random(f64),
    /// Codes of images.
    Images(Rule, &'a str),
}

/// How images become a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// `FOLDER`: the code of each.
    All,
    /// `stats:FOLDER`: codes drawn from their mean and spread, as many as the population.
    Statistics,
    /// `best:FOLDER`: the codes of those that the unit answers best, as many as the population.
    Best,
}

/// Why there is nothing to start from.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartsError {
    /// No start that is known.
    #[error(
        "'{text}' is no start: write random:NORM, or a folder of images (or {COMPILED_IN}, which are compiled in), alone or after \
         stats: or best:"
    )]
    Unknown {
        /// As given.
        text: String,
    },
    /// Images have one code for every generator.
    #[error("images have other codes for each of {}: give each generator a campaign of its own", generators.join(", "))]
    Generators {
        /// The generators of the campaign.
        generators: Vec<String>,
    },
    /// A target that is no unit has no best images.
    #[error("{unit} is no unit of a network that images could be shown to")]
    NoUnit {
        /// The target.
        unit: String,
    },
    /// Images cannot be read.
    #[error(transparent)]
    Images(#[from] ImageFileError),
    /// Images have no codes.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Codes have no spread.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A network cannot be had.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A network cannot be run.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl<'a> Init<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, StartsError> {
        let unknown = || StartsError::Unknown { text: text.to_owned() };
        let (rule, folder) = match text.split_once(':') {
            Some(("random", norm)) => return norm.parse().map(Self::Random).map_err(|_| unknown()),
            Some(("stats", folder)) => (Rule::Statistics, folder),
            Some(("best", folder)) => (Rule::Best, folder),
            _ => (Rule::All, text),
        };
        if folder.is_empty() { Err(unknown()) } else { Ok(Self::Images(rule, folder)) }
    }
}

/// The folder of images that an `init` names, and what stands before it; none of what is compiled in.
pub(crate) fn image_folder(init: &str) -> Option<(&str, &str)> {
    match Init::parse(init) {
        Ok(Init::Images(_, folder)) if folder != COMPILED_IN => Some((init.strip_suffix(folder)?, folder)),
        _ => None,
    }
}

/// The norm of `random:NORM`; none where the start is another.
pub(crate) fn random_norm(config: &Config, init: &Spanned<String>) -> Result<Option<f64>, ResolveError> {
    match Init::parse(init.get_ref()).map_err(|error| config.wrong(init, error))? {
        Init::Random(norm) => Ok(Some(norm)),
        Init::Images(..) => Ok(None),
    }
}

/// Writes into the arms of a configuration which codes they start from.
pub(crate) fn set_starts(
    config: &Config,
    arms: &mut [Arm],
    units: &[Unit],
    library: &Library,
) -> Result<(), ResolveError> {
    for (arm, init) in with_init(config, arms.len()) {
        let codes = start_codes(config, init, &arms[arm].method, units, library)?;
        arms[arm].initial_codes_sha256 = codes.iter().map(codes_sha256).collect();
    }
    Ok(())
}

/// The codes that a campaign, made of the configuration, starts from, for [`NetworkSource::with_starts`].
///
/// # Errors
/// If images cannot be read, or networks not be run.
///
/// [`NetworkSource::with_starts`]: crate::NetworkSource::with_starts
pub fn campaign_starts(
    config: &Config,
    campaign: &Campaign,
    library: &Library,
) -> Result<Vec<Population>, ResolveError> {
    let mut starts = Vec::new();
    for (arm, init) in with_init(config, campaign.arms.len()) {
        starts.extend(start_codes(config, init, &campaign.arms[arm].method, &campaign.units, library)?);
    }
    Ok(starts)
}

/// The arms whose sections say what they start from, by number: those sections stand behind the list `optimizers`.
fn with_init(config: &Config, arms: usize) -> impl Iterator<Item = (usize, &Spanned<String>)> {
    let plain = config.keys.optimizers.iter().flatten().count();
    let sections = config.keys.optimizer.iter().flatten().enumerate();
    sections
        .filter_map(move |(number, optimizer)| Some((plain + number, optimizer.init.as_ref()?)))
        .take_while(move |(arm, _)| *arm < arms)
}

/// The codes that `init` names: none for random ones, one set where all units have the same, else one a unit.
fn start_codes(
    config: &Config,
    init: &Spanned<String>,
    method: &Method,
    units: &[Unit],
    library: &Library,
) -> Result<Vec<Population>, ResolveError> {
    let wrong = |error: StartsError| config.wrong(init, error);
    let Init::Images(rule, folder) = Init::parse(init.get_ref()).map_err(wrong)? else { return Ok(Vec::new()) };
    let start = Start { rule, seed: config.keys.seed.unwrap_or_default(), method, units, library };
    let folder = if folder == COMPILED_IN { None } else { Some(config.beside(Path::new(folder))) };
    start.codes(folder.as_deref()).map_err(wrong)
}

/// What codes are wanted for.
struct Start<'a> {
    rule: Rule,
    seed: u64,
    method: &'a Method,
    units: &'a [Unit],
    library: &'a Library,
}

impl Start<'_> {
    fn codes(&self, folder: Option<&Path>) -> Result<Vec<Population>, StartsError> {
        let pictures = match folder {
            Some(folder) => Pictures::read(folder, |_| ())?,
            None => Pictures::embedded()?,
        };
        let runtime = self.library.runtime()?;
        let generator = self.library.generator(&self.generator()?)?;
        let codes = pictures.encoded(&generator, self.library, runtime, SessionOptions::default())?;
        let population = self.method.population_size(codes.dim());
        match self.rule {
            Rule::All => Ok(vec![codes]),
            Rule::Statistics => Ok(vec![codes_like(&codes, population, self.seed)?]),
            Rule::Best => {
                let best = |unit| Ok(best(&codes, &self.scores(unit, &pictures, runtime)?, population));
                self.units.iter().map(best).collect()
            }
        }
    }

    /// The one generator of all units.
    fn generator(&self) -> Result<String, StartsError> {
        let mut generators: Vec<String> = Vec::new();
        for unit in self.units {
            let no_unit = || StartsError::NoUnit { unit: unit.to_string() };
            let name = &unit.objective.units().ok_or_else(no_unit)?.generator;
            if !generators.contains(name) {
                generators.push(name.clone());
            }
        }
        if generators.len() > 1 {
            return Err(StartsError::Generators { generators });
        }
        generators.pop().ok_or_else(|| StartsError::NoUnit { unit: "a campaign without units".to_owned() })
    }

    /// What a unit answers to the images as they are.
    fn scores(&self, unit: &Unit, pictures: &Pictures, runtime: &Runtime) -> Result<Vec<f64>, StartsError> {
        let no_unit = || StartsError::NoUnit { unit: unit.to_string() };
        let networks = unit.objective.units().filter(|units| units.target.is_none()).ok_or_else(no_unit)?;
        let Unit { layer, channel, position, .. } = unit.clone();
        let address = WeightedUnits::from(UnitAddress { layer, channel, position });
        let cnn = self.library.cnn(&networks.cnn)?;
        Ok(pictures.scores(&mut UnitScorer::new(&cnn, &address, runtime, SessionOptions::default())?)?)
    }
}

/// The codes with the highest scores, best first; all where there are fewer than `count`.
fn best(codes: &Population, scores: &[f64], count: usize) -> Population {
    let mut order: Vec<usize> = (0..codes.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let values: Vec<f64> = order.iter().take(count).flat_map(|&index| codes.code(index).to_vec()).collect();
    Population::from_rows(codes.dim(), &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_read() {
        assert_eq!(Init::parse("random:125").unwrap(), Init::Random(125.0));
        assert_eq!(Init::parse("stats:pictures").unwrap(), Init::Images(Rule::Statistics, "pictures"));
        assert_eq!(Init::parse("best:my/images").unwrap(), Init::Images(Rule::Best, "my/images"));
        assert_eq!(Init::parse("images").unwrap(), Init::Images(Rule::All, "images"));
        for wrong in ["random:", "random:many", "stats:", ""] {
            assert!(Init::parse(wrong).unwrap_err().to_string().contains("random:NORM"), "{wrong}");
        }
    }

    #[test]
    fn the_best_codes_come_first() {
        let codes = Population::from_rows(1, &[1.0, 2.0, 3.0]);
        assert_eq!(best(&codes, &[0.5, 0.1, 0.9], 2).as_slice(), [3.0, 1.0]);
        assert_eq!(best(&codes, &[0.5, 0.1, 0.9], 9).as_slice(), [3.0, 1.0, 2.0]);
    }
}
