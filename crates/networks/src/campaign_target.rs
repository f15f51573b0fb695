//! The targets in files that a configuration names.

use std::ops::Range;
use std::path::{Path, PathBuf};

use experiments::campaign::Unit;
use experiments::{NetworkUnits, ObjectiveSpec, TargetKind};
use paradigm::{Geometry, Measure};
use serde::Deserialize;
use toml::Spanned;

use crate::Library;
use crate::config::{Config, NetworkKeys};
use crate::config_error::ConfigFileError;
use crate::resolve::ResolveError;
use crate::source::network_units;
use crate::target::TargetFile;
use gen_models::{CnnModel, GeneratorModel};

/// An entry of `targets` in a `[[network]]` section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetKeys {
    readout: Option<Spanned<PathBuf>>,
    pattern: Option<Spanned<PathBuf>>,
    layer: String,
    measure: Option<Measure>,
}

/// A target of a campaign: the CNN that it is read from, the file, and how the configuration names that.
#[derive(Clone, Debug)]
pub struct CampaignTarget {
    /// Name of the CNN.
    pub cnn: String,
    /// What was read.
    pub file: TargetFile,
    /// The file as the configuration names it.
    pub named: PathBuf,
    /// Where that name stands in the configuration's text, in bytes.
    pub place: Range<usize>,
}

/// The targets in files that a configuration names, relative to its folder.
///
/// # Errors
/// If a model is not known, or a file cannot be read or does not fit its layer.
pub fn campaign_targets(config: &Config, library: &Library) -> Result<Vec<CampaignTarget>, ResolveError> {
    let mut targets = Vec::new();
    for network in config.keys.network.iter().flatten().filter(|network| !network.targets.is_empty()) {
        let cnn = library.cnn(network.cnn.get_ref()).map_err(|error| config.wrong(&network.cnn, error))?;
        targets.extend(of_network(config, network, library, &cnn)?);
    }
    Ok(targets)
}

/// The units of a campaign that the targets of a network are.
pub(crate) fn target_units(
    config: &Config,
    network: &NetworkKeys,
    library: &Library,
    (generator, cnn): (&GeneratorModel, &CnnModel),
    geometry: Option<Geometry>,
) -> Result<Vec<Unit>, ResolveError> {
    let unit = |CampaignTarget { cnn: name, file, named, .. }: CampaignTarget| {
        let stem = named.file_stem().unwrap_or_default().to_string_lossy();
        let units = network_units(generator, cnn, &file.target);
        let layer = format!("{}-{stem}", file.spec.layer);
        let objective = ObjectiveSpec::Units(NetworkUnits { geometry, target: Some(file.spec), ..units });
        Unit { network: name, layer, channel: 0, position: None, dim: generator.spec().latent_dim, objective }
    };
    Ok(of_network(config, network, library, cnn)?.into_iter().map(unit).collect())
}

fn of_network(
    config: &Config,
    network: &NetworkKeys,
    library: &Library,
    cnn: &CnnModel,
) -> Result<Vec<CampaignTarget>, ResolveError> {
    let layers = library.layers(cnn)?;
    let one = |keys: &Spanned<TargetKeys>| {
        let TargetKeys { readout, pattern, layer, measure } = keys.get_ref();
        let (kind, named) = match (readout, pattern, measure) {
            (Some(file), None, None) => (TargetKind::LinearReadout, file),
            (None, Some(file), _) => (TargetKind::Pattern, file),
            _ => {
                let (file, line) = (config.file.clone(), config.line(&keys.span()));
                let message = "a target is a readout, or a pattern with a measure if you like: give one of the two";
                return Err(ConfigFileError::Conflict { file, line, message }.into());
            }
        };
        let path = config.beside(named.get_ref());
        let file =
            TargetFile::read(kind, &path, layer, *measure, &layers).map_err(|error| config.wrong(keys, error))?;
        let (named, place) = (named.get_ref().clone(), named.span());
        Ok(CampaignTarget { cnn: cnn.spec().name.clone(), file, named, place })
    };
    network.targets.iter().map(one).collect()
}

impl Config {
    /// A file that the configuration names, relative to its folder.
    pub(crate) fn beside(&self, file: &Path) -> PathBuf {
        self.folder.join(file)
    }
}
