//! Which picture of a gallery in the making a table's row is about.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hearsight::gallery::{NameError, Names, Pair, Picture};

/// The pictures by the files that they are made from, and by their names for tables that lie elsewhere.
pub struct Known {
    files: BTreeMap<PathBuf, String>,
    names: Names,
    /// Whether it is known where each came from.
    have_origins: bool,
}

impl Known {
    /// Of pictures and their files.
    pub fn of(sources: &[(Picture, PathBuf)]) -> Self {
        let files = sources
            .iter()
            .filter_map(|(picture, path)| Some((path.canonicalize().ok()?, picture.id.clone())));
        let pictures: Vec<Picture> = sources.iter().map(|(picture, _)| picture.clone()).collect();
        let have_origins = pictures.iter().any(|picture| !picture.origin.is_empty());
        Self { files: files.collect(), names: Names::of(&pictures), have_origins }
    }

    /// The id of the picture of each row of a table in `folder`.
    pub fn find(&self, folder: &Path, pairs: &[Pair]) -> Result<Vec<String>, NameError> {
        // A file that is one of the pictures' is that picture, whatever it is called.
        let by_file = |image: &str| self.files.get(&folder.join(image).canonicalize().ok()?);
        let others = || pairs.iter().map(|pair| pair.image.as_str()).filter(|image| by_file(image).is_none());
        // A file that is there and is none of the pictures' is another picture, even one of the same name.
        if self.have_origins
            && let Some(other) = others().find(|image| folder.join(image).is_file())
        {
            return Err(NameError::NotThere(other.to_owned()));
        }
        let others = self.names.find_all(others())?;
        let id = |pair: &Pair| {
            by_file(&pair.image).cloned().or_else(|| Some((*others.get(pair.image.as_str())?).to_owned()))
        };
        Ok(pairs.iter().map(|pair| id(pair).unwrap_or_default()).collect())
    }

    /// The same for one row; none where its picture is none of these.
    pub fn find_one(&self, folder: &Path, pair: &Pair) -> Option<String> {
        self.find(folder, std::slice::from_ref(pair)).ok()?.pop()
    }
}
