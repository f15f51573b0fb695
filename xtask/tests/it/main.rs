//! The rules of docs/architecture.md and of packages, and what two crates do together.

mod architecture;
mod packages;
mod probes;
