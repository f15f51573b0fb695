//! Reference images: copied into the session, shown again and again.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use image::{ImageReader, RgbImage};
use paradigm::{Geometry, ImageKind};

use crate::disk;
use crate::error::SessionError;
use crate::names::{plain, stem};

/// Folder of the references in a session's.
pub const REFERENCES_FOLDER: &str = "references";

/// Largest side of a reference image in pixels.
const LARGEST_SIDE: u32 = 8192;

/// A reference image.
#[derive(Debug)]
pub struct Reference {
    /// Its id: the stem of its file.
    pub id: String,
    image: RgbImage,
    /// Its file, by place on the canvas.
    files: RefCell<HashMap<Geometry, Arc<[u8]>>>,
}

impl Reference {
    /// It on the canvas. An image that is not square is cut to its middle.
    #[must_use]
    pub fn placed(&self, geometry: Geometry) -> RgbImage {
        geometry.place_middle(&self.image)
    }

    /// Its file as a block shows it.
    pub(crate) fn file(&self, geometry: Geometry, kind: ImageKind) -> Result<Arc<[u8]>, SessionError> {
        if let Some(file) = self.files.borrow().get(&geometry) {
            return Ok(Arc::clone(file));
        }
        let bytes = kind.encode(&self.placed(geometry));
        let bytes = bytes.map_err(|source| SessionError::Image { id: self.id.clone(), source })?;
        let file: Arc<[u8]> = bytes.into();
        self.files.borrow_mut().insert(geometry, Arc::clone(&file));
        Ok(file)
    }
}

/// Copies the images of folders into the session's, by name. Two images of one name are told apart by a number.
///
/// # Errors
/// If a folder cannot be read, holds a file that ends as an image and is none, or the copies cannot be written.
pub fn copy_references(folders: &[impl AsRef<Path>], session: &Path) -> Result<(), SessionError> {
    let into = session.join(REFERENCES_FOLDER);
    // All are read before one is copied.
    for folder in folders {
        image_names(folder.as_ref())?.iter().try_for_each(|name| read_image(&folder.as_ref().join(name)).map(drop))?;
    }
    let mut copies = BTreeSet::new();
    for folder in folders {
        for name in image_names(folder.as_ref())? {
            let from = folder.as_ref().join(&name);
            let bytes = fs::read(&from).map_err(|source| failed("read", &from, source))?;
            fs::create_dir_all(&into).map_err(|source| failed("create", &into, source))?;
            let mut to = into.join(plain(&name));
            for number in 2.. {
                // An earlier call may have been interrupted after this copy.
                if !to.exists() || !copies.contains(&to) && fs::read(&to).is_ok_and(|other| other == bytes) {
                    break;
                }
                to = into.join(plain(&format!("{number}_{name}")));
            }
            disk::place(&to, &bytes).map_err(|source| failed("write", &to, source))?;
            copies.insert(to);
        }
    }
    Ok(())
}

/// Reads the references of a session, by name.
///
/// # Errors
/// If an image cannot be read.
pub fn read_references(session: &Path) -> Result<Vec<Reference>, SessionError> {
    let folder = session.join(REFERENCES_FOLDER);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let read = |name: String| {
        let image = read_image(&folder.join(&name))?;
        Ok(Reference { id: stem(&name).to_owned(), image, files: RefCell::default() })
    };
    image_names(&folder)?.into_iter().map(read).collect()
}

fn image_names(folder: &Path) -> Result<Vec<String>, SessionError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| failed("read", folder, source))? {
        let entry = entry.map_err(|source| failed("read", folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if stem(&name) != name && entry.path().is_file() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn read_image(path: &Path) -> Result<RgbImage, SessionError> {
    let mut reader = ImageReader::open(path).map_err(|source| failed("read", path, source))?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST_SIDE), Some(LARGEST_SIDE));
    reader.limits(limits);
    let image = reader.with_guessed_format().map_err(|source| failed("read", path, source))?.decode();
    image.map(|image| image.to_rgb8()).map_err(|source| SessionError::Image { id: path.display().to_string(), source })
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> SessionError {
    SessionError::File { action, path: path.to_owned(), source }
}
