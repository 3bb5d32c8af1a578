//! The library of spoken captions: what a picture of the wall is described from.

use std::collections::BTreeSet;
use std::path::Path;

use hearsight::gallery::{Caption, Captions, Picture, read_pairs};
use hearsight::network::{DIMENSIONS, Storage};
use hearsight::search::Index;

use crate::cli::pool::embed_clip;
use crate::cli::work::in_parallel;
use crate::cli::{Failure, files};

/// Embeds the clips of a table of pairs and puts them, their list and their index into a gallery; gives the index.
pub fn build(table: &Path, pictures: &[Picture], model: &Path, out: &Path) -> Result<Vec<u8>, Failure> {
    let pairs = read_pairs(&files::read(table)?, None)?;
    let known: BTreeSet<&str> = pictures.iter().map(|picture| picture.id.as_str()).collect();
    let speech = files::speech(model)?;
    let folder = files::folder_of(table);
    let spoken = in_parallel("spoken captions", &pairs, |pair| {
        let picture = pair.image_stem();
        if !known.contains(picture) {
            return Err(format!("{}: {picture} is not in the gallery.", table.display()).into());
        }
        let source = folder.join(&pair.audio);
        let name = source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let file = format!("captions/{name}");
        files::write(&out.join(&file), &files::read(&source)?)?;
        let caption = Caption {
            id: Path::new(&name).with_extension("").to_string_lossy().into_owned(),
            picture: picture.to_owned(),
            text: pair.text.clone(),
            voice: pair.voice.clone(),
            split: pair.split.clone(),
            file,
        };
        Ok((caption, embed_clip(&speech, &source)?))
    })?;
    let index =
        Index::of(DIMENSIONS, spoken.iter().map(|(caption, vector)| (caption.id.clone(), vector.clone())));
    let index = index.write(Storage::Int8)?;
    let list = Captions { version: 1, captions: spoken.into_iter().map(|(caption, _)| caption).collect() };
    files::write(&out.join(files::CAPTIONS), serde_json::to_string(&list)?.as_bytes())?;
    files::write(&out.join(files::CAPTION_INDEX), &index)?;
    Ok(index)
}
