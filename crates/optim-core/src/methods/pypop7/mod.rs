//! Methods of pypop7 (Duan et al. 2022).

mod lm_ma_es;
mod options;

pub use lm_ma_es::LmMaEs;
pub(crate) use options::INFO;
pub use options::LmMaEsConfig;
