//! Where the files of Places Audio Captions lie: a JSON file a split, the clips, the pictures.

use std::path::{Path, PathBuf};

use hearsight::gallery::{Pair, read_places};

use super::source::{Corpus, Kind, Source};
use super::{around, candidates, holding, under};
use crate::{Failure, files};

/// How the name of a file that is one split begins.
const SPLITS: [&str; 4] = ["train", "val", "dev", "test"];
/// Where the clips may be: their paths begin with `wavs/` already.
const CLIPS: [&str; 1] = [""];
/// Where the pictures may be, from the folder of the JSON or the one above; the last is how Places205 unpacks.
const PICTURES: [&str; 5] =
    ["", "images", "places205", "Places205", "data/vision/torralba/deeplearning/images256"];

/// The files of a folder that are a split each, in the order of their names; none where there is no folder.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let named = |error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(named)? {
        let path = entry.map_err(named)?.path();
        if path.extension().is_some_and(|extension| extension == "json") && split(&path).is_some() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The split that a file's name says.
fn split(path: &Path) -> Option<&str> {
    let stem = path.file_stem()?.to_str()?;
    SPLITS.iter().any(|split| stem.starts_with(split)).then_some(stem)
}

/// The rows of the split.
pub fn read(source: &Source, folder: &Path, files: &[PathBuf]) -> Result<Corpus, Failure> {
    let (mut pairs, mut bases) = (Vec::new(), (Vec::new(), Vec::new()));
    for path in files {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let split = split(path).or(source.split.as_deref()).unwrap_or(stem);
        let places = read_places(&files::read(path)?, split)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        bases.0.extend(places.image_base_path);
        bases.1.extend(places.audio_base_path);
        pairs.extend(places.pairs);
    }
    source.keep_split(&mut pairs)?;
    let around = around(folder);
    // The folder that the JSON names comes first: it is right where the user has set it.
    let find = |named: Option<&Path>, bases: &[String], usual: &[&str], name: fn(&Pair) -> &str| {
        let mut folders = candidates(named, &around, usual);
        if named.is_none() {
            folders.splice(0..0, bases.iter().map(|base| under(folder, base)));
        }
        let first = folders.first().map(|folder| folder.display().to_string()).unwrap_or_default();
        holding(&folders, pairs.iter().map(name)).ok_or(first)
    };
    let advice = "Name the folder that the JSON's paths begin from with";
    let audio = find(source.audio_root.as_deref(), &bases.1, &CLIPS, |pair| &pair.audio)
        .map_err(|first| format!("None of the clips is in {first}. {advice} --audio-root."))?;
    let images = find(source.images.as_deref(), &bases.0, &PICTURES, |pair| &pair.image)
        .map_err(|first| format!("None of the pictures is in {first}. {advice} --images."))?;
    Ok(Corpus { kind: Kind::Places, folder: folder.to_owned(), images, audio, pairs })
}
