//! ONNX Runtime's telemetry, which is off.

use std::env;
use std::sync::Once;

/// ONNX Runtime reads it when its library is loaded. The option of its environment comes too late: by then files are
/// written and a host is looked up.
const VARIABLE: &str = "ORT_DISABLE_TELEMETRY";

/// Sets `ORT_DISABLE_TELEMETRY=1` in this process's environment, once.
///
/// [`Runtime`](crate::Runtime) does it before it loads the library. A program whose other threads may read the
/// environment through C at that time (as name look-ups and time zones do) calls this first thing in `main`.
pub fn disable_telemetry() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        if env::var_os(VARIABLE).is_some_and(|value| value == "1") {
            return;
        }
        // SAFETY: The environment may not be written while another thread reads it past std's lock. This writes once a
        // process, before ONNX Runtime is loaded, whose threads are the only ones of this crate that are not Rust's;
        // threads of Rust read under the lock. The programs of this workspace call it before they start any thread.
        // For other programs the condition stands above.
        #[expect(unsafe_code, reason = "nothing but the environment turns the telemetry off")]
        unsafe {
            env::set_var(VARIABLE, "1");
        }
    });
}
