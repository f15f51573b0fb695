//! Means of the published tables, for figures that show them beside other runs.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use optim_core::registry;

use super::key::Key;
use super::names::LAYERS;
use super::scope::{ALL, both, layer_scope, noise_scope};
use super::statistics::{Bootstrap, Tables};

/// Means of `norm`, `runtime`, `codenorm` and the covariance measures over all rows and by noise level, and of `norm` of
/// round 2 by cell: what `actmax reproduce statistic` gives for the statistic `mean`.
const EMBEDDED: &str = include_str!("means.csv");

/// What a mean is over; layers by the names of AlexNet (conv2 to fc8).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Over<'a> {
    pub(crate) layer: Option<&'a str>,
    pub(crate) noise: Option<f64>,
}

/// Published means.
pub(crate) enum PublishedMeans {
    /// By (table, quantity, optimizer, scope).
    Embedded(HashMap<[String; 4], f64>),
    /// Computed when they are asked for.
    Of(Tables),
}

impl PublishedMeans {
    /// The means that are compiled in.
    pub(crate) fn embedded() -> Result<Self> {
        let mut reader = csv::Reader::from_reader(EMBEDDED.as_bytes());
        let mut means = HashMap::new();
        for row in reader.deserialize() {
            let (table, quantity, optimizer, scope, mean) = row.context("the compiled-in means are malformed")?;
            means.insert([table, quantity, optimizer, scope], mean);
        }
        Ok(Self::Embedded(means))
    }

    /// The means of tables in a folder.
    pub(crate) fn of_tables(folder: &Path) -> Result<Self> {
        super::require_folder(folder)?;
        Ok(Self::Of(Tables::read(folder, Bootstrap { resamples: 0, seed: 0 })?))
    }

    /// A mean; none where the tables have none, or the method is none of theirs. `optimizer` is a label of a campaign:
    /// a method's name on the command line, or a name of the tables.
    pub(crate) fn mean(&self, table: &str, quantity: &str, optimizer: &str, over: Over<'_>) -> Option<f64> {
        let layer = match over.layer {
            Some(name) => Some(layer_scope(LAYERS.iter().find(|layer| layer.name == name)?.module)),
            None => None,
        };
        let scope = match (layer, over.noise.map(noise_scope)) {
            (None, None) => ALL.to_owned(),
            (Some(scope), None) | (None, Some(scope)) => scope,
            (Some(layer), Some(noise)) => both(&layer, &noise),
        };
        let aliases = registry().iter().find(|info| info.name == optimizer).map_or(&[][..], |info| info.aliases);
        let names = aliases.iter().copied().chain([optimizer]);
        let find = |name: &str| match self {
            Self::Embedded(means) => means.get(&[table, quantity, name, &scope].map(str::to_owned)).copied(),
            Self::Of(tables) => {
                let key =
                    Key { table, quantity, statistic: "mean", optimizer: Some(name), scope: &scope, ..Key::default() };
                tables.value(&key).ok()
            }
        };
        names.into_iter().find_map(find)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_go_by_their_own_names_and_layers_by_those_of_alexnet() {
        let means = PublishedMeans::embedded().unwrap();
        let over = |layer, noise| Over { layer, noise };
        let norm = |optimizer, over| means.mean("round2", "norm", optimizer, over);
        assert_eq!(norm("genetic", over(None, None)), Some(0.33346960346518495));
        assert_eq!(norm("sphere-cma", over(None, Some(0.0))), Some(0.8599804103208729));
        assert!(norm("sphere-cma", over(Some("conv2"), Some(0.5))).is_some());
        assert_eq!(norm("random-search", over(None, None)), None);
        assert_eq!(norm("genetic", over(Some("conv99"), None)), None);
        let condition = means.mean("spectra", "condnum", "CholeskyCMAES_Aupdate1", Over::default());
        assert_eq!(condition, Some(1.0010515318268962));
    }
}
