//! Where the files of Flickr8k Audio lie: the lists, the clips, the pictures, the official splits.

use std::path::{Path, PathBuf};

use hearsight::gallery::Flickr8kAudio;

use super::source::{Corpus, Kind, Source};
use super::{around, candidates, holding};
use crate::{Failure, files};

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
    let captions = files::text(&home.join(CAPTIONS))?;
    let speakers = text_of(home, SPEAKERS, "who speaks")?;
    let around = around(home);
    let (splits, texts) = lists(source, home, &around)?;
    let splits: Vec<(&str, &str)> = splits.iter().map(|(split, list)| (*split, list.as_str())).collect();
    let corpus =
        Flickr8kAudio { captions: &captions, speakers: &speakers, splits: &splits, texts: texts.as_deref() };
    let mut pairs = corpus.pairs().map_err(|error| format!("{}: {error}", home.display()))?;
    source.keep_split(&mut pairs)?;

    let clips = candidates(source.audio_root.as_deref(), &around[..1], &["wavs", ""]);
    let audio = holding(&clips, pairs.iter().map(|pair| pair.audio.as_str())).ok_or_else(|| {
        let (looked, all) = (source.audio_root.as_deref().unwrap_or(home).display(), pairs.len());
        let advice = "Unpack the download's wavs there or name their folder with --audio-root";
        format!("None of the {all} clips is in {looked} or its wavs. {advice}.")
    })?;
    let pictures = candidates(source.images.as_deref(), &around, &PICTURES);
    let images = holding(&pictures, pairs.iter().map(|pair| pair.image.as_str())).ok_or_else(|| {
        let looked = source.images.as_deref().unwrap_or(home).display();
        let advice = "Unpack Flicker8k_Dataset there or name its folder with --images";
        format!("None of the pictures is in or beside {looked}. {advice}.")
    })?;
    Ok(Corpus { kind: Kind::Flickr8kAudio, folder: home.to_owned(), images, audio, pairs })
}

/// The lists of the splits, and the captions' texts where they are there.
#[expect(clippy::type_complexity, reason = "a name would say no more")]
fn lists(
    source: &Source,
    home: &Path,
    around: &[PathBuf],
) -> Result<(Vec<(&'static str, String)>, Option<String>), Failure> {
    let folders = candidates(source.splits.as_deref(), around, &LISTS);
    let folder = holding(&folders, SPLITS.iter().map(|(_, file)| *file)).ok_or_else(|| {
        let (looked, file) = (source.splits.as_deref().unwrap_or(home).display(), SPLITS[0].1);
        let advice = "Name their folder (Flickr8k_text) with --splits";
        format!("The official splits ({file} and so on) are not in or beside {looked}. {advice}.")
    })?;
    let splits = SPLITS
        .iter()
        .map(|(split, file)| Ok((*split, text_of(&folder, file, &format!("what is in the split {split}"))?)));
    let splits = splits.collect::<Result<_, Failure>>()?;
    let texts = holding(&folders, [TEXTS].into_iter()).map(|folder| files::text(&folder.join(TEXTS)));
    Ok((splits, texts.transpose()?))
}

/// A file without which the corpus is not whole.
fn text_of(folder: &Path, file: &str, says: &str) -> Result<String, Failure> {
    let path = folder.join(file);
    if !path.is_file() {
        let folder = folder.display();
        return Err(
            format!("{folder} has no {file}, which says {says}. Add the file from the download.").into()
        );
    }
    files::text(&path)
}
