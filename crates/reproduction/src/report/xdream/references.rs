//! Evolved images beside reference images: where does the score of the evolved one lie among theirs?

use std::collections::BTreeMap;

use analysis::figure::scores_by_optimizer::{ScoreGroup, ScoresByOptimizer};
use analysis::reference_images::AmongReferences;
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use anyhow::{Context, Result};
use experiments::campaign::{ObjectiveSource, Run, StoredRun};
use experiments::{Noise, random_codes};
use gen_models::{SessionOptions, UnitAddress, UnitScorer, WeightedUnits};
use networks::{NetworkSource, Pictures};
use optim_core::Objective;

use super::super::claims::{Side, Statement, over_units};
use super::super::models::Models;
use super::super::study::{Content, NamedTable};
use super::results::{best_clean, interval_over_units};
use super::sections::{NUMBER_UNKNOWN, PUBLICATION};

/// Optimizers whose images are compared: that of the publication, and the one that docs/choosing.md advises.
const EVOLVED: [&str; 2] = ["xdream-genetic", "cholesky-cmaes"];
/// Seed of the random codes.
const SEED: u64 = 1905;

/// What evolved images are compared with.
pub(super) struct References<'a> {
    pub(super) models: &'a Models<'a>,
    pub(super) pictures: &'a Pictures,
    /// Number of random codes.
    pub(super) random: usize,
    pub(super) resamples: usize,
}

/// A unit behind a generator: scores of references, and of the images that were evolved for it.
struct Compared {
    /// Generator and network.
    pair: String,
    layer: String,
    /// Scores of the pictures, and of images of random codes.
    references: [Vec<f64>; 2],
    /// Optimizer and score of every run.
    evolved: Vec<(&'static str, f64)>,
}

/// One run among the references of one kind.
struct Place<'a> {
    unit: usize,
    compared: &'a Compared,
    optimizer: &'static str,
    found: AmongReferences,
    /// Distance from the best reference, in standard deviations of the references.
    margin: f64,
}

