//! The crate through its public interface.

mod codes;
mod evolving;
mod folder;
mod npz;
mod resuming;
mod support;
