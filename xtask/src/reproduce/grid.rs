//! The grid of runs: optimizers x units x noise levels x repeats.

use std::fmt;

use gen_models::UnitAddress;

use super::outputs::Output;
use super::preset::Settings;

/// The optimizers compared, in the order of figures and tables.
pub(super) const OPTIMIZERS: [&str; 5] = ["cholesky-cmaes", "sphere-cma", "sphere-cma-inv", "genetic", "random-search"];

/// Optimizers whose trajectories are projected.
pub(super) const PROJECTED: [&str; 3] = ["cholesky-cmaes", "sphere-cma", "genetic"];

/// Noise level of figures that show one level only.
pub(super) const SHOWN_NOISE: f64 = 0.0;

/// A unit of the CNN and what figures call it.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) address: UnitAddress,
    pub(super) label: String,
    /// Position among the units of its layer, from 0.
    pub(super) rank: usize,
}

/// One run.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) optimizer: &'static str,
    pub(super) unit: Unit,
    pub(super) noise: f64,
    /// Counted from 0.
    pub(super) repeat: u32,
    pub(super) seed: u64,
    /// Whether the whole trajectory of mean codes is kept.
    pub(super) projected: bool,
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { optimizer, unit, noise, repeat, seed, .. } = self;
        write!(f, "{optimizer} on {}, noise {noise}, repeat {repeat} (seed {seed})", unit.address)
    }
}

/// The runs that `outputs` need, grouped by layer; none where they need no network.
///
/// Runs are projected on the first unit of the last layer.
pub(super) fn jobs(settings: &Settings, units: &[Unit], base_seed: u64, outputs: &[Output]) -> Vec<Job> {
    let last_layer = settings.layers.last().copied().unwrap_or_default();
    let mut jobs = Vec::new();
    for unit in units {
        for &noise in settings.noise_levels {
            for repeat in 0..settings.repeats {
                for optimizer in OPTIMIZERS {
                    let seed = run_seed(base_seed, optimizer, &unit.address.to_string(), noise, repeat);
                    let shown = noise == SHOWN_NOISE && repeat == 0 && unit.rank == 0;
                    let projected = shown && unit.address.layer == last_layer && PROJECTED.contains(&optimizer);
                    jobs.push(Job { optimizer, unit: unit.clone(), noise, repeat, seed, projected });
                }
            }
        }
    }
    jobs.retain(|job| outputs.iter().any(|output| needs(*output, job)));
    jobs
}

fn needs(output: Output, job: &Job) -> bool {
    match output {
        Output::Montage => job.noise == SHOWN_NOISE && job.repeat == 0,
        Output::Traces => job.unit.rank == 0,
        Output::Norms => job.noise == SHOWN_NOISE,
        Output::Projections => job.projected,
        Output::Scores => true,
        Output::DriftClaims => false,
    }
}

/// Whether any run of a network is needed.
pub(super) fn needs_network(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| *output != Output::DriftClaims)
}

/// Seed of a run: a hash of what names it, so that it depends neither on order nor on the rest of the grid.
pub(super) fn run_seed(base: u64, optimizer: &str, unit: &str, noise: f64, repeat: u32) -> u64 {
    // FNV-1a (Fowler, Noll and Vo) of the text; the streams of optim-core mix its bits further.
    let text = format!("{base}|{optimizer}|{unit}|{noise}|{repeat}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
