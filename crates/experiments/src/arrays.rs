//! Reading NumPy files.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use bytemuck::Pod;
use npyz::{DType, Deserialize, Endianness, NpyFile, Order, TypeChar, TypeStr};
use paradigm::{NamedNumbers, Numbers};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::ArrayFileError;

/// One array with its shape.
#[derive(Debug)]
pub(crate) struct Array {
    name: String,
    /// Lengths of the axes.
    pub(crate) shape: Vec<u64>,
    order: Order,
    values: Values,
}

#[derive(Debug)]
enum Values {
    F32(Vec<f32>),
    F64(Vec<f64>),
    I64(Vec<i64>),
    Bool(Vec<bool>),
    Other(DType),
}

impl Array {
    /// Decodes a `.npy` stream to its end.
    fn read(name: &str, stream: impl Read) -> io::Result<Self> {
        let npy = NpyFile::new(stream)?;
        let (shape, order) = (npy.shape().to_vec(), npy.order());
        let values = match npy.dtype() {
            DType::Plain(kind) if kind.type_char() == TypeChar::Float && kind.size_field() == 4 => {
                Values::F32(floats(npy, &kind)?)
            }
            DType::Plain(kind) if kind.type_char() == TypeChar::Float && kind.size_field() == 8 => {
                Values::F64(floats(npy, &kind)?)
            }
            DType::Plain(kind) if kind.type_char() == TypeChar::Int && kind.size_field() == 8 => {
                Values::I64(npy.into_vec()?)
            }
            DType::Plain(kind) if kind.type_char() == TypeChar::Bool => Values::Bool(npy.into_vec()?),
            other => Values::Other(other),
        };
        let array = Self { name: name.to_owned(), shape, order, values };
        if array.has_wrong_length() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "shape and data differ in length"));
        }
        Ok(array)
    }

    fn has_wrong_length(&self) -> bool {
        let len = match &self.values {
            Values::F32(values) => values.len(),
            Values::F64(values) => values.len(),
            Values::I64(values) => values.len(),
            Values::Bool(values) => values.len(),
            Values::Other(_) => return false,
        };
        self.shape.iter().try_fold(1_u64, |product, &axis| product.checked_mul(axis)) != Some(len as u64)
    }

    /// `f32` or `f64` values in C order, as `f64`.
    pub(crate) fn into_f64(self, path: &Path) -> Result<Vec<f64>, ArrayFileError> {
        match self.values {
            Values::F32(values) => Ok(c_order(values.into_iter().map(f64::from).collect(), self.order, &self.shape)),
            Values::F64(values) => Ok(c_order(values, self.order, &self.shape)),
            _ => Err(self.wrong_type(path, "float32 or float64")),
        }
    }

    /// Numbers of any type that is read here, in C order; true is 1.
    pub(crate) fn into_numbers(self, path: &Path) -> Result<Numbers, ArrayFileError> {
        let shape = self.shape.iter().map(|&axis| axis as usize).collect();
        let (order, axes) = (self.order, self.shape.clone());
        let values = match self.values {
            Values::I64(values) => c_order(values.into_iter().map(|x| x as f64).collect(), order, &axes),
            Values::Bool(values) => c_order(values.into_iter().map(|x| f64::from(u8::from(x))).collect(), order, &axes),
            Values::Other(_) => return Err(self.wrong_type(path, "float32, float64, int64 or bool")),
            Values::F32(_) | Values::F64(_) => self.into_f64(path)?,
        };
        Ok(Numbers { shape, values })
    }

    /// `f32` values in C order.
    pub(crate) fn into_f32(self, path: &Path) -> Result<Vec<f32>, ArrayFileError> {
        match self.values {
            Values::F32(values) => Ok(c_order(values, self.order, &self.shape)),
            _ => Err(self.wrong_type(path, "float32")),
        }
    }

    /// `i64` values of a one-dimensional array.
    pub(crate) fn into_i64(self, path: &Path) -> Result<Vec<i64>, ArrayFileError> {
        match self.values {
            Values::I64(values) => Ok(values),
            _ => Err(self.wrong_type(path, "int64")),
        }
    }

    fn wrong_type(&self, path: &Path, expected: &'static str) -> ArrayFileError {
        let dtype = match &self.values {
            Values::F32(_) => "float32".to_owned(),
            Values::F64(_) => "float64".to_owned(),
            Values::I64(_) => "int64".to_owned(),
            Values::Bool(_) => "bool".to_owned(),
            Values::Other(dtype) => dtype.descr(),
        };
        ArrayFileError::Type { path: path.to_owned(), array: self.name.clone(), dtype, expected }
    }

    /// Checks the lengths of the axes; an axis of unknown length is `None`.
    pub(crate) fn with_shape(
        self,
        path: &Path,
        axes: &[Option<u64>],
        expected: &'static str,
    ) -> Result<Self, ArrayFileError> {
        let fits = |(length, axis): (&u64, &Option<u64>)| axis.is_none_or(|axis| axis == *length);
        if self.shape.len() == axes.len() && self.shape.iter().zip(axes).all(fits) {
            Ok(self)
        } else {
            Err(self.wrong_shape(path, expected))
        }
    }

    pub(crate) fn wrong_shape(&self, path: &Path, expected: &'static str) -> ArrayFileError {
        let (array, shape) = (self.name.clone(), self.shape.clone());
        ArrayFileError::Shape { path: path.to_owned(), array, shape, expected }
    }
}

