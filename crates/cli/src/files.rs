//! Files of a model and of a gallery.

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::Device;
use hearsight::engine::{
    EngineError, PictureNetwork, PosterSystem, SpeechNetwork, Taught, Vgg16Features, taught_weights,
};
use hearsight::gallery::{Captions, Manifest, Names, read_captions, read_manifest};
use hearsight::network::{DIMENSIONS, Weights};
use hearsight::picture::PictureError;
use hearsight::search::Index;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::Failure;

/// The folder of the model that ships; a `.hearsight` file changes it.
pub const MODEL: &str = "www/models";

/// Names of the files of a model folder.
pub const STUDENT: &str = "student.safetensors";
pub const SPEECH: &str = "speech.safetensors";
pub const PICTURE: &str = "picture.safetensors";
/// Name of the record of a model folder: what the page fetches, with sizes and checksums.
pub const RECORD: &str = "model.json";
/// Name of a gallery's index.
pub const INDEX: &str = "index.safetensors";
/// Name of a gallery's manifest.
pub const MANIFEST: &str = "gallery.json";

/// Names of a gallery's spoken captions: their list and their index.
pub const CAPTIONS: &str = "captions.json";
pub const CAPTION_INDEX: &str = "captions.safetensors";

/// Reads a file; the failure names it.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("{}: {error}. Check the path.", path.display()).into())
}

/// What `decode` makes of a picture file; the failure names it. Of one that ends too early it is said that it does.
pub fn decoded<T>(path: &Path, decode: impl FnOnce(&[u8]) -> Result<T, PictureError>) -> Result<T, Failure> {
    let bytes = read(path)?;
    let decoded = decode(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    if hearsight::picture::is_cut(&bytes) {
        eprintln!("{}: the file ends before its picture does: what is missing is grey.", path.display());
    }
    Ok(decoded)
}

/// Reads a table, and says of one whose letters are a guess that they are.
pub fn table(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read(path)?;
    if hearsight::gallery::is_guessed(&bytes) {
        eprintln!(
            "{}: this is not UTF-8, and was read as Windows-1252. If letters look wrong, save it as CSV UTF-8.",
            path.display()
        );
    }
    Ok(bytes)
}

/// Reads a text file; the failure names it.
pub fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|_| {
        format!("{}: this is not UTF-8 text. Take the file from the download again.", path.display()).into()
    })
}

/// The folder of a file.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file in one go: beside it first, under a name of its own, then renamed, so that a crash leaves the old one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| -> Failure { format!("{}: {error}", path.display()).into() };
    let scratch = scratch(path).map_err(failed)?;
    std::fs::write(scratch.path(), bytes).map_err(failed)?;
    scratch.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// An empty file beside one that is to be written, which is gone when nobody renames it.
pub fn scratch(path: &Path) -> std::io::Result<NamedTempFile> {
    std::fs::create_dir_all(folder_of(path))?;
    let mut scratch = tempfile::Builder::new();
    // Others may read what is written here, as any file that a program makes; a scratch file is its owner's alone.
    #[cfg(unix)]
    scratch.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    scratch.prefix(".hearsight-").tempfile_in(folder_of(path))
}

/// Refuses to replace what is there, unless told to.
pub fn may_write(path: &Path, force: bool) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(format!("{} is a folder. Name a file with --out.", path.display()).into());
    }
    if path.exists() && !force {
        return Err(format!(
            "{} is there already. Name another file with --out, or replace it with --force.",
            path.display()
        )
        .into());
    }
    Ok(())
}

/// The speech network of a model folder, or what was taught to it.
pub fn speech(model: &Path) -> Result<SpeechNetwork, Failure> {
    let (base, taught) = taught(model)?;
    let network = taught_weights(&base, taught.as_ref())
        .and_then(|weights| SpeechNetwork::of(&weights, &Device::flex()).map_err(EngineError::Weights));
    network.map_err(|error| format!("{}: {error}", model.display()).into())
}

/// The file of speech weights of a model folder, or the one that was taught something with what that is.
pub fn taught(model: &Path) -> Result<(Vec<u8>, Option<Taught>), Failure> {
    let base = read(&folder_of_model(model).join(SPEECH))?;
    if !model.is_file() {
        return Ok((base, None));
    }
    let taught = Taught::read(&read(model)?).map_err(|error| format!("{}: {error}", model.display()))?;
    Ok((base, Some(taught)))
}

