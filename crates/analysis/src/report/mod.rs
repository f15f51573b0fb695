//! Tables, verdicts and the self-contained HTML page that holds a reproduction.

mod claims;
mod methods;
mod page;
mod section;
mod table;
mod verdict;

pub use claims::{Claim, Effect, verdict_counts};
pub use methods::Methods;
pub use page::{Part, Reference, Report};
pub use section::{Link, Section};
pub use table::{Cell, Table, Tone};
pub use verdict::Verdict;
