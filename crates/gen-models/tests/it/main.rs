//! Networks: read, imported, converted, cut, joined, and run on the devices that there are.

mod bad_files;
mod canvas;
mod common;
mod conversion;
mod cpu;
mod cuda;
mod foreign;
mod images;
mod import_options;
mod manifest;
mod pair;
mod real_models;
mod registered;
mod runtime;
mod units;
