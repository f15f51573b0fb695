//! Networks as objectives of runs.
//!
//! ```text
//! CONFIG.toml or preset -> Config -> resolve (Library) -> experiments::campaign::Campaign -> Runner + NetworkSource -> folder
//! ```
//!
//! [`Library`] gives generators and CNNs by name. [`Config`] is a campaign as a user writes it, [`resolve`] checks it
//! against methods and models, and [`NetworkSource`] opens the objectives of its runs.

mod campaign_target;
mod carried;
mod config;
mod config_error;
mod design;
mod extent;
mod geometry;
mod library;
mod pictures;
mod preset;
mod provenance;
mod resolve;
mod sessions;
mod source;
mod start_norm;
mod starts;
mod target;

pub use campaign_target::{CampaignTarget, campaign_targets};
pub use carried::Carried;
pub use config::Config;
pub use config_error::ConfigFileError;
pub use extent::{Extent, RATES};
pub use geometry::{GeometryKeys, GeometryKeysError};
pub use library::{Library, LibraryError};
pub use pictures::{EncodeError, Pictures};
pub use preset::{PRESETS, Preset, Size};
pub use provenance::provenance;
pub use resolve::{GeneratorScale, ResolveError, norm_ratios, resolve};
pub use source::{NetworkObjective, NetworkSource, SourceError, network_units};
pub use start_norm::{NormRatio, StartNorm};
pub use starts::{StartsError, campaign_starts};
pub use target::{TargetFile, TargetFileError};
