//! The command `actmax`.

use std::process::ExitCode;

fn main() -> ExitCode {
    actmax::main()
}
