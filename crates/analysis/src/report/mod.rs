//! Tables, verdicts and the self-contained HTML page that holds a reproduction.

mod claims;
mod html;
mod methods;
mod table;

pub use claims::{Claim, Effect, claims_section, claims_table, verdict_counts};
pub use html::{Link, Report, Section};
pub use methods::Methods;
pub use table::{Cell, Table, Tone, Verdict};