/// Where the files lie that a `.hearsight` file does not hold.
fn folder_of_model(model: &Path) -> &Path {
    if model.is_file() { Path::new(MODEL) } else { model }
}

/// The picture network of a model folder; what was taught changes nothing about it.
pub fn picture(model: &Path) -> Result<PictureNetwork, Failure> {
    let path = folder_of_model(model).join(PICTURE);
    PictureNetwork::load(&read(&path)?, &Device::flex())
        .map_err(|e| format!("{}: {e}", path.display()).into())
}

/// Sentence embeddings (training/text_embeddings.py makes them), `DIMENSIONS` numbers a text, and the number of each text.
pub fn sentence_embeddings(path: &Path) -> Result<(Vec<f32>, BTreeMap<String, usize>), Failure> {
    let file = Weights::read(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    let (shape, values) = file.get("embeddings")?;
    let texts = file.metadata.get("texts").map_or("", String::as_str);
    let numbers: BTreeMap<String, usize> = texts.lines().map(str::to_owned).zip(0..).collect();
    if *shape != [numbers.len(), DIMENSIONS] {
        return Err(format!("{}: {} texts for {shape:?} numbers", path.display(), numbers.len()).into());
    }
    Ok((values.to_vec(), numbers))
}

/// VGG16 up to fc2, of a checkpoint.
pub fn vgg16(path: &Path) -> Result<Vgg16Features, Failure> {
    Vgg16Features::load(&read(path)?, &Device::flex()).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// The index of a gallery folder.
pub fn index(gallery: &Path) -> Result<Index, Failure> {
    let path = gallery.join(INDEX);
    Index::read(&read(&path)?, DIMENSIONS).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// The spoken captions of a gallery folder with their index, where it has them.
pub fn captions(gallery: &Path) -> Result<Option<(Captions, Index)>, Failure> {
    let (list, index) = (gallery.join(CAPTIONS), gallery.join(CAPTION_INDEX));
    if !list.exists() {
        return Ok(None);
    }
    let failed = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let captions = read_captions(&read(&list)?).map_err(|e| failed(&list, &e))?;
    Ok(Some((captions, Index::read(&read(&index)?, DIMENSIONS).map_err(|e| failed(&index, &e))?)))
}

/// The manifest of a gallery folder.
pub fn manifest(gallery: &Path) -> Result<Manifest, Failure> {
    let path = gallery.join(MANIFEST);
    read_manifest(&read(&path)?).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// How the pictures of a gallery folder are found; `ids` are those of its index, which does where it has no manifest.
pub fn names(gallery: &Path, ids: &[String]) -> Result<Names, Failure> {
    if !gallery.join(MANIFEST).exists() {
        return Ok(Names::of_ids(ids));
    }
    Ok(Names::of(&manifest(gallery)?.pictures))
}

/// Name of the file of one of the poster's systems ("p0") in a model folder.
pub fn system(name: &str) -> String {
    format!("systems/{name}.safetensors")
}

/// The poster's systems of a model folder, by name; those that know other pictures than the gallery has are left out.
pub fn systems(model: &Path, gallery: &Manifest) -> Result<BTreeMap<String, FileEntry>, Failure> {
    let mut entries = BTreeMap::new();
    for name in ["p0", "p1", "p2"] {
        let path = model.join(system(name));
        if !path.exists() {
            continue;
        }
        let content = read(&path)?;
        let known = PosterSystem::read(&content, &Device::flex())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        if known.pictures().ids().iter().eq(gallery.pictures.iter().map(|picture| &picture.id)) {
            entries.insert(name.to_owned(), FileEntry::new(&system(name), &content));
        }
    }
    Ok(entries)
}

/// Size and checksum of a file, for the page's manifest of what to fetch.
#[derive(Serialize)]
pub struct FileEntry {
    file: String,
    bytes: usize,
    sha256: String,
}

impl FileEntry {
    /// Of a file's content; `file` is its path relative to the manifest.
    pub fn new(file: &str, content: &[u8]) -> Self {
        Self { file: file.to_owned(), bytes: content.len(), sha256: hexadecimal(&Sha256::digest(content)) }
    }
}

/// The same file under another name, in the place of what had it; a copy where the disk knows no links.
pub fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    let _ = std::fs::remove_file(to);
    std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(|_| ()))
}

/// Bytes as people compare them.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
