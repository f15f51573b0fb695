//! Scores as JSON, as a rig posts them:
//! `{"channels":["5A"],"bins_ms":[0,50,200],"rows":[{"name":"a.png","trial":101,"t":83.2,"values":[4.0,7.5]}]}`.
//!
//! Only `rows`, and in them `name` and `values`, must be there; other members are passed over. MATLAB's `jsonencode`
//! writes a list of one as the thing itself and NaN as `null`: both are read so. `values` may be nested, one list a
//! channel.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{FormatError, ImageRef, Limits, ScoreRow, ScoreTable};

/// Reads a table of scores.
///
/// # Errors
/// If the text is no such JSON, or there is more than the limits allow.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<ScoreTable, FormatError> {
    let body: Body = serde_json::from_slice(bytes).map_err(FormatError::malformed)?;
    let rows = body.rows.0.into_iter().map(|row| {
        let image = ImageRef::from_path(&row.name)?;
        Ok(ScoreRow { image, trial: row.trial, time: row.t, values: row.values.0 })
    });
    let rows = rows.collect::<Result<_, FormatError>>()?;
    let bins_ms = body.bins_ms.map(|edges| edges.0).filter(|edges| !edges.is_empty());
    let channels = body.channels.map(|names| names.0).filter(|names| !names.is_empty());
    ScoreTable { channels, bins_ms, rows }.checked(limits)
}

#[derive(Deserialize)]
struct Body {
    channels: Option<OneOrMore<String>>,
    bins_ms: Option<Numbers>,
    rows: OneOrMore<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    trial: Option<u64>,
    t: Option<f64>,
    values: Numbers,
}

/// A list, or its only entry.
struct OneOrMore<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = OneOrMore<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list, or one entry of it")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = list.next_element()? {
                    entries.push(entry);
                }
                Ok(OneOrMore(entries))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let entry = T::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(OneOrMore(vec![entry]))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                let entry = T::deserialize(serde::de::value::StrDeserializer::new(text))?;
                Ok(OneOrMore(vec![entry]))
            }
        }
        deserializer.deserialize_any(Entries(std::marker::PhantomData))
    }
}

/// A number, `null`, or lists of these to any depth, as one flat list.
struct Numbers(Vec<f64>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Flat;
        impl<'de> Visitor<'de> for Flat {
            type Value = Numbers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, null, or a list of these")
            }
            fn visit_f64<E>(self, value: f64) -> Result<Numbers, E> {
                Ok(Numbers(vec![value]))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Numbers, E> {
                Ok(Numbers(vec![value as f64]))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Numbers, E> {
                Ok(Numbers(vec![value as f64]))
            }
            fn visit_unit<E>(self) -> Result<Numbers, E> {
                Ok(Numbers(vec![f64::NAN]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Numbers, A::Error> {
                let mut flat = Vec::new();
                while let Some(Numbers(inner)) = list.next_element()? {
                    flat.extend(inner);
                }
                Ok(Numbers(flat))
            }
        }
        deserializer.deserialize_any(Flat)
    }
}
