//! The command as a user meets it: the built program, its output, its files, its exit status.

mod evolving;
mod listing;
mod refusing;
mod resuming;
mod support;
