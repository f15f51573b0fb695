//! Both commands on small synthetic tables, and on the published ones where they are.

mod commands;
mod published;
mod synthetic;
mod values;

use std::path::Path;

use super::key::Key;
use super::statistics::{Bootstrap, Tables};

const BOOTSTRAP: Bootstrap = Bootstrap { resamples: 50, seed: 3 };

fn tables(folder: &Path) -> Tables {
    Tables::read(folder, BOOTSTRAP).unwrap()
}

/// A key over all rows.
fn key<'a>(table: &'a str, quantity: &'a str, statistic: &'a str, optimizer: &'a str) -> Key<'a> {
    Key { table, quantity, statistic, optimizer: Some(optimizer), scope: "all", ..Key::default() }
}

fn value(tables: &Tables, key: &Key<'_>) -> f64 {
    tables.value(key).unwrap()
}

/// Why a statistic has no value.
fn reason(tables: &Tables, key: &Key<'_>) -> String {
    format!("{:#}", tables.value(key).unwrap_err())
}
