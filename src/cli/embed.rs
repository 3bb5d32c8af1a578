//! `hearsight embed`: the vector of a clip or a picture, for other programs.

use std::path::PathBuf;

use hearsight::engine::trimmed;
use hearsight::network::SIDE;
use hearsight::picture::Pixels;

use super::{Failure, audio, files};

/// Print the vector of a clip or a picture as JSON.
#[derive(clap::Args)]
pub struct Arguments {
    /// A spoken clip.
    #[arg(long, required_unless_present = "image", conflicts_with = "image")]
    audio: Option<PathBuf>,
    /// A picture.
    #[arg(long)]
    image: Option<PathBuf>,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let vector = match (&arguments.audio, &arguments.image) {
        (Some(path), _) => {
            let samples = audio::read(path)?;
            pollster::block_on(files::speech(&arguments.model)?.embed(trimmed(&samples)?))?
        }
        (None, Some(path)) => {
            let pixels = Pixels::decode(&files::read(path)?, SIDE)?;
            pollster::block_on(files::picture(&arguments.model)?.embed(&pixels))?
        }
        (None, None) => return Err("Name a clip with --audio or a picture with --image.".into()),
    };
    println!("{}", serde_json::to_string(&vector)?);
    Ok(())
}
