//! `actmax rig simulate`: a pretend rig, whose neuron is a unit of a CNN.
//!
//! ```text
//! look:    the block that is out, by the folder or over HTTP    (folder.rs, http.rs)
//! respond: a score for each presentation, some of them lost     (neuron.rs)
//! answer:  a score file, or a request
//! ```

mod folder;
mod http;
mod neuron;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand, ValueEnum};
use image::RgbImage;
use sessions::journal::JOURNAL_FILE;
use sessions::{Phase, Recorded, SessionConfig};

use crate::commands::Ending;
use crate::console::{say, significant};
use crate::evolve::{DEFAULT_CNN, stop_flag};
use crate::online::OnlineError;
use crate::{CommandError, Library};
use folder::FolderRig;
use http::HttpRig;
use neuron::Neuron;

/// Time between two looks: a rig that takes a block when its files are at rest over two of them.
const LOOK: Duration = Duration::from_millis(100);

/// What a pretend rig does.
#[derive(Debug, Subcommand)]
pub enum RigCommand {
    /// Show the images of a session to a unit of a CNN, and answer with its scores.
    Simulate(SimulateArgs),
}

/// Arguments of `actmax rig simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// Folder of the session that `actmax session run` serves.
    pub session: PathBuf,
    /// Name of the CNN.
    #[arg(long, default_value = DEFAULT_CNN)]
    pub cnn: String,
    /// The neuron: a unit of the CNN, as for `actmax evolve`.
    #[arg(long = "unit", value_name = "UNIT[=WEIGHT]", required = true)]
    pub units: Vec<String>,
    /// Count spikes: so many expected ones per unit of activation. Without it the neuron answers without noise.
    #[arg(long, value_name = "SCALE", allow_negative_numbers = true)]
    pub poisson: Option<f64>,
    /// How the rig reaches the session. For http, `actmax session run` needs --http.
    #[arg(long, value_enum, default_value = "folder")]
    pub door: RigDoor,
    /// Share of the presentations that get no response, at random.
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = share)]
    pub missing: f64,
    /// Milliseconds from a block to its scores on average, at random between 0 and twice that.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub delay: u32,
    /// Seed of spikes, missing responses and delays.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Stop after so many blocks [default: when the session is over].
    #[arg(long, value_name = "N")]
    pub blocks: Option<usize>,
}

/// How a pretend rig reaches a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RigDoor {
    /// Images and score files in the session's folders.
    Folder,
    /// Requests on this machine.
    Http,
}

/// Reads a share from 0 to below 1. With every response missing no session would end.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..1.0).contains(share));
    share.ok_or_else(|| "must be from 0 to below 1".to_owned())
}

/// A block as a rig gets it.
struct Block {
    number: u32,
    /// Its images by their names.
    images: Vec<(String, RgbImage)>,
    /// Presentations: indices into `images`.
    order: Vec<usize>,
}

/// A response: index of the image, and the rate.
type Response = (usize, f64);

/// A way to a session.
trait Door {
    /// The block that is out and not answered yet. Without one it waits a moment.
    fn look(&mut self) -> Result<Option<Block>, CommandError>;

    /// Hands in the responses to all presentations that have one. False if the session could not take them, or took the
    /// block away.
    fn answer(&mut self, block: &Block, responses: &[Response]) -> Result<bool, CommandError>;
}

/// Does what was asked.
pub(crate) fn run(library: &Library, command: &RigCommand, out: &mut dyn Write) -> Result<Ending, CommandError> {
    let RigCommand::Simulate(args) = command;
    let mut ending = SessionEnd::of(args)?;
    let mut neuron = Neuron::new(library, args)?;
    let mut door: Box<dyn Door> = match args.door {
        RigDoor::Folder => Box::new(FolderRig::new(&args.session, &ending.config.session)),
        RigDoor::Http => Box::new(HttpRig::new(&args.session)),
    };
    let stop = stop_flag("stopping")?.shared();
    let mut blocks = 0;
    while args.blocks.is_none_or(|limit| blocks < limit) {
        if stop.load(Ordering::Relaxed) {
            return Ok(Ending::Interrupted);
        }
        let Some(block) = door.look()? else {
            if ending.has_come()? {
                break;
            }
            continue;
        };
        let responses = neuron.respond(&block)?;
        wait(neuron.delay(block.number), &stop);
        if door.answer(&block, &responses)? {
            let mean = responses.iter().map(|(_, rate)| rate).sum::<f64>() / responses.len() as f64;
            let (number, shown, came) = (block.number, block.order.len(), responses.len());
            say(&format!("block {number}: {came} responses to {shown} images, mean {}", significant(mean)));
            blocks += 1;
        }
    }
    writeln!(out, "{blocks} blocks shown")?;
    Ok(Ending::Done)
}

/// Waits, or until Ctrl-C.
fn wait(time: Duration, stop: &Arc<AtomicBool>) {
    let since = Instant::now();
    while since.elapsed() < time && !stop.load(Ordering::Relaxed) {
        thread::sleep(LOOK.min(time.saturating_sub(since.elapsed())));
    }
}

/// What the journal says of the session: its configuration, and whether it is over.
struct SessionEnd {
    session: PathBuf,
    config: SessionConfig,
    /// Length of the journal at the last look.
    length: u64,
}

impl SessionEnd {
    fn of(args: &SimulateArgs) -> Result<Self, CommandError> {
        let session = args.session.clone();
        let recorded = Recorded::read(&session).map_err(|_| OnlineError::NoSession { folder: session.clone() })?;
        Ok(Self { session, config: recorded.config, length: 0 })
    }

    /// Whether the session has told its last scores. A journal that did not grow is not read again.
    fn has_come(&mut self) -> Result<bool, CommandError> {
        let length = fs::metadata(self.session.join(JOURNAL_FILE)).map_or(0, |metadata| metadata.len());
        if length == std::mem::replace(&mut self.length, length) {
            return Ok(false);
        }
        Ok(Recorded::read(&self.session)?.status().phase == Phase::Finished)
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_below_one() {
        assert_eq!(share("0.25"), Ok(0.25));
        for wrong in ["1", "-0.1", "NaN", "x"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
