//! `gallery.json`: the pictures of a wall with titles, alternative texts and credits; `captions.json`: what was said of them.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The version of both formats.
const VERSION: u32 = 1;

/// What is wrong with a list.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or not of this form.
    #[error("The list cannot be read ({0}). Make the gallery again.")]
    Unreadable(#[from] serde_json::Error),
    /// Of another version.
    #[error(
        "The list is of version {0}, which this version of hearsight does not know. Make the gallery again."
    )]
    Version(u32),
    /// A path that leads out of the gallery: a file that is read, or replaced, must be the gallery's own.
    #[error("A file of the list lies outside of the gallery: {0:?}. Make the gallery again.")]
    Outside(String),
}

/// Reads `gallery.json`.
///
/// # Errors
/// [`ManifestError`] for what is not such a list, and for one that names files outside of its folder.
pub fn read_manifest(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    let manifest: Manifest = read(bytes)?;
    manifest.pictures.iter().flat_map(Picture::files).try_for_each(stays_inside)?;
    Ok(manifest)
}

/// Reads `captions.json`.
///
/// # Errors
/// As [`read_manifest`].
pub fn read_captions(bytes: &[u8]) -> Result<Captions, ManifestError> {
    let captions: Captions = read(bytes)?;
    captions.captions.iter().try_for_each(|caption| stays_inside(&caption.file))?;
    Ok(captions)
}

/// Both lists say their version first; another version may have any other form.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ManifestError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_slice::<Versioned>(bytes)?.version {
        VERSION => Ok(serde_json::from_slice(bytes)?),
        other => Err(ManifestError::Version(other)),
    }
}

/// A path relative to the list, with `/` between folders, on every system.
fn stays_inside(path: &str) -> Result<(), ManifestError> {
    let leads_out =
        path.starts_with('/') || path.contains(['\\', ':', '\0']) || path.split('/').any(|part| part == "..");
    if leads_out { Err(ManifestError::Outside(path.to_owned())) } else { Ok(()) }
}

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
    /// Path of a small copy for the wall, relative to the manifest; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub small: String,
    /// Path of the file that it was made from, relative to the folder of all of them; empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// Pixels, upright.
    #[serde(default)]
    pub width: u32,
    /// Pixels, upright.
    #[serde(default)]
    pub height: u32,
}

impl Picture {
    /// The paths of its own files, relative to the manifest.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        [self.file.as_str(), &self.small].into_iter().filter(|path| !path.is_empty())
    }

    /// Names its files: of its id, with the photograph's own extension.
    #[must_use]
    pub fn with_files(self, extension: &str) -> Self {
        let (file, small) =
            (format!("images/{}.{extension}", self.id), format!("images/small/{}.jpg", self.id));
        Self { file, small, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captions(file: &str) -> Result<Captions, ManifestError> {
        let caption =
            serde_json::json!({ "id": "a", "picture": "b", "text": "c", "voice": "d", "file": file });
        read_captions(serde_json::json!({ "version": 1, "captions": [caption] }).to_string().as_bytes())
    }

    #[test]
    fn files_stay_inside_the_gallery() {
        assert_eq!(captions("captions/a..b.opus").unwrap().captions[0].split, "");
        for file in ["/a", "../a", "a/../../b", "..\\a", "C:\\a", "c:a", "a\0"] {
            assert!(matches!(captions(file), Err(ManifestError::Outside(_))), "{file}");
        }
    }

    #[test]
    fn another_version_is_named_whatever_its_form() {
        let error = read_manifest(b"{\"version\": 2, \"walls\": []}").unwrap_err().to_string();
        assert!(error.starts_with("The list is of version 2,"), "{error}");
        assert!(matches!(read_manifest(b"{\"version\": 1}"), Err(ManifestError::Unreadable(_))));
        assert!(matches!(read_manifest(b"[]"), Err(ManifestError::Unreadable(_))));
    }
}
