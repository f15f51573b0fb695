//! What the study advises, on units that it was not made from; and generators beside each other.

use std::collections::BTreeSet;

use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use anyhow::{Context, Result};
use experiments::campaign::{Campaign, Run, Unit};
use networks::{Config, Library, resolve};

use super::super::claims::Side;
use super::super::study::{Content, NamedTable};
use super::design::{BEST_POINT, GUIDE};
use super::results::Results;
use super::sections::{DEFAULT, LAST, NUMBER_UNKNOWN, PUBLICATION, boxes, caption, claim, estimate};

const NOT_PUBLISHED: (&str, &str) = ("not in the publication", "");
/// Raw pixels that generators are compared with.
const CONTROL: &str = "pixels:16x16";
/// Channel of the units of registered networks, and the layers as parts of all.
const REGISTERED_CHANNEL: usize = 4;
const REGISTERED_LAYERS: [f64; 3] = [0.25, 0.6, 1.0];

/// The advice against the defaults.
pub(super) fn check(results: &Results) -> Result<Content> {
    let (mut rows, mut claims) = (Vec::new(), Vec::new());
    for noise in &results.noises {
        for label in &results.labels {
            let ratio = results.ratio(label, DEFAULT, noise, LAST)?;
            let mean = estimate(results.mean(label, noise, LAST)?);
            rows.push(vec![Cell::text(noise), Cell::text(optimizer_label(label)), mean, estimate(ratio)]);
            if label != DEFAULT {
                let words = format!("On new units, {} is above the defaults", optimizer_label(label));
                claims.push(claim(results, &words, noise, NOT_PUBLISHED, ratio, (Side::Above, 1.0)));
            }
        }
    }
    let guide = match results.labels.iter().any(|label| label == GUIDE) {
        true => "The guide takes the top of the curve of every setting that matters, and the default of the others.",
        false => "No setting mattered, so that the guide is the default.",
    };
    let headings = ["noise", "setting", "mean score", "over the defaults"].map(str::to_owned).to_vec();
    let table = Table { caption: "The advice on new units".to_owned(), headings, rows };
    let labels: Vec<&str> = results.labels.iter().map(String::as_str).collect();
    let noises: Vec<&str> = results.noises.iter().map(String::as_str).collect();
    Ok(Content {
        svg: Some(boxes(results, "The advice on new units", &labels, &noises)?),
        summary: format!(
            "Advice made from some units may hold for them alone. Here it is tried on units that no other campaign of this page \
             has. The {BEST_POINT} is that of the design. {guide} The starts change nothing else; what it takes to find the best \
             pictures is not counted. The other optimizers are those that docs/choosing.md advises, with their own defaults. All \
             are paired with the defaults of XDream's genetic algorithm on the same unit."
        ),
        caption: caption(results),
        tables: vec![NamedTable { stem: "xdream-check", table }],
        claims,
    })
}

/// The condition that stands in place of the noise: the network and the optimizer.
pub(super) fn by_generator(run: &Run) -> (String, String) {
    let generator = run.unit.objective.units().map_or_else(String::new, |units| units.generator.clone());
    (generator, format!("{}, {}", run.unit.network, optimizer_label(&run.label)))
}

