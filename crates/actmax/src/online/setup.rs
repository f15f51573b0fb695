//! The parts of a session: its configuration, generators, initial codes and references.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use experiments::{Provenance, RunSpec, codes_to_npy, place_whole, read_codes, read_initial_codes, write_whole};
use gen_models::{GeneratorModel, GeneratorSession, Runtime};
use image::RgbImage;
use optim_core::{Generator, Population};
use sessions::journal::{self, JOURNAL_FILE};
use sessions::{
    BlockImage, Reference, Renderer, Role, Session, SessionConfig, SessionError, ThreadParts, copy_references,
    read_references, run_specs,
};

use super::patterns;
use super::{NewArgs, OnlineError};
use crate::console::{counted, say, shell_word};
use crate::pictures::session_options;
use crate::sheet::contact_sheet;
use crate::{CommandError, Library};

/// The configuration as its user wrote it, in the session's folder.
pub(super) const CONFIG_FILE: &str = "session.toml";

/// The first images on one sheet, in the session's folder.
const PREVIEW: &str = "preview.png";

/// Folder of the initial codes.
const INITIAL_FOLDER: &str = "initial";

/// A generator of the library as the engine wants it.
struct Rendering {
    session: GeneratorSession,
    side: u32,
    codes: Vec<f32>,
}

impl Renderer for Rendering {
    fn latent_dim(&self) -> usize {
        self.session.latent_dim()
    }

    fn side(&self) -> u32 {
        self.side
    }

    fn render(&mut self, codes: &Population) -> Result<Vec<RgbImage>, Box<dyn Error + Send + Sync>> {
        codes.write_f32(&mut self.codes);
        let images = self.session.generate(&self.codes)?;
        Ok((0..images.len()).map(|i| images.to_rgb8(i)).collect())
    }
}

/// `actmax session new`.
pub(super) fn new(library: &Library, args: &NewArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source| OnlineError::Io { action, path, source }
    };
    let written = fs::read_to_string(&args.config).map_err(failed("read the configuration", &args.config))?;
    let beside = args.config.parent().unwrap_or(Path::new("."));
    let text = patterns::with_numbers(&written, beside)?;
    let config = SessionConfig::parse(&text).map_err(SessionError::from)?;
    let wrong = |source| OnlineError::NwbField { path: args.config.clone(), source: Box::new(source) };
    config.nwb_metadata().check().map_err(wrong)?;
    let folder = &args.session;
    if journal::read(&folder.join(JOURNAL_FILE)).is_ok_and(|records| !records.is_empty()) {
        return Err(OnlineError::Exists { folder: folder.clone() }.into());
    }
    // Everything is checked before anything is written.
    let mut parts = generators(library, &config)?;
    let sides: Vec<_> = parts.iter().map(|part| part.renderer.side()).collect();
    config.check_geometries(&sides).map_err(SessionError::from)?;
    let dims: Vec<usize> = parts.iter().map(|part| part.renderer.latent_dim()).collect();
    for ((thread, part), &dim) in config.threads.iter().zip(&mut parts).zip(&dims) {
        part.initial = thread.init.as_ref().map(|init| initial_codes(&beside.join(init), dim)).transpose()?;
    }
    let initial: Vec<Option<Population>> = parts.iter().map(|part| part.initial.clone()).collect();
    let specs = run_specs(&config, &dims, &initial)?;
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let references: Vec<_> = config.references.folders.iter().map(|folder| beside.join(folder)).collect();
    copy_references(&references, folder)?;
    for (thread, codes) in config.threads.iter().zip(&initial) {
        let Some(codes) = codes else { continue };
        let path = folder.join(INITIAL_FOLDER).join(format!("{}.npy", thread.name));
        fs::create_dir_all(folder.join(INITIAL_FOLDER)).map_err(failed("create", &path))?;
        let bytes = codes_to_npy(codes).map_err(failed("write", &path))?;
        write_whole(&path, |file| file.write_all(&bytes)).map_err(failed("write", &path))?;
    }
    let copy = folder.join(CONFIG_FILE);
    if !copy.exists() {
        write_whole(&copy, |file| file.write_all(written.as_bytes())).map_err(failed("write", &copy))?;
    }
    let references = read_references(folder)?;
    let session = Session::create(folder, &text, specs, parts, references, &provenance())?;
    let preview = folder.join(PREVIEW);
    let sheet = first_images(&session)?;
    place_whole(&preview, &sheet).map_err(failed("write", &preview))?;
    describe(&session, out)?;
    Ok(())
}

