//! Any ONNX file becomes a registered model: `actmax models add`.
//!
//! A file is inspected, run on made-up inputs, and where necessary given nodes that bring it to the normal
//! form of this crate: codes `[n, N]` in and RGB images `[n, 3, H, W]` out, or such images in and layers
//! `[n, C]` or `[n, C, H, W]` out, all in single precision and for any n. A file that needs no more nodes is kept
//! byte for byte. What the file does not say is assumed, and the notes list the assumptions.

mod batch;
mod cnn;
mod declared;
mod draft;
mod error;
mod format;
mod generator;
mod image;
mod inputs;
mod layers;
mod probe;
mod range;
mod rule;
mod trial;

use std::path::{Path, PathBuf};
use std::{fs, io};

use onnx_graph::constant::producer;
use onnx_graph::proto::{GraphProto, NodeProto};
use onnx_graph::{GraphError, Model};

pub use error::ImportError;
pub use image::ImageLayout;
pub use inputs::ReadValues;
pub use rule::{InputRule, InputRuleError, InputUse};

use crate::preprocess::ADDED;
use crate::source::sha256_hex;
use crate::{ModelError, ModelSpec, Resize, Runtime};
use declared::{Declared, listed};
use draft::{Draft, free_own_names};
use format::{Format, format_of};
use image::{looks_like_images, shows_channels};
use inputs::{is_code, is_noise_map};
use trial::try_out;

/// What to make of a file, and what its user knows that the file does not say.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// Its name; the file's if absent.
    pub name: Option<String>,
    /// Generator or CNN; seen in the file if absent.
    pub kind: Option<ModelKind>,
    /// What happens to the inputs, or parts of them.
    pub inputs: Vec<InputRule>,
    /// The tensor that is a generator's image, where there are several outputs; `a+b` is the sum of two.
    pub output: Option<String>,
    /// Length of a code, where the file leaves one size of its input free; of several free sizes all, in order. Empty if
    /// it is not known.
    pub code_size: Vec<usize>,
    /// Norm that codes of natural images have; that of standard normal codes, sqrt(N), if absent.
    pub natural_norm: Option<f64>,
    /// File with the names of a CNN's classes, one a line.
    pub classes: Option<PathBuf>,
    /// Order of the axes of images, where their sizes do not show it.
    pub layout: Option<ImageLayout>,
    /// Height and width of images, where the file leaves them free.
    pub size: Option<[usize; 2]>,
    /// Pixel values that are black and full brightness.
    pub range: Option<[f32; 2]>,
    /// Subtracted from the pixels of a CNN's images: one number, or one for red, green and blue.
    pub mean: Option<Vec<f32>>,
    /// What they are divided by afterwards.
    pub std: Option<Vec<f32>>,
    /// Whether images have their channels in the order blue, green, red.
    pub bgr: bool,
    /// How images of another size are brought to the CNN's.
    pub resize: Resize,
    /// Where the weights come from; the file's name and checksum if empty.
    pub origin: String,
    /// Licence of the weights.
    pub licence: String,
}

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// Codes in, images out.
    Generator,
    /// Images in, activations out.
    Cnn,
}

/// A file in normal form and its entry in the manifest.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The file.
    pub encoded: Vec<u8>,
    /// The entry, with size and SHA-256 of the file.
    pub spec: ModelSpec,
    /// What was found out and assumed.
    pub notes: Vec<Note>,
    /// Whether the file is the one given, byte for byte.
    pub verbatim: bool,
    /// Names of a CNN's classes, one a line; the entry names the file that they belong in.
    pub classes: Option<String>,
}

/// Something that was found out about a model, or assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub text: String,
    /// The option that says otherwise, if it was assumed.
    pub option: Option<&'static str>,
}

type Notes = Vec<Note>;

impl Note {
    fn plain(text: String) -> Self {
        Self { text, option: None }
    }

    fn assumed(text: String, option: &'static str) -> Self {
        Self { text, option: Some(option) }
    }
}

