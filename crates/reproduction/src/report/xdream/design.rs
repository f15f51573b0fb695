//! The space-filling design of the genetic algorithm's hyperparameters, and the guide that follows from it.

use analysis::figure::Estimate;
use analysis::figure::score_by_setting::{ScoreBySetting, SettingPanel};
use analysis::report::{Cell, Claim, Table};
use analysis::response_surface::{Surface, SurfaceDesign, rank_places, value_at};
use analysis::summary::quantiles;
use anyhow::{Context, Result};
use experiments::campaign::{Arm, Campaign};
use optim_core::rand::seq::SliceRandom;
use optim_core::{Method, Stream, stream_rng};
use rand::RngExt;
use serde_json::json;

use super::super::claims::{Side, Statement, over_units};
use super::super::scores::{RESAMPLING_SEED, coverage};
use super::super::study::{Content, NamedTable};
use super::results::Results;
use super::sections::{DEFAULT, HYPERPARAMETERS, Hyperparameter, LAST, NUMBER_UNKNOWN, PUBLICATION, QUIET, estimate};

/// Shuffles of a setting among the points, which say what effect chance alone has.
const SHUFFLES: u64 = 200;
/// Part of the shuffles below which an effect counts as none.
const CHANCE: f64 = 0.95;
/// Places at which curves are drawn.
const DRAWN: usize = 40;

/// Labels of the arms that the check adds.
pub(super) const BEST_POINT: &str = "best point";
pub(super) const GUIDE: &str = "the guide";

/// What the design says of one hyperparameter.
struct Setting {
    of: &'static Hyperparameter,
    /// Its value at every point.
    values: Vec<f64>,
    /// Range of the fitted curve over the mean score.
    effect: Estimate,
    /// What that is for shuffled values in all but 5 % of the shuffles.
    chance: f64,
    /// The value with the highest point of the curve.
    best: f64,
}

impl Setting {
    fn matters(&self) -> bool {
        self.effect.mean > self.chance
    }

    /// What the guide says: the best value where it matters, else the default.
    fn advised(&self) -> f64 {
        if self.matters() { self.best } else { self.of.default }
    }
}

/// The analysed design.
pub(super) struct Design<'a> {
    results: &'a Results,
    arms: Vec<&'a Arm>,
    default: &'a Arm,
    /// Mean score of every point over units.
    scores: Vec<f64>,
    settings: Vec<Setting>,
    surface: Surface,
    /// Evaluations of a run.
    evaluations: usize,
}

impl<'a> Design<'a> {
    /// Analyses the runs of the campaign `xdream-design`.
    pub(super) fn of(campaign: &'a Campaign, results: &'a Results) -> Result<Self> {
        let (defaults, arms): (Vec<&Arm>, Vec<&Arm>) = campaign.arms.iter().partition(|arm| arm.label == DEFAULT);
        let default = *defaults.first().context("the design has no run of the defaults")?;
        let by_unit: Vec<Vec<f64>> = arms.iter().map(|arm| results.by_unit(&arm.label, QUIET)).collect();
        let units = by_unit.first().map_or(0, Vec::len);
        let mean_over = |picks: &[usize]| -> Vec<f64> {
            by_unit.iter().map(|of| picks.iter().map(|&unit| of[unit]).sum::<f64>() / picks.len() as f64).collect()
        };
        let all: Vec<usize> = (0..units).collect();
        let scores = mean_over(&all);
        let values: Vec<Vec<f64>> =
            HYPERPARAMETERS.iter().map(|of| arms.iter().map(|arm| of.value(&arm.method)).collect()).collect();
        let places = values.iter().map(|values| rank_places(values)).collect::<Result<Vec<_>, _>>()?;
        let design = SurfaceDesign::new(&points(&places))?;
        let surface = design.fit(&scores)?;
        let mean = average(&scores);
        // The same units for every setting.
        let mut rng = stream_rng(RESAMPLING_SEED, Stream::Resampling, 3);
        let mut resampled = Vec::new();
        for _ in 0..results.resamples {
            let picks: Vec<usize> = all.iter().map(|_| rng.random_range(0..units)).collect();
            let scores = mean_over(&picks);
            resampled.push((average(&scores), design.fit(&scores)?));
        }
        let tail = (1.0 - coverage(units)?) / 2.0;
        let mut settings = Vec::new();
        for (k, (of, values)) in HYPERPARAMETERS.iter().zip(values).enumerate() {
            let effects: Vec<f64> = resampled.iter().map(|(mean, surface)| surface.effect(k) / mean).collect();
            let [low, high] = quantiles(&effects, [tail, 1.0 - tail])?;
            let effect = Estimate { mean: surface.effect(k) / mean, low, high };
            let best = of.rounded(value_at(&values, surface.best(k))?);
            settings.push(Setting { of, effect, chance: chance(&places, k, &scores)? / mean, best, values });
        }
        let evaluations = default.generations as usize * default.method.population_size(0);
        Ok(Self { results, arms, default, scores, settings, surface, evaluations })
    }

