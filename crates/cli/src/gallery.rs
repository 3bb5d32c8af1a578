//! `hearsight gallery`: pictures, manifest and index of a wall.

mod captions;
mod described;
pub mod folder;
mod known;
mod made;
mod stage;
mod trust;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hearsight::gallery::{Manifest, Picture, read_table};
use hearsight::network::{DIMENSIONS, SIDE, Storage};
use hearsight::picture::{COPY, SMALL, pixels_and_copies};
use hearsight::search::Index;
use serde_json::json;

use super::Failure;
use super::files::{self, FileEntry};
use super::work::in_parallel;
use known::Known;
use made::{MadeBefore, New};
use stage::Stage;

/// Build a gallery: pictures, manifest and index.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with gallery.tsv (id, title, alt, author, licence, source, group) and images/ID.webp.
    #[arg(long, required_unless_present = "from")]
    data: Option<PathBuf>,
    /// Any folder with pictures (jpeg, png, webp, gif, bmp), also in folders below it; their names become titles. Hidden folders and
    /// the gallery itself are passed over.
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
    /// Folder of the gallery to write; it takes the place of an earlier gallery there.
    #[arg(long, default_value = "www/gallery")]
    out: PathBuf,
    /// Replace other files that lie where the gallery shall be, but never those that it is made from.
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let sources = sources(arguments)?;
    let known = Known::of(&sources);
    // What is wrong with a table is said before the long work.
    let captions = arguments.captions.as_ref().map(|table| captions::read(table, &known)).transpose()?;
    let clips = captions.iter().flatten().map(|caption| &caption.source);
    let tables = [&arguments.captions, &arguments.speech].into_iter().flatten();
    let inputs = sources.iter().map(|(_, path)| path).chain(clips).chain(tables);
    let inputs: BTreeSet<PathBuf> = inputs.filter_map(|path| path.canonicalize().ok()).collect();
    let new = sources.iter().flat_map(|(picture, _)| picture.files());
    let new = new.chain(captions.iter().flatten().map(|caption| caption.caption.file.as_str()));
    let mut stage = Stage::begin(&arguments.out, new, &inputs, arguments.force)?;

    let made = match &arguments.from {
        Some(_) => folder_pictures(&sources, &stage, &arguments.model)?,
        None => Embedded { pictures: table_pictures(&sources, &stage, &arguments.model)?, list: None },
    };
    let (mut pictures, mut vectors) = (Vec::new(), Vec::new());
    for (picture, vector) in made.pictures {
        vectors.push((picture.id.clone(), vector));
        pictures.push(picture);
    }
    if pictures.is_empty() {
        return Err("None of these pictures could be read, so there is no gallery.".into());
    }
    let index = index(arguments, &known, vectors)?.write(Storage::Int8)?;
    let manifest = Manifest { version: 1, pictures };
    stage.write(files::INDEX, &index)?;
    stage.write(files::MANIFEST, serde_json::to_string_pretty(&manifest)?.as_bytes())?;
    let captions = match captions {
        Some(captions) => Some(captions::build(captions, &manifest.pictures, &arguments.model, &stage)?),
        None => stage.keep_captions(&manifest),
    };
    let beside = stage.list();
    stage.finish(&inputs)?;
    if let Some(list) = made.list {
        files::write(&beside, list.as_bytes())?;
    }
    // The page shows the gallery beside its model; any other is not its business.
    if std::fs::canonicalize(&arguments.out)?
        == std::fs::canonicalize(arguments.model.join("../gallery")).unwrap_or_default()
    {
        record(arguments, &manifest, &index, captions.as_deref())?;
    }
    println!("{} pictures in {}", manifest.pictures.len(), arguments.out.display());
    Ok(())
}

/// Pictures with their vectors, and the list of what they were made of.
struct Embedded {
    pictures: Vec<(Picture, Vec<f32>)>,
    list: Option<String>,
}

