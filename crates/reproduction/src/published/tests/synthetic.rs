//! Tables of the published form whose statistics are known in closed form.
//!
//! Two layers, two channels, noise 0 and 0.5, two repeats: 16 runs of 4 units. With `k` the number of the optimizer's
//! column from 1, `K` the number of columns and `s` a scale of the unit:
//!
//! ```text
//! round 1   score = k s (1 + noise)                                so norm = k (1 + noise) / (1.5 K)
//! round 2   clean = k s (1 - noise), noisy = clean (1 + 2 noise)   so norm = k (1 - noise) / K
//! spectra   clean = k s, but nothing in one unit; every measure = k, without noise
//! ```

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::published::names::{ROUND1, ROUND2, SPECTRA};

const LAYERS: [&str; 2] = [".classifier.ReLU2", ".classifier.ReLU5"];
const NOISE: [f64; 2] = [0.0, 0.5];
const REPEATS: usize = 2;

/// One run of the synthetic tables.
pub(super) struct SyntheticRun {
    layer: usize,
    channel: usize,
    pub(super) noise: f64,
    repeat: usize,
}

impl SyntheticRun {
    pub(super) fn scale(&self) -> f64 {
        10.0 * (1.0 + self.layer as f64) * (1.0 + self.channel as f64)
    }

    fn is_dead(&self) -> bool {
        self.layer == 1 && self.channel == 1
    }
}

fn runs(levels: &[f64]) -> Vec<SyntheticRun> {
    let mut runs = Vec::new();
    for layer in 0..LAYERS.len() {
        for channel in 0..2 {
            for &noise in levels {
                runs.extend((0..REPEATS).map(|repeat| SyntheticRun { layer, channel, noise, repeat }));
            }
        }
    }
    runs
}

/// Writes a table; `value` of run and column number from 1.
fn write(folder: &Path, file: &str, optimizers: &[&str], levels: &[f64], value: impl Fn(&SyntheticRun, f64) -> f64) {
    let mut text = format!(",{},netname,layername,channum,noise_level,RND,expdir\n", optimizers.join(","));
    for (row, run) in runs(levels).iter().enumerate() {
        let values: Vec<String> = (1..=optimizers.len()).map(|k| value(run, k as f64).to_string()).collect();
        let (layer, channel, noise, repeat) = (LAYERS[run.layer], run.channel, run.noise, 100 + run.repeat);
        let _ = writeln!(text, "{row},{},alexnet,{layer},{channel},{noise:?},{repeat},folder", values.join(","));
    }
    fs::write(folder.join(file), text).unwrap();
}

/// A folder of all run tables, one table by layer and the normalised one.
pub(super) fn folder() -> TempDir {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let wide = |run: &SyntheticRun, k: f64| k * run.scale() * (1.0 + run.noise);
    write(folder, "ng_benchmark_maxobj_summary.csv", ROUND1, &NOISE, wide);
    write(folder, "ng_benchmark_runtime_summary.csv", ROUND1, &NOISE, |run, k| k + run.repeat as f64);
    write(folder, "ng_benchmark_codenorm_summary.csv", ROUND1, &NOISE, |_, _| 300.0);
    let clean = |run: &SyntheticRun, k: f64| k * run.scale() * (1.0 - run.noise);
    write(folder, "CMA_benchmark_cleanobj_summary.csv", ROUND2, &NOISE, clean);
    write(folder, "CMA_benchmark_maxobj_summary.csv", ROUND2, &NOISE, |run, k| clean(run, k) * (1.0 + 2.0 * run.noise));
    write(folder, "CMA_benchmark_normcleanobj_summary.csv", ROUND2, &NOISE, |run, k| k * (1.0 - run.noise) / 6.0);
    write(folder, "CMA_benchmark_runtime_summary.csv", ROUND2, &NOISE, |run, k| k * (1.0 + run.channel as f64));
    write(folder, "CMA_benchmark_codenorm_summary.csv", ROUND2, &NOISE, |run, k| 100.0 * k + run.scale());
    for scores in ["cleanobj", "maxobj"] {
        write(folder, &format!("CMA_spectra_{scores}_summary.csv"), SPECTRA, &[0.0], |run, k| {
            if run.is_dead() { 0.0 } else { k * run.scale() }
        });
    }
    for measure in ["condnum", "devi2id", "maxeig", "mineig"] {
        write(folder, &format!("CMA_spectra_{measure}_summary.csv"), SPECTRA, &[0.0], |_, k| k);
    }
    write_export(folder);
    temporary
}

/// Means of the clean scores by layer, under the published names.
fn write_export(folder: &Path) {
    let mut text = format!("layershortname,noise_level,{}\n", ROUND2.join(","));
    for (layer, name) in ["fc7", "fc6"].into_iter().enumerate() {
        for noise in NOISE {
            // Mean of the scales 10 and 20, or 20 and 40.
            let scale = 15.0 * (1.0 + layer as f64) * (1.0 - noise);
            let means: Vec<String> = (1..=ROUND2.len()).map(|k| (k as f64 * scale).to_string()).collect();
            let _ = writeln!(text, "{name},{noise},{}", means.join(","));
        }
    }
    fs::write(folder.join("CMA_benchmark_export_summary.csv"), text).unwrap();
}

/// Puts claims.csv into a folder; a row is id, value, tolerance, kind of tolerance.
pub(super) fn write_claims(folder: &Path, rows: &[(&str, &str, &str, &str)]) {
    let mut text =
        String::from("id,category,claim,value,tolerance,tolerance_kind,source_file,source_columns,how_computed,n\n");
    for (id, value, tolerance, kind) in rows {
        let _ = writeln!(text, "{id},synthetic,\"in words, with | a bar\",{value},{tolerance},{kind},a.csv,,,1");
    }
    fs::write(folder.join("claims.csv"), text).unwrap();
}
