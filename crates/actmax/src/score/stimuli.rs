//! The images that are scored: files, or what a generator makes of codes.

use std::path::{Path, PathBuf};

use gen_models::{GeneratorSession, Images};
use image::RgbImage;
use optim_core::{Generator, Population};
use paradigm::{ImageFileError, image_names, read_image};
use progress::ItemProgress;

use crate::codes_argument::{names_codes, read_codes_argument};
use crate::console::warn;
use crate::pictures::BATCH;
use crate::{CommandError, GeometryArgs};

/// Images in their order. Files are read when they are needed, images of codes made then.
pub(crate) struct Stimuli {
    parts: Vec<Part>,
    names: Vec<String>,
    generator: Option<GeneratorSession>,
    shown: ShownFiles,
}

/// How images of files are shown: of each its middle square on a canvas, if there is one.
struct ShownFiles {
    geometry: GeometryArgs,
    /// Height and width of the CNN's input.
    input: [usize; 2],
}

impl ShownFiles {
    fn read(&self, file: &Path) -> Result<RgbImage, CommandError> {
        let image = read_image(file)?;
        let side = image.width().min(image.height()) as usize;
        Ok(match self.geometry.resolve([side; 2], Some(self.input))? {
            Some(geometry) => geometry.place_middle(&image),
            None => image,
        })
    }
}

enum Part {
    Files(Vec<PathBuf>),
    Codes(Population),
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Files(files) => files.len(),
            Self::Codes(codes) => codes.len(),
        }
    }
}

impl Stimuli {
    /// What arguments name. `generator` is loaded if there are codes; it shows them on the canvas. `input` is the height
    /// and width of the CNN's input.
    pub(crate) fn read(
        arguments: &[PathBuf],
        geometry: GeometryArgs,
        input: [usize; 2],
        generator: impl Fn() -> Result<GeneratorSession, CommandError>,
    ) -> Result<Self, CommandError> {
        let shown = ShownFiles { geometry, input };
        let mut stimuli = Self { parts: Vec::new(), names: Vec::new(), generator: None, shown };
        for argument in arguments {
            let (names, part) = if names_codes(argument) {
                let generator = match stimuli.generator.take() {
                    Some(generator) => generator,
                    None => generator()?,
                };
                let codes = read_codes_argument(argument, generator.latent_dim())?;
                stimuli.generator = Some(generator);
                ((0..codes.len()).map(row_name).collect(), Part::Codes(codes))
            } else {
                let files = files(argument)?;
                (files.iter().map(|file| file_name(file)).collect(), Part::Files(files))
            };
            stimuli.add(argument, names, part, arguments.len() > 1);
        }
        Ok(stimuli)
    }

    /// Names of several arguments' images begin with the argument.
    fn add(&mut self, argument: &Path, names: Vec<String>, part: Part, several: bool) {
        let is_itself = |name: &String| argument.ends_with(name);
        let full = |name: String| match several {
            true if is_itself(&name) => argument.display().to_string(),
            true => format!("{}/{name}", argument.display()),
            false => name,
        };
        self.names.extend(names.into_iter().map(full));
        self.parts.push(part);
    }

    /// A name for each image: the file's, or the row of its code.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Hands all images over in their order: files one by one, because they may differ in size, images of codes in
    /// batches.
    pub(crate) fn for_each<E: From<CommandError>>(
        &mut self,
        mut progress: ItemProgress,
        mut read: impl FnMut(&Images) -> Result<(), E>,
    ) -> Result<(), E> {
        for part in &self.parts {
            match part {
                Part::Files(files) => {
                    for file in files {
                        read(&Images::from_rgb8(&self.shown.read(file)?))?;
                        progress.advance(1);
                    }
                }
                Part::Codes(codes) => {
                    let mut single = Vec::new();
                    codes.write_f32(&mut single);
                    for batch in single.chunks(BATCH * codes.dim()) {
                        read(&generate(&mut self.generator, batch)?)?;
                        progress.advance(batch.len() / codes.dim());
                    }
                }
            }
        }
        Ok(())
    }

    /// Image `index` as a screen shows it.
    pub(crate) fn image(&mut self, mut index: usize) -> Result<RgbImage, CommandError> {
        for part in &self.parts {
            match part {
                part if index >= part.len() => index -= part.len(),
                Part::Files(files) => return self.shown.read(&files[index]),
                Part::Codes(codes) => {
                    let mut single = Vec::new();
                    Population::from_rows(codes.dim(), codes.code(index)).write_f32(&mut single);
                    return Ok(generate(&mut self.generator, &single)?.to_rgb8(0));
                }
            }
        }
        unreachable!("there is no image {index}")
    }
}

fn generate(generator: &mut Option<GeneratorSession>, codes: &[f32]) -> Result<Images, CommandError> {
    match generator {
        Some(generator) => Ok(generator.generate(codes)?),
        None => unreachable!("codes are read with a generator"),
    }
}

/// The image files that an argument means: itself, or those in it.
fn files(argument: &Path) -> Result<Vec<PathBuf>, ImageFileError> {
    if argument.is_dir() {
        return Ok(image_names(argument, warn)?.iter().map(|name| argument.join(name)).collect());
    }
    match argument.exists() {
        true => Ok(vec![argument.to_owned()]),
        false => Err(ImageFileError::NotFound { path: argument.to_owned() }),
    }
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name of the code in a row: that of its image by `actmax render`, without the extension.
pub(crate) fn row_name(row: usize) -> String {
    format!("{row:04}")
}
