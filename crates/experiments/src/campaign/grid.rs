//! The grid: arms x units x noise levels x repeats.

use std::collections::HashMap;
use std::fmt;

use optim_core::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::CampaignError;
use super::identity::RunId;
use crate::needs::free_memory;
use crate::spec::{is_one, one};
use crate::{EvolveError, Goal, Keep, Needs, Noise, ObjectiveSpec, RunPlan, RunSpec, StopRules, random_codes};

/// Part of what is hashed: a change gives every run another identity and another seed.
const IDENTITY_FORMAT: u32 = 1;

/// Bytes that a run takes in the list of all runs: specification, unit, identity, title.
const BYTES_A_RUN: f64 = 4096.0;

/// A grid of runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// What it is called; no part of a run's identity.
    pub name: String,
    /// Seed from which the seeds of all runs are derived.
    pub seed: u64,
    /// Runs of every arm on every unit at every noise level.
    pub repeats: u32,
    /// Response noise, one entry a level.
    pub noise: Vec<Noise>,
    /// High or low activations.
    pub goal: Goal,
    /// When runs end before their last generation.
    #[serde(default, skip_serializing_if = "StopRules::is_empty")]
    pub stop: StopRules,
    /// What is compared.
    pub arms: Vec<Arm>,
    /// What is maximized.
    pub units: Vec<Unit>,
}

/// A method with its options and the length of its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// What tables and file names call it.
    pub label: String,
    /// The method with its options.
    pub method: Method,
    /// Generations to score.
    pub generations: u32,
    /// Which codes are kept; no part of a run's identity.
    pub keep: Keep,
    /// Whether the code that the method recommends after every generation is kept; no part of a run's identity.
    #[serde(default)]
    pub keep_recommended: bool,
    /// Presentations of each code, see [`RunSpec::reps`].
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub reps: u32,
    /// Norm of the random codes of the first generation, see [`RunSpec::initial_norm`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_norm: Option<f64>,
    /// SHA-256 of the codes that runs start from, see [`codes_sha256`](crate::codes_sha256): none where they start by
    /// themselves, one where all units have the same codes, else one a unit, in their order. The
    /// [`ObjectiveSource`](super::ObjectiveSource) has the codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub initial_codes_sha256: Vec<String>,
}

impl Arm {
    /// A method under its own name, of which the codes of the last generation are kept.
    #[must_use]
    pub fn new(method: Method, generations: u32) -> Self {
        let (label, keep) = (method.name().to_owned(), Keep::LastOnly);
        Self {
            label,
            method,
            generations,
            keep,
            keep_recommended: false,
            reps: 1,
            initial_norm: None,
            initial_codes_sha256: Vec::new(),
        }
    }

    /// SHA-256 of the codes that runs on a unit start from.
    fn start_of(&self, unit: usize) -> Option<&String> {
        match &self.initial_codes_sha256[..] {
            [all] => Some(all),
            each => each.get(unit),
        }
    }
}

/// What scores codes: a label, by which tables and files name it, and the specification of its scores.
///
/// Unknown fields are ignored, because older files have one more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Name of the network that it is in, or of the function that it is.
    pub network: String,
    /// Name of the layer; empty where there are none.
    pub layer: String,
    /// Number of the channel.
    pub channel: usize,
    /// Row and column in a convolutional layer.
    pub position: Option<(usize, usize)>,
    /// Length N of a code.
    pub dim: usize,
    /// Everything that determines its scores; becomes [`RunSpec::objective`].
    pub objective: ObjectiveSpec,
}

impl Unit {
    /// A function of codes of length `dim`, outside any network.
    #[must_use]
    pub fn named(name: &str, dim: usize, objective: impl Into<ObjectiveSpec>) -> Self {
        let (network, layer) = (name.to_owned(), String::new());
        Self { network, layer, channel: 0, position: None, dim, objective: objective.into() }
    }

    /// Its place in a file name.
    fn stem(&self) -> String {
        let Self { network, layer, channel, position, .. } = self;
        let position = position.map_or_else(String::new, |(row, column)| format!("_{row}-{column}"));
        if layer.is_empty() {
            return format!("{network}_{channel:03}{position}");
        }
        format!("{network}_{layer}_{channel:03}{position}")
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { network, layer, channel, position, .. } = self;
        f.write_str(network)?;
        if !layer.is_empty() {
            write!(f, " {layer}:{channel}")?;
        }
        match position {
            Some((row, column)) => write!(f, ":{row}:{column}"),
            None => Ok(()),
        }
    }
}

/// One run of a campaign.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// Hash of everything that determines its numbers.
    pub id: RunId,
    /// Label of its arm.
    pub label: String,
    /// Its unit.
    pub unit: Unit,
    /// Counted from 0.
    pub repeat: u32,
    /// Which codes are kept.
    pub keep: Keep,
    /// Whether the code that the method recommends after every generation is kept.
    pub keep_recommended: bool,
    /// Its specification, the seed included.
    pub spec: RunSpec,
    /// Number of its row, 0 to 99999: the same for all arms, as the published scripts have it.
    pub row_id: u64,
}

impl Run {
    fn new(campaign: &Campaign, arm: &Arm, (number, unit): (usize, &Unit), noise: Noise, repeat: u32) -> Self {
        let mut spec = RunSpec {
            method: arm.method.clone(),
            dim: unit.dim,
            seed: 0,
            generations: arm.generations,
            noise,
            goal: campaign.goal,
            objective: unit.objective.clone(),
            initial_codes_sha256: arm.start_of(number).cloned(),
            reps: arm.reps,
            stop: campaign.stop,
            initial_norm: arm.initial_norm,
        };
        let mut determined = json!({ "format": IDENTITY_FORMAT, "seed": campaign.seed, "repeat": repeat, "run": spec });
        determined["run"]["seed"] = Value::Null;
        let id = RunId::of(&determined);
        spec.seed = id.number();
        let row = json!({ "seed": campaign.seed, "repeat": repeat, "noise": noise, "objective": unit.objective });
        let row_id = RunId::of(&row).number() % 100_000;
        let (label, unit, keep, keep_recommended) = (arm.label.clone(), unit.clone(), arm.keep, arm.keep_recommended);
        Self { id, label, unit, repeat, keep, keep_recommended, spec, row_id }
    }

