//! Writing, without compression: every reader takes that.

use super::{class, data};

/// Text at the beginning of a file; readers look at its first four bytes only.
const TEXT: &str = "MATLAB 5.0 MAT-file, written by actmax";

/// The longest name of a variable in MATLAB.
const LONGEST_NAME: usize = 63;

/// A MAT file of level 5 in memory, low bytes first.
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// A file without variables.
    pub fn new() -> Self {
        let mut bytes = vec![b' '; 116];
        bytes[..TEXT.len()].copy_from_slice(TEXT.as_bytes());
        bytes.extend([0; 8]);
        bytes.extend([0x00, 0x01, b'I', b'M']);
        Self { bytes }
    }

    /// Adds an array of doubles.
    ///
    /// # Arguments
    /// `values` lie columns first, as many as the product of the sides.
    ///
    /// # Panics
    /// If they are not, or the name is none of MATLAB's (a letter, then up to 62 letters, digits and `_`), or the array has
    /// 4 GiB, which the format cannot hold.
    pub fn double(&mut self, name: &str, shape: &[usize], values: &[f64]) -> &mut Self {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.numbers(name, class::DOUBLE, shape, values.len(), (data::DOUBLE, &bytes))
    }

    /// Adds an array of singles, as [`Writer::double`] does.
    ///
    /// # Panics
    /// As [`Writer::double`].
    pub fn single(&mut self, name: &str, shape: &[usize], values: &[f32]) -> &mut Self {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.numbers(name, class::SINGLE, shape, values.len(), (data::SINGLE, &bytes))
    }

    /// Adds the rows of a matrix of doubles: `rows` of `columns` values each.
    ///
    /// # Panics
    /// As [`Writer::double`].
    pub fn rows(&mut self, name: &str, columns: usize, values: &[f64]) -> &mut Self {
        let (rows, turned) = columns_first(name, columns, values);
        self.double(name, &[rows, columns], &turned)
    }

    /// Adds the rows of a matrix of singles, as [`Writer::rows`] does.
    ///
    /// # Panics
    /// As [`Writer::double`].
    pub fn single_rows(&mut self, name: &str, columns: usize, values: &[f32]) -> &mut Self {
        let (rows, turned) = columns_first(name, columns, values);
        self.single(name, &[rows, columns], &turned)
    }

    /// Adds a row of text.
    ///
    /// # Panics
    /// As [`Writer::double`].
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        let matrix = text_matrix(checked(name), text);
        element(&mut self.bytes, data::MATRIX, &matrix);
        self
    }

    /// Adds a cell array of text with one row: 1 x n.
    ///
    /// # Panics
    /// As [`Writer::double`].
    pub fn cells(&mut self, name: &str, texts: &[impl AsRef<str>]) -> &mut Self {
        let mut matrix = head(class::CELL, &[1, texts.len()], checked(name));
        for text in texts {
            element(&mut matrix, data::MATRIX, &text_matrix("", text.as_ref()));
        }
        element(&mut self.bytes, data::MATRIX, &matrix);
        self
    }

    /// Adds a cell array of columns of doubles, `rows` x `columns` cells that lie columns first.
    ///
    /// # Panics
    /// As [`Writer::double`].
    pub fn cells_of_columns(&mut self, name: &str, rows: usize, columns: usize, cells: &[Vec<f64>]) -> &mut Self {
        assert_eq!(rows * columns, cells.len(), "{name}: an array of {rows} x {columns} cells");
        let mut matrix = head(class::CELL, &[rows, columns], checked(name));
        for cell in cells {
            let bytes: Vec<u8> = cell.iter().flat_map(|value| value.to_le_bytes()).collect();
            let mut inner = head(class::DOUBLE, &[cell.len(), 1], "");
            element(&mut inner, data::DOUBLE, &bytes);
            element(&mut matrix, data::MATRIX, &inner);
        }
        element(&mut self.bytes, data::MATRIX, &matrix);
        self
    }

    /// The file.
    pub fn finish(&self) -> &[u8] {
        &self.bytes
    }

    fn numbers(&mut self, name: &str, class: u8, shape: &[usize], count: usize, data: (u32, &[u8])) -> &mut Self {
        assert_eq!(shape.iter().product::<usize>(), count, "{name}: an array of {shape:?}");
        let mut matrix = head(class, shape, checked(name));
        element(&mut matrix, data.0, data.1);
        element(&mut self.bytes, data::MATRIX, &matrix);
        self
    }
}

/// The number of rows, and the values columns first.
fn columns_first<T: Copy>(name: &str, columns: usize, values: &[T]) -> (usize, Vec<T>) {
    let rows = values.len().checked_div(columns).unwrap_or(0);
    assert_eq!(rows * columns, values.len(), "{name}: {} values are no rows of {columns}", values.len());
    (rows, (0..values.len()).map(|place| values[place % rows * columns + place / rows]).collect())
}

fn checked(name: &str) -> &str {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic()) && is_word && name.len() <= LONGEST_NAME;
    assert!(is_name, "'{name}' cannot be a variable of MATLAB");
    name
}

fn text_matrix(name: &str, text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let mut matrix = head(class::CHAR, &[usize::from(!units.is_empty()), units.len()], name);
    element(&mut matrix, data::UTF16, &bytes);
    matrix
}

/// Flags, sides and name. A column or a row has two sides, and so has a scalar.
fn head(class: u8, shape: &[usize], name: &str) -> Vec<u8> {
    let mut matrix = Vec::new();
    element(&mut matrix, data::UINT32, &[class, 0, 0, 0, 0, 0, 0, 0]);
    let sides = shape.iter().copied().chain(std::iter::repeat_n(1, 2_usize.saturating_sub(shape.len())));
    let sides: Vec<u8> = sides.flat_map(|side| (side as u32).to_le_bytes()).collect();
    element(&mut matrix, data::INT32, &sides);
    element(&mut matrix, data::INT8, name.as_bytes());
    matrix
}

/// An element in its long form, filled to whole words of 8 bytes.
fn element(to: &mut Vec<u8>, kind: u32, bytes: &[u8]) {
    let size = u32::try_from(bytes.len()).expect("an element has less than 4 GiB");
    to.extend(kind.to_le_bytes());
    to.extend(size.to_le_bytes());
    to.extend(bytes);
    to.resize(to.len().next_multiple_of(8), 0);
}
