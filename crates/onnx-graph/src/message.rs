//! Messages that keep what they do not know.
//!
//! `messages!` takes messages written as in a `.proto` file and makes of each a struct and a [`prost::Message`]. prost's
//! own derive drops every field whose number it does not know. These messages collect such fields in `unknown` and write
//! them again, behind the others: a file of a newer IR loses nothing.
//!
//! The macro calls the functions of [`prost::encoding`] that derived code calls. prost keeps their form within a minor
//! version, since code that its derive made must go on to compile.

use prost::DecodeError;
use prost::bytes::Buf;
use prost::encoding::{DecodeContext, WireType, bytes, check_wire_type, fixed32, fixed64, uint64};

/// Defines messages: `LABEL KIND NAME = NUMBER;` a field.
///
/// LABEL is `optional`, `repeated`, `packed` (repeated numbers in one field) or `boxed` (optional, on the heap). KIND is a
/// scalar of Protobuf or another message.
macro_rules! messages {
    ($($(#[$doc:meta])* message $name:ident { $($label:ident $kind:ident $field:ident = $tag:literal;)* })*) => {
        use prost::bytes::{Buf, BufMut};
        use prost::encoding::{DecodeContext, WireType, bytes, double, float, int32, int64, message, string, uint64};
        use prost::{DecodeError, Message};
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct $name {
                $(
                    #[doc = concat!("`", stringify!($label $kind $field = $tag), "`")]
                    pub $field: messages!(@type $label $kind),
                )*
                /// The fields of other numbers, as they are in the file.
                pub unknown: Vec<u8>,
            }

            impl $name {
                $(messages!(@getter $label $kind $field);)*
            }

            impl Message for $name {
                fn encode_raw(&self, buf: &mut impl BufMut) {
                    $(messages!(@encode $label $kind $tag, &self.$field, buf);)*
                    buf.put_slice(&self.unknown);
                }

                fn encoded_len(&self) -> usize {
                    self.unknown.len() $(+ messages!(@length $label $kind $tag, &self.$field))*
                }

                fn merge_field(
                    &mut self,
                    tag: u32,
                    wire_type: WireType,
                    buf: &mut impl Buf,
                    context: DecodeContext,
                ) -> Result<(), DecodeError> {
                    match tag {
                        $($tag => messages!(@merge $label $kind, wire_type, &mut self.$field, buf, context).map_err(
                            |mut error| {
                                error.push(stringify!($name), stringify!($field));
                                error
                            },
                        ),)*
                        _ => crate::message::keep(tag, wire_type, buf, context, &mut self.unknown),
                    }
                }

                fn clear(&mut self) {
                    *self = Self::default();
                }
            }
        )*
    };

    (@type optional $kind:ident) => { Option<messages!(@value $kind)> };
    (@type boxed $kind:ident) => { Option<Box<$kind>> };
    (@type $label:ident $kind:ident) => { Vec<messages!(@value $kind)> };
    (@value int32) => { i32 };
    (@value int64) => { i64 };
    (@value uint64) => { u64 };
    (@value float) => { f32 };
    (@value double) => { f64 };
    (@value string) => { String };
    (@value bytes) => { Vec<u8> };
    (@value $message:ident) => { $message };

    (@getter optional string $field:ident) => {
        #[doc = concat!("`", stringify!($field), "`, empty if it is not set.")]
        pub fn $field(&self) -> &str {
            self.$field.as_deref().unwrap_or_default()
        }
    };
    (@getter optional bytes $field:ident) => {
        #[doc = concat!("`", stringify!($field), "`, empty if it is not set.")]
        pub fn $field(&self) -> &[u8] {
            self.$field.as_deref().unwrap_or_default()
        }
    };
    (@getter optional int32 $field:ident) => { messages!(@number i32 $field); };
    (@getter optional int64 $field:ident) => { messages!(@number i64 $field); };
    (@getter optional float $field:ident) => { messages!(@number f32 $field); };
    (@getter $label:ident $kind:ident $field:ident) => {};
    (@number $number:ident $field:ident) => {
        #[doc = concat!("`", stringify!($field), "`, 0 if it is not set.")]
        pub fn $field(&self) -> $number {
            self.$field.unwrap_or_default()
        }
    };

    (@encode repeated $kind:ident $($rest:tt)*) => { messages!(@call $kind encode_repeated($($rest)*)) };
    (@encode packed $kind:ident $($rest:tt)*) => { messages!(@call $kind encode_packed($($rest)*)) };
    (@encode $label:ident $kind:ident $tag:literal, $field:expr, $buf:expr) => {
        if let Some(value) = $field {
            messages!(@call $kind encode($tag, value, $buf));
        }
    };

    (@length repeated $kind:ident $($rest:tt)*) => { messages!(@call $kind encoded_len_repeated($($rest)*)) };
    (@length packed $kind:ident $($rest:tt)*) => { messages!(@call $kind encoded_len_packed($($rest)*)) };
    (@length $label:ident $kind:ident $tag:literal, $field:expr) => {
        $field.as_ref().map_or(0, |value| messages!(@call $kind encoded_len($tag, value)))
    };

    (@merge optional $kind:ident, $wire:expr, $field:expr, $buf:expr, $context:expr) => {
        messages!(@call $kind merge($wire, $field.get_or_insert_default(), $buf, $context))
    };
    (@merge boxed $kind:ident, $wire:expr, $field:expr, $buf:expr, $context:expr) => {
        messages!(@call $kind merge($wire, $field.get_or_insert_default(), $buf, $context))
    };
    (@merge $label:ident $kind:ident, $($rest:tt)*) => { messages!(@call $kind merge_repeated($($rest)*)) };

    (@call int32 $($call:tt)*) => { int32::$($call)* };
    (@call int64 $($call:tt)*) => { int64::$($call)* };
    (@call uint64 $($call:tt)*) => { uint64::$($call)* };
    (@call float $($call:tt)*) => { float::$($call)* };
    (@call double $($call:tt)*) => { double::$($call)* };
    (@call string $($call:tt)*) => { string::$($call)* };
    (@call bytes $($call:tt)*) => { bytes::$($call)* };
    (@call $message:ident $($call:tt)*) => { message::$($call)* };
}

pub(crate) use messages;

/// Appends a field of an unknown number to `unknown`, its key included.
///
/// # Errors
/// If it ends too early, or is a group: the ONNX schema has none.
pub(crate) fn keep(
    tag: u32,
    wire_type: WireType,
    buf: &mut impl Buf,
    context: DecodeContext,
    unknown: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    match wire_type {
        WireType::Varint => {
            let mut value = 0;
            uint64::merge(wire_type, &mut value, buf, context)?;
            uint64::encode(tag, &value, unknown);
        }
        WireType::SixtyFourBit => {
            let mut value = 0;
            fixed64::merge(wire_type, &mut value, buf, context)?;
            fixed64::encode(tag, &value, unknown);
        }
        WireType::ThirtyTwoBit => {
            let mut value = 0;
            fixed32::merge(wire_type, &mut value, buf, context)?;
            fixed32::encode(tag, &value, unknown);
        }
        WireType::LengthDelimited => {
            let mut value: Vec<u8> = Vec::new();
            bytes::merge(wire_type, &mut value, buf, context)?;
            bytes::encode(tag, &value, unknown);
        }
        WireType::StartGroup | WireType::EndGroup => check_wire_type(WireType::LengthDelimited, wire_type)?,
    }
    Ok(())
}
