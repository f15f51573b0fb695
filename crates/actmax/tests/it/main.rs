//! The command as a user meets it: the built program, its output, its files, its exit status.

mod adding;
mod analysing;
mod ask_tell;
mod ask_tell_clients;
mod ask_tell_images;
mod campaigns;
mod collecting;
mod doors;
mod evolving;
mod exports;
mod listing;
mod live;
mod offline;
mod online;
mod references;
mod refusing;
mod rendering;
mod resuming;
mod scoring;
mod starting;
mod stimuli;
mod stops;
mod support;
mod told_again;
mod tutorial;
