//! Which corpus a command reads, and what a corpus is once it is read.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use hearsight::gallery::{Pair, keep_split};

use crate::Failure;

/// Bytes of a wav file without sound: a download that was cut off.
const WAV_HEADER: u64 = 44;

/// The corpus that a command reads.
#[derive(clap::Args)]
pub struct Source {
    /// A table of pairs (image, audio, text, language, voice, split; tab-separated), a Places Audio Captions
    /// JSON file or the folder of several, or the folder of Flickr8k Audio (flickr_audio or the one above).
    #[arg(long, visible_alias = "pairs")]
    pub corpus: PathBuf,
    /// Only the rows of this split. A Places file whose name says no split takes it as its own.
    #[arg(long)]
    pub split: Option<String>,
    /// Only the rows of this language.
    #[arg(long)]
    pub language: Option<String>,
    /// Folder of the pictures, where it is not beside the corpus.
    #[arg(long, value_name = "FOLDER")]
    pub images: Option<PathBuf>,
    /// Folder of Flickr8k's official splits and captions (Flickr8k_text), where it is not beside the corpus.
    #[arg(long, value_name = "FOLDER")]
    pub splits: Option<PathBuf>,
    /// Folder of the clips, where it is not beside the corpus.
    #[arg(long, value_name = "FOLDER")]
    pub audio_root: Option<PathBuf>,
}

/// Who made a corpus.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Table,
    Flickr8kAudio,
    Places,
}

/// Rows of a corpus, with names relative to two folders.
pub struct Corpus {
    pub kind: Kind,
    /// Folder of the corpus itself.
    pub folder: PathBuf,
    /// Folder of the pictures.
    pub images: PathBuf,
    /// Folder of the clips.
    pub audio: PathBuf,
    pub pairs: Vec<Pair>,
}

/// Files that rows name and that are not there, or are clips without sound.
#[derive(Default)]
pub struct Missing {
    clips: BTreeSet<PathBuf>,
    pictures: BTreeSet<PathBuf>,
    pub rows: usize,
    /// Rows that name no clip.
    unnamed: usize,
}

impl Source {
    /// Keeps only the rows of the split; the failure names the corpus.
    pub fn keep_split(&self, pairs: &mut Vec<Pair>) -> Result<(), Failure> {
        let kept = keep_split(pairs, self.split.as_deref());
        Ok(kept.map_err(|error| format!("{}: {error}", self.corpus.display()))?)
    }
}

impl Corpus {
    pub fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Table => "Table of pairs",
            Kind::Flickr8kAudio => "Flickr8k Audio",
            Kind::Places => "Places Audio Captions",
        }
    }

    /// The rows whose files are all there, and what is missing of the others.
    pub fn present(&self) -> Result<(Vec<Pair>, Missing), Failure> {
        let mut missing = Missing::default();
        let mut absent = |clip: bool, path: PathBuf| {
            let is_there = |file: std::fs::Metadata| file.is_file() && !(clip && file.len() <= WAV_HEADER);
            let absent = !std::fs::metadata(&path).is_ok_and(is_there);
            if absent {
                if clip { &mut missing.clips } else { &mut missing.pictures }.insert(path);
            }
            absent
        };
        let mut present = self.pairs.clone();
        present.retain(|pair| !pair.audio.is_empty());
        let unnamed = self.pairs.len() - present.len();
        present.retain(|pair| {
            let no_clip = absent(true, self.audio.join(&pair.audio));
            let no_picture = !pair.image.is_empty() && absent(false, self.images.join(&pair.image));
            !no_clip && !no_picture
        });
        missing.unnamed = unnamed;
        missing.rows = self.pairs.len() - present.len();
        if present.is_empty() {
            let all = self.pairs.len();
            return Err(format!(
                "None of the {all} rows has both its clip and its picture. Missing: {missing}. Check the folders."
            )
            .into());
        }
        Ok((present, missing))
    }

    /// Rows of this corpus with paths relative to a folder.
    pub fn relative_to(&self, folder: &Path, pairs: &[Pair]) -> Result<Vec<Pair>, Failure> {
        let (images, audio) = (relative(folder, &self.images)?, relative(folder, &self.audio)?);
        let mut pairs = pairs.to_vec();
        for pair in &mut pairs {
            if !pair.image.is_empty() {
                pair.image = images.join(&pair.image).display().to_string();
            }
            if !pair.audio.is_empty() {
                pair.audio = audio.join(&pair.audio).display().to_string();
            }
        }
        Ok(pairs)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{} clips, {} pictures", self.clips.len(), self.pictures.len())?;
        if let Some(first) = self.clips.first().or(self.pictures.first()) {
            write!(formatter, " (the first: {})", first.display())?;
        }
        match self.unnamed {
            0 => Ok(()),
            unnamed => write!(formatter, ", and {unnamed} rows name no clip"),
        }
    }
}

/// The way from one folder to another, both of which exist.
fn relative(from: &Path, to: &Path) -> Result<PathBuf, Failure> {
    if from == to {
        return Ok(PathBuf::new());
    }
    let real = |path: &Path| {
        let real = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
        match real.to_str() {
            Some(_) => Ok(real),
            None => Err(format!("{}: the path is not UTF-8. Rename the folder.", path.display())),
        }
    };
    let (from, to) = (real(from)?, real(to)?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    Ok(up.chain(to.components().skip(shared)).collect())
}
