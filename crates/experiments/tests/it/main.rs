//! The crate through its public interface.

mod campaign;
mod codes;
mod evolving;
mod folder;
mod npz;
mod resuming;
mod support;
