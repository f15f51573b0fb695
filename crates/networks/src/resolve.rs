//! From a configuration to a grid: names become methods, models and units.

use std::error::Error;

use experiments::campaign::{Arm, Campaign, CampaignError, Unit};
use experiments::{
    Budget, BudgetError, EvolveError, Goal, Keep, NetworkUnits, Noise, ObjectiveSpec, RunPlan, ScoreDistribution,
    StopRules, parse_seconds,
};
use gen_models::{CnnModel, GeneratorModel, LayerInfo, Target, UnitAddress, parse_unit};
use optim_core::{ConfigError, Method};
use paradigm::Geometry;
use thiserror::Error;
use toml::Spanned;

use crate::campaign_target::target_units;
use crate::config::{Config, NetworkKeys, OptimizerKeys};
use crate::config_error::ConfigFileError;
use crate::design::design_arms;
use crate::preset::{Preset, Size};
use crate::source::network_units;
use crate::starts::{random_norm, set_starts};
use crate::{Library, LibraryError, NormRatio, StartNorm};

/// Why a configuration makes no campaign.
#[derive(Debug, Error)]
pub enum ResolveError {
    /// The configuration does not fit.
    #[error(transparent)]
    Config(#[from] ConfigFileError),
    /// A model could not be had.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The grid does not fit.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
}

/// Checks a configuration against the methods and the models, and makes the grid of it.
///
/// # Errors
/// If a key is missing, a name is not known (with the line, and the nearest names), a model is not on this machine
/// (with the command that fetches it), or the grid does not fit.
pub fn resolve(config: &Config, library: &Library) -> Result<Campaign, ResolveError> {
    let keys = &config.keys;
    let units = units(config, library)?;
    let noise = noise_levels(config)?;
    let mut arms = arms(config, &units, library)?;
    set_starts(config, &mut arms, &units, library)?;
    let campaign = Campaign {
        seed: keys.seed.unwrap_or_default(),
        repeats: repeats(config)?,
        noise: if noise.is_empty() { vec![Noise::None] } else { noise },
        goal: if keys.minimize == Some(true) { Goal::Minimize } else { Goal::Maximize },
        stop: stops(config)?,
        arms,
        units,
        ..Campaign::new(&config.title())
    };
    campaign.validate().map_err(|error| with_line(config, &campaign, error))?;
    Ok(campaign)
}

/// An error with the line of the method that it is about, or of its option.
fn with_line(config: &Config, campaign: &Campaign, error: CampaignError) -> ResolveError {
    let alone = |arm: &Arm| Campaign { arms: vec![arm.clone()], ..campaign.clone() }.validate();
    let about = |arm: &Arm| matches!(alone(arm), Err(CampaignError::Spec(_)));
    let (CampaignError::Spec(spec), Ok(all)) = (&error, optimizers(config)) else { return error.into() };
    let Some((optimizer, _)) = all.iter().zip(&campaign.arms).find(|(_, arm)| about(arm)) else { return error.into() };
    let is_wrong = |option: &&Spanned<String>| {
        let name = option.get_ref();
        matches!(spec, EvolveError::Config(ConfigError::OutOfRange { option, .. }) if option == name)
    };
    config.wrong(optimizer.options.keys().find(is_wrong).unwrap_or(&optimizer.name), error)
}

fn repeats(config: &Config) -> Result<u32, ResolveError> {
    match &config.keys.repeats {
        Some(at) if *at.get_ref() == 0 => Err(config.wrong(at, CampaignError::Empty { what: "repeats" })),
        Some(at) => Ok(*at.get_ref()),
        None => Ok(1),
    }
}

/// What is maximized: the units of the networks in their order, then scores from N(0, 1).
fn units(config: &Config, library: &Library) -> Result<Vec<Unit>, ResolveError> {
    let mut units = Vec::new();
    for network in config.keys.network.iter().flatten() {
        units.extend(units_of(config, network, library)?);
    }
    if let Some(scores) = &config.keys.noise_scores {
        let objective = ObjectiveSpec::NoiseScores { scores: ScoreDistribution::StandardNormal };
        if *scores.dim.get_ref() == 0 {
            return Err(config.wrong(&scores.dim, ConfigError::ZeroDimension));
        }
        units.push(Unit::named("noise", *scores.dim.get_ref(), objective));
    }
    if units.is_empty() {
        return Err(config.missing("what is maximized", "[[network]] or [noise_scores]"));
    }
    Ok(units)
}

impl Preset {
    /// The preset's grid at a size.
    ///
    /// # Errors
    /// As for [`resolve`].
    pub fn campaign(&self, size: Size, library: &Library) -> Result<Campaign, ResolveError> {
        resolve(&self.config(size)?, library)
    }
}

impl Config {
    fn missing(&self, what: &'static str, keys: &'static str) -> ResolveError {
        ConfigFileError::Missing { file: self.file.clone(), what, keys }.into()
    }

