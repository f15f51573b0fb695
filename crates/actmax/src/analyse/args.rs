//! Arguments of `actmax analyse`.

use std::path::PathBuf;

use clap::Args;

pub(crate) const HELP: &str = "\
A run is the folder of an evolution, an evolution.npz, or the .npz of a run of a
campaign. The folder of a campaign stands for all its finished runs. In the
figures, runs of one optimizer are repeats of each other; runs whose scores were
drawn from N(0, 1) are their controls. The folder of a session stands for its
threads; each is analysed by itself.

Files written:
  norms.svg         norm of the mean code by generation, and its square with a
                    line through it
  cosines.svg       principal components of the mean code's trajectory, cosines
                    fitted to them, and the theory of a random walk
  lissajous.svg     principal components against each other
  steps.svg         angles and distances within a generation and between
                    generations (each figure also as .png)
  generations.csv   a row per run and generation: scores, norms, steps, angles,
                    projections
  components.csv    a row per run and principal component: explained variance,
                    cosine, theory
  analysis.json     a summary, one entry per run

They go into the folder 'analysis' of the run, campaign or session, of a session
into a folder a thread there. The results of several runs, or of a single file,
go into --out.

Examples:
  actmax analyse runs/first
  actmax analyse runs/first runs/second --out compared
  actmax analyse campaigns/round2-quick
  actmax analyse monkey1";

/// Arguments of `actmax analyse`.
#[derive(Clone, Debug, Args)]
pub struct AnalyseArgs {
    /// Folder of a run, of a campaign or of a session, or a run's .npz file; may be repeated.
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// Folder of the results [default: 'analysis' in the folder of the run, campaign or session; of several, 'analysis' here].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Show no results; warnings and errors remain.
    #[arg(short, long)]
    pub quiet: bool,
}
