//! What is on the wall and what was said about it: the manifest, tables of pairs, recordings as files, and the corpora
//! that others made.

mod archive;
mod flickr8k_audio;
mod manifest;
mod names;
mod pairs;
mod paths;
mod places;
mod table;

pub use archive::{
    ArchiveError, ArchiveFile, EntryError, LeftOut, MOST_BYTES, MOST_FILES, Unpacked, pack, unpack, wav,
};
pub use flickr8k_audio::{Flickr8kAudio, Flickr8kAudioError};
pub use manifest::{Caption, Captions, Manifest, ManifestError, Picture, read_captions, read_manifest};
pub use names::{NameError, Names};
pub use pairs::{Pair, TableError, keep_split, read_pairs, write_pairs};
pub use paths::{Paths, is_hidden, is_litter, readings, spelled, tables};
pub use places::{Places, PlacesError, read_places};
pub use table::{is_guessed, read_table};

/// A text without tabs, line breaks or doubled spaces, as a table's cell must be.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
