//! Which kind of corpus a path names, and its pairs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use hearsight::gallery::{Pair, read_pairs};

use super::source::{Corpus, Kind, Source};
use super::{flickr8k_audio, places};
use crate::{Failure, files, paths};

impl Source {
    /// The folder that paths are relative to, and the rows of the split and language. Rows of the downloaded corpora
    /// whose files are missing are left out, with a warning; our own tables are taken at their word.
    pub fn pairs(&self) -> Result<(PathBuf, Vec<Pair>), Failure> {
        let corpus = self.read()?;
        let mut pairs = if corpus.kind == Kind::Table {
            corpus.relative_to(&corpus.folder, &corpus.pairs)?
        } else {
            let (present, missing) = corpus.present()?;
            if missing.rows > 0 {
                eprintln!("rows left out: {}; missing: {missing}", missing.rows);
            }
            corpus.relative_to(&corpus.folder, &present)?
        };
        if let Some(language) = &self.language {
            pairs.retain(|pair| pair.language.eq_ignore_ascii_case(language));
        }
        let rows = pairs.len();
        let mut seen = BTreeSet::new();
        pairs.retain(|pair| {
            let cells = [&pair.image, &pair.audio, &pair.text, &pair.language, &pair.voice, &pair.split];
            seen.insert(cells.map(String::clone))
        });
        if pairs.len() < rows {
            eprintln!("rows that stand there twice, and count once: {}", rows - pairs.len());
        }
        if pairs.is_empty() {
            return Err("No rows are left. Name another split or language.".into());
        }
        Ok((corpus.folder, pairs))
    }

    /// All rows of the split, whether their files are there or not.
    pub fn read(&self) -> Result<Corpus, Failure> {
        for folder in [&self.images, &self.splits, &self.audio_root].into_iter().flatten() {
            if !folder.is_dir() {
                return Err(format!("{} is not a folder. Check the path.", folder.display()).into());
            }
        }
        let path = self.corpus.as_path();
        if let Some(home) = flickr8k_audio::home(path) {
            return flickr8k_audio::read(self, &home);
        }
        if self.splits.is_some() {
            return Err("--splits is for Flickr8k Audio. Leave it out for this corpus.".into());
        }
        if path.is_dir() {
            for folder in [path.to_owned(), path.join("metadata")] {
                let files = places::files(&folder)?;
                if !files.is_empty() {
                    return places::read(self, &folder, &files);
                }
            }
            let advice = "Name the folder of Flickr8k Audio (flickr_audio, or the one above), the folder of a Places JSON file, or a table of pairs";
            return Err(format!("{} has no wav2capt.txt. {advice}.", path.display()).into());
        }
        if path.extension().is_some_and(|extension| extension == "json") {
            return places::read(self, files::folder_of(path), &[path.to_owned()]);
        }
        self.table()
    }

    fn table(&self) -> Result<Corpus, Failure> {
        let named = |error| format!("{}: {error}", self.corpus.display());
        let mut pairs = read_pairs(&files::table(&self.corpus)?, self.split.as_deref()).map_err(named)?;
        let folder = files::folder_of(&self.corpus);
        let or_folder = |named: &Option<PathBuf>| named.as_deref().unwrap_or(folder).to_owned();
        let (images, audio) = (or_folder(&self.images), or_folder(&self.audio_root));
        let found = paths::found_in(&mut paths::Finder::default(), &images, &audio, &mut pairs);
        found.map_err(|error| format!("{}: {error}", self.corpus.display()))?;
        Ok(Corpus { kind: Kind::Table, folder: folder.to_owned(), images, audio, pairs })
    }
}
