//! The networks of a folder of models, each with a partner.

use super::{Backend, Check, Failure, pair};
use crate::{CnnModel, GeneratorModel, ModelFolder, ModelFolderError, Runtime, SessionOptions};

/// What is checked of networks that nothing is known of: their layers and images, and that a device computes what the
/// processor does. Batches are another matter: the last bits of foreign networks may depend on them.
pub const REGISTERED_CHECKS: &[(&str, Check)] = &[
    ("every_layer_answers", pair::every_layer_answers),
    ("images_are_in_range_and_differ", pair::images_are_in_range_and_differ),
    ("device_equals_processor", pair::device_equals_processor),
];

/// A generator and a CNN by name, of which one at least is registered, and the networks if both can be loaded.
pub struct RegisteredPair {
    /// Both names.
    pub name: String,
    /// The networks, or why one of them cannot be loaded.
    pub networks: Result<(GeneratorModel, CnnModel), Failure>,
}

/// Pairs in which every network of `folder` is: its CNNs behind `generator` and behind its first generator, its
/// generators in front of `cnn`. None if nothing is registered.
///
/// # Errors
/// If the folder's manifest cannot be read.
pub fn registered_pairs(
    folder: &ModelFolder,
    generator: &GeneratorModel,
    cnn: &CnnModel,
) -> Result<Vec<RegisteredPair>, ModelFolderError> {
    let manifest = folder.manifest()?;
    let generators: Vec<_> = manifest
        .generators()
        .map(|spec| (spec.name.as_str(), GeneratorModel::load(spec, &folder.source(&spec.file))))
        .collect();
    let pair = |generator: &str, cnn: &str, networks: Result<_, _>| RegisteredPair {
        name: format!("{generator} + {cnn}"),
        networks: networks.map_err(Failure::Model),
    };
    let mut pairs = Vec::new();
    for spec in manifest.cnns() {
        let load = || CnnModel::load(spec, &folder.source(&spec.file));
        let with_given = load().map(|cnn| (generator.clone(), cnn));
        pairs.push(pair(&generator.spec().name, &spec.name, with_given));
        if let Some((name, Ok(first))) = generators.first() {
            pairs.push(pair(name, &spec.name, load().map(|cnn| (first.clone(), cnn))));
        }
    }
    for (name, loaded) in generators {
        pairs.push(pair(name, &cnn.spec().name, loaded.map(|generator| (generator, cnn.clone()))));
    }
    Ok(pairs)
}

impl RegisteredPair {
    /// The pair as what checks are run on.
    ///
    /// # Errors
    /// If one of its networks cannot be loaded.
    pub fn backend(self, runtime: &Runtime, options: SessionOptions) -> Result<Backend<'_>, Failure> {
        let (generator, cnn) = self.networks?;
        Ok(Backend { runtime, options, generator, cnn, reference: None, real: None })
    }
}
