//! Tensors of the speech network, trained further with PyTorch.

use std::path::PathBuf;

use hearsight::engine::SpeechNetwork;
use hearsight::network::Weights;
use hearsight_cli::{Failure, files};

use super::reader::keep;

/// A speech network with some of its tensors changed.
#[derive(clap::Args)]
pub struct Arguments {
    /// The tensors (safetensors, f32 or f16), named and shaped as the speech network has them.
    file: PathBuf,
    /// Folder of the model, whose speech weights are written anew.
    #[arg(long, default_value = files::MODEL)]
    model: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", arguments.file.display());
    let learned = Weights::read(&files::read(&arguments.file)?).map_err(|e| named(&e))?;
    let base = files::read(&arguments.model.join(files::SPEECH))?;
    let bytes = SpeechNetwork::write_with(&base, learned).map_err(|e| named(&e))?;
    keep(&arguments.model, "speech", files::SPEECH, &bytes)?;
    println!(
        "{} holds them; now run `hearsight gallery` for the index",
        arguments.model.join(files::SPEECH).display()
    );
    Ok(())
}
