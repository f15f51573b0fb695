//! Campaigns: grids of runs that can be killed, continued and divided among machines.
//!
//! ```text
//! Campaign: arms (method, length) x units x noise levels x repeats
//!    -> Run: specification, identity = SHA-256 of it, seed from the identity
//!    -> Runner: workers, each opens objectives for units and runs them,       (ObjectiveSource)
//!               one after the other, or some in lock step                     (Lockstep)
//!    -> Store: one .npz and one .json a finished run, each by atomic rename
//!    -> status, tables
//! ```
//!
//! A run depends on its specification only: not on the order of runs, the number of workers, the shard, or interruptions.
//! The caller opens the objective of a unit, with any closure that makes an [`Objective`](optim_core::Objective):
//!
//! ```
//! use std::convert::Infallible;
//!
//! use experiments::campaign::{Arm, Campaign, Run, Runner, Store, Unit};
//! use experiments::{Keep, Noise};
//! use optim_core::{Method, Objective, Population};
//!
//! /// `-|z - target|^2`.
//! struct Hill(f64);
//! impl Objective for Hill {
//!     type Error = Infallible;
//!     fn dim(&self) -> usize {
//!         8
//!     }
//!     fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
//!         *scores = codes.iter().map(|z| -z.iter().map(|x| (x - self.0).powi(2)).sum::<f64>()).collect();
//!         Ok(())
//!     }
//! }
//!
//! let campaign = Campaign {
//!     arms: vec![Arm::new(Method::from_name("sphere-cma")?, 10), Arm::new(Method::from_name("genetic")?, 10)],
//!     units: vec![Unit::named("hill", 8, serde_json::json!({ "target": 2.0 }))],
//!     noise: vec![Noise::None, Noise::Multiplicative { level: 0.2 }],
//!     repeats: 3,
//!     ..Campaign::new("hills")
//! };
//! let folder = tempfile::tempdir()?;
//! let store = Store::create(&folder.path().join("results"), &campaign)?;
//! let source = |run: &Run| Ok::<_, Infallible>(Hill(run.unit.objective.other().and_then(|own| own["target"].as_f64()).unwrap_or(0.0)));
//! let report = Runner::default().run(&store, &source)?;
//! assert_eq!(report.done, 12);
//! for stored in store.runs() {
//!     let stored = stored?;
//!     assert_eq!(stored.arrays()?.mean_norms.len(), 10);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod collect;
mod dead_units;
mod error;
mod grid;
mod identity;
mod record;
mod runner;
mod shard;
mod source;
mod status;
mod store;
mod timing;
mod worker;

pub use collect::{CollectError, Collected, collect};
pub use error::CampaignError;
pub use grid::{Arm, Campaign, Run, Unit};
pub use identity::RunId;
pub use record::{FileStamp, RunRecord};
pub use runner::{Failure, Report, Runner, Watcher};
pub use shard::{Shard, ShardError};
pub use source::ObjectiveSource;
pub use status::{RunState, ShardState, Status};
pub use store::{CAMPAIGN_FILE, Damage, Store, StoredRun};
pub use timing::RunTiming;
