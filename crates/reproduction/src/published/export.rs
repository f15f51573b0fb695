//! A campaign's results in the layout of the published tables.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use experiments::campaign::{Run, RunRecord, Store, StoredRun};
use networks::Library;
use rayon::prelude::*;

use super::reported::{is_of_nevergrad, reported_score};
use crate::{ReproductionError, files};

/// Writes `QUANTITY_summary.csv` into `folder`: one row a (unit, noise level, repeat), one column an optimizer, as the
/// published tables have. A quantity that no run has gives no file.
///
/// # Errors
/// If a run is damaged, if this program does not make a run's codes again where their scores are looked up, or if a
/// file cannot be written.
pub fn export(store: &Store, library: &Library, folder: &Path) -> Result<Vec<PathBuf>, ReproductionError> {
    Ok(write_tables(store, library, folder)?)
}

fn write_tables(store: &Store, library: &Library, folder: &Path) -> Result<Vec<PathBuf>> {
    let runs = store.runs().collect::<Result<Vec<_>, _>>()?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut written = Vec::new();
    for (name, of) in QUANTITIES {
        let values = runs.par_iter().map(|stored| of(store, stored)).collect::<Result<Vec<_>>>()?;
        if values.iter().any(Option::is_some) {
            let path = folder.join(format!("{name}_summary.csv"));
            files::write(&path, &files::csv(rows(store, library, &runs, &values))?)?;
            written.push(path);
        }
    }
    Ok(written)
}

type Quantity = fn(&Store, &StoredRun) -> Result<Option<f64>>;

/// The published tables by the part of their names between `benchmark_` or `spectra_` and `_summary.csv`.
const QUANTITIES: [(&str, Quantity); 8] = [
    ("cleanobj", |_, stored| Ok(stored.record.best_clean.map(|best| best.score.0))),
    ("maxobj", |_, stored| reported_score(stored)),
    ("codenorm", |_, stored| Ok(codenorm(stored))),
    ("runtime", |store, stored| Ok(store.timing(&stored.run).map(|timing| timing.runtime))),
    ("maxeig", |_, stored| Ok(diagnostic(&stored.record, "largest_eigenvalue"))),
    ("mineig", |_, stored| Ok(diagnostic(&stored.record, "smallest_eigenvalue"))),
    ("condnum", |_, stored| Ok(diagnostic(&stored.record, "condition_number"))),
    ("devi2id", |_, stored| Ok(diagnostic(&stored.record, "deviation_from_identity"))),
];

/// Norm of the code with the best mean score for nevergrad's methods, which is what they recommend; mean norm of the
/// next generation for the others.
fn codenorm(stored: &StoredRun) -> Option<f64> {
    let norms = &stored.record.norms;
    if is_of_nevergrad(&stored.run) { Some(norms.recommended) } else { norms.next_generation }
}

fn diagnostic(record: &RunRecord, name: &str) -> Option<f64> {
    record.diagnostics.get(name).map(|value| value.0)
}

/// The table of one value a run, its header first.
fn rows(store: &Store, library: &Library, runs: &[StoredRun], values: &[Option<f64>]) -> Vec<Vec<String>> {
    let labels: Vec<&str> = store.campaign().arms.iter().map(|arm| arm.label.as_str()).collect();
    let mut lines: Vec<(&Run, Vec<String>)> = Vec::new();
    let mut line_of = BTreeMap::new();
    for (StoredRun { run, .. }, value) in runs.iter().zip(values) {
        let line = *line_of.entry((run.folder(), run.repeat)).or_insert_with(|| {
            lines.push((run, vec![String::new(); labels.len()]));
            lines.len() - 1
        });
        if let Some(column) = labels.iter().position(|label| *label == run.label) {
            lines[line].1[column] = optional(*value);
        }
    }
    let names = labels.iter().map(|label| published_name(store, label));
    let last = ["netname", "layername", "channum", "noise_level", "RND", "expdir"];
    let header = std::iter::once(String::new()).chain(names).chain(last.map(str::to_owned)).collect();
    let line = |(number, (run, cells)): (usize, (&Run, Vec<String>))| {
        let last = [
            run.unit.network.clone(),
            published_layer(library, run),
            run.unit.channel.to_string(),
            optional(run.noise_level()),
            run.row_id.to_string(),
            run.folder(),
        ];
        std::iter::once(number.to_string()).chain(cells).chain(last).collect()
    };
    std::iter::once(header).chain(lines.into_iter().enumerate().map(line)).collect()
}