impl Import {
    /// Inspects a file and brings it to normal form; `read` gives the values of inputs that are held.
    ///
    /// # Errors
    /// If the file is no model that can be run, or is not of the kind, or the options do not fit it.
    pub fn run(&self, file: &Path, runtime: &Runtime, read: ReadValues<'_>) -> Result<Imported, ImportError> {
        let name = self.name_for(file)?;
        let bytes = read_file(file)?;
        let (mut given, has_external) = decoded(&bytes, file)?;
        let renamed = free_own_names(&mut given.graph);
        let summed = self.output.as_deref().is_some_and(|output| add_sum(&mut given.graph, output));
        let mut draft = Draft::new(given.clone())?;
        draft.changed |= renamed || summed;
        let kind = self.kind_of(&draft.model)?;
        self.check_kind(kind, &draft.model.name)?;
        let mut notes = Notes::new();
        if renamed {
            notes.push(Note::plain(format!("tensors called {ADDED}... are called _{ADDED}... here")));
        }
        if draft.narrowed {
            notes.push(Note::plain("its double precision is made single precision".to_owned()));
        }
        let (mut spec, beside) = match kind {
            ModelKind::Generator => {
                let (spec, beside) = generator::import(self, &mut draft, runtime, read, &mut notes)?;
                (ModelSpec::Generator(spec), beside)
            }
            ModelKind::Cnn => {
                let (spec, beside) = cnn::import(self, &mut draft, runtime, read, &mut notes)?;
                (ModelSpec::Cnn(spec), beside)
            }
        };
        let verbatim = !draft.changed && !has_external;
        let origin = format!("{}, SHA-256 {}", file.file_name().unwrap_or_default().display(), sha256_hex(&bytes));
        let encoded = if verbatim { bytes } else { draft.model.into_encoded() };
        if i32::try_from(encoded.len()).is_err() {
            return Err(ImportError::TooLarge { model: file.display().to_string(), bytes: encoded.len() });
        }
        if has_external {
            notes.push(Note::plain("weights in other files are taken into the registered one".to_owned()));
        }
        let origin = if self.origin.is_empty() { origin } else { self.origin.clone() };
        complete(&mut spec, &name, &encoded, origin);
        let classes = self.read_classes(&mut spec)?;
        let encoded = try_out(&spec, encoded, (&given, &beside), runtime, &mut notes)?;
        Ok(Imported { encoded, spec, notes, verbatim, classes })
    }

    /// The name asked for, or the file's without what names cannot hold.
    ///
    /// # Errors
    /// If nothing is left of it, or it cannot be that of a file.
    pub fn name_for(&self, file: &Path) -> Result<String, ImportError> {
        let name = self.name.clone().unwrap_or_else(|| {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
            stem.chars().map(plain).collect::<String>().trim_matches(['-', '.']).to_owned()
        });
        let allowed = name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        let usable = allowed && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.len() <= 100;
        if usable { Ok(name) } else { Err(ImportError::Name { name }) }
    }

    /// The names of a CNN's classes; its entry gets the file that they belong in.
    fn read_classes(&self, spec: &mut ModelSpec) -> Result<Option<String>, ImportError> {
        let Some(path) = &self.classes else { return Ok(None) };
        let model = spec.name().to_owned();
        let misfit = |reason| ImportError::Option { model, option: "classes", reason };
        let ModelSpec::Cnn(cnn) = spec else { return Ok(None) };
        let text = fs::read_to_string(path).map_err(|source| ModelError::Read { path: path.clone(), source })?;
        let (lines, layers) = (text.lines().count(), cnn.layers.as_deref().unwrap_or_default());
        if layers.iter().all(|layer| layer.shape != [lines]) {
            return Err(misfit(format!("{} has {lines} lines, and no layer so many numbers", path.display())));
        }
        cnn.classes = Some(format!("{}.classes.txt", cnn.name));
        Ok(Some(text))
    }

    /// Refuses what is said of the other kind of model.
    fn check_kind(&self, kind: ModelKind, model: &str) -> Result<(), ImportError> {
        let of_cnns = [
            ("mean", self.mean.is_some()),
            ("std", self.std.is_some()),
            ("align-corners", self.resize != Resize::default()),
            ("classes", self.classes.is_some()),
        ];
        let of_generators = [("output", self.output.is_some()), ("natural-norm", self.natural_norm.is_some())];
        let (others, reason) = match kind {
            ModelKind::Generator => (&of_cnns[..], "it is a generator"),
            ModelKind::Cnn => (&of_generators[..], "it is a CNN"),
        };
        match others.iter().find(|(_, given)| *given) {
            Some(&(option, _)) => {
                Err(ImportError::Option { model: model.to_owned(), option, reason: reason.to_owned() })
            }
            None => Ok(()),
        }
    }

