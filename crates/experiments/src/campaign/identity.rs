//! What names a run: the SHA-256 of all that determines it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Identity of a run: lower-case hexadecimal SHA-256 of its specification as canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

/// Digits of an identity in file names.
const SHORT: usize = 12;

impl RunId {
    /// Hashes a value.
    pub(crate) fn of(value: &Value) -> Self {
        Self(format!("{:x}", Sha256::digest(canonical_json(value).as_bytes())))
    }

    /// The 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first digits, as in file names.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..SHORT.min(self.0.len())]
    }

    /// The first eight bytes as a number: the seed of a run.
    pub(crate) fn number(&self) -> u64 {
        self.0.bytes().take(16).fold(0, |number, digit| {
            let value = char::from(digit).to_digit(16).unwrap_or(0);
            (number << 4) | u64::from(value)
        })
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// JSON without white space, the keys of every object in the order of their bytes; numbers as the shortest text
/// that reads back as the same.
pub(crate) fn canonical_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let field = |key: &String| format!("{}:{}", Value::from(key.as_str()), canonical_json(&map[key]));
            format!("{{{}}}", keys.into_iter().map(field).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical_json).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{RunId, canonical_json};

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = json!({ "b": [1, 2.5, { "z": null, "a": "x\"y" }], "a": { "d": true, "c": -0.0 } });
        assert_eq!(canonical_json(&value), r#"{"a":{"c":-0.0,"d":true},"b":[1,2.5,{"a":"x\"y","z":null}]}"#);
    }

    #[test]
    fn an_identity_is_the_sha256_of_the_text() {
        // printf '{"a":1}' | sha256sum
        let id = RunId::of(&json!({ "a": 1 }));
        assert_eq!(id.as_str(), "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
        assert_eq!(id.number(), 0x015a_bd7f_5cc5_7a2d);
        assert_eq!(id.short(), "015abd7f5cc5");
    }
}
