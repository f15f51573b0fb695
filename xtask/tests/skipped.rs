//! The last test target of `cargo test --workspace`: lists the tests that were skipped.
//!
//! Cargo runs packages, and in a package the targets of one kind, in the order of their names.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let skips = match (test_needs::required(), test_needs::close()) {
        (Err(error), _) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
        (_, Err(error)) => {
            eprintln!("the list of skipped tests cannot be read: {error}");
            return ExitCode::FAILURE;
        }
        (Ok(_), Ok(skips)) => skips,
    };
    println!("\nskipped for want of something from outside: {}", skips.len());
    for skip in skips {
        println!("  {skip}");
    }
    ExitCode::SUCCESS
}
