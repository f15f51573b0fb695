//! The crate through its public interface.

mod campaign;
mod campaign_starts;
mod campaign_together;
mod codes;
mod evolving;
mod folder;
mod lockstep;
mod npz;
mod resuming;
mod stopping;
mod support;
