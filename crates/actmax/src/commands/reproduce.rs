//! `actmax reproduce`.

use std::io::Write;

use reproduction::{landscapes, published, report};

use crate::cli::{ReproduceArgs, ReproduceCommand};
use crate::{CommandError, Library};

/// Makes the report, or what a subcommand asks for.
pub(super) fn run(library: &Library, args: &ReproduceArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    match &args.command {
        None => report::run(&args.report, library, out)?,
        Some(ReproduceCommand::Claims(args)) => published::check_claims(args, out)?,
        Some(ReproduceCommand::Statistic(args)) => published::print_statistic(args, out)?,
        Some(ReproduceCommand::Landscapes(args)) => landscapes::run(args, out)?,
    }
    Ok(())
}
