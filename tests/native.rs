//! The tests of this machine, one file a topic and one program for all: linked once, it starts at once.
//! A new topic is a file beside this one and a line below.
#![cfg(not(target_arch = "wasm32"))]

mod awkward;
mod command_line;
mod common;
mod corpora;
mod docs;
mod foreign_bytes;
mod languages;
mod live_query;
mod matchmap;
mod parity;
mod poster;
mod properties;
#[path = "common/seeded.rs"]
mod seeded;
mod sound;
mod stages;
mod systems;
mod teaching;
mod vgg16;

/// The repository's folder: the program is the command line's, two folders below.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A file of the repository.
fn at(path: impl AsRef<std::path::Path>) -> std::path::PathBuf {
    std::path::Path::new(ROOT).join(path)
}
