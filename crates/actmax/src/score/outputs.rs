//! What whole layers answered, as a file.

use std::io;

use experiments::{NpzWriter, write_whole};
use gen_models::{CnnSession, LayerInfo};
use progress::ItemProgress;

use super::{ScoreArgs, Stimuli};
use crate::CommandError;

/// Writes the activations of whole layers to all images, and the names of these; none of it is held in memory.
/// `sessions` are cut at the layers, each with what its array is called.
pub(crate) fn record(
    args: &ScoreArgs,
    sessions: &mut [(String, LayerInfo, CnnSession)],
    stimuli: &mut Stimuli,
) -> Result<(), CommandError> {
    let n = stimuli.names().len();
    let mut failure = None;
    let written = write_whole(&args.recording, |file| {
        let mut npz = NpzWriter::new(file);
        for (name, layer, session) in sessions {
            let shape: Vec<u64> =
                std::iter::once(n).chain(layer.shape.iter().copied()).map(|size| size as u64).collect();
            let progress = ItemProgress::new(&format!("recording {name}"), n, args.quiet);
            let filled = npz.filled(name, &shape, |put| {
                stimuli.for_each(progress, |images| {
                    for activation in session.activations(images).map_err(CommandError::from)? {
                        activation.data.into_iter().try_for_each(&mut *put).map_err(Failure::Write)?;
                    }
                    Ok(())
                })
            });
            match filled {
                Ok(()) => {}
                Err(Failure::Write(error)) => return Err(error),
                Err(Failure::Command(error)) => {
                    failure = Some(error);
                    return Err(io::Error::other("no activations"));
                }
            }
        }
        npz.texts("names", stimuli.names())?;
        npz.finish().map(drop)
    });
    match (failure, written) {
        (Some(error), _) => Err(*error),
        (None, written) => written.map_err(|source| CommandError::Write { path: args.recording.clone(), source }),
    }
}

/// What ended a recording.
enum Failure {
    Command(Box<CommandError>),
    Write(io::Error),
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::Command(Box::new(error))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}
