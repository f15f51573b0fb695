//! Tables, verdicts and the self-contained HTML page that holds a reproduction.

mod html;
mod table;

pub use html::{Link, Report, Section};
pub use table::{Cell, Table, Tone, Verdict, VerdictRow, verdict_table};
