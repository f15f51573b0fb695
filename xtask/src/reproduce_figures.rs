//! `cargo xtask reproduce-figures`: `actmax reproduce`, under a name that is short to type in a checkout.

use std::io::stdout;
use std::path::PathBuf;

use anyhow::Result;
use networks::Library;
use reproduction::report::{self, ReportArgs};

/// Reproduce the figures, tables and claims of Wang and Ponce (2022): the same as `actmax reproduce`
#[derive(clap::Args)]
pub(crate) struct ReproduceArgs {
    #[command(flatten)]
    report: ReportArgs,
    /// Folder of registered models [default: that of the variable ACTMAX_MODELS, or in the user's cache]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

pub(crate) fn run(args: &ReproduceArgs) -> Result<()> {
    let library = Library::open(args.models.as_deref())?.with_messages(progress::say);
    Ok(report::run(&args.report, &library, &mut stdout().lock())?)
}
