//! Images that the user has as files.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;
use thiserror::Error;

/// Extensions of the files that are taken for images.
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];
/// Extensions of images that cannot be read.
const OTHER_IMAGES: [&str; 8] = ["gif", "tif", "tiff", "bmp", "webp", "avif", "heic", "svg"];

/// Names of the sheets on which this program draws many images of a folder's, a run's or a session's.
const SHEETS: [&str; 5] = ["sheet.png", "top.png", "progress.png", "montage.png", "preview.png"];

/// Why images could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImageFileError {
    /// Neither a file nor a folder.
    #[error("there is no file or folder {}", path.display())]
    NotFound {
        /// As given.
        path: PathBuf,
    },
    /// The folder cannot be read.
    #[error("cannot read the folder of images {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No image in the folder.
    #[error("there is no .png, .jpg or .jpeg file in {}, and no others are read", folder.display())]
    NoImages {
        /// The folder.
        folder: PathBuf,
    },
    /// Only sheets in the folder.
    #[error("the only images in {} are sheets that actmax drew ({}); name one as a file to take it", folder.display(), sheets.join(", "))]
    OnlySheets {
        /// The folder.
        folder: PathBuf,
        /// Their names.
        sheets: Vec<String>,
    },
    /// A file that is no image.
    #[error("the image {} cannot be read", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<image::ImageError>,
    },
}

/// Whether a path has the extension of an image that can be read.
#[must_use]
pub fn is_image(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str())
}

/// Names of the images in a folder, sorted. Images of other formats, and the sheets that this program draws, are passed
/// over; `warn` is told so.
///
/// # Errors
/// If the folder cannot be read or holds no image.
pub fn image_names(folder: &Path, mut warn: impl FnMut(&str)) -> Result<Vec<String>, ImageFileError> {
    let failed = |source| ImageFileError::Folder { folder: folder.to_owned(), source };
    let (mut names, mut others, mut sheets) = (Vec::new(), Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let extension = Path::new(&name).extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            _ if name.starts_with('.') => {}
            _ if SHEETS.contains(&name.as_str()) => sheets.push(name),
            known if EXTENSIONS.contains(&known) => names.push(name),
            known if OTHER_IMAGES.contains(&known) => others.push(name),
            _ => {}
        }
    }
    [&mut names, &mut others, &mut sheets].into_iter().for_each(|names| names.sort());
    passed_over(&mut warn, &others, folder, "only .png, .jpg and .jpeg are read");
    match (names.is_empty(), sheets.is_empty()) {
        (true, true) => Err(ImageFileError::NoImages { folder: folder.to_owned() }),
        (true, false) => Err(ImageFileError::OnlySheets { folder: folder.to_owned(), sheets }),
        (false, _) => {
            passed_over(&mut warn, &sheets, folder, "such a sheet shows other images; name the file to take it");
            Ok(names)
        }
    }
}

/// Warns of files that are not taken.
fn passed_over(warn: &mut impl FnMut(&str), names: &[String], folder: &Path, why: &str) {
    if let [first, more @ ..] = names {
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        warn(&format!("passed over {first}{more} in {}: {why}", folder.display()));
    }
}

/// Reads an image. The content says what it is, whatever the extension.
///
/// # Errors
/// If the file cannot be read or is no image.
pub fn read_image(path: &Path) -> Result<RgbImage, ImageFileError> {
    let unreadable = |source: std::io::Error| unreadable(path, source.into());
    decode_image(path, &fs::read(path).map_err(unreadable)?)
}

/// The image that the bytes of a file hold; `path` names it in errors.
///
/// # Errors
/// If they hold none.
pub fn decode_image(path: &Path, bytes: &[u8]) -> Result<RgbImage, ImageFileError> {
    let image = image::load_from_memory(bytes).map_err(|error| unreadable(path, error))?;
    Ok(image.to_rgb8())
}

fn unreadable(path: &Path, source: image::ImageError) -> ImageFileError {
    ImageFileError::Image { path: path.to_owned(), source: Box::new(source) }
}
