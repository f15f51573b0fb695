//! A neuron of one's own behind `Objective`, driven by the evolution loop with a journal.
//!
//! Here the neuron is a simulation: a receptive field that answers to one pattern, rectified and saturating, and
//! spikes that are counted over a few presentations. In the laboratory `evaluate` shows the stimuli and returns the
//! rates that the rig has measured.
//!
//! ```sh
//! cargo run --release --package experiments --example own_neuron [FOLDER]
//! ```

use std::convert::Infallible;
use std::error::Error;
use std::path::Path;

use experiments::{
    Evolution, Evolver, Goal, Journal, Keep, Noise, Provenance, RunFolder, RunSpec, RunSummary, SUMMARY_FILE, StopRules,
};
use optim_core::{Method, Objective, Population};

/// Length N of a code.
const DIM: usize = 256;

/// A neuron that fires at `top` when it sees its preferred pattern at a norm of `half_contrast` or far more.
struct Neuron {
    preferred: Vec<f64>,
    half_contrast: f64,
    top: f64,
}

impl Neuron {
    /// A Gabor patch of unit norm on a line of [`DIM`] pixels.
    fn new() -> Self {
        let at = |i: usize| (i as f64 - DIM as f64 / 2.0) / 24.0;
        let patch: Vec<f64> = (0..DIM).map(|i| (-at(i).powi(2)).exp() * (4.0 * at(i)).cos()).collect();
        let norm = patch.iter().map(|x| x * x).sum::<f64>().sqrt();
        Self { preferred: patch.iter().map(|x| x / norm).collect(), half_contrast: 100.0, top: 60.0 }
    }

    /// Spikes a second: rectified drive through a Naka-Rushton function (1966) of exponent 2.
    fn rate(&self, code: &[f64]) -> f64 {
        let drive = code.iter().zip(&self.preferred).map(|(x, w)| x * w).sum::<f64>().max(0.0).powi(2);
        self.top * drive / (drive + self.half_contrast.powi(2))
    }
}

impl Objective for Neuron {
    type Error = Infallible;

    fn dim(&self) -> usize {
        self.preferred.len()
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
        scores.clear();
        scores.extend(codes.iter().map(|code| self.rate(code)));
        Ok(())
    }
}

/// Evolves the neuron's image into `folder`; a run that was interrupted there goes on.
fn evolve(folder: &Path) -> Result<Evolution, Box<dyn Error>> {
    let spec = RunSpec {
        method: Method::from_name("sphere-cma")?,
        dim: DIM,
        seed: 3,
        generations: 75,
        // Half a second, shown four times.
        noise: Noise::Poisson { scale: 0.5, repeats: 4 },
        goal: Goal::Maximize,
        objective: serde_json::json!({ "neuron": "simulated Gabor cell" }).into(),
        initial_codes_sha256: None,
        reps: 1,
        stop: StopRules::default(),
        initial_norm: None,
    };
    let here = Provenance::here();
    let (folder, journal) = if folder.join(experiments::JOURNAL_FILE).exists() {
        let folder = RunFolder::resume(folder)?;
        let journal = Journal::resume(&folder.journal(), &spec, &here)?;
        (folder, journal)
    } else {
        let folder = RunFolder::create(folder, false)?;
        let journal = Journal::create(&folder.journal(), &spec, Keep::All, &here)?;
        (folder, journal)
    };
    let evolution = Evolver::new(spec.optimizer(None)?, spec.plan())?.with_journal(journal).run(&mut Neuron::new())?;
    let summary = RunSummary::new(&evolution, &spec, &here, None);
    folder.write_evolution(&evolution, summary.runtime)?;
    folder.write_json(SUMMARY_FILE, &summary)?;
    Ok(evolution)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "runs/own-neuron".to_owned());
    let evolution = evolve(Path::new(&folder))?;
    let best = evolution.best_clean.ok_or("the neuron never fired")?;
    println!(
        "best of {} codes: {:.1} spikes a second (generation {})",
        evolution.scores_all.len(),
        best.score,
        best.generation
    );
    println!("codes, scores and journal are in {folder}");
    Ok(())
}

#[test]
fn the_neuron_fires_at_its_pattern_and_a_second_call_changes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("run");
    let evolution = evolve(&folder).unwrap();
    let best = evolution.best_clean.as_ref().unwrap();
    let neuron = Neuron::new();
    assert!(best.score > 0.7 * neuron.top, "{}", best.score);
    let likeness = best.code.iter().zip(&neuron.preferred).map(|(x, w)| x * w).sum::<f64>() / 300.0;
    assert!(likeness > 0.5, "{likeness}");
    assert_eq!(evolve(&folder).unwrap().codes_all, evolution.codes_all);
}
