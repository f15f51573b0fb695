//! Doors for rigs.
