//! A run's codes and scores under the names that the published scripts read: `evolution.npz`, and the files of a campaign.
//!
//! | array | shape | type | is |
//! |---|---|---|---|
//! | `codes_all` | `[n, N]` | `f32` | codes; with [`Keep::LastOnly`] `last_codes` instead, those of the last generation; neither with [`Keep::None`] |
//! | `scores_all` | `[n]` | `f64` | scores that the method saw |
//! | `cleanscores_all` | `[n]` | `f64` | scores before noise |
//! | `generations` | `[n]` | `i64` | generation of each evaluation, from 0 |
//! | `runtime` | `[]` | `f64` | seconds; not in the files of a campaign, which do not depend on time |
//! | `generation_means` | `[G, N]` | `f32` | mean code of each generation; not with [`Keep::None`] |
//! | `mean_norms` | `[G]` | `f64` | mean Euclidean norm of its codes |
//! | `next_codes` | `[lambda, N]` | `f32` | the generation that would come next, not evaluated |
//! | `best_code` | `[N]` | `f32` | the code with the best clean score, if any score was a number |
//! | `recommended` | `[N]` | `f32` | the code that the method recommends |
//! | `recommendations` | `[G, N]` | `f32` | the same after each generation, if it was asked for |
//! | `diagnostics_NAME` | `[G]` | `f64` | the method's scalar NAME after each generation |
//!
//! Equal content makes equal bytes ([`NpzWriter`]).

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};
use std::path::Path;

use optim_core::to_f32;

use crate::ArrayFileError;
use crate::arrays::{Array, Npz};
use crate::npz_writer::NpzWriter;
use crate::record::{Evolution, Keep};

/// Begins the name of the array of one of the method's scalars.
const DIAGNOSTICS: &str = "diagnostics_";

/// Writes a run as `.npz`. The arrays are streamed: no second copy of the codes is made.
///
/// `runtime` is in seconds. It is the only difference between the files of two runs of one specification.
///
/// # Errors
/// If `sink` fails.
pub fn write_evolution<W: Write + Seek>(sink: W, evolution: &Evolution, runtime: Option<f64>) -> io::Result<W> {
    let (n, dim) = (evolution.evaluations() as u64, evolution.dim as u64);
    let scored = u64::from(evolution.generations_scored());
    let kept = evolution.codes_all.len() as u64 / dim.max(1);
    let codes_name = match evolution.plan.keep {
        Keep::All => Some("codes_all"),
        Keep::LastOnly => Some("last_codes"),
        Keep::None => None,
    };
    let mut npz = NpzWriter::new(sink);
    if let Some(name) = codes_name {
        npz.slice(name, &[kept, dim], &evolution.codes_all)?;
    }
    npz.slice("scores_all", &[n], &evolution.scores_all)?;
    npz.slice("cleanscores_all", &[n], &evolution.cleanscores_all)?;
    npz.array("generations", &[n], evolution.generations.iter().map(|&g| i64::from(g)))?;
    if let Some(runtime) = runtime {
        npz.array("runtime", &[], std::iter::once(runtime))?;
    }
    if codes_name.is_some() {
        npz.slice("generation_means", &[scored, dim], &evolution.generation_means)?;
    }
    npz.slice("mean_norms", &[scored], &evolution.mean_norms)?;
    let next = &evolution.next_codes;
    npz.slice("next_codes", &[next.len() as u64, dim], &to_f32(next.as_slice()))?;
    if let Some(best) = &evolution.best_clean {
        npz.slice("best_code", &[dim], &to_f32(&best.code))?;
    }
    npz.slice("recommended", &[evolution.recommended.len() as u64], &to_f32(&evolution.recommended))?;
    if !evolution.recommendations.is_empty() {
        npz.slice("recommendations", &[scored, dim], &evolution.recommendations)?;
    }
    for (name, values) in diagnostics(evolution) {
        npz.array(&format!("{DIAGNOSTICS}{name}"), &[scored], values.into_iter())?;
    }
    npz.finish()
}

/// The method's scalars by name, one value a scored generation; NaN if the method did not have it.
fn diagnostics(evolution: &Evolution) -> BTreeMap<&'static str, Vec<f64>> {
    let mut series = BTreeMap::new();
    for (generation, named) in evolution.diagnostics.iter().enumerate() {
        for &(name, value) in named {
            let values = series.entry(name).or_insert_with(|| vec![f64::NAN; evolution.diagnostics.len()]);
            values[generation] = value;
        }
    }
    series
}

/// What [`write_evolution`] stored, read back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredEvolution {
    /// Length N of a code.
    pub dim: usize,
    /// Codes, C-order `[n, N]`; none unless all were kept.
    pub codes_all: Option<Vec<f32>>,
    /// Codes of the last scored generation, C-order `[lambda, N]`; empty if none were kept.
    pub last_codes: Vec<f32>,
    /// Scores that the method saw, `[n]`.
    pub scores_all: Vec<f64>,
    /// Scores before noise, `[n]`.
    pub cleanscores_all: Vec<f64>,
    /// Generation of each evaluation, counted from 0, `[n]`.
    pub generations: Vec<i64>,
    /// Seconds that the run took, if the file holds them.
    pub runtime: Option<f64>,
    /// Mean code of each scored generation, C-order `[G, N]`; empty if no codes were kept.
    pub generation_means: Vec<f32>,
    /// Mean Euclidean norm of the codes of each scored generation, `[G]`.
    pub mean_norms: Vec<f64>,
    /// The generation that would come next, C-order `[lambda, N]`.
    pub next_codes: Vec<f32>,
    /// The code with the best clean score, length N, if any score was a number.
    pub best_code: Option<Vec<f32>>,
    /// The code that the method recommends, length N.
    pub recommended: Vec<f32>,
    /// The code that the method recommends after each scored generation, C-order `[G, N]`, if it was asked for.
    pub recommendations: Option<Vec<f32>>,
    /// The method's scalars by name, one value a scored generation.
    pub diagnostics: BTreeMap<String, Vec<f64>>,
}

