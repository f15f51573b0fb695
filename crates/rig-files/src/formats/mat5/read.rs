//! Reading.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::element::{Element, Elements};
use super::{class, data};
use crate::limits::Budget;
use crate::table::sides;
use crate::{Array, FormatError, Limits, MatValue};

/// Bytes of the text and the version before the first element.
const HEADER: usize = 128;

/// The deepest cell array within cell arrays that is read.
const DEEPEST: usize = 16;

/// As much of a compressed variable as holds its name: flags, up to 32 sides, and a name of MATLAB (63 characters).
const PEEK: u64 = 512;

/// Reads all variables, in the order of the file.
///
/// # Errors
/// If the bytes are no such file, or there is more than the limits allow.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Vec<(String, MatValue)>, FormatError> {
    variables(bytes, &|_| true, limits)
}

/// Reads the variables of these names. The others may be of any kind and size.
pub(crate) fn parse_named(
    bytes: &[u8],
    names: &[&str],
    limits: &Limits,
) -> Result<Vec<(String, MatValue)>, FormatError> {
    variables(bytes, &|name| names.contains(&name), limits)
}

fn variables(
    bytes: &[u8],
    wanted: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Vec<(String, MatValue)>, FormatError> {
    let mut elements = Elements { rest: body(bytes)?, big: bytes[126..HEADER] == *b"MI" };
    let mut budget = Budget::new(limits);
    let mut found = Vec::new();
    while !elements.rest.is_empty() {
        let element = elements.next("a variable")?;
        match element.kind {
            data::MATRIX => {
                let head = Head::of(element)?;
                if wanted(&head.name) {
                    found.push((head.name.clone(), head.value(0, &mut budget)?));
                }
            }
            data::COMPRESSED => {
                // The beginning says whether the rest is wanted; it may be too short to be an element.
                let (start, is_all) = inflate(element.bytes, PEEK)?;
                let is_wanted = Head::at_start(&start, element.big).is_none_or(|head| wanted(&head.name));
                if is_wanted {
                    let (bytes, is_all) =
                        if is_all { (start, true) } else { inflate(element.bytes, budget.bytes_left())? };
                    budget.take_bytes(bytes.len() as u64 + u64::from(!is_all))?;
                    let element = Elements { rest: &bytes, big: element.big }.next("a compressed variable")?;
                    let head = Head::of(element)?;
                    if wanted(&head.name) {
                        found.push((head.name.clone(), head.value(0, &mut budget)?));
                    }
                }
            }
            // What else may stand between variables.
            _ => {}
        }
    }
    Ok(found)
}

/// What follows the header.
fn body(bytes: &[u8]) -> Result<&[u8], FormatError> {
    let (header, rest) = bytes
        .split_at_checked(HEADER)
        .ok_or_else(|| FormatError::Malformed(format!("a MAT file has {HEADER} bytes before the first variable")))?;
    match (&header[124..126], &header[126..]) {
        ([0, 1], b"IM") | ([1, 0], b"MI") => Ok(rest),
        ([0, 2], b"IM") | ([2, 0], b"MI") => {
            Err(FormatError::Malformed("the HDF5 part of a v7.3 file is cut".to_owned()))
        }
        _ => Err(FormatError::Malformed("no MAT file of v5, v7 or v7.3 (a file of v4 must be saved anew)".to_owned())),
    }
}

/// Up to `most` inflated bytes, and whether these are all.
fn inflate(bytes: &[u8], most: u64) -> Result<(Vec<u8>, bool), FormatError> {
    let mut inflated = Vec::new();
    let mut decoder = ZlibDecoder::new(bytes);
    let read = decoder.by_ref().take(most).read_to_end(&mut inflated);
    let is_all = read.and_then(|_| decoder.read(&mut [0])).map(|more| more == 0);
    is_all
        .map(|is_all| (inflated, is_all))
        .map_err(|error| FormatError::Malformed(format!("a compressed variable: {error}")))
}

/// What stands before the data of an array.
struct Head<'a> {
    class: u8,
    is_complex: bool,
    shape: Vec<usize>,
    name: String,
    data: Elements<'a>,
}

impl<'a> Head<'a> {
    fn of(element: Element<'a>) -> Result<Self, FormatError> {
        Self::within(Elements { rest: element.bytes, big: element.big })
    }

    /// The head of the array that these bytes begin with, if they have all of it.
    fn at_start(bytes: &'a [u8], big: bool) -> Option<Self> {
        Self::within(Elements { rest: bytes.get(8..)?, big }).ok()
    }

