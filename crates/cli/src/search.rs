//! `hearsight search`: rank a gallery's pictures for a spoken clip, or its pictures and spoken captions for a picture.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use hearsight::engine::Engine;
use hearsight::network::SIDE;
use hearsight::picture::Pixels;
use hearsight::search::Match;
use serde::Serialize;

use super::{Failure, audio, files};

/// Rank a gallery's pictures for a spoken clip, or its pictures and spoken captions for a picture.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with the gallery's manifest and index.
    #[arg(long)]
    gallery: PathBuf,
    /// The clip: wav, mp3, flac, ogg, m4a or webm.
    #[arg(long, required_unless_present = "image")]
    audio: Option<PathBuf>,
    /// The picture: jpeg, png, webp, gif or bmp.
    #[arg(long, conflicts_with = "audio")]
    image: Option<PathBuf>,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
    /// How many to print.
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is found for a picture.
#[derive(Serialize)]
struct Found {
    pictures: Vec<Match>,
    captions: Vec<Said>,
}

/// A caption that is near to a picture.
#[derive(Serialize)]
struct Said {
    #[serde(flatten)]
    found: Match,
    text: String,
    picture: String,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match (&arguments.image, &arguments.audio) {
        (Some(image), _) => for_picture(arguments, image),
        (None, Some(clip)) => for_clip(arguments, clip),
        (None, None) => Err("Name a clip with --audio or a picture with --image.".into()),
    }
}

fn for_clip(arguments: &Arguments, clip: &Path) -> Result<(), Failure> {
    let speech = files::read(&arguments.model.join(files::SPEECH))?;
    let index = files::read(&arguments.gallery.join(files::INDEX))?;
    let engine = Engine::load(&speech, &index, &Device::flex())?;
    let answer = pollster::block_on(engine.search(&audio::read(clip)?))?;
    let (matches, _) = engine.pictures().rank_first(&answer.vector, arguments.top);
    if arguments.json {
        println!("{}", serde_json::to_string(&matches)?);
    } else {
        print(&matches);
    }
    Ok(())
}

fn for_picture(arguments: &Arguments, image: &Path) -> Result<(), Failure> {
    let pixels = files::decoded(image, |bytes| Pixels::decode(bytes, SIDE))?;
    let vector = pollster::block_on(files::picture(&arguments.model)?.embed(&pixels))?;
    let mut pictures = files::index(&arguments.gallery)?.rank(&vector);
    pictures.truncate(arguments.top);
    let mut captions = Vec::new();
    if let Some((list, index)) = files::captions(&arguments.gallery)? {
        let said: BTreeMap<&str, _> =
            list.captions.iter().map(|caption| (caption.id.as_str(), caption)).collect();
        let ranking = index.rank(&vector).into_iter().take(arguments.top);
        captions.extend(ranking.filter_map(|found| {
            let caption = said.get(found.id.as_str())?;
            Some(Said { text: caption.text.clone(), picture: caption.picture.clone(), found })
        }));
    }
    let found = Found { pictures, captions };
    if arguments.json {
        println!("{}", serde_json::to_string(&found)?);
        return Ok(());
    }
    print(&found.pictures);
    for (rank, said) in found.captions.iter().enumerate() {
        println!("{:3}  {:6.3}  \"{}\" ({})", rank + 1, said.found.score, said.text, said.picture);
    }
    Ok(())
}

fn print(matches: &[Match]) {
    for (rank, found) in matches.iter().enumerate() {
        println!("{:3}  {:6.3}  {}", rank + 1, found.score, found.id);
    }
}