/// Of a table: every file must be right, and is shown as it is.
fn table_pictures(
    sources: &[(Picture, PathBuf)],
    stage: &Stage,
    model: &Path,
) -> Result<Vec<(Picture, Vec<f32>)>, Failure> {
    let network = files::picture(model)?;
    in_parallel("pictures", sources, |(picture, path)| {
        let (content, pixels, [small]) = files::decoded(path, |bytes| {
            let (pixels, copies) = pixels_and_copies(bytes, SIDE, [SMALL])?;
            Ok((bytes.to_vec(), pixels, copies))
        })?;
        stage.write(&picture.file, &content)?;
        stage.write(&picture.small, &small.jpeg)?;
        let (width, height) = pixels.original;
        Ok((Picture { width, height, ..picture.clone() }, pollster::block_on(network.embed(&pixels))?))
    })
}

/// Of a visitor's own folder: what is new since the last run is looked at and copied, and a bad file is left out, since it shall
/// not cost them the others.
fn folder_pictures(sources: &[(Picture, PathBuf)], stage: &Stage, model: &Path) -> Result<Embedded, Failure> {
    let network = files::picture(model)?;
    let before = MadeBefore::of(stage, &files::read(&model.join(files::PICTURE))?)?;
    let made = in_parallel("pictures", sources, |(picture, path)| {
        let made = before.or_make(picture, path, || {
            let (pixels, [copy, small]) =
                files::decoded(path, |bytes| pixels_and_copies(bytes, SIDE, [COPY, SMALL]))?;
            let vector = pollster::block_on(network.embed(&pixels))?;
            Ok(New { size: (copy.width, copy.height), vector, copies: [copy.jpeg, small.jpeg] })
        });
        if let Err(error) = &made {
            eprintln!("left out: {error}");
        }
        Ok(made.ok())
    })?;
    let mut pictures = Vec::new();
    let mut known = 0;
    for ((picture, _), made) in sources.iter().zip(made) {
        let Some(made) = made else { continue };
        made.place(stage, picture)?;
        known += usize::from(made.is_known);
        let (width, height) = made.size;
        pictures.push((Picture { width, height, ..picture.clone() }, made.vector));
    }
    if known > 0 {
        println!("taken over as they were: {known}, new: {}", pictures.len() - known);
    }
    let list = before.list_of(pictures.iter().map(|(picture, _)| picture))?;
    Ok(Embedded { pictures, list: Some(list) })
}

/// The index of pictures (id, vector), with what is written about them and how far its answers can be trusted.
fn index(arguments: &Arguments, known: &Known, pictures: Vec<(String, Vec<f32>)>) -> Result<Index, Failure> {
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
        Some(table) => {
            trust::calibration(&leaning(&|text| !trust::holds_out(text)), known, table, &arguments.model)?
        }
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

/// The pictures and their files.
fn sources(arguments: &Arguments) -> Result<Vec<(Picture, PathBuf)>, Failure> {
    let Some(data) = &arguments.data else {
        return folder::pictures(arguments.from.as_deref().unwrap_or(Path::new(".")), &arguments.out);
    };
    let table = data.join("gallery.tsv");
    let pictures: Vec<Picture> =
        read_table(&files::table(&table)?).map_err(|error| format!("{}: {error}", table.display()))?;
    let mut ids = BTreeSet::new();
    let with_file = |picture: Picture| -> Result<(Picture, PathBuf), Failure> {
        let id = &picture.id;
        let wrong = |what: &str| format!("{}: the id {id:?} {what}. Correct the table.", table.display());
        if id.is_empty() || id.contains(['/', '\\', ':', '\0', '\n']) {
            return Err(wrong("is no name of a file").into());
        }
        if !ids.insert(id.to_lowercase()) {
            return Err(wrong("stands twice").into());
        }
        let picture = picture.with_files("webp");
        let path = data.join(&picture.file);
        Ok((picture, path))
    };
    pictures.into_iter().map(with_file).collect()
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
