//! Codes on a line: as numbers, or as base64 of single precision.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use optim_core::Population;
use serde_json::Value;

use super::opening::OpeningError;

/// How codes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Lists of decimal numbers.
    #[default]
    Digits,
    /// Base64 of little-endian `f32`, C-order `[n, N]`.
    Base64F32,
}

impl Encoding {
    /// Reads the key `encoding`.
    pub(super) fn parse(value: Option<&Value>) -> Result<Self, OpeningError> {
        match value.map(Value::as_str) {
            None | Some(Some("digits")) => Ok(Self::Digits),
            Some(Some("base64-f32")) => Ok(Self::Base64F32),
            Some(_) => Err(OpeningError::Value { key: "encoding", expected: "\"digits\" or \"base64-f32\"" }),
        }
    }
}

/// The codes as base64 of little-endian `f32`, C-order `[n, N]`.
pub(super) fn to_base64(codes: &Population) -> String {
    let mut single = Vec::new();
    codes.write_f32(&mut single);
    let bytes: Vec<u8> = single.iter().flat_map(|x| x.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

/// What `x0` must be.
fn no_codes() -> OpeningError {
    let expected = "a list of numbers, a list of such lists, or {\"codes_base64\": TEXT, \"shape\": [n, N]}";
    OpeningError::Value { key: "x0", expected }
}

/// One code, a list of codes, or codes as base64.
pub(super) fn codes_from(value: &Value) -> Result<Population, OpeningError> {
    match value {
        Value::Object(_) => from_base64(value),
        _ => from_lists(value),
    }
}

fn from_lists(value: &Value) -> Result<Population, OpeningError> {
    let numbers = |row: &Value| -> Option<Vec<f64>> { row.as_array()?.iter().map(Value::as_f64).collect() };
    let items = value.as_array().filter(|items| !items.is_empty()).ok_or_else(no_codes)?;
    let rows: Vec<Vec<f64>> = match items[0] {
        Value::Array(_) => items.iter().map(numbers).collect::<Option<_>>().ok_or_else(no_codes)?,
        _ => vec![numbers(value).ok_or_else(no_codes)?],
    };
    let expected = rows[0].len();
    if expected == 0 {
        return Err(no_codes());
    }
    match rows.iter().position(|row| row.len() != expected) {
        Some(row) => Err(OpeningError::Ragged { row, found: rows[row].len(), expected }),
        None => Ok(Population::from_rows(expected, &rows.concat())),
    }
}

fn from_base64(value: &Value) -> Result<Population, OpeningError> {
    let shape: Option<Vec<u64>> = value["shape"].as_array().and_then(|axes| axes.iter().map(Value::as_u64).collect());
    let (Some(text), Some(&[rows, dim])) = (value["codes_base64"].as_str(), shape.as_deref()) else {
        return Err(no_codes());
    };
    let bytes = STANDARD.decode(text)?;
    let expected = u128::from(rows) * u128::from(dim) * size_of::<f32>() as u128;
    if bytes.is_empty() {
        return Err(no_codes());
    }
    if bytes.len() as u128 != expected {
        return Err(OpeningError::InitialLength { found: bytes.len(), rows, dim, expected });
    }
    let (numbers, _) = bytes.as_chunks();
    let numbers: Vec<f64> = numbers.iter().map(|&x| f64::from(f32::from_le_bytes(x))).collect();
    Ok(Population::from_rows(dim as usize, &numbers))
}