/// Brings an array whose first index runs fastest into C order, where the last one does; one axis has but one order.
fn c_order<T: Copy>(values: Vec<T>, order: Order, shape: &[u64]) -> Vec<T> {
    if order == Order::C || shape.len() < 2 {
        return values;
    }
    let mut index = vec![0_usize; shape.len()];
    let mut place = || {
        let at = index.iter().zip(shape).rev().fold(0, |at, (&index, &axis)| at * axis as usize + index);
        for (index, &axis) in index.iter_mut().zip(shape).rev() {
            *index += 1;
            if *index < axis as usize {
                break;
            }
            *index = 0;
        }
        at
    };
    (0..values.len()).map(|_| values[place()]).collect()
}

/// Reads those of the arrays `known` that a `.npz` file has, or the array of a `.npy` file under the name `""`.
///
/// # Errors
/// If the file is missing, cut off or of another format, has none of these arrays, or one of another type than numbers.
pub fn read_numbers(path: &Path, known: &[&str]) -> Result<NamedNumbers, ArrayFileError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("npy") => Ok([(String::new(), read_npy(path)?.into_numbers(path)?)].into()),
        Some("npz") => {
            let mut archive = Npz::open(path)?;
            let names = archive.names();
            let present: Vec<&str> = known.iter().copied().filter(|name| names.iter().any(|n| n == name)).collect();
            if present.is_empty() {
                let wanted = known.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
                return Err(ArrayFileError::NoSuchArray { path: path.to_owned(), wanted, names });
            }
            let array = |name: &str| Ok((name.to_owned(), archive.array(name)?.into_numbers(path)?));
            present.into_iter().map(array).collect()
        }
        _ => Err(ArrayFileError::extension_of(path)),
    }
}

/// Reads the array of a `.npy` file; its name is the file's.
pub(crate) fn read_npy(path: &Path) -> Result<Array, ArrayFileError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Array::read(&name, BufReader::new(open(path)?)).map_err(|source| unreadable(path, source))
}

/// An open `.npz` archive.
pub(crate) struct Npz {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

impl Npz {
    pub(crate) fn open(path: &Path) -> Result<Self, ArrayFileError> {
        let archive = ZipArchive::new(BufReader::new(open(path)?)).map_err(|error| unreadable(path, error.into()))?;
        Ok(Self { path: path.to_owned(), archive })
    }

    /// Names of the arrays, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.archive.file_names().filter_map(npyz::npz::array_name_from_file_name).map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Reads an array.
    pub(crate) fn array(&mut self, name: &str) -> Result<Array, ArrayFileError> {
        let (names, wanted) = (self.names(), format!("'{name}'"));
        match self.archive.by_name(&npyz::npz::file_name_from_array_name(name)) {
            Ok(entry) => Array::read(name, BufReader::new(entry)).map_err(|source| unreadable(&self.path, source)),
            Err(ZipError::FileNotFound) => Err(ArrayFileError::NoSuchArray { path: self.path.clone(), wanted, names }),
            Err(error) => Err(unreadable(&self.path, error.into())),
        }
    }
}

/// The values as they lie in the stream: in blocks where its order of bytes is the machine's, because one by one is slow.
fn floats<T: Pod + Deserialize>(npy: NpyFile<impl Read>, kind: &TypeStr) -> io::Result<Vec<T>> {
    const BLOCK: u64 = 1 << 16;
    if kind.endianness() != Endianness::of_machine() {
        return npy.into_vec();
    }
    let mut left = npy.len();
    let mut stream = npy.into_inner();
    let mut block = vec![T::zeroed(); left.min(BLOCK) as usize];
    // The header may promise more than there is: room comes with the values.
    let mut values = Vec::new();
    while left > 0 {
        let block = &mut block[..left.min(BLOCK) as usize];
        stream.read_exact(bytemuck::cast_slice_mut(block))?;
        values.extend_from_slice(block);
        left -= block.len() as u64;
    }
    Ok(values)
}

fn open(path: &Path) -> Result<File, ArrayFileError> {
    File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ArrayFileError::NotFound { path: path.to_owned() },
        _ => unreadable(path, source),
    })
}

fn unreadable(path: &Path, source: io::Error) -> ArrayFileError {
    ArrayFileError::Unreadable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_read_in_blocks_and_in_either_order_of_bytes() {
        let values: Vec<f32> = (0..(1 << 16) + 3).map(|i| i as f32 * 0.1).collect();
        let file = |order: char, bytes: fn(f32) -> [u8; 4]| {
            let text = format!("{{'descr': '{order}f4', 'fortran_order': False, 'shape': ({},), }}\n", values.len());
            let mut file = b"\x93NUMPY\x01\x00".to_vec();
            file.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
            file.extend(text.bytes());
            file.extend(values.iter().flat_map(|&value| bytes(value)));
            file
        };
        let little = file('<', f32::to_le_bytes);
        for file in [&little[..], &file('>', f32::to_be_bytes)] {
            assert_eq!(Array::read("x", file).unwrap().into_f32(Path::new("x.npy")).unwrap(), values);
        }
        let cut = Array::read("x", &little[..little.len() - 1]).unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn arrays_of_many_axes_come_into_c_order() {
        // a[i, j, k] = 100 i + 10 j + k, stored with i fastest.
        let stored: Vec<u32> =
            (0..4).flat_map(|k| (0..3).flat_map(move |j| (0..2).map(move |i| 100 * i + 10 * j + k))).collect();
        let wanted: Vec<u32> =
            (0..2).flat_map(|i| (0..3).flat_map(move |j| (0..4).map(move |k| 100 * i + 10 * j + k))).collect();
        assert_eq!(c_order(stored, Order::Fortran, &[2, 3, 4]), wanted);
        assert_eq!(c_order(vec![1, 2, 3, 4], Order::Fortran, &[2, 2]), [1, 3, 2, 4]);
        assert_eq!(c_order(vec![1, 2], Order::Fortran, &[2]), [1, 2]);
    }
}