    /// An error with the line that it is about.
    pub(crate) fn wrong<T>(&self, at: &Spanned<T>, source: impl Into<Box<dyn Error + Send + Sync>>) -> ResolveError {
        let (file, line) = (self.file.clone(), self.line(&at.span()));
        ConfigFileError::Value { file, line, source: source.into() }.into()
    }
}

/// Levels of multiplicative noise, then scales of Poisson noise.
fn noise_levels(config: &Config) -> Result<Vec<Noise>, ResolveError> {
    let level = |level: &f64| if *level == 0.0 { Noise::None } else { Noise::Multiplicative { level: *level } };
    let scale = |scale: &f64| Noise::Poisson { scale: *scale, repeats: 1 };
    let levels = config.keys.noise.iter().flatten().map(|at| (at, level(at.get_ref())));
    let scales = config.keys.poisson.iter().flatten().map(|at| (at, scale(at.get_ref())));
    let check =
        |(at, noise): (&Spanned<f64>, Noise)| noise.validate().map_err(|error| config.wrong(at, error)).map(|()| noise);
    levels.chain(scales).map(check).collect()
}

/// When runs end before their last generation.
fn stops(config: &Config) -> Result<StopRules, ResolveError> {
    let keys = &config.keys;
    let seconds = |at: &Spanned<String>| {
        parse_seconds(at.get_ref()).ok_or_else(|| config.wrong(at, "write a time as 90s, 10m or 1h30m"))
    };
    let seconds = keys.stop_after.as_ref().map(seconds).transpose()?;
    let none = StopRules::default();
    let score = rule(config, keys.stop_score.as_ref(), |&score| StopRules { score: Some(score), ..none })?.score;
    let seconds = rule(config, keys.stop_after.as_ref(), |_| StopRules { seconds, ..none })?.seconds;
    let stalled =
        rule(config, keys.stop_stalled.as_ref(), |&count| StopRules { stalled: Some(count), ..none })?.stalled;
    Ok(StopRules { score, seconds, stalled })
}

/// The rule that a key gives; none without it.
fn rule<T>(
    config: &Config,
    at: Option<&Spanned<T>>,
    rule: impl FnOnce(&T) -> StopRules,
) -> Result<StopRules, ResolveError> {
    let Some(at) = at else { return Ok(StopRules::default()) };
    let rule = rule(at.get_ref());
    rule.validate().map_err(|error| config.wrong(at, error)).map(|()| rule)
}

/// The methods without the codes that they start from: those of the list `optimizers`, then the `[[optimizer]]` sections, then the points of the `[design]`.
pub(crate) fn arms(config: &Config, units: &[Unit], library: &Library) -> Result<Vec<Arm>, ResolveError> {
    let all = optimizers(config)?;
    if all.is_empty() {
        return Err(config.missing("the optimizers", "optimizers = [...], [[optimizer]] or [design]"));
    }
    all.iter().map(|optimizer| arm(config, optimizer, units, library)).collect()
}

/// The keys of all methods, in the order of [`arms`].
fn optimizers(config: &Config) -> Result<Vec<OptimizerKeys>, ResolveError> {
    let keys = &config.keys;
    let plain = keys.optimizers.iter().flatten().map(|name| OptimizerKeys::plain(name.clone()));
    let mut all: Vec<OptimizerKeys> = plain.chain(keys.optimizer.iter().flatten().cloned()).collect();
    all.extend(design_arms(config)?);
    Ok(all)
}

impl OptimizerKeys {
    pub(crate) fn plain(name: Spanned<String>) -> Self {
        let (label, norm, reps, init, keep_codes, keep_recommended) = (None, None, None, None, None, None);
        Self { name, label, options: Default::default(), norm, reps, init, keep_codes, keep_recommended }
    }
}

fn arm(config: &Config, optimizer: &OptimizerKeys, units: &[Unit], library: &Library) -> Result<Arm, ResolveError> {
    let name = optimizer.name.get_ref();
    let mut method = Method::from_name(name).map_err(|error| config.wrong(&optimizer.name, error))?;
    let mut set = method.options();
    for (option, value) in &optimizer.options {
        let value = serde_json::to_value(value).map_err(|error| config.wrong(option, error))?;
        set.insert(option.get_ref().clone(), value);
        method = Method::from_json_options(name, &set).map_err(|error| config.wrong(option, error))?;
    }
    if let Some(norm) = optimizer.norm.as_ref().or(config.keys.norm.as_ref()) {
        method = scaled(config, norm, method, units, library)?;
    }
    let keep = optimizer.keep_codes.or(config.keys.keep_codes).unwrap_or_default();
    let reps = reps(config, optimizer)?;
    Ok(Arm {
        label: optimizer.label.clone().unwrap_or_else(|| method.name().to_owned()),
        generations: generations(config, (&method, reps), units)?,
        method,
        keep: if keep { Keep::All } else { Keep::LastOnly },
        keep_recommended: optimizer.keep_recommended.or(config.keys.keep_recommended).unwrap_or_default(),
        reps,
        initial_norm: optimizer.init.as_ref().map(|init| random_norm(config, init)).transpose()?.flatten(),
        initial_codes_sha256: Vec::new(),
    })
}

/// Presentations of each code: 1 or more, and one where they would not differ.
fn reps(config: &Config, optimizer: &OptimizerKeys) -> Result<u32, ResolveError> {
    let Some(at) = optimizer.reps.as_ref().or(config.keys.reps.as_ref()) else { return Ok(1) };
    let reps = *at.get_ref();
    RunPlan { reps, ..RunPlan::new(0, 1) }.validate().map_err(|error| config.wrong(at, error))?;
    if reps > 1 && noise_levels(config)?.iter().all(|noise| *noise == Noise::None) {
        let same = "without noise all presentations of an image have one and the same score";
        return Err(config.wrong(at, format!("{same}: give noise above 0 or poisson, or leave reps out")));
    }
    Ok(reps)
}

/// The method on the scale that `norm` asks for, which must be one for all networks: a campaign has every method once.
fn scaled(
    config: &Config,
    norm: &Spanned<StartNorm>,
    method: Method,
    units: &[Unit],
    library: &Library,
) -> Result<Method, ResolveError> {
    let conflict = |message| {
        let (file, line) = (config.file.clone(), config.line(&norm.span()));
        ResolveError::from(ConfigFileError::Conflict { file, line, message })
    };
    let mut values = Vec::new();
    for network in config.keys.network.iter().flatten() {
        values.push(norm.get_ref().value(&*library.generator_spec(network.generator.get_ref())?));
    }
    let value = match (values.first(), norm.get_ref()) {
        (Some(&first), _) if values.iter().all(|value| *value == first) => first,
        (None, StartNorm::Number(number)) => *number,
        (None, StartNorm::Natural) => {
            return Err(conflict("without a generator there is no natural norm: give a number"));
        }
        _ => return Err(conflict("the generators differ in their natural norm: give each a campaign of its own")),
    };
    if units.iter().any(|unit| unit.dim != units[0].dim) {
        return Err(conflict(
            "codes differ in length, so one norm does not fit all: give each length a campaign of its own",
        ));
    }
    method.with_norm(value, units[0].dim).map_err(|error| config.wrong(norm, error))
}

/// The scales of a campaign's methods beside that of a generator.
#[derive(Clone, Debug)]
pub struct GeneratorScale {
    /// Name of the generator.
    pub generator: String,
    /// Labels of the methods, and their start norms.
    pub methods: Vec<(String, NormRatio)>,
}

/// Every generator of a configuration with the start norms of the methods, by their labels.
///
/// # Errors
/// If a generator is not known.
pub fn norm_ratios(
    config: &Config,
    campaign: &Campaign,
    library: &Library,
) -> Result<Vec<GeneratorScale>, LibraryError> {
    let mut names: Vec<&str> =
        config.keys.network.iter().flatten().map(|keys| keys.generator.get_ref().as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let of = |name: &str| {
        let generator = library.generator_spec(name)?;
        let ratio = |arm: &Arm| (arm.label.clone(), NormRatio::of(&arm.method, &generator));
        Ok(GeneratorScale { generator: name.to_owned(), methods: campaign.arms.iter().map(ratio).collect() })
    };
    names.into_iter().map(of).collect()
}

/// The number of generations, which must be the same for all units: a population may depend on the length of a code.
fn generations(config: &Config, (method, reps): (&Method, u32), units: &[Unit]) -> Result<u32, ResolveError> {
    let keys = &config.keys;
    let (at, budget) = match (&keys.generations, &keys.evaluations) {
        (Some(generations), None) => (generations, Budget::Generations(*generations.get_ref())),
        (None, Some(evaluations)) => (evaluations, Budget::Evaluations(*evaluations.get_ref())),
        (Some(at), Some(_)) => {
            let line = config.line(&at.span());
            let message = "give either generations or evaluations, not both";
            return Err(ConfigFileError::Conflict { file: config.file.clone(), line, message }.into());
        }
        (None, None) => return Err(config.missing("the length of a run", "generations = N or evaluations = N")),
    };
    let of = |unit: &Unit| {
        budget.generations(method.population_size(unit.dim), reps).map_err(|error: BudgetError| config.wrong(at, error))
    };
    let lengths = units.iter().map(of).collect::<Result<Vec<_>, _>>()?;
    if lengths.iter().any(|length| *length != lengths[0]) {
        let (file, line) = (config.file.clone(), config.line(&at.span()));
        let message = "the population depends on the length of a code, and codes differ: give generations instead";
        return Err(ConfigFileError::Conflict { file, line, message }.into());
    }
    Ok(lengths[0])
}

/// The units of a `[[network]]` section. Modules of published networks go by aliases like `.features.ReLU4`.
fn units_of(config: &Config, network: &NetworkKeys, library: &Library) -> Result<Vec<Unit>, ResolveError> {
    let generator =
        library.generator(network.generator.get_ref()).map_err(|error| config.wrong(&network.generator, error))?;
    let cnn = library.cnn(network.cnn.get_ref()).map_err(|error| config.wrong(&network.cnn, error))?;
    let layers = library.layers(&cnn)?;
    let mut addresses: Vec<UnitAddress> = Vec::new();
    for layer in &network.layers {
        for channel in &network.channels {
            addresses.push(address(config, layer, &format!("{}:{channel}", layer.get_ref()), &layers)?);
        }
    }
    for unit in &network.units {
        addresses.push(address(config, unit, unit.get_ref(), &layers)?);
    }
    if addresses.is_empty() && network.targets.is_empty() {
        let line = config.line(&network.cnn.span());
        let message = "the network has no units: give layers and channels, units, or targets";
        return Err(ConfigFileError::Conflict { file: config.file.clone(), line, message }.into());
    }
    let geometry = match &config.keys.geometry {
        Some(keys) => {
            let (native, input) = (generator.spec().image_size, cnn.spec().input_size);
            keys.get_ref().resolve(native, Some(input)).map_err(|error| config.wrong(keys, error))?
        }
        None => None,
    };
    let mut units: Vec<Unit> = addresses.into_iter().map(|address| unit(&generator, &cnn, address, geometry)).collect();
    if !network.targets.is_empty() {
        units.extend(target_units(config, network, library, (&generator, &cnn), geometry)?);
    }
    Ok(units)
}

fn address(
    config: &Config,
    at: &Spanned<String>,
    text: &str,
    layers: &[LayerInfo],
) -> Result<UnitAddress, ResolveError> {
    let (address, weight) = parse_unit(text, layers).map_err(|error| config.wrong(at, error))?;
    if weight != 1.0 {
        return Err(config.wrong(at, "units of a campaign have no weight"));
    }
    Ok(address)
}

fn unit(generator: &GeneratorModel, cnn: &CnnModel, address: UnitAddress, geometry: Option<Geometry>) -> Unit {
    let UnitAddress { layer, channel, position } = address.clone();
    let objective = ObjectiveSpec::Units(NetworkUnits {
        geometry,
        ..network_units(generator, cnn, &Target::Units(address.into()))
    });
    let (network, dim) = (cnn.spec().name.clone(), generator.spec().latent_dim);
    Unit { network, layer, channel, position, dim, objective }
}