impl From<Evolution> for StoredEvolution {
    /// What the file of a run holds, without the run's time.
    fn from(run: Evolution) -> Self {
        let diagnostics = diagnostics(&run).into_iter().map(|(name, values)| (name.to_owned(), values)).collect();
        let kept = run.codes_all;
        let (codes_all, last_codes) = match run.plan.keep {
            Keep::All => {
                let first = run.generations.partition_point(|generation| Some(generation) < run.generations.last());
                let last = kept[first * run.dim..].to_vec();
                (Some(kept), last)
            }
            Keep::LastOnly | Keep::None => (None, kept),
        };
        Self {
            dim: run.dim,
            codes_all,
            last_codes,
            scores_all: run.scores_all,
            cleanscores_all: run.cleanscores_all,
            generations: run.generations.into_iter().map(i64::from).collect(),
            runtime: None,
            generation_means: run.generation_means,
            mean_norms: run.mean_norms,
            next_codes: to_f32(run.next_codes.as_slice()),
            best_code: run.best_clean.map(|best| to_f32(&best.code)),
            recommended: to_f32(&run.recommended),
            recommendations: run.plan.keep_recommended.then_some(run.recommendations),
            diagnostics,
        }
    }
}

impl StoredEvolution {
    /// Reads an `evolution.npz`.
    ///
    /// # Errors
    /// If the file is missing or cut off, or an array is missing or of another type or shape.
    pub fn read(path: &Path) -> Result<Self, ArrayFileError> {
        let mut npz = Npz::open(path)?;
        let names = npz.names();
        let has = |name: &str| names.iter().any(|known| known == name);
        let mean_norms = npz.array("mean_norms")?.with_shape(path, &[None], "[G]")?;
        let next = npz.array("next_codes")?.with_shape(path, &[None, None], "[lambda, N]")?;
        let (scored, dim) = (mean_norms.shape[0], next.shape[1]);
        let mut vector = |name, len| npz.array(name)?.with_shape(path, &[len], "of one axis, as long as the run");
        let scores_all = vector("scores_all", None)?.into_f64(path)?;
        let n = scores_all.len() as u64;
        let cleanscores_all = vector("cleanscores_all", Some(n))?.into_f64(path)?;
        let generations = vector("generations", Some(n))?.into_i64(path)?;
        let mut codes = |name, len| npz.array(name)?.with_shape(path, &[len, Some(dim)], "[n, N]")?.into_f32(path);
        // A run that kept no codes has neither means nor codes; a file with one of them only is incomplete.
        let keeps_none = !has("generation_means") && !has("codes_all") && !has("last_codes");
        let generation_means = if keeps_none { Vec::new() } else { codes("generation_means", Some(scored))? };
        let codes_all = if has("last_codes") || keeps_none { None } else { Some(codes("codes_all", Some(n))?) };
        let last_codes = match &codes_all {
            None if keeps_none => Vec::new(),
            None => codes("last_codes", None)?,
            Some(all) => {
                let last = generations.last();
                let first = generations.iter().position(|generation| Some(generation) == last).unwrap_or(0);
                all[first * dim as usize..].to_vec()
            }
        };
        let recommendations = if has("recommendations") { Some(codes("recommendations", Some(scored))?) } else { None };
        let mut vector = |name: &str, len| {
            let array = npz.array(name)?.with_shape(path, &[Some(len)], "of one axis, as long as a code or the run");
            array.map(Some)
        };
        let code = |array: Option<Array>| array.map(|array| array.into_f32(path)).transpose();
        let best_code = code(if has("best_code") { vector("best_code", dim)? } else { None })?;
        let recommended = code(if has("recommended") { vector("recommended", dim)? } else { None })?;
        let mut diagnostics = BTreeMap::new();
        for name in names.iter().filter_map(|name| name.strip_prefix(DIAGNOSTICS)) {
            if let Some(array) = vector(&format!("{DIAGNOSTICS}{name}"), scored)? {
                diagnostics.insert(name.to_owned(), array.into_f64(path)?);
            }
        }
        let runtime = if has("runtime") {
            let array = npz.array("runtime")?.with_shape(path, &[], "[], a single number")?;
            Some(array.into_f64(path)?[0]) // an array without axes has one value
        } else {
            None
        };
        Ok(Self {
            dim: dim as usize,
            codes_all,
            last_codes,
            scores_all,
            cleanscores_all,
            generations,
            runtime,
            generation_means,
            mean_norms: mean_norms.into_f64(path)?,
            next_codes: next.into_f32(path)?,
            best_code,
            recommended: recommended.unwrap_or_default(),
            recommendations,
            diagnostics,
        })
    }
}
