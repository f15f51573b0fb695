//! The command as a user meets it: the built program, its output, its files, its exit status.

mod ask_tell;
mod ask_tell_clients;
mod evolving;
mod listing;
mod refusing;
mod resuming;
mod support;
