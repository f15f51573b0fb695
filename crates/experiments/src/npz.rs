//! `evolution.npz`: a run's codes and scores under the names that the published scripts read.
//!
//! | array | shape | type | is |
//! |---|---|---|---|
//! | `codes_all` | `[n, N]` | `f32` | codes; `last_codes` instead, of the last generation, with [`Keep::LastOnly`] |
//! | `scores_all` | `[n]` | `f64` | scores as told to the method |
//! | `cleanscores_all` | `[n]` | `f64` | scores before noise |
//! | `generations` | `[n]` | `i64` | generation of each evaluation, from 0 |
//! | `runtime` | `[]` | `f64` | seconds |
//! | `generation_means` | `[G, N]` | `f32` | mean code of each generation |
//! | `mean_norms` | `[G]` | `f64` | mean Euclidean norm of its codes |
//! | `next_codes` | `[lambda, N]` | `f32` | the generation that would come next, not evaluated |
//!
//! Nothing is compressed, and every entry bears the date 1980-01-01, so that equal content makes
//! equal bytes.

use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use npyz::{AutoSerialize, WriteOptions, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::ArrayFileError;
use crate::arrays::Npz;
use crate::record::{Evolution, Keep};

/// Writes a run as `.npz`. The arrays are streamed: no second copy of the codes is made.
///
/// `runtime` is in seconds; of two runs of one specification it is the only thing that differs.
///
/// # Errors
/// If `sink` fails.
pub fn write_evolution<W: Write + Seek>(sink: W, evolution: &Evolution, runtime: f64) -> io::Result<W> {
    let (n, dim) = (evolution.evaluations() as u64, evolution.dim as u64);
    let scored = u64::from(evolution.generations_scored());
    let kept = evolution.codes_all.len() as u64 / dim.max(1);
    let codes_name = match evolution.plan.keep {
        Keep::All => "codes_all",
        Keep::LastOnly => "last_codes",
    };
    let mut zip = ZipWriter::new(sink);
    write_array(&mut zip, codes_name, &[kept, dim], evolution.codes_all.iter().copied())?;
    write_array(&mut zip, "scores_all", &[n], evolution.scores_all.iter().copied())?;
    write_array(&mut zip, "cleanscores_all", &[n], evolution.cleanscores_all.iter().copied())?;
    write_array(&mut zip, "generations", &[n], evolution.generations.iter().map(|&g| i64::from(g)))?;
    write_array(&mut zip, "runtime", &[], std::iter::once(runtime))?;
    write_array(&mut zip, "generation_means", &[scored, dim], evolution.generation_means.iter().copied())?;
    write_array(&mut zip, "mean_norms", &[scored], evolution.mean_norms.iter().copied())?;
    let next = &evolution.next_codes;
    #[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
    let next_codes = next.as_slice().iter().map(|&x| x as f32);
    write_array(&mut zip, "next_codes", &[next.len() as u64, dim], next_codes)?;
    Ok(zip.finish()?)
}

fn write_array<W: Write + Seek, T: AutoSerialize>(
    zip: &mut ZipWriter<W>,
    name: &str,
    shape: &[u64],
    values: impl Iterator<Item = T>,
) -> io::Result<()> {
    let bytes = shape.iter().product::<u64>() * size_of::<T>() as u64;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(bytes >= u64::from(u32::MAX) - 4096);
    zip.start_file(npyz::npz::file_name_from_array_name(name), options)?;
    let mut buffer = BufWriter::with_capacity(1 << 16, zip);
    let mut npy = WriteOptions::new().default_dtype().shape(shape).writer(&mut buffer).begin_nd()?;
    npy.extend(values)?;
    npy.finish()?;
    buffer.flush()
}

/// What [`write_evolution`] stored, read back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredEvolution {
    /// Length N of a code.
    pub dim: usize,
    /// Codes, C-order `[n, N]`; none if only those of the last generation were kept.
    pub codes_all: Option<Vec<f32>>,
    /// Scores as told to the method, `[n]`.
    pub scores_all: Vec<f64>,
    /// Scores before noise, `[n]`.
    pub cleanscores_all: Vec<f64>,
    /// Generation of each evaluation, counted from 0, `[n]`.
    pub generations: Vec<i64>,
    /// Seconds that the run took.
    pub runtime: f64,
    /// Mean code of each scored generation, C-order `[G, N]`.
    pub generation_means: Vec<f32>,
    /// Mean Euclidean norm of the codes of each scored generation, `[G]`.
    pub mean_norms: Vec<f64>,
    /// The generation that would come next, C-order `[lambda, N]`.
    pub next_codes: Vec<f32>,
}

impl StoredEvolution {
    /// Reads an `evolution.npz`.
    ///
    /// # Errors
    /// If the file is missing or cut off, or an array is missing or of another type or shape.
    pub fn read(path: &Path) -> Result<Self, ArrayFileError> {
        let mut npz = Npz::open(path)?;
        let means = npz.array("generation_means")?.with_shape(path, &[None, None], "[G, N]")?;
        let (scored, dim) = (means.shape[0], means.shape[1]);
        let mut vector = |name, len| npz.array(name)?.with_shape(path, &[len], "of one axis, as long as the run");
        let scores_all = vector("scores_all", None)?.into_f64(path)?;
        let n = scores_all.len() as u64;
        let cleanscores_all = vector("cleanscores_all", Some(n))?.into_f64(path)?;
        let generations = vector("generations", Some(n))?.into_i64(path)?;
        let mean_norms = vector("mean_norms", Some(scored))?.into_f64(path)?;
        let mut codes = |name, len| npz.array(name)?.with_shape(path, &[len, Some(dim)], "[n, N]")?.into_f32(path);
        let next_codes = codes("next_codes", None)?;
        let codes_all = match codes("codes_all", Some(n)) {
            Err(ArrayFileError::NoSuchArray { names, .. }) if names.iter().any(|name| name == "last_codes") => None,
            read => Some(read?),
        };
        let runtime = npz.array("runtime")?.with_shape(path, &[], "[], a single number")?.into_f64(path)?;
        Ok(Self {
            dim: dim as usize,
            codes_all,
            scores_all,
            cleanscores_all,
            generations,
            runtime: runtime[0], // an array without axes has one value
            generation_means: means.into_f32(path)?,
            mean_norms,
            next_codes,
        })
    }
}
