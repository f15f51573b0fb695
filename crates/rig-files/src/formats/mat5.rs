//! MAT files of level 5, as MATLAB's `save` writes them with `-v6` (plain) and `-v7` (compressed), in either byte order.
//!
//! Numbers of all classes, logicals, text and cell arrays are read. Structs, objects, sparse arrays, functions and complex
//! numbers are passed over: such a variable is [`MatValue::Other`](crate::MatValue::Other). Written are doubles, singles, text and cell arrays of text.

mod element;
mod read;
mod write;

pub use read::parse;
pub(crate) use read::parse_named;
pub use write::Writer;

/// Classes of arrays (`mxCELL_CLASS` and so on), as the format numbers them.
mod class {
    pub(super) const CELL: u8 = 1;
    pub(super) const STRUCT: u8 = 2;
    pub(super) const OBJECT: u8 = 3;
    pub(super) const CHAR: u8 = 4;
    pub(super) const SPARSE: u8 = 5;
    pub(super) const DOUBLE: u8 = 6;
    pub(super) const SINGLE: u8 = 7;
    pub(super) const UINT64: u8 = 15;
    pub(super) const FUNCTION: u8 = 16;
}

/// Types of data elements (`miINT8` and so on), as the format numbers them.
mod data {
    pub(super) const INT8: u32 = 1;
    pub(super) const UINT8: u32 = 2;
    pub(super) const INT16: u32 = 3;
    pub(super) const UINT16: u32 = 4;
    pub(super) const INT32: u32 = 5;
    pub(super) const UINT32: u32 = 6;
    pub(super) const SINGLE: u32 = 7;
    pub(super) const DOUBLE: u32 = 9;
    pub(super) const INT64: u32 = 12;
    pub(super) const UINT64: u32 = 13;
    pub(super) const MATRIX: u32 = 14;
    pub(super) const COMPRESSED: u32 = 15;
    pub(super) const UTF8: u32 = 16;
    pub(super) const UTF16: u32 = 17;
    pub(super) const UTF32: u32 = 18;
}
