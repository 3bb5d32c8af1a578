//! `gallery.json`: the pictures of a wall with titles, alternative texts and credits.

use serde::{Deserialize, Serialize};

/// All pictures in the wall's resting order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format: 1.
    pub version: u32,
    /// The pictures.
    pub pictures: Vec<Picture>,
}

/// One picture with what a visitor must be told of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// Unique name; also the stem of the file.
    pub id: String,
    /// A few words.
    pub title: String,
    /// One sentence for those who cannot see it.
    pub alt: String,
    /// Who made it.
    pub author: String,
    /// Under which licence it is shown.
    pub licence: String,
    /// Where it was published.
    pub source: String,
    /// People, animals, food, ...
    pub group: String,
    /// Path relative to the manifest.
    #[serde(default)]
    pub file: String,
    /// Pixels, upright.
    #[serde(default)]
    pub width: u32,
    /// Pixels, upright.
    #[serde(default)]
    pub height: u32,
}
