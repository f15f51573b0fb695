//! One array in NumPy's npy format, of versions 1 to 3. Numbers and text only: no pickled object is read.

use super::Member;
use crate::limits::Budget;
use crate::{Array, FormatError};

const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads an array; numbers come in C order.
pub(super) fn parse(bytes: &[u8], name: &str, budget: &mut Budget<'_>) -> Result<Member, FormatError> {
    let wrong = |what: &str| FormatError::Malformed(format!("{name}: {what}"));
    let header = Header::of(bytes).ok_or_else(|| wrong("no header of an npy array"))?;
    let kind = Kind::of(&header.descr).ok_or_else(|| {
        FormatError::Unsupported(format!("{name}: type '{}'; numbers and text are read", header.descr))
    })?;
    let count = budget.take_shape(&header.shape)?;
    if matches!(kind.class, 'U' | 'S') {
        budget.take_rows(count)?;
    }
    let data = kind.size.checked_mul(count).and_then(|size| header.data.get(..size));
    let data = data.ok_or_else(|| wrong(&format!("{} bytes do not hold {count} values", header.data.len())))?;
    if matches!(kind.class, 'U' | 'S') {
        // An item of no size is an empty string.
        let items = (0..count).map(|item| kind.string(&data[item * kind.size..(item + 1) * kind.size]));
        let strings = items.collect::<Option<_>>().ok_or_else(|| wrong("the text is not valid Unicode"))?;
        return Ok(Member::Strings(strings));
    }
    let values: Vec<f64> = data.chunks_exact(kind.size).map(|item| kind.number(item)).collect();
    let values = if header.fortran_order { c_order(&header.shape, &values) } else { values };
    Array::new(header.shape, values).map(Member::Numbers)
}

struct Header<'a> {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
    data: &'a [u8],
}

impl<'a> Header<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (version, rest) = rest.split_at_checked(2)?;
        let (length, rest) = match version[0] {
            1 => rest.split_first_chunk::<2>().map(|(length, rest)| (u16::from_le_bytes(*length).into(), rest))?,
            2 | 3 => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?,
            _ => return None,
        };
        let (text, data) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let text = std::str::from_utf8(text).ok()?;
        let descr = after(text, "'descr':")?.strip_prefix('\'')?.split_once('\'')?.0.to_owned();
        let order = after(text, "'fortran_order':")?;
        let fortran_order = order.starts_with("True");
        if !fortran_order && !order.starts_with("False") {
            return None;
        }
        let sides = after(text, "'shape':")?.strip_prefix('(')?.split_once(')')?.0;
        let sides = sides.split(',').map(str::trim).filter(|side| !side.is_empty());
        let shape = sides.map(|side| side.parse().ok()).collect::<Option<_>>()?;
        Some(Self { descr, fortran_order, shape, data })
    }
}

/// What follows a key of the header's dictionary.
fn after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split_once(key).map(|(_, rest)| rest.trim_start())
}

/// An item: `<f8` is a double with the low byte first.
struct Kind {
    big: bool,
    class: char,
    /// Bytes.
    size: usize,
}

impl Kind {
    fn of(descr: &str) -> Option<Self> {
        let mut letters = descr.chars();
        let (order, class) = (letters.next()?, letters.next()?);
        let number: usize = letters.as_str().parse().ok()?;
        let size = if class == 'U' { number.checked_mul(4)? } else { number };
        let known = match class {
            'f' => matches!(size, 4 | 8),
            'i' | 'u' => matches!(size, 1 | 2 | 4 | 8),
            'b' => size == 1,
            'U' | 'S' => true,
            _ => false,
        };
        (known && "<>=|".contains(order)).then_some(Self { big: order == '>', class, size })
    }

    fn number(&self, item: &[u8]) -> f64 {
        let mut bits = [0; 8];
        // The low byte first, and of signed integers the sign in the bytes above.
        let negative = self.class == 'i' && item[if self.big { 0 } else { item.len() - 1 }] & 0x80 != 0;
        if negative {
            bits = [0xff; 8];
        }
        bits[..item.len()].copy_from_slice(item);
        if self.big {
            bits[..item.len()].reverse();
        }
        let bits = u64::from_le_bytes(bits);
        match (self.class, item.len()) {
            ('f', 4) => f32::from_bits(bits as u32).into(),
            ('f', _) => f64::from_bits(bits),
            ('i', _) => bits.cast_signed() as f64,
            _ => bits as f64,
        }
    }

    /// The text of an item, without the zeros that fill it.
    fn string(&self, item: &[u8]) -> Option<String> {
        let text: String = if self.class == 'S' {
            std::str::from_utf8(item).ok()?.to_owned()
        } else {
            let points = item.chunks_exact(4).map(|point| {
                let point: [u8; 4] = point.try_into().expect("chunks of four");
                char::from_u32(if self.big { u32::from_be_bytes(point) } else { u32::from_le_bytes(point) })
            });
            points.collect::<Option<_>>()?
        };
        Some(text.trim_end_matches('\0').to_owned())
    }
}

/// Values that lie with the first side quickest, with the last side quickest.
fn c_order(shape: &[usize], values: &[f64]) -> Vec<f64> {
    let mut index = vec![0; shape.len()];
    let mut sorted = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        let place = index.iter().zip(shape).rev().fold(0, |place, (index, side)| place * side + index);
        sorted.push(values[place]);
        for (index, side) in index.iter_mut().zip(shape).rev() {
            *index += 1;
            if *index < *side {
                break;
            }
            *index = 0;
        }
    }
    sorted
}
