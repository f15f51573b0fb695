//! Images of the codes, for a client that shows them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use experiments::RunFolder;
use gen_models::{GeneratorModel, GeneratorSession, Runtime};
use optim_core::{Generator, Population};
use serde_json::Value;

use super::opening::OpeningError;
use crate::CommandError;
use crate::console::say;
use crate::pictures::{encode_all, session_options};
use sessions::ImageKind;

/// Folder of the images in that of the run.
const FOLDER: &str = "images";

/// How images are given to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImagesAs {
    /// As base64 of PNG files.
    Png,
    /// As names of files in the folder of the run.
    Path,
}

impl ImagesAs {
    /// Reads the key `images`.
    pub(super) fn parse(value: &Value) -> Result<Self, OpeningError> {
        match value.as_str() {
            Some("png") => Ok(Self::Png),
            Some("path") => Ok(Self::Path),
            _ => Err(OpeningError::Value { key: "images", expected: "\"png\" or \"path\"" }),
        }
    }

    /// Whether there is what images need.
    pub(super) fn check(self, generator: bool, out: bool) -> Result<(), OpeningError> {
        let images = if self == Self::Png { "\"png\"" } else { "\"path\"" };
        match (generator, self) {
            (false, _) => Err(OpeningError::ImagesNeed { images, key: "generator" }),
            (true, Self::Path) if !out => Err(OpeningError::ImagesNeed { images, key: "out" }),
            _ => Ok(()),
        }
    }
}

/// Makes images of codes.
pub(super) struct Pictures {
    generator: GeneratorSession,
    images: Option<ImagesAs>,
}

impl Pictures {
    /// Loads the generator.
    pub(super) fn load(generator: &GeneratorModel, images: Option<ImagesAs>) -> Result<Self, CommandError> {
        let runtime = Runtime::get(&say)?;
        Ok(Self { generator: generator.session(runtime, session_options())?, images })
    }

    /// The generator.
    pub(super) fn generator(&mut self) -> &mut GeneratorSession {
        &mut self.generator
    }

    /// What the client gets of the images of a generation, in the order of its codes; none if it wants none. Files go
    /// into `folder`.
    pub(super) fn of(
        &mut self,
        generation: u64,
        codes: &Population,
        folder: Option<&RunFolder>,
    ) -> Result<Option<Vec<String>>, CommandError> {
        let Some(images) = self.images else { return Ok(None) };
        let mut single = Vec::new();
        codes.write_f32(&mut single);
        let files = encode_all(&self.generator.generate(&single)?, &vec![ImageKind::Png; codes.len()])?;
        let Some(folder) = folder.filter(|_| images == ImagesAs::Path) else {
            return Ok(Some(files.iter().map(|file| STANDARD.encode(file)).collect()));
        };
        let name = |row| format!("{FOLDER}/generation{generation:03}_{row:03}.png");
        let named: Vec<_> = files.into_iter().enumerate().map(|(row, file)| (name(row), file)).collect();
        folder.place_all(&named)?;
        Ok(Some(named.into_iter().map(|(name, _)| name).collect()))
    }
}
