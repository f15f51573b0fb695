//! XDream's own optimizers: the genetic algorithm and two that estimate gradients from scores.
//!
//! # References
//! * Xiao and Kreiman, "XDream: finding preferred stimuli for visual neurons using generative networks
//!   and gradient-free optimization", PLoS Computational Biology 2020.
//! * Ponce, Xiao, Schade, Hartmann, Kreiman and Livingstone, "Evolving images for visual neurons using a
//!   deep generative network reveals coding principles and neuronal preferences", Cell 2019.

mod center;
pub mod fdgd;
pub mod genetic;
pub mod nes;

pub use fdgd::{XdreamFdgd, XdreamFdgdConfig};
pub use genetic::{Ancestry, XdreamGenetic, XdreamGeneticConfig};
pub use nes::{XdreamNes, XdreamNesConfig};
