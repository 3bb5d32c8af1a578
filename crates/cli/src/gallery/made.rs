//! What earlier runs made of a folder's pictures, so that a run makes only what is new: one that was stopped goes on where it was,
//! and one over a folder that has grown takes the rest as it is.
//!
//! A line a picture, written as soon as its copies are: in the unfinished gallery while it is made, and beside the gallery
//! afterwards (`.NAME.made`). A picture is the same where its path, its size and its date are, and the network too.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use half::f16;
use hearsight::gallery::Picture;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::stage::Stage;
use crate::{Failure, files};

/// Name of the list while the gallery is made, and of the folder with the copies that are finished.
pub const LIST: &str = "made.jsonl";
pub const COPIES: &str = "made";

/// What was made of one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    origin: String,
    bytes: u64,
    /// Nanoseconds since 1970.
    modified: u128,
    network: String,
    /// Of the copies in the finished gallery.
    id: String,
    width: u32,
    height: u32,
    /// f16 in hexadecimal, as it came.
    vector: String,
}

/// A picture's size, vector and copies: as it is shown, and small.
pub struct New {
    pub size: (u32, u32),
    pub vector: Vec<f32>,
    pub copies: [Vec<u8>; 2],
}

/// A picture that is in the gallery's making, whoever made it.
pub struct Made {
    pub size: (u32, u32),
    pub vector: Vec<f32>,
    /// Whether an earlier run made it.
    pub is_known: bool,
    copies: [PathBuf; 2],
}

impl Made {
    /// Its copies get the names that they have in the gallery.
    pub fn place(&self, stage: &Stage, picture: &Picture) -> Result<(), Failure> {
        self.copies.iter().zip(picture.files()).try_for_each(|(copy, file)| stage.place(copy, file))
    }
}

/// What was made before, and the list of what is there now.
pub struct MadeBefore {
    network: String,
    /// The list of the gallery in the making.
    path: PathBuf,
    copies: PathBuf,
    out: PathBuf,
    /// By paths: of the run that was stopped, and of the finished gallery.
    stopped: BTreeMap<String, Line>,
    finished: BTreeMap<String, Line>,
    list: Mutex<File>,
}

impl MadeBefore {
    /// Of the gallery in the making and of the finished one; `network` is what pictures are embedded with.
    pub fn of(stage: &Stage, network: &[u8]) -> Result<Self, Failure> {
        let path = stage.scratch().join(LIST);
        let (stopped, finished) = (lines(&path), lines(&stage.list()));
        let copies = stage.scratch().join(COPIES);
        std::fs::create_dir_all(&copies).map_err(|error| format!("{}: {error}", copies.display()))?;
        let list = OpenOptions::new().create(true).append(true).open(&path);
        let mut list = list.map_err(|error| format!("{}: {error}", path.display()))?;
        // The last line of a run that was stopped may be half of one.
        list.write_all(b"\n")?;
        let network = files::hexadecimal(&Sha256::digest(network)[..8]);
        Ok(Self {
            network,
            path,
            copies,
            out: stage.out().to_owned(),
            stopped,
            finished,
            list: Mutex::new(list),
        })
    }

    /// What was made of this file before; else `make` makes it.
    pub fn or_make(
        &self,
        picture: &Picture,
        path: &Path,
        make: impl FnOnce() -> Result<New, Failure>,
    ) -> Result<Made, Failure> {
        let about = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (bytes, modified) = (about.len(), modified(&about));
        let same =
            |line: &&Line| (line.bytes, line.modified, &line.network) == (bytes, modified, &self.network);
        let name = Sha256::digest(format!("{}\n{bytes}\n{modified}\n{}", picture.origin, self.network));
        let copies = ["jpg", "small.jpg"]
            .map(|ending| self.copies.join(files::hexadecimal(&name[..16])).with_extension(ending));
        let known = |line: &Line| {
            Some(Made {
                size: (line.width, line.height),
                vector: vector(&line.vector)?,
                is_known: true,
                copies: copies.clone(),
            })
        };
        if copies.iter().all(|copy| copy.exists())
            && let Some(made) = self.stopped.get(&picture.origin).filter(same).and_then(known)
        {
            return Ok(made);
        }
        if let Some(line) = self.finished.get(&picture.origin).filter(same)
            && let Some(made) = known(line)
        {
            let old = Picture { id: line.id.clone(), ..Picture::default() }.with_files("jpg");
            if old.files().zip(&copies).all(|(file, copy)| files::link(&self.out.join(file), copy).is_ok()) {
                self.note(&Line { id: picture.id.clone(), ..line.clone() })?;
                return Ok(made);
            }
        }
        let new = make()?;
        for (copy, content) in copies.iter().zip(&new.copies) {
            files::write(copy, content)?;
        }
        let rounded: Vec<f16> = new.vector.iter().map(|value| f16::from_f32(*value)).collect();
        let stored: Vec<u8> = rounded.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.note(&Line {
            origin: picture.origin.clone(),
            bytes,
            modified,
            network: self.network.clone(),
            id: picture.id.clone(),
            width: new.size.0,
            height: new.size.1,
            vector: files::hexadecimal(&stored),
        })?;
        // Rounded, as a later run finds it: the same pictures give the same index.
        let vector = rounded.into_iter().map(f16::to_f32).collect();
        Ok(Made { size: new.size, vector, is_known: false, copies })
    }

    /// The list that lies beside a finished gallery of these pictures.
    pub fn list_of<'a>(&self, pictures: impl Iterator<Item = &'a Picture>) -> Result<String, Failure> {
        let mut known = lines(&self.path);
        let mut text = String::new();
        for picture in pictures {
            if let Some(line) = known.remove(&picture.origin) {
                text += &serde_json::to_string(&Line { id: picture.id.clone(), ..line })?;
                text.push('\n');
            }
        }
        Ok(text)
    }

    fn note(&self, line: &Line) -> Result<(), Failure> {
        let text = format!("{}\n", serde_json::to_string(line)?);
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(list.write_all(text.as_bytes())?)
    }
}

/// The lines of a list by their paths, the later ones where there are two; what is no line is passed over.
fn lines(path: &Path) -> BTreeMap<String, Line> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    lines.map(|line| (line.origin.clone(), line)).collect()
}

fn modified(about: &Metadata) -> u128 {
    about
        .modified()
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos())
}

fn vector(text: &str) -> Option<Vec<f32>> {
    let digit = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len())
        .step_by(4)
        .map(|at| Some(f16::from_le_bytes([digit(at)?, digit(at + 2)?]).to_f32()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_read_as_it_was_written() {
        let values = [0.5, -0.125, 0.0, 1.0].map(f16::from_f32);
        let text =
            files::hexadecimal(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
        assert_eq!(vector(&text).unwrap(), [0.5, -0.125, 0.0, 1.0]);
        for broken in ["0", "00380", "zz00", "é000"] {
            assert_eq!(vector(broken), None, "{broken}");
        }
    }
}
