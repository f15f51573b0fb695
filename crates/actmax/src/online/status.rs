//! `actmax session status`: read from the journal, so that it works while the session runs.

use std::io::Write;
use std::path::Path;

use sessions::{Phase, Status, ThreadStatus};

use super::Source;
use crate::CommandError;
use crate::console::significant;

/// Writes where the session stands.
pub(super) fn write(folder: &Path, json: bool, out: &mut dyn Write) -> Result<(), CommandError> {
    let status = Source::read(folder)?.recorded.status();
    if json {
        serde_json::to_writer_pretty(&mut *out, &status).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    let phase = match status.phase {
        Phase::Open => "open",
        Phase::Paused => "paused",
        Phase::Stopping => "stopping",
        Phase::Finished => "finished",
    };
    let Status { presentations, missing, .. } = status;
    match status.block {
        Some(block) => {
            writeln!(
                out,
                "block {block} is out ({presentations} presentations, {missing} images lack responses), {phase}"
            )
        }
        None => writeln!(out, "no block is out: {phase}"),
    }?;
    writeln!(out, "{} responses, {} of them late", status.responses, status.late)?;
    for thread in &status.threads {
        let ThreadStatus { name, optimizer, generation, generations, missing, .. } = thread;
        write!(out, "{name} ({optimizer}): {generation} of {generations} generations")?;
        if let (Some(mean), Some(best)) = (thread.mean, thread.best) {
            write!(out, ", mean {}, best {}, {missing} missing", significant(mean), significant(best))?;
        }
        writeln!(out)?;
    }
    if let Some(mean) = status.reference_mean {
        writeln!(out, "references: mean {}", significant(mean))?;
    }
    for warning in &status.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    Ok(())
}
