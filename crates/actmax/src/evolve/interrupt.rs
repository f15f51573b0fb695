//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use experiments::StopFlag;

use crate::CommandError;
use crate::console::say;

/// Exit status of an interrupted command.
const INTERRUPTED: i32 = 130;

/// A flag that the first Ctrl-C sets, saying `announcement`; the second one ends the process at once.
pub(crate) fn stop_flag(announcement: &'static str) -> Result<StopFlag, CommandError> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            exit_at_once();
        }
        say(&format!("\n{announcement}; press Ctrl-C again to stop at once"));
    })?;
    Ok(StopFlag::new(flag))
}

/// Ends the process without the clean-up of libraries: threads of ONNX Runtime are still at work and would complain.
fn exit_at_once() -> ! {
    #[cfg(unix)]
    signal_hook::low_level::exit(INTERRUPTED);
    #[cfg(not(unix))]
    std::process::exit(INTERRUPTED);
}
