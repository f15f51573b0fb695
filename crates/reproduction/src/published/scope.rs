//! Which rows a statistic is over.

use std::collections::BTreeMap;

use super::csv_file::Run;

/// What a scope fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    All,
    Noise,
    Net,
    NetNoise,
    Layer,
    /// A layer at a noise level.
    Cell,
}

/// Rows with a name such as `layer=.features.ReLU4,noise=0.2`.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) rows: Vec<usize>,
    /// Layer of a cell.
    pub(super) layer: Option<String>,
    /// Noise level, where it is fixed.
    pub(super) noise: Option<f64>,
}

pub(super) const ALL: &str = "all";

pub(super) fn noise_scope(level: f64) -> String {
    format!("noise={level:?}")
}

pub(super) fn layer_scope(layer: &str) -> String {
    format!("layer={layer}")
}

pub(super) fn net_scope(net: &str) -> String {
    format!("net={net}")
}

/// Both at once.
pub(super) fn both(first: &str, second: &str) -> String {
    format!("{first},{second}")
}

/// Every scope of the runs, sorted by kind and name.
pub(super) fn scopes(runs: &[Run]) -> Vec<Scope> {
    let mut found: BTreeMap<(Kind, String), Scope> = BTreeMap::new();
    for (row, run) in runs.iter().enumerate() {
        let (noise, layer, net) = (noise_scope(run.noise), layer_scope(&run.layer), net_scope(&run.net));
        let names = [
            (Kind::All, ALL.to_owned()),
            (Kind::Net, net.clone()),
            (Kind::NetNoise, both(&net, &noise)),
            (Kind::Cell, both(&layer, &noise)),
            (Kind::Noise, noise),
            (Kind::Layer, layer),
        ];
        for (kind, name) in names {
            let has_noise = matches!(kind, Kind::Noise | Kind::NetNoise | Kind::Cell);
            let entry = found.entry((kind, name)).or_insert_with_key(|(kind, name)| Scope {
                kind: *kind,
                name: name.clone(),
                rows: Vec::new(),
                layer: matches!(kind, Kind::Layer | Kind::Cell).then(|| run.layer.clone()),
                noise: has_noise.then_some(run.noise),
            });
            entry.rows.push(row);
        }
    }
    found.into_values().collect()
}
