//! The rules of docs/architecture.md and of packages.

mod architecture;
mod packages;
mod workspace;
