//! HDF5 in pure Rust: the only module that knows the crate `hdf5-pure`.
//!
//! That crate reads every layout that h5py and MATLAB write (all superblocks, both kinds of groups, chunks with deflate and
//! shuffle, object references, a block of the user's before the file), writes files that the C library reads, and emits
//! them front to back. The crate `hdf5-reader` was the alternative: it does not write, and NWB has to be written.
//!
//! Files come from outside, so this module bounds what the crate may do: sizes that a file declares are held against the
//! limits before anything is read, and a panic within the crate becomes an error.

mod read;
mod write;

pub(crate) use read::{Item, Reader, is_hdf5, read};
pub(crate) use write::{Appender, Attr, Data, Node, create};
