//! Initial codes from NumPy files, and the fingerprint of codes.

use std::path::Path;

use optim_core::Population;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::Xxh3Default;

use crate::ArrayFileError;
use crate::arrays::{Array, Npz, read_npy};

/// Lower-case hexadecimal SHA-256 of the codes: of the little-endian `f64` bytes of the C-order
/// `[n, N]` array.
#[must_use]
pub fn codes_sha256(codes: &Population) -> String {
    let mut hasher = Sha256::new();
    for_each_code_in_bytes(codes, |bytes| hasher.update(bytes));
    format!("{:x}", hasher.finalize())
}

/// Hexadecimal XXH3-64 of the same bytes: tells whether codes are the same to the last bit, at a
/// tenth of the time that a cryptographic hash takes.
pub(crate) fn codes_xxh3(codes: &Population) -> String {
    let mut hasher = Xxh3Default::new();
    for_each_code_in_bytes(codes, |bytes| hasher.update(bytes));
    format!("{:016x}", hasher.digest())
}

fn for_each_code_in_bytes(codes: &Population, mut take: impl FnMut(&[u8])) {
    let mut bytes = vec![0; codes.dim() * size_of::<f64>()];
    for code in codes.iter() {
        for (bytes, x) in bytes.chunks_exact_mut(size_of::<f64>()).zip(code) {
            bytes.copy_from_slice(&x.to_le_bytes());
        }
        take(&bytes);
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
        _ => return Err(ArrayFileError::Extension { path: path.to_owned() }),
    };
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
