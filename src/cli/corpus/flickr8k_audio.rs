//! Where the files of Flickr8k Audio lie: the lists, the clips, the pictures, the official splits.

use std::path::{Path, PathBuf};

use hearsight::gallery::Flickr8kAudio;

use super::source::{Corpus, Kind, Source};
use super::{around, candidates, holding};
use crate::cli::{Failure, files};

const CAPTIONS: &str = "wav2capt.txt";
const SPEAKERS: &str = "wav2spk.txt";
const TEXTS: &str = "Flickr8k.token.txt";
const SPLITS: [(&str, &str); 3] = [
    ("train", "Flickr_8k.trainImages.txt"),
    ("dev", "Flickr_8k.devImages.txt"),
    ("test", "Flickr_8k.testImages.txt"),
];
/// Folder names of the pictures; the download's own has the letters swapped.
const PICTURES: [&str; 6] =
    ["", "Flicker8k_Dataset", "Flickr8k_Dataset", "Flickr8k_Dataset/Flicker8k_Dataset", "Images", "images"];
const LISTS: [&str; 4] = ["", "Flickr8k_text", "flickr8k_text", "Flickr8k_text/Flickr8k_text"];

/// The folder with `wav2capt.txt`, if this is it or holds it.
pub fn home(path: &Path) -> Option<PathBuf> {
    let folders = candidates(Some(path), &[], &["", "flickr_audio", "flickr_audio/flickr_audio"]);
    holding(&folders, [CAPTIONS].into_iter())
}

/// The rows of the split.
pub fn read(source: &Source, home: &Path) -> Result<Corpus, Failure> {
    let around = around(home);
    let captions = files::text(&home.join(CAPTIONS))?;
    let speakers = home.join(SPEAKERS);
    if !speakers.is_file() {
        return Err(format!(
            "{} has no {SPEAKERS}, which says who speaks. Add the file from the download.",
            home.display()
        )
        .into());
    }
    let speakers = files::text(&speakers)?;

    let lists = candidates(source.splits.as_deref(), &around, &LISTS);
    let folder = holding(&lists, SPLITS.iter().map(|(_, file)| *file)).ok_or_else(|| {
        let looked = source.splits.as_deref().unwrap_or(home).display();
        format!("The official splits ({} and so on) are not in or beside {looked}. Name their folder (Flickr8k_text) with --splits.", SPLITS[0].1)
    })?;
    let mut splits = Vec::new();
    for (split, file) in SPLITS {
        if !folder.join(file).is_file() {
            return Err(format!(
                "{} has no {file}, the list of the split {split}. Add the file from the download.",
                folder.display()
            )
            .into());
        }
        splits.push((split, files::text(&folder.join(file))?));
    }
    let splits: Vec<(&str, &str)> = splits.iter().map(|(split, list)| (*split, list.as_str())).collect();
    let texts =
        holding(&lists, [TEXTS].into_iter()).map(|folder| files::text(&folder.join(TEXTS))).transpose()?;

    let corpus =
        Flickr8kAudio { captions: &captions, speakers: &speakers, splits: &splits, texts: texts.as_deref() };
    let mut pairs = corpus.pairs().map_err(|error| format!("{}: {error}", home.display()))?;
    source.keep_split(&mut pairs)?;

    let clips = candidates(source.audio_root.as_deref(), &around[..1], &["wavs", ""]);
    let audio = holding(&clips, pairs.iter().map(|pair| pair.audio.as_str())).ok_or_else(|| {
        let looked = source.audio_root.as_deref().unwrap_or(home).display();
        format!("None of the {} clips is in {looked} or its wavs. Unpack the download's wavs there or name their folder with --audio-root.", pairs.len())
    })?;
    let pictures = candidates(source.images.as_deref(), &around, &PICTURES);
    let images = holding(&pictures, pairs.iter().map(|pair| pair.image.as_str())).ok_or_else(|| {
        let looked = source.images.as_deref().unwrap_or(home).display();
        format!("None of the pictures is in or beside {looked}. Unpack Flicker8k_Dataset there or name its folder with --images.")
    })?;
    Ok(Corpus { kind: Kind::Flickr8kAudio, folder: home.to_owned(), images, audio, pairs })
}
