//! `import`: weights that others have trained, checked and brought into hearsight's form.

mod keras;
mod pytorch;
mod reader;
mod speech;

use std::path::{Path, PathBuf};

use hearsight::engine::PictureNetwork;
use hearsight::network::Weights;
use hearsight::poster::{Vgg16Error, Vgg16Loader};

use hearsight_cli::{Failure, files};

/// Bring weights that others have trained into hearsight's form.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    network: Network,
}

#[derive(clap::Subcommand)]
enum Network {
    /// The poster's picture network, up to fc2.
    Vgg16 {
        /// torchvision's vgg16 (.pth or .safetensors), or Keras' (.h5).
        file: PathBuf,
        /// The checkpoint to write, 269 MB.
        #[arg(long, default_value = "vgg16.safetensors")]
        out: PathBuf,
        /// Replace a file that is there already.
        #[arg(long)]
        force: bool,
    },
    /// The picture network that ships: a head that training/eye has trained, behind its backbone.
    Picture {
        /// The head (.safetensors).
        head: PathBuf,
        /// The backbone's weights.
        #[arg(long, default_value = "training/weights/efficientnet-lite0-features.safetensors")]
        backbone: PathBuf,
        /// Folder of the model to write the network into.
        #[arg(long, default_value = files::MODEL)]
        out: PathBuf,
    },
    /// The reader of word-like units that training/ear makes, into the speech network of a model.
    Reader(reader::Arguments),
    /// Tensors of encoder and reader that training/ear/noise.py has trained further, into the speech network of a model.
    Speech(speech::Arguments),
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.network {
        Network::Vgg16 { file, out, force } => {
            files::may_write(out, *force)?;
            vgg16(file, out)
        }
        Network::Picture { head, backbone, out } => picture(head, backbone, out),
        Network::Reader(arguments) => reader::run(arguments),
        Network::Speech(arguments) => speech::run(arguments),
    }
}

fn picture(head: &Path, backbone: &Path, out: &Path) -> Result<(), Failure> {
    let read = |path: &Path| -> Result<Weights, Failure> {
        Weights::read(&files::read(path)?).map_err(|error| format!("{}: {error}", path.display()).into())
    };
    let network = PictureNetwork::write(read(backbone)?, read(head)?)
        .map_err(|error| format!("{}: {error}", head.display()))?;
    files::write(&out.join(files::PICTURE), &network)?;
    println!(
        "{:.1} MB written to {}; now run `hearsight gallery` for the index",
        network.len() as f64 / 1e6,
        out.display()
    );
    Ok(())
}

fn vgg16(file: &Path, out: &Path) -> Result<(), Failure> {
    let checkpoint = gather(file).and_then(|loader| Ok(loader.write()?));
    let checkpoint = checkpoint.map_err(|error| format!("{}: {error}", file.display()))?;
    files::write(out, &checkpoint)?;
    println!("{} holds VGG16 up to fc2, {:.0} MB.", out.display(), checkpoint.len() as f64 / 1e6);
    Ok(())
}

/// All tensors of a file. Its first bytes say what it is: names are often wrong.
fn gather(file: &Path) -> Result<Vgg16Loader, Failure> {
    const NOT_HERE: &str = "it cannot be opened. Check the path.";
    let mut start = Vec::new();
    let opened = std::fs::File::open(file).map_err(|_| NOT_HERE)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(opened, 9), &mut start).map_err(|_| NOT_HERE)?;
    if start.starts_with(b"\x89HDF\r\n\x1a\n") {
        keras::gather(file)
    } else if start.len() == 9 && start[8] == b'{' {
        let bytes = std::fs::read(file).map_err(|_| NOT_HERE)?;
        Ok(Vgg16Loader::read(&bytes)?)
    } else {
        pytorch::gather(file)
    }
}

/// For readers that say what they disliked in their own terms, which help nobody here.
fn unreadable<T>(_: T) -> Failure {
    Vgg16Error::Unreadable.into()
}
