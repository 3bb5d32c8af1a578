//! The library of spoken captions: what a picture of the wall is described from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hearsight::gallery::{Caption, Captions, Picture, read_pairs};
use hearsight::network::{DIMENSIONS, Storage};
use hearsight::search::Index;

use super::known::Known;
use super::stage::Stage;
use crate::pool::embed_clip;
use crate::work::in_parallel;
use crate::{Failure, files, paths};

/// Longest id, in characters; with its folder and ending it is a name that every file system takes.
const LONGEST_ID: usize = 100;

/// A caption that will be in the library, and the clip that it is made from.
pub struct Source {
    pub caption: Caption,
    pub source: PathBuf,
}

/// The captions of a table of pairs, each with an id of its own: two clips of one file name, in two folders, are two.
pub fn read(table: &Path, known: &Known) -> Result<Vec<Source>, Failure> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", table.display());
    let mut pairs = read_pairs(&files::table(table)?, None).map_err(|error| named(&error))?;
    let folder = files::folder_of(table);
    paths::found(folder, &mut pairs).map_err(|error| named(&error))?;
    let rows = pairs.len();
    pairs.retain(|pair| !pair.image.is_empty() && !pair.audio.is_empty());
    let mut kept: Vec<_> = Vec::new();
    for pair in pairs {
        if !kept.contains(&pair) {
            kept.push(pair);
        }
    }
    if kept.len() < rows {
        eprintln!(
            "{}",
            named(&format!("{} rows have no clip, no picture, or stand there before.", rows - kept.len()))
        );
    }
    let pictures = known.find(folder, &kept).map_err(|error| named(&error))?;
    let mut taken = BTreeSet::new();
    let source = |(pair, picture): (hearsight::gallery::Pair, String)| {
        let source = folder.join(&pair.audio);
        let id = id(&source, &mut taken);
        let ending = source
            .extension()
            .map(|ending| ending.to_string_lossy().into_owned())
            .filter(|ending| ending.len() <= 8 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let file = format!("captions/{id}{}", ending.map(|ending| format!(".{ending}")).unwrap_or_default());
        let caption = Caption { id, picture, text: pair.text, voice: pair.voice, split: pair.split, file };
        Source { caption, source }
    };
    Ok(kept.into_iter().zip(pictures).map(source).collect())
}

/// A name for a clip that no other has, also where capitals are not told apart.
fn id(source: &Path, taken: &mut BTreeSet<String>) -> String {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '-' };
    let stem: String = stem.trim_start_matches('.').chars().take(LONGEST_ID).map(safe).collect();
    let stem = if stem.is_empty() { "caption" } else { &stem };
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let free = std::iter::once(stem.to_owned()).chain(numbered).find(|id| taken.insert(id.to_lowercase()));
    free.unwrap_or_default()
}

/// Embeds the clips and puts them, their list and their index into a gallery of these pictures; gives the index.
pub fn build(
    mut sources: Vec<Source>,
    pictures: &[Picture],
    model: &Path,
    stage: &Stage,
) -> Result<Vec<u8>, Failure> {
    let there: BTreeSet<&str> = pictures.iter().map(|picture| picture.id.as_str()).collect();
    let all = sources.len();
    sources.retain(|source| there.contains(source.caption.picture.as_str()));
    if sources.len() < all {
        eprintln!("left out: {} spoken captions of pictures that are left out.", all - sources.len());
    }
    let speech = files::speech(model)?;
    let vectors = in_parallel("spoken captions", &sources, |Source { caption, source }| {
        let vector = embed_clip(&speech, source)?;
        stage.write(&caption.file, &files::read(source)?)?;
        Ok(vector)
    })?;
    let ids = sources.iter().map(|source| source.caption.id.clone());
    let index = Index::of(DIMENSIONS, ids.zip(vectors)).write(Storage::Int8)?;
    let captions = sources.into_iter().map(|source| source.caption).collect();
    stage.write(files::CAPTIONS, serde_json::to_string(&Captions { version: 1, captions })?.as_bytes())?;
    stage.write(files::CAPTION_INDEX, &index)?;
    Ok(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clips_of_one_name_have_two_ids() {
        let mut taken = BTreeSet::new();
        let mut ids = |path: &str| id(Path::new(path), &mut taken);
        let found =
            ["a/1.ogg", "b/1.ogg", "1-2.ogg", "c/A_b.wav", "d/a_B.wav", "12:30.ogg", "é\n.ogg"].map(&mut ids);
        assert_eq!(found, ["1", "1-2", "1-2-2", "A_b", "a_B-2", "12-30", "--"]);
        assert_eq!(ids(&"n".repeat(300)).len(), LONGEST_ID);
    }
}