/// Generators beside each other, on the same units.
pub(super) fn generators(results: &Results, library: &Library) -> Result<Content> {
    let (mut rows, mut claims) = (Vec::new(), Vec::new());
    for condition in &results.noises {
        let network = condition.split(", ").next().unwrap_or_default();
        for generator in results.labels.iter().filter(|generator| !results.scores(generator, condition).is_empty()) {
            let spec = library.generator_spec(generator)?;
            let encoder = spec.encoder.as_deref().and_then(|encoder| encoder.split(':').next());
            let made_for = match encoder {
                Some(cnn) if cnn == network => "yes",
                Some(_) => "no",
                None if generator.starts_with("pixels:") => "no network",
                None => "not known",
            };
            let ratio = results.ratio(generator, CONTROL, condition, LAST)?;
            rows.push(vec![
                Cell::text(condition),
                Cell::text(generator),
                Cell::numeric(spec.latent_dim.to_string()),
                Cell::text(made_for),
                estimate(results.mean(generator, condition, LAST)?),
                estimate(ratio),
            ]);
            if !generator.starts_with("pixels:") {
                let words = format!("The generator {generator} is above raw pixels of 16 x 16");
                let source = (PUBLICATION, NUMBER_UNKNOWN);
                claims.push(claim(results, &words, condition, source, ratio, (Side::Above, 1.0)));
            }
        }
    }
    let headings = [
        "network and optimizer",
        "generator",
        "length of a code",
        "made for this network",
        "mean score",
        "over raw pixels",
    ];
    let caption_ = format!("Generators on the same units, no noise, whole budget; raw pixels: {CONTROL}");
    let table = Table { caption: caption_, headings: headings.map(str::to_owned).to_vec(), rows };
    let labels: Vec<&str> = results.labels.iter().map(String::as_str).collect();
    let conditions: Vec<&str> = results.noises.iter().map(String::as_str).collect();
    Ok(Content {
        svg: Some(boxes(results, "Generators", &labels, &conditions)?),
        summary: "A generator narrows the search to images of a kind. Raw pixels are the control: every image is a code, and \
                  the numbers after 'pixels' say how many, so that they also show what the length of a code does. A pair is \
                  matched where the generator was made from the answers of the same network; only a manifest that names an \
                  encoder says so. Every optimizer starts with its own defaults, whatever the natural norm of the generator. \
                  --registered adds the models that actmax models list names beside the embedded ones."
            .to_owned(),
        caption: caption(results),
        tables: vec![NamedTable { stem: "xdream-generators", table }],
        claims,
    })
}

/// Units of registered networks behind every registered generator and those of the campaign, and of its networks behind
/// registered generators.
pub(super) fn registered_units(campaign: &Campaign, library: &Library) -> Result<Vec<Unit>> {
    let names = |unit: &Unit| unit.objective.units().map(|units| (units.generator.clone(), units.cnn.clone()));
    let known: BTreeSet<(String, String)> = campaign.units.iter().filter_map(names).collect();
    let own: BTreeSet<&str> = known.iter().map(|(_, cnn)| cnn.as_str()).collect();
    let mut generators: Vec<&str> = known.iter().map(|(generator, _)| generator.as_str()).collect();
    generators.extend(library.manifest().generators().map(|spec| spec.name.as_str()));
    let (mut seen, mut sections) = (BTreeSet::new(), String::new());
    generators.retain(|generator| seen.insert(*generator));
    for spec in library.manifest().cnns() {
        let layers = match own.contains(spec.name.as_str()) {
            true => {
                let layers =
                    campaign.units.iter().filter(|unit| unit.network == spec.name).map(|unit| unit.layer.clone());
                layers.collect::<BTreeSet<_>>().into_iter().collect()
            }
            false => chosen_layers(library, &spec.name)?,
        };
        for generator in generators.iter().filter(|name| !known.contains(&((**name).to_owned(), spec.name.clone()))) {
            sections.push_str(&format!(
                "[[network]]\ngenerator = {generator:?}\ncnn = {:?}\nlayers = {layers:?}\nchannels = [{REGISTERED_CHANNEL}]\n",
                spec.name
            ));
        }
    }
    if sections.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("generations = 1\noptimizers = [\"random-search\"]\n{sections}");
    let config = Config::parse("registered models", "registered", &text, None)?;
    Ok(resolve(&config, library).context("the registered models cannot be set up")?.units)
}

/// Layers of a network that is not known beforehand: maps and vectors with enough channels, early, late and last.
fn chosen_layers(library: &Library, cnn: &str) -> Result<Vec<String>> {
    let layers = library.layers(&library.cnn(cnn)?)?;
    let names: Vec<String> = layers
        .into_iter()
        .filter(|layer| layer.shape.first().is_some_and(|&channels| channels > REGISTERED_CHANNEL))
        .map(|layer| layer.name)
        .collect();
    let last = names.len().checked_sub(1).with_context(|| format!("{cnn} has no layer with units to choose"))?;
    Ok(REGISTERED_LAYERS.map(|part| names[(part * last as f64) as usize].clone()).to_vec())
}
