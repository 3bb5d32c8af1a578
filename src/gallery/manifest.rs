//! `gallery.json`: the pictures of a wall with titles, alternative texts and credits; `captions.json`: what was said of them.

use serde::{Deserialize, Serialize};

/// All pictures in the wall's resting order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format: 1.
    pub version: u32,
    /// The pictures.
    pub pictures: Vec<Picture>,
}

/// All spoken captions of a wall, in the order of their index.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Captions {
    /// Version of the format: 1.
    pub version: u32,
    /// The captions.
    pub captions: Vec<Caption>,
}

/// One spoken caption.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Caption {
    /// Unique name; also the stem of the file.
    pub id: String,
    /// The picture that it was made for.
    pub picture: String,
    /// What is said.
    pub text: String,
    /// Who says it.
    pub voice: String,
    /// "train" where caption and voice may be learned from, "dev" where both are to be measured by.
    #[serde(default)]
    pub split: String,
    /// Path relative to the list.
    pub file: String,
}

/// One picture with what a visitor must be told of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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

/// Up to `count` captions of a split, spread evenly over the list, so that they are of many pictures.
pub fn spread<'a>(captions: &'a [Caption], split: &str, count: usize) -> Vec<&'a Caption> {
    let all: Vec<&Caption> = captions.iter().filter(|caption| caption.split == split).collect();
    let count = count.min(all.len());
    (0..count).map(|place| all[place * all.len() / count]).collect()
}
