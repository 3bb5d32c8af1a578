//! `hearsight search`: rank a gallery's pictures for a spoken clip.

use std::path::PathBuf;

use burn::tensor::Device;
use hearsight::engine::Engine;

use super::{Failure, audio, files};

/// Rank a gallery's pictures for a spoken clip.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with the gallery's manifest and index.
    #[arg(long)]
    gallery: PathBuf,
    /// The clip: wav, mp3, flac, ogg, m4a or webm.
    #[arg(long)]
    audio: PathBuf,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
    /// How many pictures to print.
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let speech = files::read(&arguments.model.join(files::SPEECH))?;
    let index = files::read(&arguments.gallery.join(files::INDEX))?;
    let engine = Engine::load(&speech, &index, &Device::flex())?;
    let samples = audio::read(&arguments.audio)?;
    let mut matches = pollster::block_on(engine.search(&samples))?;
    matches.truncate(arguments.top);
    if arguments.json {
        println!("{}", serde_json::to_string(&matches)?);
    } else {
        for (rank, found) in matches.iter().enumerate() {
            println!("{:3}  {:6.3}  {}", rank + 1, found.score, found.id);
        }
    }
    Ok(())
}