    /// The kind asked for, or the one that inputs and outputs show.
    fn kind_of(&self, model: &Model) -> Result<ModelKind, ImportError> {
        if let Some(kind) = self.kind {
            return Ok(kind);
        }
        let (inputs, outputs) = (Declared::inputs(&model.graph), Declared::outputs(&model.graph));
        let image = |declared: &Declared| looks_like_images(declared, self.layout);
        let certain = |declared: &Declared| image(declared) && shows_channels(declared);
        let noise = |declared: &Declared| inputs.len() > 1 && outputs.iter().any(certain) && is_noise_map(declared);
        let taken: Vec<&Declared> = inputs.iter().filter(|input| image(input) && !noise(input)).collect();
        match (taken.is_empty(), outputs.iter().any(image)) {
            (false, false) => Ok(ModelKind::Cnn),
            (true, true) => Ok(ModelKind::Generator),
            (true, false) if inputs.iter().all(is_code) => Ok(ModelKind::Generator),
            // What leaves its channels open is less of an image than what has 1 or 3.
            (false, true) if !outputs.iter().any(certain) && taken.iter().any(|input| certain(input)) => {
                Ok(ModelKind::Cnn)
            }
            _ => Err(ImportError::KindUnclear {
                model: model.name.clone(),
                inputs: listed(&inputs),
                outputs: listed(&outputs),
            }),
        }
    }
}

/// Adds the node that sums the outputs that `output` names, as `a+b`; returns whether it does.
fn add_sum(graph: &mut GraphProto, output: &str) -> bool {
    let parts: Vec<String> = output.split('+').map(str::to_owned).collect();
    let sums = parts.len() > 1 && producer(graph, output).is_none();
    if !sums || parts.iter().any(|part| producer(graph, part).is_none()) {
        return false;
    }
    let (input, output, op_type) = (parts, vec![output.to_owned()], Some("Sum".to_owned()));
    graph.node.push(NodeProto { input, output, op_type, ..NodeProto::default() });
    true
}

fn read_file(path: &Path) -> Result<Vec<u8>, ModelError> {
    let unreadable = |source| ModelError::Read { path: path.to_owned(), source };
    let about = fs::metadata(path).map_err(unreadable)?;
    // What is read from a device or a pipe may never end.
    match (about.is_file(), about.is_dir()) {
        (true, _) => fs::read(path).map_err(unreadable),
        (_, true) => Err(unreadable(io::ErrorKind::IsADirectory.into())),
        _ => Err(unreadable(io::Error::new(io::ErrorKind::Unsupported, "it is no regular file"))),
    }
}

/// The model in the bytes of a file, and whether weights of it are in other files.
fn decoded(bytes: &[u8], file: &Path) -> Result<(Model, bool), ImportError> {
    let folder = file.parent().unwrap_or(Path::new(""));
    Model::gathered(bytes, &file.display().to_string(), Some(folder)).map_err(|error| {
        let unreadable = matches!(error, GraphError::Decode { .. } | GraphError::NotAModel { .. });
        match format_of(bytes).filter(|_| unreadable) {
            Some(Format { what, remedy }) => ImportError::Format { path: file.to_owned(), what, remedy },
            None => ModelError::from(error).into(),
        }
    })
}

/// Fills in what only the finished file tells.
fn complete(spec: &mut ModelSpec, name: &str, encoded: &[u8], source: String) {
    let (sha256_found, bytes_found) = (sha256_hex(encoded), encoded.len() as u64);
    let (own, file, sha256, bytes, origin) = match spec {
        ModelSpec::Generator(spec) => {
            (&mut spec.name, &mut spec.file, &mut spec.sha256, &mut spec.bytes, &mut spec.origin)
        }
        ModelSpec::Cnn(spec) => (&mut spec.name, &mut spec.file, &mut spec.sha256, &mut spec.bytes, &mut spec.origin),
    };
    (*own, *file, *origin) = (name.to_owned(), format!("{name}.onnx"), source);
    (*sha256, *bytes) = (Some(sha256_found), Some(bytes_found));
}
