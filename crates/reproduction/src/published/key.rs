//! What names one statistic.

use std::fmt;

use anyhow::{Context, Result, bail};

use super::scope::ALL;

/// A statistic by its names; `docs/published.md` lists them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Key<'a> {
    pub(super) table: &'a str,
    pub(super) quantity: &'a str,
    pub(super) statistic: &'a str,
    pub(super) optimizer: Option<&'a str>,
    pub(super) against: Option<&'a str>,
    /// `all`, or what the rows have in common: `layer=.features.ReLU4,noise=0.2`.
    pub(super) scope: &'a str,
    /// Formula of a linear model.
    pub(super) model: Option<&'a str>,
    /// Its term.
    pub(super) term: Option<&'a str>,
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table={},quantity={},statistic={}", self.table, self.quantity, self.statistic)?;
        let further =
            [("optimizer", self.optimizer), ("against", self.against), ("model", self.model), ("term", self.term)];
        for (name, value) in further {
            value.map_or(Ok(()), |value| write!(f, ",{name}={value}"))?;
        }
        if self.scope == ALL { Ok(()) } else { write!(f, ",{}", self.scope) }
    }
}

/// Parts of a scope, in the order in which a scope names them.
const SCOPE_PARTS: [&str; 9] =
    ["net", "layer", "channel", "noise", "component", "schedule", "generation", "generations", "lambda"];

/// A key as a user writes it: `table=round2,quantity=norm,statistic=mean,optimizer=Genetic,noise=0.2`.
pub(super) struct WrittenKey<'a> {
    parts: Vec<(&'a str, &'a str)>,
    scope: String,
}

impl<'a> WrittenKey<'a> {
    /// Splits the text into its parts.
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        const KNOWN: [&str; 7] = ["table", "quantity", "statistic", "optimizer", "against", "model", "term"];
        let mut parts: Vec<(&str, &str)> = Vec::new();
        for part in text.split(',') {
            let (name, value) = part.split_once('=').with_context(|| format!("{part:?} is not NAME=VALUE"))?;
            if !KNOWN.contains(&name) && !SCOPE_PARTS.contains(&name) && name != "N" {
                bail!("unknown name {name:?}; known are {} and {}, N", KNOWN.join(", "), SCOPE_PARTS.join(", "));
            }
            if parts.iter().any(|(other, _)| *other == name) {
                bail!("{name} is given twice");
            }
            parts.push((name, value));
        }
        let value = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let written = |name: &str| match value(name)?.parse::<f64>() {
            Ok(level) if name == "noise" => Some(format!("noise={level:?}")),
            _ => Some(format!("{name}={}", value(name)?)),
        };
        let scope: Vec<String> = SCOPE_PARTS.iter().chain(&["N"]).filter_map(|name| written(name)).collect();
        let scope = if scope.is_empty() { ALL.to_owned() } else { scope.join(",") };
        Ok(Self { parts, scope })
    }

    /// The key that is meant.
    pub(super) fn key(&self) -> Result<Key<'_>> {
        let part = |name: &str| self.parts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let needed = |name: &str| part(name).with_context(|| format!("{name}=... is missing"));
        Ok(Key {
            table: needed("table")?,
            quantity: needed("quantity")?,
            statistic: needed("statistic")?,
            optimizer: part("optimizer"),
            against: part("against"),
            scope: &self.scope,
            model: part("model"),
            term: part("term"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_in_any_order() {
        let text = "noise=0,table=round2,statistic=mean,quantity=norm,layer=.features.ReLU4,optimizer=pycma";
        let written = WrittenKey::parse(text).unwrap();
        let key = written.key().unwrap();
        assert_eq!(key.scope, "layer=.features.ReLU4,noise=0.0");
        assert_eq!((key.table, key.optimizer, key.against), ("round2", Some("pycma"), None));
        let again = "table=round2,quantity=norm,statistic=mean,optimizer=pycma,layer=.features.ReLU4,noise=0.0";
        assert_eq!(key.to_string(), again);
        assert_eq!(WrittenKey::parse("table=round1,quantity=runs,statistic=count").unwrap().key().unwrap().scope, ALL);
    }

    #[test]
    fn a_key_that_cannot_be_meant_is_refused() {
        let message = |text: &str| match WrittenKey::parse(text) {
            Ok(written) => written.key().unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(message("table").contains("\"table\" is not NAME=VALUE"));
        assert!(message("table=a,sort=b").contains("unknown name \"sort\""));
        assert!(message("table=a,table=b").contains("table is given twice"));
        assert!(message("table=a,quantity=b").contains("statistic=... is missing"));
    }
}
