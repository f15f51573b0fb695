//! Reading.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hdf5_pure::{DType, Object, VlenStringReadOptions};

use crate::limits::{Budget, within};
use crate::{Array, FormatError, Limits};

/// Whether the bytes are an HDF5 file, by themselves or behind a block of 512, 1024, ... bytes.
pub(crate) fn is_hdf5(bytes: &[u8]) -> bool {
    hdf5_pure::is_hdf5_bytes(bytes)
}

/// Reads from a file in memory.
pub(crate) fn read<T>(
    bytes: &[u8],
    limits: &Limits,
    look: impl FnOnce(&mut Reader<'_>) -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let file = hdf5_pure::File::from_bytes(bytes.to_vec()).map_err(FormatError::malformed)?;
        look(&mut Reader { file, budget: Budget::new(limits), limits })
    }));
    looked.unwrap_or_else(|_| Err(FormatError::Malformed("the HDF5 file is damaged".to_owned())))
}

/// A file that is being read.
pub(crate) struct Reader<'a> {
    file: hdf5_pure::File,
    budget: Budget<'a>,
    limits: &'a Limits,
}

/// A dataset that fits the limits.
pub(crate) struct Dataset(hdf5_pure::Dataset);

/// What a dataset holds.
pub(crate) enum Item {
    /// Numbers in C order of the file's shape.
    Numbers(Array),
    /// Strings.
    Strings(Vec<String>),
    /// References to other datasets, with the file's shape.
    References(Vec<usize>, Vec<Dataset>),
}

impl Reader<'_> {
    /// The dataset of this name; of a group of this name its member `value`, which is how Octave saves a matrix.
    pub(crate) fn dataset(&mut self, name: &str) -> Result<Option<Dataset>, FormatError> {
        let root = self.file.root();
        let is_there = |names: Vec<String>| names.iter().any(|other| other == name);
        let dataset = if is_there(root.datasets().map_err(FormatError::malformed)?) {
            root.dataset(name)
        } else if is_there(root.groups().map_err(FormatError::malformed)?) {
            root.dataset(&format!("{name}/value"))
        } else {
            return Ok(None);
        };
        dataset.map(|dataset| Some(Dataset(dataset))).map_err(|error| wrong(name, &error))
    }

    /// The content of a dataset, which messages call `name`.
    pub(crate) fn item(&mut self, dataset: &Dataset, name: &str) -> Result<Item, FormatError> {
        let dataset = &dataset.0;
        let wrong = |error: hdf5_pure::Error| wrong(name, &error);
        let shape = self.admit(dataset).map_err(|reason| match reason {
            FormatError::Malformed(what) => FormatError::Malformed(format!("'{name}': {what}")),
            other => other,
        })?;
        let count = shape.iter().product::<usize>();
        let values = match dataset.dtype().map_err(wrong)? {
            DType::String | DType::VariableLengthString => {
                self.budget.take_rows(count)?;
                return self.strings(dataset).map(Item::Strings).map_err(wrong);
            }
            DType::ObjectReference => {
                self.budget.take_rows(count)?;
                let objects = dataset.dereference().map_err(wrong)?.into_iter();
                let datasets = objects.map(|object| match object {
                    Object::Dataset(dataset) => Ok(Dataset(*dataset)),
                    _ => Err(FormatError::Malformed(format!("'{name}' refers to something else than a dataset"))),
                });
                return Ok(Item::References(shape, datasets.collect::<Result<_, _>>()?));
            }
            DType::Enum(_) if dataset.element_size().map_err(wrong)? == 1 => {
                dataset.read_raw().map_err(wrong)?.into_iter().map(f64::from).collect()
            }
            DType::F32 | DType::F64 | DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
                dataset.read_f64().map_err(wrong)?
            }
            DType::U8 | DType::U16 | DType::U32 | DType::U64 => dataset.read_f64().map_err(wrong)?,
            other => return Err(FormatError::Unsupported(format!("'{name}' is of type {other}"))),
        };
        Array::new(shape, values).map(Item::Numbers)
    }

    /// The shape of a dataset, if all that reading it takes is within the limits.
    fn admit(&mut self, dataset: &hdf5_pure::Dataset) -> Result<Vec<usize>, FormatError> {
        let shape = dataset.shape().map_err(FormatError::malformed)?;
        let shape: Vec<usize> = shape.into_iter().map(|side| usize::try_from(side).unwrap_or(usize::MAX)).collect();
        let count = self.budget.take_shape(&shape)?;
        let size = dataset.element_size().map_err(FormatError::malformed)?;
        self.budget.take_bytes(size.saturating_mul(count as u64))?;
        // A chunk is inflated as a whole, however little of it the dataset uses.
        let chunk = dataset.chunk_shape().map_err(FormatError::malformed)?.unwrap_or_default();
        let chunk = chunk.into_iter().fold(size, u64::saturating_mul);
        within("bytes in a chunk", chunk, self.limits.bytes)?;
        Ok(shape)
    }

    fn strings(&self, dataset: &hdf5_pure::Dataset) -> Result<Vec<String>, hdf5_pure::Error> {
        if dataset.dtype()? == DType::String {
            return dataset.read_string();
        }
        let payload = usize::try_from(self.budget.bytes_left()).unwrap_or(usize::MAX);
        let options = VlenStringReadOptions::new().with_max_elements(self.limits.rows).with_max_payload_bytes(payload);
        dataset.read_vlen_strings(options)
    }
}

/// The error of the crate, with the name of the dataset.
fn wrong(name: &str, error: &hdf5_pure::Error) -> FormatError {
    FormatError::Malformed(format!("'{name}': {error}"))
}

impl Dataset {
    /// Whether MATLAB says that the numbers are text.
    pub(crate) fn is_matlab_char(&self) -> bool {
        let attributes = self.0.attrs().unwrap_or_default();
        attributes.get("MATLAB_class").and_then(|class| class.as_str()).is_some_and(|class| class == "char")
    }

    /// Whether MATLAB says that the numbers are the shape of an array without entries.
    pub(crate) fn is_matlab_empty(&self) -> bool {
        let attributes = self.0.attrs().unwrap_or_default();
        attributes.get("MATLAB_empty").and_then(hdf5_pure::AttrValue::as_i64).is_some_and(|empty| empty != 0)
    }
}