    fn within(mut inside: Elements<'a>) -> Result<Self, FormatError> {
        let flags = inside.next("the flags of an array")?;
        let flags = flags.numbers().and_then(|mut words| words.next()).unwrap_or_default() as u32;
        // An opaque object has no sides: its names follow the flags.
        let class = (flags & 0xff) as u8;
        if !(class::CELL..=class::FUNCTION).contains(&class) {
            return Ok(Self { class, is_complex: false, shape: Vec::new(), name: String::new(), data: inside });
        }
        let shape = inside.next("the sides of an array")?;
        let side =
            |side: f64| if side >= 0.0 { Ok(side as usize) } else { Err(FormatError::malformed("a side below 0")) };
        let shape = shape.numbers().into_iter().flatten().map(side).collect::<Result<Vec<_>, _>>()?;
        if shape.len() < 2 {
            return Err(FormatError::Malformed(format!("an array of {} sides: there are two at least", shape.len())));
        }
        let name = inside.next("the name of an array")?;
        let name = String::from_utf8_lossy(name.bytes).into_owned();
        Ok(Self { class, is_complex: flags & 0x800 != 0, shape, name, data: inside })
    }

    fn value(self, depth: usize, budget: &mut Budget<'_>) -> Result<MatValue, FormatError> {
        match self.class {
            class::CELL => self.cells(depth, budget),
            class::CHAR => self.text(budget),
            class::DOUBLE..=class::UINT64 if self.is_complex => Ok(MatValue::Other("complex numbers")),
            class::DOUBLE..=class::UINT64 => self.numbers(budget),
            class::STRUCT => Ok(MatValue::Other("a struct")),
            class::OBJECT => Ok(MatValue::Other("an object")),
            class::SPARSE => Ok(MatValue::Other("a sparse array")),
            class::FUNCTION => Ok(MatValue::Other("a function")),
            _ => Ok(MatValue::Other("an object")),
        }
    }

    fn numbers(mut self, budget: &mut Budget<'_>) -> Result<MatValue, FormatError> {
        let count = budget.take_shape(&self.shape)?;
        let element = self.data.next(&format!("the numbers of '{}'", self.name))?;
        let values: Vec<f64> = element.numbers().into_iter().flatten().take(count).collect();
        self.check(count, values.len())?;
        Array::new(self.shape, values).map(MatValue::Numeric)
    }

    fn text(mut self, budget: &mut Budget<'_>) -> Result<MatValue, FormatError> {
        let count = budget.take_shape(&self.shape)?;
        if count == 0 {
            return Ok(MatValue::Char(vec![String::new()]));
        }
        let element = self.data.next(&format!("the text of '{}'", self.name))?;
        let wrong = || FormatError::Malformed(format!("the text of '{}' is in no known encoding", self.name));
        let units = element.text().ok_or_else(wrong)?;
        let rows = self.shape[0];
        // Writers disagree on what a side counts of text in UTF-8, so that of one row nothing is counted.
        if rows > 1 {
            self.check(count, units.len())?;
        }
        budget.take_rows(rows)?;
        let row = |row: usize| {
            let units: Vec<u16> = units[row.min(units.len())..].iter().step_by(rows).copied().collect();
            String::from_utf16(&units).map_err(|_| wrong())
        };
        (0..rows).map(row).collect::<Result<_, _>>().map(MatValue::Char)
    }

    fn cells(mut self, depth: usize, budget: &mut Budget<'_>) -> Result<MatValue, FormatError> {
        if depth == DEEPEST {
            return Err(FormatError::Unsupported(format!("cell arrays lie deeper than {DEEPEST}")));
        }
        let count = budget.take_shape(&self.shape)?;
        budget.take_rows(count)?;
        let mut cells = Vec::new();
        for _ in 0..count {
            let element = self.data.next(&format!("the cells of '{}'", self.name))?;
            // An element without content is an empty array.
            cells.push(match element {
                Element { kind: data::MATRIX, bytes: [], .. } => {
                    MatValue::Numeric(Array { shape: vec![0, 0], values: vec![] })
                }
                Element { kind: data::MATRIX, .. } => Head::of(element)?.value(depth + 1, budget)?,
                Element { kind, .. } => {
                    return Err(FormatError::Malformed(format!("a cell of '{}' is of type {kind}", self.name)));
                }
            });
        }
        Ok(MatValue::Cell { shape: self.shape, cells })
    }

    fn check(&self, count: usize, found: usize) -> Result<(), FormatError> {
        if count == found {
            return Ok(());
        }
        let (name, shape) = (&self.name, sides(&self.shape));
        Err(FormatError::Malformed(format!("'{name}' is {shape} and has {found} entries")))
    }
}
