//! A page that shows evolutions while they run, and afterwards.
//!
//! [`page`] makes it from folders: of sessions and of runs, each finished or not. [`campaign_page`] shows the grid of a
//! campaign, and each finished run behind it. The page follows their journals, so a run
//! does not know that it is watched. Images are made again from codes, one at a time, on a thread of their own.
//!
//! ```text
//! GET /                                        the page
//! GET /live/board?have=12,0                    what is new: generations behind those that the page has, source by source
//! GET /live/board?run=7&have=12                the same of one finished run of a campaign
//! GET /live/campaign                           the grid of a campaign
//! GET /live/changes                            a server-sent event whenever a journal grew
//! GET /live/image/SOURCE/THREAD/GENERATION/COLUMN    a PNG; COLUMN is a number, or `mean`: the mean code
//! GET /live/reference/SOURCE/NUMBER            a reference image of a session, a PNG
//! GET /live/generation/SOURCE/THREAD/GENERATION      norms of the codes, and the angle to the mean code before
//! ```
//!
//! `sessions::door::http` checks who asks, and has the actions of a session.

mod answer;
mod assets;
mod board;
mod campaign;
mod codes;
mod error;
mod pictures;
mod run;
mod session;
mod source;

pub use board::{Board, campaign_page, page};
pub use campaign::{Mean, Summarize, Summary};
pub use error::LiveError;
pub use pictures::OpenGenerator;
pub use source::Source;
