//! Methods of evosax (Lange 2022).

pub(crate) mod open_es;

pub use open_es::{OpenEs, OpenEsConfig};
