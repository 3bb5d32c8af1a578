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
    /// Print the picture's fc2 features of VGG16 instead, by this checkpoint (cargo lab import vgg16 makes it).
    #[arg(long, value_name = "CHECKPOINT", requires = "image", conflicts_with = "audio")]
    vgg16: Option<PathBuf>,
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let vector = match (&arguments.audio, &arguments.image) {
        (Some(path), _) => {
            let samples = audio::read(path)?;
            pollster::block_on(files::speech(&arguments.model)?.embed(&trimmed(&samples)?))?
        }
        (None, Some(path)) if let Some(checkpoint) = &arguments.vgg16 => {
            let pixels = Pixels::imagenet(&files::read(path)?)?;
            pollster::block_on(files::vgg16(checkpoint)?.of(&pixels))?
        }
        (None, Some(path)) => {
            let pixels = files::decoded(path, |bytes| Pixels::decode(bytes, SIDE))?;
            pollster::block_on(files::picture(&arguments.model)?.embed(&pixels))?
        }
        (None, None) => return Err("Name a clip with --audio or a picture with --image.".into()),
    };
    println!("{}", serde_json::to_string(&vector)?);
    Ok(())
}
