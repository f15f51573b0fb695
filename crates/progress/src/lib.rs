//! What is running and how long it will take, on standard error: a bar on a terminal, a line now and then elsewhere.

mod campaign;
mod items;
mod steps;

use std::io::Write;

pub use campaign::{CampaignProgress, megabytes};
pub use items::ItemProgress;
pub use steps::Progress;

/// A line on standard error. That nobody can read it is no reason to stop.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A warning on standard error.
pub fn warn(text: &str) {
    say(&format!("warning: {text}"));
}

/// A number of things, of which one is called `thing`.
#[must_use]
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
