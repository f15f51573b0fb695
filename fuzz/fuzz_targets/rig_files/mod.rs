//! What must hold of every file of scores: no panic, and a table within the limits whose rows have one width.

use rig_files::{FormatError, ImageRef, Limits, ScoreTable};

/// Small, so that a reader that takes more than they justify passes the fuzzer's limit on memory.
pub fn limits() -> Limits {
    Limits { bytes: 1 << 20, rows: 1000, values: 100_000 }
}

pub fn check(parsed: Result<ScoreTable, FormatError>) {
    let Ok(table) = parsed else { return };
    let (limits, width) = (limits(), table.width());
    assert!(table.rows.len() <= limits.rows && table.rows.len() * width <= limits.values);
    assert!(table.rows.iter().all(|row| row.values.len() == width));
    for row in &table.rows {
        if let ImageRef::Name(name) = &row.image {
            assert!(!name.is_empty() && !name.contains(['/', '\\']), "{name:?}");
        }
    }
    if let Some(edges) = &table.bins_ms {
        assert!(edges.len() >= 2 && edges.is_sorted());
    }
    assert!(table.clone().checked(&limits).is_ok());
}
