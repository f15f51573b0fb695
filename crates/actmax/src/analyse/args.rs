//! Arguments of `actmax analyse`.

use std::path::PathBuf;

use clap::Args;

use super::Also;

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

--also adds what takes longer, or what few need:
  axes       pca.npz: principal axes [k, N], eigenvalues, projections and mean
             of the mean codes; with codes, the same of all codes (codes_axes,
             codes_eigenvalues, ...). Of several runs pca_000.npz and so on, in
             the order of analysis.json
  codes      codes.svg: components of all codes, with the variance that they
             explain beside that of the mean codes; codes_axes.svg: |cosine| of
             these axes with those of the means. Needs all codes of a run
  distances  distances.svg and .npz: angles and distances between the mean
             codes of all generations, one against the other
  agreement  of several runs, agreement.svg: mean |cosine| of their principal
             axes, each with each; agreement.csv: a test of each component. Its
             null hypothesis is that axes of different runs are independent
             directions, all alike; agreement_pairs.csv has every pair
  all        all of these, as far as the runs have it

They go into the folder 'analysis' of the run, campaign or session, of a session
into a folder a thread there. The results of several runs, or of a single file,
go into --out.

Examples:
  actmax analyse runs/first
  actmax analyse runs/first runs/second --out compared
  actmax analyse campaigns/round2-quick
  actmax analyse monkey1
  actmax analyse runs/first --also codes,axes --lissajous 7 --pdf
  actmax analyse campaigns/round2-quick --also agreement";

/// Arguments of `actmax analyse`.
#[derive(Clone, Debug, Args)]
pub struct AnalyseArgs {
    /// Folder of a run, of a campaign or of a session, or a run's .npz file; may be repeated.
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// Folder of the results [default: 'analysis' in the folder of the run, campaign or session; of several, 'analysis' here].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What else to compute; several with commas.
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    pub also: Vec<Also>,
    /// Components that lissajous.svg shows against each other, 2 to 10; 7 as published.
    #[arg(long, value_name = "K", default_value_t = 4, value_parser = clap::value_parser!(u8).range(2..=10))]
    pub lissajous: u8,
    /// Write every figure as .pdf too.
    #[arg(long)]
    pub pdf: bool,
    /// Show no results; warnings and errors remain.
    #[arg(short, long)]
    pub quiet: bool,
}
