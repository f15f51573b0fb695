//! Initial codes from NumPy files, and the fingerprint of codes.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use npyz::{WriteOptions, WriterBuilder};
use optim_core::Population;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_64;

use crate::ArrayFileError;
use crate::arrays::{Array, Npz, read_npy};

/// Lower-case hexadecimal SHA-256 of the codes: of the little-endian `f64` bytes of the C-order
/// `[n, N]` array.
#[must_use]
pub fn codes_sha256(codes: &Population) -> String {
    format!("{:x}", Sha256::digest(bytes(codes)))
}

/// Hexadecimal XXH3-64 of the same bytes. It tells whether codes are equal to the last bit, and takes a tenth of the
/// time of a cryptographic hash.
pub fn codes_xxh3(codes: &Population) -> String {
    format!("{:016x}", xxh3_64(&bytes(codes)))
}

/// The little-endian bytes of the C-order `[n, N]` array; only a big-endian machine copies them.
fn bytes(codes: &Population) -> Cow<'_, [u8]> {
    match cfg!(target_endian = "little") {
        true => bytemuck::cast_slice(codes.as_slice()).into(),
        false => codes.as_slice().iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>().into(),
    }
}

/// Reads initial codes of length `dim` from a `.npy` or `.npz` file.
///
/// The array is `[N]` or `[n, N]`, of `f32` or `f64`. In an archive it is the only array, or the one
/// that is named `codes`, or else `codes_all`.
///
/// # Errors
/// If the file is missing, cut off or of another format, holds no such array, or its codes are of
/// another length or hold values that are not finite.
pub fn read_codes(path: &Path, dim: usize) -> Result<Population, ArrayFileError> {
    let array = match path.extension().and_then(|extension| extension.to_str()) {
        Some("npy") => read_npy(path)?,
        Some("npz") => read_from_archive(path)?,
        _ => return Err(ArrayFileError::extension_of(path)),
    };
    into_codes(array, path, dim)
}

/// Which codes of a stored run another run starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunCodes {
    /// Those of the last scored generation.
    #[default]
    Last,
    /// The one with the best clean score.
    Best,
    /// The one that the method recommended at the end.
    Recommended,
    /// The generation that would have come next.
    Next,
    /// Every code that was scored.
    All,
    /// The mean code of each generation.
    Means,
}

impl RunCodes {
    /// All of them, as the command line names them.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("last", Self::Last),
        ("best", Self::Best),
        ("recommended", Self::Recommended),
        ("next", Self::Next),
        ("all", Self::All),
        ("means", Self::Means),
    ];
}

impl FromStr for RunCodes {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, codes)| *codes).ok_or(())
    }
}

impl fmt::Display for RunCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Last => "the last generation",
            Self::Best => "the code with the best clean score",
            Self::Recommended => "the code that the method recommended",
            Self::Next => "the generation that would have come next",
            Self::All => "all codes",
            Self::Means => "the mean codes of the generations",
        })
    }
}

/// Reads the codes that a run starts from. If the file is a stored run, tells which of its codes they are.
///
/// A stored run is an archive with the array `generations`. `part` names the codes that are read from it; without
/// `part` they are the last generation. All codes of any other file are read, as [`read_codes`] does.
///
/// # Errors
/// As [`read_codes`]; and if `part` names codes and the file is no stored run.
pub fn read_initial_codes(
    path: &Path,
    dim: usize,
    part: Option<RunCodes>,
) -> Result<(Population, Option<RunCodes>), ArrayFileError> {
    if path.extension().is_some_and(|extension| extension == "npz") {
        let mut archive = Npz::open(path)?;
        if archive.names().iter().any(|name| name == "generations") {
            let part = part.unwrap_or_default();
            return Ok((read_part(&mut archive, path, dim, part)?, Some(part)));
        }
    }
    match part {
        Some(_) => Err(ArrayFileError::NotARun { path: path.to_owned() }),
        None => Ok((read_codes(path, dim)?, None)),
    }
}

/// Reads the codes in the array `name` of an archive, as [`read_codes`] reads those of a file.
///
/// # Errors
/// As [`read_codes`]; and if the file has no such array.
pub fn read_codes_named(path: &Path, dim: usize, name: &str) -> Result<Population, ArrayFileError> {
    into_codes(Npz::open(path)?.array(name)?, path, dim)
}

fn read_part(archive: &mut Npz, path: &Path, dim: usize, part: RunCodes) -> Result<Population, ArrayFileError> {
    let only_last = archive.names().iter().any(|name| name == "last_codes");
    let name = match part {
        RunCodes::Best => "best_code",
        RunCodes::Recommended => "recommended",
        RunCodes::Next => "next_codes",
        RunCodes::Means => "generation_means",
        RunCodes::Last if only_last => "last_codes",
        RunCodes::Last | RunCodes::All => "codes_all",
    };
    let codes = into_codes(archive.array(name)?, path, dim)?;
    if name != "codes_all" || part == RunCodes::All {
        return Ok(codes);
    }
    let generations = archive.array("generations")?.with_shape(path, &[Some(codes.len() as u64)], "[n]")?;
    let generations = generations.into_i64(path)?;
    let first = generations.iter().position(|generation| Some(generation) == generations.last()).unwrap_or(0);
    Ok(Population::from_rows(dim, &codes.as_slice()[first * dim..]))
}

/// The codes as the bytes of a `.npy` file: `float64`, C-order `[n, N]`.
///
/// # Errors
/// None in practice: the bytes are written into memory.
pub fn codes_to_npy(codes: &Population) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let shape = [codes.len() as u64, codes.dim() as u64];
    let mut npy = WriteOptions::new().default_dtype().shape(&shape).writer(&mut bytes).begin_nd()?;
    npy.extend(codes.as_slice().iter().copied())?;
    npy.finish()?;
    Ok(bytes)
}

fn into_codes(array: Array, path: &Path, dim: usize) -> Result<Population, ArrayFileError> {
    let width = match array.shape[..] {
        [width] if width > 0 => width as usize,
        [rows, width] if rows > 0 && width > 0 => width as usize,
        _ => return Err(array.wrong_shape(path, "[N] or [n, N], with one code or more")),
    };
    if width != dim {
        return Err(ArrayFileError::WrongDimension { path: path.to_owned(), expected: dim, found: width });
    }
    let values = array.into_f64(path)?;
    if let Some(at) = values.iter().position(|x| !x.is_finite()) {
        return Err(ArrayFileError::NonFinite { path: path.to_owned(), row: at / dim, component: at % dim });
    }
    Ok(Population::from_rows(dim, &values))
}

fn read_from_archive(path: &Path) -> Result<Array, ArrayFileError> {
    let mut archive = Npz::open(path)?;
    let names = archive.names();
    let has = |name: &str| names.iter().any(|known| known == name);
    let name = match &names[..] {
        [only] => only,
        _ if has("codes") => "codes",
        _ if has("codes_all") => "codes_all",
        _ => {
            let wanted = "'codes' or 'codes_all'".to_owned();
            return Err(ArrayFileError::NoSuchArray { path: path.to_owned(), wanted, names });
        }
    };
    archive.array(name)
}
