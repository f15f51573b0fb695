//! Tests of the networks behind runs.

mod identities;
mod lines;
