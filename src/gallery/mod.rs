//! What is on the wall and what was said about it: the manifest, and tables of pairs.

mod manifest;
mod pairs;

pub use manifest::{Manifest, Picture};
pub use pairs::{Pair, TableError, read_pairs, read_table};
