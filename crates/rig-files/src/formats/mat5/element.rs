//! Data elements: a tag with type and size, then the data.

use super::data;
use crate::FormatError;

/// A data element of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) kind: u32,
    pub(super) bytes: &'a [u8],
    pub(super) big: bool,
}

/// The elements of a stream, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a> {
    pub(super) rest: &'a [u8],
    pub(super) big: bool,
}

impl<'a> Elements<'a> {
    /// The next element. `what` names it in the error if it is not whole.
    pub(super) fn next(&mut self, what: &str) -> Result<Element<'a>, FormatError> {
        self.split().ok_or_else(|| FormatError::Malformed(format!("the file ends within {what}")))
    }

    fn split(&mut self) -> Option<Element<'a>> {
        let big = self.big;
        let (tag, after) = self.rest.split_first_chunk::<8>()?;
        let word = u32_of(&tag[..4], big);
        // The small form: size and type share a word, and the data fill the other.
        let (small, kind) = (word >> 16, word & 0xffff);
        if small != 0 {
            self.rest = after;
            return Some(Element { kind, bytes: tag[4..].get(..small as usize)?, big });
        }
        let size = u32_of(&tag[4..], big) as usize;
        let (bytes, after) = after.split_at_checked(size)?;
        // Data are filled to whole words of 8 bytes, except when compressed.
        let fill = if kind == data::COMPRESSED { 0 } else { size.wrapping_neg() % 8 };
        self.rest = after.get(fill..).unwrap_or_default();
        Some(Element { kind, bytes, big })
    }
}

impl Element<'_> {
    /// The bytes of one number of this element; `None` of what is not numbers.
    pub(super) fn size(&self) -> Option<usize> {
        match self.kind {
            data::INT8 | data::UINT8 | data::UTF8 => Some(1),
            data::INT16 | data::UINT16 | data::UTF16 => Some(2),
            data::INT32 | data::UINT32 | data::SINGLE | data::UTF32 => Some(4),
            data::DOUBLE | data::INT64 | data::UINT64 => Some(8),
            _ => None,
        }
    }

    /// The numbers of this element.
    pub(super) fn numbers(&self) -> Option<impl Iterator<Item = f64>> {
        let (kind, big) = (self.kind, self.big);
        let number = move |item: &[u8]| {
            let mut bytes = [0; 8];
            bytes[..item.len()].copy_from_slice(item);
            if big {
                bytes[..item.len()].reverse();
            }
            let bits = u64::from_le_bytes(bytes);
            match kind {
                data::INT8 => f64::from(bits as i8),
                data::INT16 => f64::from(bits as i16),
                data::INT32 => f64::from(bits as i32),
                data::INT64 => bits as i64 as f64,
                data::SINGLE => f64::from(f32::from_bits(bits as u32)),
                data::DOUBLE => f64::from_bits(bits),
                _ => bits as f64,
            }
        };
        Some(self.bytes.chunks_exact(self.size()?).map(number))
    }

    /// The UTF-16 units of text in any of its encodings.
    pub(super) fn text(&self) -> Option<Vec<u16>> {
        match self.kind {
            data::UTF8 => Some(std::str::from_utf8(self.bytes).ok()?.encode_utf16().collect()),
            data::UTF32 => {
                let points = self.numbers()?.map(|point| char::from_u32(point as u32));
                Some(points.collect::<Option<String>>()?.encode_utf16().collect())
            }
            data::INT8 | data::UINT8 | data::UINT16 | data::UTF16 => {
                // A signed byte is a byte: text has no sign.
                let bytes = Element { kind: if self.kind == data::INT8 { data::UINT8 } else { self.kind }, ..*self };
                Some(bytes.numbers()?.map(|unit| unit as u16).collect())
            }
            _ => None,
        }
    }
}

fn u32_of(word: &[u8], big: bool) -> u32 {
    let word = word.try_into().expect("a word of four bytes");
    if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
}