    /// What the loop needs to know.
    #[must_use]
    pub fn plan(&self) -> RunPlan {
        RunPlan { keep: self.keep, keep_recommended: self.keep_recommended, ..self.spec.plan() }
    }

    /// What it takes in memory and on the disk.
    #[must_use]
    pub fn needs(&self) -> Needs {
        Needs::of_run(&self.spec.method, self.spec.dim, &self.plan())
    }

    /// Level of multiplicative noise; 0 without noise, none for noise of another kind.
    #[must_use]
    pub fn noise_level(&self) -> Option<f64> {
        match self.spec.noise {
            Noise::None => Some(0.0),
            Noise::Multiplicative { level } => Some(level),
            Noise::Poisson { .. } => None,
        }
    }

    /// Folder of its files: network, layer, channel and noise, as the published scripts name it.
    #[must_use]
    pub fn folder(&self) -> String {
        let noise = match self.spec.noise {
            Noise::None => String::new(),
            Noise::Multiplicative { level } => format!("_ns{level}"),
            Noise::Poisson { scale, repeats } => format!("_poisson{scale}x{repeats}"),
        };
        plain(&format!("{}{noise}", self.unit.stem()))
    }

    /// Its files below `runs`, without their extension.
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}/{}_r{}_{}", self.folder(), plain(&self.label), self.repeat, self.id.short())
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.label, self.unit)?;
        match self.spec.noise {
            Noise::None => {}
            Noise::Multiplicative { level } => write!(f, ", noise {level}")?,
            Noise::Poisson { scale, repeats } => write!(f, ", {repeats} Poisson counts at scale {scale}")?,
        }
        write!(f, ", repeat {}", self.repeat)
    }
}

/// A text as a part of a file name: other characters become `-`.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect()
}

impl Campaign {
    /// One noise-free repeat of nothing yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            seed: 0,
            repeats: 1,
            noise: vec![Noise::None],
            goal: Goal::Maximize,
            stop: StopRules::default(),
            arms: Vec::new(),
            units: Vec::new(),
        }
    }

    /// All runs: units in their order, within them noise levels, repeats, arms.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let mut runs = Vec::new();
        for unit in self.units.iter().enumerate() {
            for &noise in &self.noise {
                for repeat in 0..self.repeats {
                    runs.extend(self.arms.iter().map(|arm| Run::new(self, arm, unit, noise, repeat)));
                }
            }
        }
        runs
    }

    /// Refuses a grid whose list of runs would not fit into memory, before anything lists them.
    fn check_run_count(&self) -> Result<(), CampaignError> {
        let runs = [self.units.len(), self.noise.len(), self.arms.len()]
            .iter()
            .fold(f64::from(self.repeats), |n, &m| n * m as f64);
        match free_memory() {
            Some(free) if runs * BYTES_A_RUN > free => {
                Err(CampaignError::TooManyRuns { runs, repeats: self.repeats, needed: runs * BYTES_A_RUN, free })
            }
            _ => Ok(()),
        }
    }

    /// Checks that there are runs, that all fit into memory and can start, and that no two are equal.
    ///
    /// # Errors
    /// If a part of the grid is empty, noise is out of range, a method does not fit its unit, two runs agree, or memory
    /// does not suffice for a run or for the list of all runs.
    pub fn validate(&self) -> Result<(), CampaignError> {
        for (what, empty) in [
            ("optimizers", self.arms.is_empty()),
            ("units", self.units.is_empty()),
            ("noise levels", self.noise.is_empty()),
            ("repeats", self.repeats == 0),
        ] {
            if empty {
                return Err(CampaignError::Empty { what });
            }
        }
        self.noise.iter().try_for_each(|noise| noise.validate().map_err(EvolveError::from))?;
        self.check_run_count()?;
        let mut dims: Vec<usize> = self.units.iter().map(|unit| unit.dim).collect();
        dims.sort_unstable();
        dims.dedup();
        for arm in &self.arms {
            let (starts, units) = (arm.initial_codes_sha256.len(), self.units.len());
            if starts > 1 && starts != units {
                return Err(CampaignError::Starts { arm: arm.label.clone(), starts, units });
            }
            let (keep, keep_recommended) = (arm.keep, arm.keep_recommended);
            let (reps, stop) = (arm.reps, self.stop);
            let plan = RunPlan { keep, keep_recommended, reps, stop, ..RunPlan::new(0, arm.generations) };
            plan.validate()?;
            for &dim in &dims {
                Needs::of_run(&arm.method, dim, &plan).check_memory(&format!("a run of {}", arm.label))?;
                arm.method.build(dim).map_err(EvolveError::from)?;
                arm.initial_norm.map(|norm| random_codes(1, 1, norm, 0)).transpose().map_err(EvolveError::from)?;
            }
        }
        let (mut seen, mut stems) = (HashMap::new(), HashMap::new());
        for run in self.runs() {
            let title = run.to_string();
            let same = seen.insert(run.id.clone(), title.clone()).or(stems.insert(run.stem(), title.clone()));
            if let Some(other) = same {
                return Err(CampaignError::Twice { run: title, other });
            }
        }
        Ok(())
    }
}
