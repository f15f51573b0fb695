//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use experiments::StopFlag;

use crate::CommandError;
use crate::console::say;

/// A flag that the first Ctrl-C sets, saying `announcement`; the second one ends the process at once.
pub(crate) fn stop_flag(announcement: &'static str) -> Result<StopFlag, CommandError> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        say(&format!("\n{announcement}; press Ctrl-C again to stop at once"));
    })?;
    Ok(StopFlag::new(flag))
}
