//! The evolved images of a campaign, as a montage.

use std::collections::HashMap;

use analysis::figure::montage::{Montage, MontageRow, Scaling, Tile};
use analysis::picture::Picture;
use experiments::Goal;
use experiments::campaign::{Campaign, Store, StoredRun};
use gen_models::{GeneratorSession, Runtime};
use optim_core::Generator;

use crate::console::say;
use crate::pictures::session_options;
use crate::{CommandError, Library};

/// Rows of a montage at most: units, with each kind of noise.
pub(crate) const ROWS: usize = 24;
/// Side of a tile in CSS pixels.
const TILE: f64 = 96.0;

/// The montage of a campaign.
pub(crate) struct Pictures {
    pub(crate) svg: String,
    /// Rows that are left out, the montage being full.
    pub(crate) left_out: usize,
}

/// One row a unit and kind of noise, one column an optimizer; of several repeats the best one, by its clean score. Images
/// lie on the canvas on which the units saw them. None if
/// no run has images.
pub(crate) fn montage(store: &Store, library: &Library, runs: &[StoredRun]) -> Result<Option<Pictures>, CommandError> {
    let campaign = store.campaign();
    let optimizers: Vec<String> = campaign.arms.iter().map(|arm| arm.label.clone()).collect();
    let mut rows: Vec<(String, String, Vec<Option<&StoredRun>>)> = Vec::new();
    for stored in runs.iter().filter(|stored| stored.run.spec.objective.units().is_some()) {
        let key = format!("{}, {}", stored.run.unit, stored.run.spec.noise);
        let at = rows.iter().position(|(known, ..)| *known == key).unwrap_or_else(|| {
            rows.push((key, label(campaign, stored), vec![None; optimizers.len()]));
            rows.len() - 1
        });
        if let Some(column) = optimizers.iter().position(|known| *known == stored.run.label)
            && is_better(campaign.goal, stored, rows[at].2[column])
        {
            rows[at].2[column] = Some(stored);
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let left_out = rows.len().saturating_sub(ROWS);
    let mut generators = Generators { library, sessions: HashMap::new() };
    let row = |(_, unit, runs): (String, String, Vec<Option<&StoredRun>>)| {
        let tile = |stored: Option<&StoredRun>| stored.map_or(Ok(None), |stored| generators.tile(stored));
        Ok(MontageRow { unit, tiles: runs.into_iter().map(tile).collect::<Result<_, CommandError>>()? })
    };
    let rows = rows.into_iter().take(ROWS).map(row).collect::<Result<_, CommandError>>()?;
    let presented =
        runs.iter().any(|stored| stored.run.spec.objective.units().is_some_and(|units| units.geometry.is_some()));
    let presented = if presented { ", as presented" } else { "" };
    let title = format!("{}: the best image of every run{presented}", campaign.name);
    let montage = Montage { title, optimizers, rows, scaling: Scaling::Smooth, tile: TILE };
    Ok(Some(Pictures { svg: montage.to_svg()?, left_out }))
}

/// Unit and noise in few words, for which there is little room: what all rows share is left out, and so are positions.
fn label(campaign: &Campaign, stored: &StoredRun) -> String {
    let unit = &stored.run.unit;
    let mut label = format!("{}:{}", unit.layer, unit.channel);
    if campaign.units.iter().any(|other| other.network != unit.network) {
        label = format!("{} {label}", unit.network);
    }
    if campaign.noise.len() > 1 { format!("{label}, {}", stored.run.spec.noise) } else { label }
}

fn is_better(goal: Goal, stored: &StoredRun, than: Option<&StoredRun>) -> bool {
    let score = |stored: &StoredRun| stored.record.best_clean.map_or(f64::NAN, |best| best.score.0);
    than.is_none_or(|than| goal.is_better(score(stored), score(than)))
}

/// Sessions of the generators, by name.
struct Generators<'a> {
    library: &'a Library,
    sessions: HashMap<String, GeneratorSession>,
}

impl Generators<'_> {
    /// The image of a run's best code; none if it has no best code.
    fn tile(&mut self, stored: &StoredRun) -> Result<Option<Tile>, CommandError> {
        let Some(units) = stored.run.spec.objective.units() else { return Ok(None) };
        let (Some(best), Some(code)) = (stored.record.best_clean, stored.arrays()?.best_code) else { return Ok(None) };
        if !self.sessions.contains_key(&units.generator) {
            let generator = self.library.generator(&units.generator)?;
            let session = generator.session(Runtime::get(&say)?, session_options())?;
            self.sessions.insert(units.generator.clone(), session);
        }
        let Some(session) = self.sessions.get_mut(&units.generator) else { return Ok(None) };
        let image = session.generate(&code)?.to_rgb8(0);
        let image = match units.geometry {
            Some(geometry) => geometry.place(image),
            None => image,
        };
        let image = Picture::new(image.width(), image.height(), image.into_raw())?;
        Ok(Some(Tile { image, score: best.score.0 }))
    }
}
