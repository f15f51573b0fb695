//! Reading NumPy files.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use npyz::{DType, NpyFile, Order, TypeChar};
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
    Other(DType),
}

impl Array {
    /// Decodes a `.npy` stream to its end.
    fn read(name: &str, stream: impl Read) -> io::Result<Self> {
        let npy = NpyFile::new(stream)?;
        let (shape, order) = (npy.shape().to_vec(), npy.order());
        let values = match npy.dtype() {
            DType::Plain(kind) if kind.type_char() == TypeChar::Float && kind.size_field() == 4 => {
                Values::F32(npy.into_vec()?)
            }
            DType::Plain(kind) if kind.type_char() == TypeChar::Float && kind.size_field() == 8 => {
                Values::F64(npy.into_vec()?)
            }
            DType::Plain(kind) if kind.type_char() == TypeChar::Int && kind.size_field() == 8 => {
                Values::I64(npy.into_vec()?)
            }
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

/// Brings a matrix that is stored by columns into C order; one axis has but one order.
fn c_order<T: Copy>(values: Vec<T>, order: Order, shape: &[u64]) -> Vec<T> {
    match (order, shape) {
        (Order::Fortran, &[rows, columns]) => {
            let (rows, columns) = (rows as usize, columns as usize);
            (0..rows).flat_map(|i| (0..columns).map(move |j| j * rows + i)).map(|at| values[at]).collect()
        }
        _ => values,
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

fn open(path: &Path) -> Result<File, ArrayFileError> {
    File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ArrayFileError::NotFound { path: path.to_owned() },
        _ => unreadable(path, source),
    })
}

fn unreadable(path: &Path, source: io::Error) -> ArrayFileError {
    ArrayFileError::Unreadable { path: path.to_owned(), source }
}
