//! `hearsight gallery`: pictures, manifest and index of a wall.

mod captions;
mod described;
mod folder;
mod shard;
mod trust;

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
    /// Sentence embeddings of the train captions in the folder's captions.tsv (training/text_embeddings.py makes them): a
    /// picture's vector then leans on its captions too.
    #[arg(long, requires = "data")]
    texts: Option<PathBuf>,
    /// Pairs of training speech: by those that the training held out the index learns how far an answer can be trusted. Without,
    /// an index of the same pictures keeps what it has learned.
    #[arg(long)]
    speech: Option<PathBuf>,
    /// Pairs of spoken captions that a picture is described from (training/make_captions.py makes them). Without, those that are
    /// there stay, if their pictures do.
    #[arg(long)]
    captions: Option<PathBuf>,
    /// Embed only this part of the pictures, I/N with I from 0 to N - 1; for collections that one machine does not hold.
    #[arg(long, requires = "parquet", default_value = "0/1")]
    shard: Shard,
    /// Write a Parquet file (id, path, embedding) for a search engine instead of a gallery (docs/collections.md).
    #[arg(long, conflicts_with_all = ["texts", "speech", "captions"])]
    parquet: Option<PathBuf>,
    /// Folder of the gallery to write.
    #[arg(long, default_value = "www/gallery")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let sources = sources(arguments)?;
    if let Some(out) = &arguments.parquet {
        let written = shard::write(&sources, arguments.shard, &arguments.model, out)?;
        println!("{written} pictures in {}", out.display());
        return Ok(());
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
    let index = index(arguments, vectors)?.write(Storage::F16)?;
    let manifest = Manifest { version: 1, pictures };
    remove_old(arguments, &manifest);
    files::write(&arguments.out.join(files::INDEX), &index)?;
    files::write(&arguments.out.join(files::MANIFEST), serde_json::to_string_pretty(&manifest)?.as_bytes())?;
    let captions = match &arguments.captions {
        Some(table) => Some(captions::build(table, &manifest.pictures, &arguments.model, &arguments.out)?),
        None => std::fs::read(arguments.out.join(files::CAPTION_INDEX)).ok(),
    };
    // The page shows the gallery beside its model; any other is not its business.
    if std::fs::canonicalize(&arguments.out)?
        == std::fs::canonicalize(arguments.model.join("../gallery")).unwrap_or_default()
    {
        record(arguments, &manifest, &index, captions.as_deref())?;
    }
    println!("{} pictures in {}", manifest.pictures.len(), arguments.out.display());
    Ok(())
}

/// The index of pictures (id, vector), with what is written about them and how far its answers can be trusted.
fn index(arguments: &Arguments, pictures: Vec<(String, Vec<f32>)>) -> Result<Index, Failure> {
    let described = match (&arguments.data, &arguments.texts) {
        (Some(data), Some(texts)) => {
            Some(described::Captions::read(&pictures, &data.join("captions.tsv"), texts)?)
        }
        _ => None,
    };
    let leaning = |counts: &dyn Fn(&str) -> bool| match &described {
        Some(captions) => captions.index(&pictures, counts),
        None => Index::of(DIMENSIONS, pictures.clone()),
    };
    let mut index = leaning(&|_| true);
    let calibration = match &arguments.speech {
        Some(table) => trust::calibration(&leaning(&|text| !trust::holds_out(text)), table, &arguments.model)?,
        None => {
            let known = files::index(&arguments.out).ok().filter(|known| known.ids() == index.ids());
            known.and_then(|known| known.calibration())
        }
    };
    if let Some(calibration) = calibration {
        index.calibrate(calibration);
    }
    Ok(index)
}

/// Removes what an earlier run put into the gallery and this one no longer lists: pictures, and the spoken captions unless they
/// stay.
fn remove_old(arguments: &Arguments, manifest: &Manifest) {
    let listed: BTreeSet<&str> = manifest.pictures.iter().map(|picture| picture.file.as_str()).collect();
    let pictures = files::manifest(&arguments.out).map_or(Vec::new(), |old| old.pictures);
    let pictures = pictures.into_iter().map(|picture| picture.file).filter(|file| !listed.contains(&**file));
    let mut old: Vec<String> = pictures.collect();
    let known: BTreeSet<&str> = manifest.pictures.iter().map(|picture| picture.id.as_str()).collect();
    let library = files::captions(&arguments.out).ok().flatten().map(|(list, _)| list.captions);
    let stay = arguments.captions.is_none()
        && library.iter().flatten().all(|caption| known.contains(&*caption.picture));
    if !stay {
        old.extend(library.into_iter().flatten().map(|caption| caption.file));
        old.extend([files::CAPTIONS, files::CAPTION_INDEX].map(str::to_owned));
    }
    for file in old {
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
