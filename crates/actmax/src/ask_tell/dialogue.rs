//! A session with what its client sees of it.

use experiments::Provenance;
use gen_models::{GeneratorModel, Runtime};

use super::encoding::Encoding;
use super::folder_run::{ClientScores, FolderRun, Recorded};
use super::opening::{Beginning, Opening, OpeningError};
use super::pictures::Pictures;
use super::reply::{Conclusion, Generation};
use super::request::Refused;
use super::session::Session;
use crate::console::say;
use crate::pictures::session_options;
use crate::{CommandError, Library};

/// A session, and how its generations are shown.
pub(crate) struct Dialogue {
    kept: Kept,
    encoding: Encoding,
    pictures: Option<Pictures>,
}

/// Where a session is kept.
enum Kept {
    /// By the client, as a text.
    ByClient(Box<Session>),
    /// In a folder.
    InFolder(Box<FolderRun>),
}

impl Dialogue {
    /// Begins, or goes on, and asks for the present generation. What is wrong shows before there is a folder.
    pub(crate) fn open(opening: Opening, library: &Library) -> Result<Self, CommandError> {
        let Opening { beginning, encoding, generator, images } = opening;
        let load = |generator: &GeneratorModel| Pictures::load(generator, images);
        let (kept, pictures) = match beginning {
            Beginning::New(start) => match start.out.clone() {
                None => {
                    let session = Session::start(start)?;
                    (
                        Kept::ByClient(Box::new(session)),
                        generator.filter(|_| images.is_some()).as_ref().map(load).transpose()?,
                    )
                }
                Some(out) => {
                    let pictures = generator.as_ref().map(load).transpose()?;
                    let scores = ClientScores::of(generator.as_ref().map(GeneratorModel::spec));
                    let run = FolderRun::start(&out, start, &scores, provenance(generator.is_some())?)?;
                    (Kept::InFolder(Box::new(run)), pictures)
                }
            },
            Beginning::State(state) => {
                let session = Session::restore(&state)?;
                let dim = session.codes().dim();
                check_dim(dim, generator.as_ref())?;
                (
                    Kept::ByClient(Box::new(session)),
                    generator.filter(|_| images.is_some()).as_ref().map(load).transpose()?,
                )
            }
            Beginning::Folder(folder) => {
                let recorded = Recorded::read(&folder)?;
                let generator = recorded.scores.generator.as_deref();
                let generator = generator.map(|name| library.generator(name)).transpose()?;
                if let Some(images) = images {
                    images.check(generator.is_some(), true)?;
                }
                let pictures = generator.as_ref().map(load).transpose()?;
                let run = FolderRun::resume(&folder, recorded, provenance(generator.is_some())?)?;
                (Kept::InFolder(Box::new(run)), pictures)
            }
        };
        let mut dialogue = Self { kept, encoding, pictures };
        if let Kept::InFolder(run) = &mut dialogue.kept {
            run.propose(dialogue.pictures.as_mut().map(Pictures::generator))?;
        }
        Ok(dialogue)
    }

    /// The generation that is out, with its images if the client wants them.
    pub(crate) fn generation(&mut self) -> Result<Generation<'_>, CommandError> {
        let (number, codes, over, folder) = match &self.kept {
            Kept::ByClient(session) => (session.generation(), session.codes(), false, None),
            Kept::InFolder(run) => (run.generation(), run.codes(), run.is_over(), Some(run.folder())),
        };
        let images = match &mut self.pictures {
            Some(pictures) => pictures.of(number, codes, folder)?,
            None => None,
        };
        Ok(Generation { number, codes, encoding: self.encoding, images, over })
    }

    /// Takes the scores of the generation that is out and asks for the next one. The outer error ends the session; the
    /// inner one leaves everything as it was.
    pub(crate) fn tell(&mut self, scores: &[f64]) -> Result<Result<(), Refused>, CommandError> {
        match &mut self.kept {
            Kept::ByClient(session) => Ok(session.tell(scores).map_err(Refused::from)),
            Kept::InFolder(run) => run.tell(scores, self.pictures.as_mut().map(Pictures::generator)),
        }
    }

    /// The session as text.
    pub(crate) fn save(&self) -> Result<String, Refused> {
        match &self.kept {
            Kept::ByClient(session) => Ok(session.save()?),
            Kept::InFolder(run) => Err(Refused::KeptInFolder { folder: run.folder().path().to_owned() }),
        }
    }

    /// Ends the session; a run in a folder gets its files.
    pub(crate) fn conclude(&mut self) -> Result<Conclusion, CommandError> {
        match &mut self.kept {
            Kept::ByClient(session) => Ok(session.conclude()),
            Kept::InFolder(run) => run.conclude(self.pictures.as_mut().map(Pictures::generator)).cloned(),
        }
    }
}

/// What the run was computed with; ONNX Runtime is loaded only where there is a generator.
fn provenance(generates: bool) -> Result<Provenance, CommandError> {
    if generates {
        return Ok(networks::provenance(Runtime::get(&say)?, session_options()));
    }
    Ok(Provenance::here().with_version("actmax", env!("CARGO_PKG_VERSION")))
}

/// Whether the generator takes codes of the session.
fn check_dim(dim: usize, generator: Option<&GeneratorModel>) -> Result<(), OpeningError> {
    match generator.map(GeneratorModel::spec) {
        Some(spec) if spec.latent_dim != dim => {
            let (generator, expected) = (spec.name.clone(), spec.latent_dim);
            Err(OpeningError::StateDim { dim, generator, expected })
        }
        _ => Ok(()),
    }
}