    fn best_point(&self) -> (usize, &'a Arm) {
        let best = (0..self.scores.len()).max_by(|&a, &b| self.scores[a].total_cmp(&self.scores[b])).unwrap_or(0);
        (best, self.arms[best])
    }

    /// The arms that the check tries besides its own: the best point, and the guide unless it is the default.
    pub(super) fn arms_to_check(&self) -> Result<Vec<Arm>> {
        let mut options = self.default.method.options();
        for setting in self.settings.iter().filter(|setting| setting.matters()) {
            options.insert(setting.of.option.to_owned(), setting.of.json(setting.best));
        }
        let guide = Method::from_json_options(DEFAULT, &options)?;
        let methods = [(BEST_POINT, self.best_point().1.method.clone()), (GUIDE, guide)];
        let differs = |(_, method): &(&str, Method)| *method != self.default.method;
        let arm = |(label, method): (&str, Method)| {
            let generations = (self.evaluations / method.population_size(0)).max(1) as u32;
            Arm { label: label.to_owned(), ..Arm::new(method, generations) }
        };
        Ok(methods.into_iter().filter(differs).map(arm).collect())
    }

    /// The section.
    pub(super) fn content(&self) -> Result<Content> {
        let mut order: Vec<&Setting> = self.settings.iter().collect();
        order.sort_by(|a, b| b.effect.mean.total_cmp(&a.effect.mean));
        let (first, rest): (Vec<&Setting>, Vec<&Setting>) = order.into_iter().partition(|setting| setting.matters());
        let with_value = |setting: &&Setting| {
            let (of, best) = (setting.of, setting.of.write(setting.best));
            format!("{} (to {best}; {:.0} % of the mean score)", of.name, 100.0 * setting.effect.mean)
        };
        let names = |settings: &[&Setting], write: &dyn Fn(&&Setting) -> String| match settings.len() {
            0 => "none".to_owned(),
            _ => settings.iter().map(write).collect::<Vec<_>>().join(", "),
        };
        let r_squared = self.surface.r_squared.unwrap_or(f64::NAN);
        let (number, best) = self.best_point();
        let ratio = self.results.ratio(&best.label, DEFAULT, QUIET, LAST)?;
        let best_settings: Vec<String> = self
            .settings
            .iter()
            .map(|setting| format!("{} {}", setting.of.name, setting.of.write(setting.values[number])))
            .collect();
        Ok(Content {
            svg: Some(self.figure()?),
            summary: format!(
                "{} points spread the six settings evenly over their ranges (Latin hypercube), so that each is seen among many \
                 values of the others. What to set first: {}. What hardly matters: {}. An additive quadratic curve was fitted \
                 to the ranks of every setting; together they account for {:.0} % of the variance between points, and what \
                 settings do to each other is in the rest. A setting matters where the range of its curve exceeds that of \
                 shuffled values in {:.0} % of {SHUFFLES} shuffles. Best of the points: {}; mean score over the default's \
                 {:.2} [{:.2}, {:.2}], picked as the best of many, so that chance is in it.",
                self.arms.len(),
                names(&first, &with_value),
                names(&rest, &|setting| setting.of.name.to_owned()),
                100.0 * r_squared,
                100.0 * CHANCE,
                best_settings.join(", "),
                ratio.mean,
                ratio.low,
                ratio.high
            ),
            caption: format!(
                "One point a setting of all six: mean over {} units of the best clean score over the largest of the unit, no \
                 noise, {} evaluations.",
                self.results.units, self.evaluations
            ),
            tables: vec![NamedTable { stem: "xdream-design", table: self.table() }],
            claims: self.settings.iter().map(|setting| self.claim(setting)).collect(),
        })
    }

