//! One statistic, and all of them.

use std::collections::HashMap;
use std::sync::Arc;

use analysis::StatsError;
use anyhow::{Context, Result, bail};
use serde::{Serialize, Serializer};

/// A text that many statistics share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(Arc<str>);

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl std::ops::Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// A statistic as it stands in the JSON file; docs/published.md says what the fields hold.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Record {
    pub(super) table: &'static str,
    pub(super) quantity: &'static str,
    /// Of a normalised score: whether clean or noisy scores were divided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<&'static str>,
    pub(super) statistic: &'static str,
    pub(super) optimizer: Option<Name>,
    pub(super) against: Option<Name>,
    pub(super) scope: Name,
    /// Formula of a linear model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<&'static str>,
    /// Its term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) term: Option<&'static str>,
    /// `null` where there is no finite number.
    pub(super) value: Option<f64>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// What a number alone does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
}

/// What the statistics of one quantity over one scope share.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) table: &'static str,
    pub(super) quantity: &'static str,
    pub(super) of: Option<&'static str>,
    pub(super) scope: Name,
}

impl Place {
    /// A statistic that belongs to no optimizer.
    pub(super) fn record(&self, statistic: &'static str, value: Result<f64, StatsError>) -> Record {
        let (value, reason) = match value {
            Ok(value) if value.is_finite() => (Some(value), None),
            Ok(_) => (None, Some("a division by zero".to_owned())),
            Err(error) => (None, Some(error.to_string())),
        };
        Record {
            table: self.table,
            quantity: self.quantity,
            of: self.of,
            statistic,
            optimizer: None,
            against: None,
            scope: self.scope.clone(),
            model: None,
            term: None,
            value,
            reason,
            text: None,
        }
    }
}

impl Record {
    /// The same statistic, of an optimizer.
    pub(super) fn of_optimizer(self, optimizer: &Name) -> Self {
        Self { optimizer: Some(optimizer.clone()), ..self }
    }

    /// The same statistic, against another optimizer.
    pub(super) fn against(self, other: &Name) -> Self {
        Self { against: Some(other.clone()), ..self }
    }

    /// The same statistic, with words.
    pub(super) fn with_text(self, text: String) -> Self {
        Self { text: Some(text), ..self }
    }
}

/// What a statistic is found by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Key<'a> {
    pub(super) table: &'a str,
    pub(super) quantity: &'a str,
    pub(super) statistic: &'a str,
    pub(super) optimizer: Option<&'a str>,
    pub(super) against: Option<&'a str>,
    pub(super) scope: &'a str,
    pub(super) model: Option<&'a str>,
    pub(super) term: Option<&'a str>,
}

/// All statistics, by key.
pub(super) struct Index<'a> {
    records: HashMap<Key<'a>, &'a Record>,
}

impl<'a> Index<'a> {
    /// Fails where two statistics have one key.
    pub(super) fn of(records: &'a [Record]) -> Result<Self> {
        let mut found = HashMap::with_capacity(records.len());
        for record in records {
            let key = Key {
                table: record.table,
                quantity: record.quantity,
                statistic: record.statistic,
                optimizer: record.optimizer.as_deref(),
                against: record.against.as_deref(),
                scope: &record.scope,
                model: record.model,
                term: record.term,
            };
            if found.insert(key, record).is_some() {
                bail!("two statistics have one key: {key:?}");
            }
        }
        Ok(Self { records: found })
    }

    /// The value of a statistic.
    pub(super) fn value(&self, key: &Key<'_>) -> Result<f64> {
        let record = self.records.get(key).with_context(|| format!("the tables give no such statistic: {key:?}"))?;
        record.value.with_context(|| record.reason.clone().unwrap_or_default())
    }
}

/// The JSON file: one array, a line a statistic.
pub(super) fn to_json(records: &[Record]) -> Result<Vec<u8>> {
    let mut json = Vec::with_capacity(160 * records.len());
    for (index, record) in records.iter().enumerate() {
        json.extend_from_slice(if index == 0 { b"[\n" } else { b",\n" });
        serde_json::to_writer(&mut json, record)?;
    }
    json.extend_from_slice(if records.is_empty() { b"[]\n" } else { b"\n]\n" });
    Ok(json)
}
