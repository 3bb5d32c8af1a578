//! `hearsight gallery`: pictures, manifest and index of a wall.

mod captions;
mod folder;
#[cfg(feature = "lab")]
mod parquet_file;
mod shard;
mod spoken;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hearsight::gallery::{Manifest, Picture, read_table};
use hearsight::network::{DIMENSIONS, SIDE, Storage};
use hearsight::picture::{COPY, Pixels, pixels_and_copy};
use hearsight::search::Index;
use serde_json::json;

use super::Failure;
use super::files::{self, FileEntry};
use super::work::in_parallel;
use shard::Shard;

/// Build a gallery: pictures, manifest and index.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with gallery.tsv (id, title, alt, author, licence, source, group) and images/ID.webp.
    #[arg(long, required_unless_present = "from")]
    data: Option<PathBuf>,
    /// Any folder with pictures (jpeg, png, webp, gif, bmp), also in folders below it; their names become titles.
    #[arg(long, conflicts_with = "data")]
    from: Option<PathBuf>,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
    /// Pairs of training speech: a picture's vector then leans on its spoken captions too, and the index learns how far
    /// an answer can be trusted.
    #[arg(long)]
    speech: Option<PathBuf>,
    /// Pairs of spoken captions that a picture is described from (training/make_captions.py makes them).
    #[arg(long)]
    captions: Option<PathBuf>,
    /// Embed only this part of the pictures, I/N with I from 0 to N - 1; for collections that one machine does not hold.
    #[arg(long, requires = "parquet", default_value = "0/1")]
    shard: Shard,
    /// Write a Parquet file (id, path, embedding) for a search engine instead of a gallery (docs/collections.md).
    #[arg(long, conflicts_with_all = ["speech", "captions"])]
    parquet: Option<PathBuf>,
    /// Folder of the gallery to write.
    #[arg(long, default_value = "www/gallery")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let sources = sources(arguments)?;
    if let Some(out) = &arguments.parquet {
        #[cfg(not(feature = "lab"))]
        return Err(format!("{}: {}", out.display(), super::without_lab::NOT_BUILT).into());
        #[cfg(feature = "lab")]
        {
            let written = parquet_file::write(&sources, arguments.shard, &arguments.model, out)?;
            println!("{written} pictures in {}", out.display());
            return Ok(());
        }
    }
    let network = files::picture(&arguments.model)?;
    let embedded = in_parallel("pictures", &sources, |(picture, path)| {
        let embed = || -> Result<_, Failure> {
            let content = files::read(path)?;
            let (pixels, shown, size) = if arguments.from.is_some() {
                let (pixels, copy) = pixels_and_copy(&content, SIDE, COPY)?;
                (pixels, copy.jpeg, (copy.width, copy.height))
            } else {
                let pixels = Pixels::decode(&content, SIDE)?;
                let size = pixels.original;
                (pixels, content, size)
            };
            files::write(&arguments.out.join(&picture.file), &shown)?;
            Ok((size, pollster::block_on(network.embed(&pixels))?))
        };
        match embed() {
            Ok(embedded) => Ok(Some(embedded)),
            // One bad file among a visitor's own shall not cost them the others.
            Err(error) if arguments.from.is_some() => {
                eprintln!("left out: {}: {error}", path.display());
                Ok(None)
            }
            Err(error) => Err(format!("{}: {error}", path.display()).into()),
        }
    })?;
    let (mut pictures, mut vectors) = (Vec::new(), Vec::new());
    for ((mut picture, _), embedded) in sources.into_iter().zip(embedded) {
        if let Some(((width, height), vector)) = embedded {
            (picture.width, picture.height) = (width, height);
            vectors.push((picture.id.clone(), vector));
            pictures.push(picture);
        }
    }
    if pictures.is_empty() {
        return Err("None of these pictures could be read, so there is no gallery.".into());
    }
    let index = match &arguments.speech {
        Some(table) => spoken::index(&vectors, table, &arguments.model)?,
        None => Index::of(DIMENSIONS, vectors),
    };
    let index = index.write(Storage::F16)?;
    let manifest = Manifest { version: 1, pictures };
    remove_old(arguments, &manifest);
    files::write(&arguments.out.join(files::INDEX), &index)?;
    files::write(&arguments.out.join(files::MANIFEST), serde_json::to_string_pretty(&manifest)?.as_bytes())?;
    let captions = arguments
        .captions
        .as_ref()
        .map(|table| captions::build(table, &manifest.pictures, &arguments.model, &arguments.out));
    let captions = captions.transpose()?;
    // The page shows the gallery beside its model; any other is not its business.
    if std::fs::canonicalize(&arguments.out)?
        == std::fs::canonicalize(arguments.model.join("../gallery")).unwrap_or_default()
    {
        record(arguments, &manifest, &index, captions.as_deref())?;
    }
    println!("{} pictures in {}", manifest.pictures.len(), arguments.out.display());
    Ok(())
}

/// Removes what an earlier run put into the gallery and this one no longer lists: pictures, and all spoken captions.
fn remove_old(arguments: &Arguments, manifest: &Manifest) {
    let listed: BTreeSet<&str> = manifest.pictures.iter().map(|picture| picture.file.as_str()).collect();
    let pictures = files::manifest(&arguments.out).map_or(Vec::new(), |old| old.pictures);
    let pictures = pictures.into_iter().map(|picture| picture.file).filter(|file| !listed.contains(&**file));
    let captions = files::captions(&arguments.out).ok().flatten();
    let captions = captions.into_iter().flat_map(|(list, _)| list.captions).map(|caption| caption.file);
    let lists = [files::CAPTIONS, files::CAPTION_INDEX].map(str::to_owned);
    for file in pictures.chain(captions).chain(lists) {
        // What is not there need not be removed.
        let _ = std::fs::remove_file(arguments.out.join(file));
    }
}

/// The pictures and their files.
fn sources(arguments: &Arguments) -> Result<Vec<(Picture, PathBuf)>, Failure> {
    let Some(data) = &arguments.data else {
        return folder::pictures(arguments.from.as_deref().unwrap_or(Path::new(".")));
    };
    let table = data.join("gallery.tsv");
    let pictures: Vec<Picture> =
        read_table(&files::read(&table)?).map_err(|error| format!("{}: {error}", table.display()))?;
    let with_file = |mut picture: Picture| {
        picture.file = format!("images/{}.webp", picture.id);
        let path = data.join(&picture.file);
        (picture, path)
    };
    Ok(pictures.into_iter().map(with_file).collect())
}

/// What the page fetches, with sizes and checksums: `model.json` beside the model.
fn record(
    arguments: &Arguments,
    manifest: &Manifest,
    index: &[u8],
    captions: Option<&[u8]>,
) -> Result<(), Failure> {
    let systems = files::systems(&arguments.model, manifest)?;
    let entry =
        |name: &str| Ok::<_, Failure>(FileEntry::new(name, &files::read(&arguments.model.join(name))?));
    let record = json!({
        "version": 1,
        "name": "hearsight",
        "dimensions": DIMENSIONS,
        "files": {
            "student": arguments.model.join(files::STUDENT).exists().then(|| entry(files::STUDENT)).transpose()?,
            "speech": entry(files::SPEECH)?,
            "picture": entry(files::PICTURE)?,
            "index": FileEntry::new("../gallery/index.safetensors", index),
            "captions": captions.map(|captions| FileEntry::new("../gallery/captions.safetensors", captions)),
            "systems": (!systems.is_empty()).then_some(systems),
        },
    });
    files::write(&arguments.model.join(files::RECORD), serde_json::to_string_pretty(&record)?.as_bytes())
}