    fn claim(&self, setting: &Setting) -> Claim {
        let statement = Statement {
            words: "Setting it changes the score by more than shuffles do".to_owned(),
            condition: setting.of.name.to_owned(),
            source: PUBLICATION,
            claimed: NUMBER_UNKNOWN.to_owned(),
        };
        let measure = "range of the fitted curve over the mean score";
        over_units(statement, measure, setting.effect, (Side::Above, setting.chance), self.results.units)
    }

    fn table(&self) -> Table {
        let row = |setting: &Setting| {
            let write = |value: f64| Cell::numeric(setting.of.write(value));
            let ends = setting
                .values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)));
            vec![
                Cell::text(setting.of.name),
                write(setting.of.default),
                Cell::numeric(format!("{} to {}", setting.of.write(ends.0), setting.of.write(ends.1))),
                estimate(setting.effect),
                Cell::numeric(format!("{:.2}", setting.chance)),
                write(setting.best),
                write(setting.advised()),
            ]
        };
        let headings = ["setting", "default", "tried", "effect", "of shuffles", "top of its curve", "the guide"];
        Table {
            caption: "Range of the fitted curve over the mean score, by setting".to_owned(),
            headings: headings.map(str::to_owned).to_vec(),
            rows: self.settings.iter().map(row).collect(),
        }
    }

    fn figure(&self) -> Result<String> {
        let mean = average(&self.scores);
        let default = average(&self.results.by_unit(DEFAULT, QUIET));
        let panel = |(k, setting): (usize, &Setting)| -> Result<SettingPanel> {
            let places: Vec<f64> = (0..=DRAWN).map(|step| step as f64 / DRAWN as f64).collect();
            let middle =
                average(&rank_places(&setting.values)?.iter().map(|&u| self.surface.curve(k, u)).collect::<Vec<_>>());
            let point =
                |place: f64| Ok((value_at(&setting.values, place)?, mean + self.surface.curve(k, place) - middle));
            Ok(SettingPanel {
                name: setting.of.name.to_owned(),
                note: if setting.matters() { "matters".to_owned() } else { "hardly matters".to_owned() },
                values: setting.values.clone(),
                logarithmic: setting.of.logarithmic,
                curve: places.into_iter().map(point).collect::<Result<_>>()?,
                default: Some((setting.of.default, default)),
            })
        };
        let settings = self.settings.iter().enumerate().map(panel).collect::<Result<_>>()?;
        let (title, score) = ("Hyperparameters of the genetic algorithm, varied together", "mean score / largest");
        let (title, score) = (title.to_owned(), score.to_owned());
        Ok(ScoreBySetting { title, score, scores: self.scores.clone(), settings }.to_svg()?)
    }
}

impl Hyperparameter {
    /// Its value in a method.
    fn value(&self, method: &Method) -> f64 {
        method.options().get(self.option).and_then(serde_json::Value::as_f64).unwrap_or(self.default)
    }

    /// A value that it can have, with two digits.
    fn rounded(&self, value: f64) -> f64 {
        if self.whole { value.round() } else { format!("{value:.1e}").parse().unwrap_or(value) }
    }

    fn json(&self, value: f64) -> serde_json::Value {
        if self.whole { json!(value as u64) } else { json!(value) }
    }

    /// The value in words, three digits at most.
    fn write(&self, value: f64) -> String {
        let short: f64 = format!("{value:.2e}").parse().unwrap_or(value);
        format!("{short}")
    }
}

/// Points from the places on every side.
fn points(places: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let count = places.first().map_or(0, Vec::len);
    (0..count).map(|point| places.iter().map(|side| side[point]).collect()).collect()
}

/// The range of the curve of setting `k` that only a part of `1 - CHANCE` of the shuffles of its values exceeds.
fn chance(places: &[Vec<f64>], k: usize, scores: &[f64]) -> Result<f64> {
    let mut places = places.to_vec();
    let mut effects = Vec::new();
    for shuffle in 0..SHUFFLES {
        let mut rng = stream_rng(RESAMPLING_SEED, Stream::Resampling, 1000 * (k as u64 + 1) + shuffle);
        places[k].shuffle(&mut rng);
        effects.push(SurfaceDesign::new(&points(&places))?.fit(scores)?.effect(k));
    }
    Ok(quantiles(&effects, [CHANCE])?[0])
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
