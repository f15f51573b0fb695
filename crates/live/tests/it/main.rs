//! The page over real sockets, and what its browser code computes.

mod board;
mod campaign;
mod model;
