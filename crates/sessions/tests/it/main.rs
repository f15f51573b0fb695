//! Sessions with a pretend generator, from first block to last, interrupted and not.

mod clients;
mod common;
mod folder;
mod http;
mod kills;
mod protocols;
mod refused;
mod resume;
mod run;
mod status;