/// A number as the shortest text that reads back as the same; nothing where there is none.
fn optional(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:?}"))
}

/// The module path that the published tables call a layer by, such as `.features.ReLU4`: an alias of the layer in the
/// manifest. The layer's own name where it has none.
fn published_layer(library: &Library, run: &Run) -> String {
    let layers = library.manifest().cnn(&run.unit.network).ok().and_then(|cnn| cnn.layers.as_ref());
    let layer = layers.and_then(|layers| layers.iter().find(|layer| layer.name == run.unit.layer));
    let path = layer.and_then(|layer| layer.aliases.iter().find(|alias| alias.starts_with('.')));
    path.unwrap_or(&run.unit.layer).clone()
}

/// The published name of an arm's method, or its label where it has none or the arm is named otherwise.
fn published_name(store: &Store, label: &str) -> String {
    let arm = store.campaign().arms.iter().find(|arm| arm.label == label);
    let info = arm.map(|arm| arm.method.info()).filter(|info| info.name == label);
    info.and_then(|info| info.aliases.last()).map_or(label, |alias| *alias).to_owned()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use experiments::Noise;
    use experiments::campaign::{Arm, Campaign, Runner, Unit};
    use optim_core::{Method, Objective, Population};

    use super::*;

    /// The first coordinate.
    struct First;

    impl Objective for First {
        type Error = Infallible;

        fn dim(&self) -> usize {
            6
        }

        fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
            *scores = codes.iter().map(|z| z[0]).collect();
            Ok(())
        }
    }

    fn unit(layer: &str) -> Unit {
        Unit { layer: layer.to_owned(), ..Unit::named("hill", 6, serde_json::json!({ "layer": layer })) }
    }

    #[test]
    fn tables_have_the_published_layout() {
        let temporary = tempfile::tempdir().unwrap();
        let arms = ["sphere-cma", "genetic", "cholesky-cmaes"];
        let campaign = Campaign {
            arms: arms.map(|name| Arm::new(Method::from_name(name).unwrap(), 3)).into(),
            units: vec![unit("top"), unit("low")],
            noise: vec![Noise::None, Noise::Multiplicative { level: 0.5 }],
            repeats: 2,
            ..Campaign::new("hill")
        };
        let store = Store::create(&temporary.path().join("results"), &campaign).unwrap();
        Runner::default().run(&store, &|_: &Run| Ok::<_, Infallible>(First)).unwrap();
        let folder = temporary.path().join("published");
        let files = export(&store, &Library::embedded().unwrap(), &folder).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names[..4], ["cleanobj", "maxobj", "codenorm", "runtime"].map(|name| format!("{name}_summary.csv")));
        let text = fs::read_to_string(folder.join("cleanobj_summary.csv")).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        let header = ",ZOHA_Sphere_exp,Genetic,CholeskyCMAES,netname,layername,channum,noise_level,RND,expdir";
        assert_eq!(lines[0].join(","), header);
        assert_eq!(lines.len(), 1 + 2 * 2 * 2);
        for (number, line) in lines[1..].iter().enumerate() {
            assert_eq!((line[0], line[4], line[6]), (&*number.to_string(), "hill", "0"));
        }
        assert_eq!((&lines[1][5..8], lines[1][9]), (&["top", "0", "0.0"][..], "hill_top_000"));
        let first = store.runs().next().unwrap().unwrap();
        assert_eq!(lines[1][1].parse::<f64>().unwrap(), first.record.best_clean.unwrap().score.0);
    }

    #[test]
    fn layers_go_by_the_module_paths_of_the_published_tables() {
        let library = Library::embedded().unwrap();
        let cnn = library.manifest().cnns().next().unwrap();
        let layers = cnn.layers.as_ref().unwrap();
        for layer in layers {
            let unit = Unit { network: cnn.name.clone(), ..unit(&layer.name) };
            let campaign = Campaign {
                arms: vec![Arm::new(Method::from_name("genetic").unwrap(), 1)],
                units: vec![unit],
                noise: vec![Noise::None],
                repeats: 1,
                ..Campaign::new("names")
            };
            let path = layer.aliases.iter().find(|alias| alias.starts_with('.'));
            assert_eq!(published_layer(&library, &campaign.runs()[0]), *path.unwrap_or(&layer.name));
        }
    }
}
