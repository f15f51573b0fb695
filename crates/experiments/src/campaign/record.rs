//! The `.json` of a finished run: its specification, what made it, and its results.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::grid::{Run, Unit};
use super::identity::RunId;
use crate::journal::Score;
use crate::summary::{BestScore, Norms, norm};
use crate::{Evolution, Keep, Provenance, RunSpec, StopReason};

/// What the file calls itself.
pub(crate) const FORMAT: &str = "actmax-campaign-run";
/// Version of the format.
pub(crate) const VERSION: u32 = 1;

/// A finished run in numbers. Of two runs of one identity on equal CPUs it is the same, byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RunRecord {
    /// `actmax-campaign-run`.
    pub format: String,
    /// 1.
    pub version: u32,
    /// Hash of all that determines its numbers.
    pub id: RunId,
    /// Label of its arm.
    pub label: String,
    /// Its unit; the objective stands in the specification.
    pub network: String,
    /// Layer of the unit; empty where there are none.
    pub layer: String,
    /// Channel of the unit.
    pub channel: usize,
    /// Row and column of the unit in a convolutional layer.
    pub position: Option<(usize, usize)>,
    /// Counted from 0.
    pub repeat: u32,
    /// Number of its row, 0 to 99999, the same for all arms.
    pub row_id: u64,
    /// Which codes are kept.
    pub keep: Keep,
    /// Whether the code that the method recommends after every generation is kept.
    pub keep_recommended: bool,
    /// Its specification, the seed included.
    pub spec: RunSpec,
    /// Which program made it, and on what.
    pub provenance: Provenance,
    /// Why it ended before its last generation, if a stop rule did that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StopReason>,
    /// Codes scored.
    pub evaluations: usize,
    /// The best clean score: the result.
    pub best_clean: Option<BestScore>,
    /// The best noisy score: with noise this is the luckiest draw.
    pub best_noisy: Option<BestScore>,
    /// Norm of the code with the best noisy score.
    pub best_noisy_norm: Option<f64>,
    /// Norms of codes.
    pub norms: Norms,
    /// The method's scalars after the last generation.
    pub diagnostics: BTreeMap<String, Score>,
    /// Size and hash of the `.npz`.
    pub npz: FileStamp,
}

/// Size and hash of a file, which tell whether it is as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileStamp {
    /// Its size.
    pub bytes: u64,
    /// XXH3-64 of its bytes, hexadecimal.
    pub xxh3: String,
}

impl FileStamp {
    /// Reads a file through.
    pub(crate) fn of(path: &Path) -> std::io::Result<Self> {
        let (mut file, mut hasher) = (std::fs::File::open(path)?, xxhash_rust::xxh3::Xxh3Default::new());
        let mut buffer = vec![0; 1 << 18];
        let mut bytes = 0;
        loop {
            match std::io::Read::read(&mut file, &mut buffer)? {
                0 => break,
                read => {
                    hasher.update(&buffer[..read]);
                    bytes += read as u64;
                }
            }
        }
        Ok(Self { bytes, xxh3: format!("{:016x}", hasher.digest()) })
    }
}

impl RunRecord {
    pub(crate) fn new(run: &Run, evolution: &Evolution, provenance: &Provenance, npz: FileStamp) -> Self {
        let Unit { network, layer, channel, position, .. } = run.unit.clone();
        let last = evolution.diagnostics.last().map_or(&[][..], Vec::as_slice);
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            id: run.id.clone(),
            label: run.label.clone(),
            network,
            layer,
            channel,
            position,
            repeat: run.repeat,
            row_id: run.row_id,
            keep: run.keep,
            keep_recommended: run.keep_recommended,
            spec: run.spec.clone(),
            provenance: provenance.clone(),
            stopped: evolution.stopped,
            evaluations: evolution.evaluations(),
            best_clean: evolution.best_clean.as_ref().map(BestScore::from),
            best_noisy: evolution.best_noisy.as_ref().map(BestScore::from),
            best_noisy_norm: evolution.best_noisy.as_ref().map(|best| norm(&best.code)),
            norms: Norms::of(evolution),
            diagnostics: last.iter().map(|(name, value)| ((*name).to_owned(), Score(*value))).collect(),
            npz,
        }
    }
}
