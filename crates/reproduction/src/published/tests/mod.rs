//! Both commands on small synthetic tables, and on the published ones where they are.

mod commands;
mod published;
mod synthetic;
mod values;

use std::path::Path;

use super::record::{Index, Key, Record};
use super::tables::{self, Bootstrap};

const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 50, seed: 3 };

fn compute(folder: &Path) -> Vec<Record> {
    tables::compute(folder, BOOTSTRAP).unwrap()
}

/// A key over all rows.
fn key<'a>(table: &'a str, quantity: &'a str, statistic: &'a str, optimizer: &'a str) -> Key<'a> {
    Key { table, quantity, statistic, optimizer: Some(optimizer), scope: "all", ..Key::default() }
}

fn value(records: &[Record], key: &Key<'_>) -> f64 {
    Index::of(records).unwrap().value(key).unwrap()
}

/// Why a statistic has no value.
fn reason(records: &[Record], key: &Key<'_>) -> String {
    Index::of(records).unwrap().value(key).unwrap_err().to_string()
}