/// All images of the first block on one sheet, those of each thread before the references.
fn first_images(session: &Session) -> Result<Vec<u8>, CommandError> {
    let images = session.block().map_or(&[][..], |block| &block.images);
    let title = format!("{}: the first block, {}", session.folder().display(), counted(images.len(), "image"));
    let threads = &session.config().threads;
    let shown = |image: &BlockImage| {
        let thread = image.image.thread.map(|thread| threads[thread].name.clone());
        let role = if image.image.role == Role::Reference { Some("reference".to_owned()) } else { None };
        let words = [role.or(thread).unwrap_or_default(), image.image.id.clone()];
        Ok((image::load_from_memory(&image.file)?.to_rgb8(), words.to_vec()))
    };
    contact_sheet(title, images.len(), images.iter().map(shown))
}

fn describe(session: &Session, out: &mut dyn Write) -> Result<(), CommandError> {
    let images = session.block().map_or(0, |block| block.images.len());
    let (folder, settings) = (session.folder().display(), &session.config().session);
    writeln!(out, "session {folder}: {}", counted(session.config().threads.len(), "thread"))?;
    writeln!(out, "  first block: {}, together in {folder}/{PREVIEW}", counted(images, "image"))?;
    writeln!(out, "  images go to {folder}/{}", settings.images.display())?;
    writeln!(out, "  scores come in {folder}/{}", settings.scores.display())?;
    let config = session.config();
    if config.subject.is_some() || config.nwb.is_some() {
        // The export makes an identifier and a description of its own.
        let own = ["nwb.identifier", "nwb.session_description"];
        let missing: Vec<_> =
            config.nwb_metadata().missing().into_iter().filter(|field| !own.contains(field)).collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            writeln!(out, "  the export as NWB still wants {missing}: write them into {folder}/{CONFIG_FILE}")?;
        }
    }
    writeln!(out, "next: actmax session run {}", shell_word(session.folder()))?;
    Ok(())
}

/// Goes on with a session.
pub(super) fn open(library: &Library, folder: &Path) -> Result<Session, CommandError> {
    if !folder.join(JOURNAL_FILE).exists() {
        return Err(OnlineError::NoSession { folder: folder.to_owned() }.into());
    }
    Session::resume(folder, &provenance(), |config, specs| parts(library, folder, config, specs))
}

fn parts(
    library: &Library,
    folder: &Path,
    config: &SessionConfig,
    specs: &[RunSpec],
) -> Result<(Vec<ThreadParts>, Vec<Reference>), CommandError> {
    let mut parts = generators(library, config)?;
    for ((thread, spec), part) in config.threads.iter().zip(specs).zip(&mut parts) {
        part.initial = stored_initial(folder, &thread.name, spec)?;
    }
    Ok((parts, read_references(folder)?))
}

/// The initial codes that the session was begun with.
pub(super) fn stored_initial(folder: &Path, thread: &str, spec: &RunSpec) -> Result<Option<Population>, CommandError> {
    let path = folder.join(INITIAL_FOLDER).join(format!("{thread}.npy"));
    Ok(spec.initial_codes_sha256.as_ref().map(|_| read_codes(&path, spec.dim)).transpose()?)
}

pub(super) fn generators(library: &Library, config: &SessionConfig) -> Result<Vec<ThreadParts>, CommandError> {
    let models = config.threads.iter().map(|thread| library.generator(&thread.generator));
    let models: Vec<_> = models.collect::<Result<_, _>>()?;
    let runtime = Runtime::get(&say)?;
    let mut parts = Vec::new();
    for model in models {
        let [height, width] = model.spec().image_size;
        if height != width {
            return Err(OnlineError::NotSquare { generator: model.spec().name.clone(), width, height }.into());
        }
        parts.push(ThreadParts { renderer: renderer(&model, runtime)?, initial: None });
    }
    Ok(parts)
}

/// A generator that makes images.
pub(crate) fn renderer(model: &GeneratorModel, runtime: &Runtime) -> Result<Box<dyn Renderer>, CommandError> {
    let session = model.session(runtime, session_options())?;
    let side = u32::try_from(model.spec().image_size[1]).unwrap_or(u32::MAX);
    Ok(Box::new(Rendering { session, side, codes: Vec::new() }))
}

/// Codes of a file, or of all `.npy` and `.npz` files of a folder by name.
fn initial_codes(path: &Path, dim: usize) -> Result<Population, CommandError> {
    if !path.is_dir() {
        return Ok(read_initial_codes(path, dim, None)?.0);
    }
    let failed = |source| OnlineError::Io { action: "read", path: path.to_owned(), source };
    let entries = fs::read_dir(path).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut files: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "npy" || extension == "npz"));
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        rows.extend_from_slice(read_codes(&file, dim)?.as_slice());
    }
    Ok(Population::from_rows(dim, &rows))
}

fn provenance() -> Provenance {
    Provenance::here().with_version("actmax", env!("CARGO_PKG_VERSION"))
}
