//! What is on the wall and what was said about it: the manifest, tables of pairs, recordings as files, and the corpora
//! that others made.

mod archive;
mod flickr8k_audio;
mod manifest;
mod pairs;
mod places;

pub use archive::{ArchiveError, ArchiveFile, MOST_BYTES, MOST_FILES, pack, unpack, wav};
pub use flickr8k_audio::{Flickr8kAudio, Flickr8kAudioError};
pub use manifest::{
    Caption, Captions, Manifest, ManifestError, Picture, read_captions, read_manifest, spread,
};
pub use pairs::{Pair, TableError, keep_split, read_pairs, read_table, write_pairs};
pub use places::{Places, PlacesError, read_places};

/// A text without tabs, line breaks or doubled spaces, as a table's cell must be.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
