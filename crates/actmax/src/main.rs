//! The command `actmax`.
fn main() {}
