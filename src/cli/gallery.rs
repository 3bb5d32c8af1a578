//! `hearsight gallery`: pictures, manifest and index of a wall.

mod spoken;

use std::path::PathBuf;

use hearsight::gallery::{Manifest, Picture, read_table};
use hearsight::network::{DIMENSIONS, SIDE};
use hearsight::picture::Pixels;
use hearsight::search::Index;
use serde_json::json;

use super::Failure;
use super::files::{self, FileEntry};
use super::work::in_parallel;

/// Build a gallery: pictures, manifest and index.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with gallery.tsv (id, title, alt, author, licence, source, group) and images/ID.webp.
    #[arg(long)]
    data: PathBuf,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
    /// Pairs of training speech: a picture's vector then leans on its spoken captions too, and the index learns how far
    /// an answer can be trusted.
    #[arg(long)]
    speech: Option<PathBuf>,
    /// Folder of the gallery to write.
    #[arg(long, default_value = "www/gallery")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let table = arguments.data.join("gallery.tsv");
    let mut pictures: Vec<Picture> =
        read_table(&files::read(&table)?).map_err(|error| format!("{}: {error}", table.display()))?;
    let network = files::picture(&arguments.model)?;
    let embedded = in_parallel("pictures", &pictures, |picture| {
        let file = format!("images/{}.webp", picture.id);
        let content = files::read(&arguments.data.join(&file))?;
        let pixels = Pixels::decode(&content, SIDE).map_err(|error| format!("{file}: {error}"))?;
        files::write(&arguments.out.join(&file), &content)?;
        Ok((file, pixels.original, pollster::block_on(network.embed(&pixels))?))
    })?;
    let mut vectors = Vec::new();
    for (picture, (file, (width, height), vector)) in pictures.iter_mut().zip(embedded) {
        (picture.file, picture.width, picture.height) = (file, width, height);
        vectors.push((picture.id.clone(), vector));
    }
    let index = match &arguments.speech {
        Some(table) => spoken::index(&vectors, table, &arguments.model)?,
        None => Index::of(DIMENSIONS, vectors),
    };
    let index = index.write()?;
    let manifest = Manifest { version: 1, pictures };
    files::write(&arguments.out.join(files::INDEX), &index)?;
    files::write(&arguments.out.join(files::MANIFEST), serde_json::to_string_pretty(&manifest)?.as_bytes())?;
    record(arguments, &index)?;
    println!("{} pictures in {}", manifest.pictures.len(), arguments.out.display());
    Ok(())
}

/// What the page fetches, with sizes and checksums: `model.json` beside the model.
fn record(arguments: &Arguments, index: &[u8]) -> Result<(), Failure> {
    let entry =
        |name: &str| Ok::<_, Failure>(FileEntry::new(name, &files::read(&arguments.model.join(name))?));
    let record = json!({
        "version": 1,
        "name": "hearsight",
        "dimensions": DIMENSIONS,
        "files": {
            "speech": entry(files::SPEECH)?,
            "picture": entry(files::PICTURE)?,
            "index": FileEntry::new("../gallery/index.safetensors", index),
        },
    });
    files::write(&arguments.model.join("model.json"), serde_json::to_string_pretty(&record)?.as_bytes())
}