impl References<'_> {
    /// The section, from the noise-free runs of [`EVOLVED`].
    pub(super) fn content(&self, stored: &[&StoredRun]) -> Result<Content> {
        let compared = self.compared(stored)?;
        let kinds = self.kinds();
        let places = [0, 1].map(|kind| places(&compared, kind));
        let [pictures, codes] = [&places[0], &places[1]];
        let mut claims = Vec::new();
        for (kind, places) in kinds.iter().zip(&places) {
            claims.extend(self.claims(kind, places)?);
        }
        let silent = compared.iter().filter(|unit| !varies(&unit.references[0])).count();
        let silent = match silent {
            0 => String::new(),
            silent => format!(" {silent} units answer all pictures alike and are left out."),
        };
        Ok(Content {
            svg: Some(figure(&compared, &kinds)?),
            summary: format!(
                "A method is worth its time if its image drives a unit more than images that one could have taken from a \
                 drawer. The drawer here: {}, and images that the generator makes of {} random codes of its natural norm. \
                 The latter are no natural images; they say what chance finds. --references FOLDER takes your own images in \
                 place of the pictures. The publication calls its method 'applicable across network layers, architectures, and training \
                 sets'.",
                self.pictures_in_words(),
                self.random
            ),
            caption: format!(
                "Clean scores in standard deviations of the pictures' scores on the same unit, 0 being their mean. One point \
                 an image; evolved: one point a run, the best of its noise-free images. Of many references 80 points are drawn \
                 at even ranks, the extremes among them.{silent}"
            ),
            tables: vec![NamedTable { stem: "xdream-references", table: table(&kinds, [pictures, codes]) }],
            claims,
        })
    }

    fn pictures_in_words(&self) -> String {
        format!("{} {}", self.pictures.images.len(), self.pictures.about)
    }

    fn kinds(&self) -> [String; 2] {
        [format!("{} pictures", self.pictures.images.len()), format!("{} random codes", self.random)]
    }

    fn compared(&self, stored: &[&StoredRun]) -> Result<Vec<Compared>> {
        let mut units: Vec<(&Run, Vec<(&'static str, f64)>)> = Vec::new();
        for stored in stored.iter().filter(|stored| stored.run.spec.noise == Noise::None) {
            let Some(label) = EVOLVED.into_iter().find(|label| *label == stored.run.label) else { continue };
            let score = best_clean(&stored.arrays()?);
            match units.iter_mut().find(|(run, _)| run.unit == stored.run.unit) {
                Some((_, evolved)) => evolved.push((label, score)),
                None => units.push((&stored.run, vec![(label, score)])),
            }
        }
        let source = NetworkSource::new(self.models.library, self.models.runtime, SessionOptions::default(), 1);
        let compare = |(run, evolved): (&Run, Vec<_>)| {
            let names = run.unit.objective.units().context("only units of networks are compared with images")?;
            Ok(Compared {
                pair: format!("{} and {}", names.generator, names.cnn),
                layer: run.unit.layer.clone(),
                references: [self.picture_scores(run)?, self.code_scores(run, &source)?],
                evolved,
            })
        };
        units.into_iter().map(compare).collect()
    }

    fn picture_scores(&self, run: &Run) -> Result<Vec<f64>> {
        let names = run.unit.objective.units().context("no network")?;
        let (layer, channel, position) = (run.unit.layer.clone(), run.unit.channel, run.unit.position);
        let units = WeightedUnits::from(UnitAddress { layer, channel, position });
        let cnn = self.models.library.cnn(&names.cnn)?;
        let mut scorer = UnitScorer::new(&cnn, &units, self.models.runtime, SessionOptions::default())?;
        Ok(self.pictures.scores(&mut scorer)?)
    }

    fn code_scores(&self, run: &Run, source: &NetworkSource) -> Result<Vec<f64>> {
        let names = run.unit.objective.units().context("no network")?;
        let norm = self.models.library.generator_spec(&names.generator)?.code_norm().value();
        let codes = random_codes(run.unit.dim, self.random, norm, SEED)?;
        let mut scores = Vec::new();
        source.open(run, None)?.evaluate(&codes, &mut scores)?;
        Ok(scores)
    }

    /// Of every pair of generator and network, and every optimizer: is its image above the best reference?
    fn claims(&self, kind: &str, places: &[Place<'_>]) -> Result<Vec<Claim>> {
        let mut groups: BTreeMap<(usize, String), Vec<&Place<'_>>> = BTreeMap::new();
        for place in places {
            let optimizer = EVOLVED.iter().position(|label| *label == place.optimizer).unwrap_or_default();
            groups.entry((optimizer, place.compared.pair.clone())).or_default().push(place);
        }
        let claim = |((optimizer, pair), places): (&(usize, String), &Vec<&Place<'_>>)| {
            let margins: Vec<f64> = places.iter().map(|place| place.margin).collect();
            let members: Vec<usize> = places.iter().map(|place| place.unit).collect();
            let (margin, units) = interval_over_units(&margins, &vec![1.0; margins.len()], &members, self.resamples)?;
            let statement = Statement {
                words: format!("{} is above the best of {kind}", optimizer_label(EVOLVED[*optimizer])),
                condition: pair.clone(),
                source: PUBLICATION,
                claimed: NUMBER_UNKNOWN.to_owned(),
            };
            let measure = "evolved less best reference, standard deviations of references";
            Ok(over_units(statement, measure, margin, (Side::Above, 0.0), units))
        };
        groups.iter().map(claim).collect()
    }
}

fn varies(scores: &[f64]) -> bool {
    scores.iter().any(|score| *score != scores[0])
}

/// Every run among the references of one kind; units whose references are all alike are left out.
fn places(compared: &[Compared], kind: usize) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    for (unit, compared) in compared.iter().enumerate() {
        for (optimizer, score) in &compared.evolved {
            let Ok(found) = AmongReferences::of(*score, &compared.references[kind]) else { continue };
            let Some(z) = found.z.filter(|_| varies(&compared.references[0])) else { continue };
            let best = AmongReferences::of(found.largest, &compared.references[kind]).ok().and_then(|best| best.z);
            places.push(Place { unit, compared, optimizer, found, margin: z - best.unwrap_or_default() });
        }
    }
    places
}

fn figure(compared: &[Compared], kinds: &[String; 2]) -> Result<String> {
    let mut groups: Vec<ScoreGroup> = Vec::new();
    for unit in compared.iter().filter(|unit| varies(&unit.references[0])) {
        let mut add = |label: &str, scores: &[f64]| {
            let z = scores.iter().filter_map(|score| AmongReferences::of(*score, &unit.references[0]).ok()?.z);
            let same = |group: &&mut ScoreGroup| {
                group.optimizer == label && group.noise == unit.layer && group.network == unit.pair
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.scores.extend(z),
                None => groups.push(ScoreGroup {
                    network: unit.pair.clone(),
                    noise: unit.layer.clone(),
                    optimizer: label.to_owned(),
                    scores: z.collect(),
                }),
            }
        };
        kinds.iter().zip(&unit.references).for_each(|(kind, scores)| add(kind, scores));
        unit.evolved.iter().for_each(|(label, score)| add(label, &[*score]));
    }
    let title = "Evolved images among references".to_owned();
    let score = "standard deviations of pictures' scores".to_owned();
    Ok(ScoresByOptimizer { title, score, groups }.to_svg()?)
}

/// A row a pair, layer and optimizer.
fn table(kinds: &[String; 2], [pictures, codes]: [&Vec<Place<'_>>; 2]) -> Table {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut seen: Vec<(&str, &str, &str)> = Vec::new();
    for place in pictures {
        let key = (place.compared.pair.as_str(), place.compared.layer.as_str(), place.optimizer);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let same = |places: &[Place<'_>]| -> Vec<(f64, f64, bool)> {
            let of = |place: &&Place<'_>| (&*place.compared.pair, &*place.compared.layer, place.optimizer) == key;
            let found =
                |place: &Place<'_>| (place.found.percentile(), place.found.z.unwrap_or(f64::NAN), place.margin > 0.0);
            places.iter().filter(of).map(found).collect()
        };
        let mut cells = vec![Cell::text(key.0), Cell::text(key.1), Cell::text(optimizer_label(key.2))];
        for found in [same(pictures), same(codes)] {
            cells.extend(means(&found));
        }
        rows.push(cells);
    }
    let of = |kind: &String| ["percentile", "z", "above the best"].map(|what| format!("{kind}: {what}"));
    let headings = ["generator and network", "layer", "optimizer"].map(str::to_owned).into_iter();
    let caption = "The best evolved image among references: means over runs; above the best: runs of all".to_owned();
    Table { caption, headings: headings.chain(kinds.iter().flat_map(of)).collect(), rows }
}

fn means(found: &[(f64, f64, bool)]) -> [Cell; 3] {
    let mean = |of: &dyn Fn(&(f64, f64, bool)) -> f64| found.iter().map(of).sum::<f64>() / found.len() as f64;
    let above = found.iter().filter(|(.., above)| *above).count();
    [
        Cell::numeric(format!("{:.1}", mean(&|found| found.0))),
        Cell::numeric(format!("{:.1}", mean(&|found| found.1))),
        Cell::numeric(format!("{above} of {}", found.len())),
    ]
}
