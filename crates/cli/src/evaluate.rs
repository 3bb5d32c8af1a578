//! `hearsight evaluate`: recall on a corpus of pictures and clips.

use std::path::PathBuf;

use hearsight::search::Direction;

use super::pool::Pool;
use super::{Failure, corpus, files};

/// Measure recall on a corpus of pictures and clips.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the model, or a .hearsight file.
    #[arg(long, default_value = files::MODEL)]
    model: PathBuf,
    #[command(flatten)]
    source: corpus::Source,
    /// Search this gallery's index instead of the corpus's pictures, matched by the paths that it was made from.
    #[arg(long)]
    gallery: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (folder, pairs) = arguments.source.pairs()?;
    let pool = Pool::embed(&arguments.model, &folder, &pairs, arguments.gallery.as_deref())?;
    let ranks = pool.ranks(pairs.iter())?;
    if ranks.audio_to_image.is_empty() {
        return Err(
            "Nothing can be measured: no row has both a clip and a picture. Correct the table.".into()
        );
    }
    let half = pairs.iter().filter(|pair| pair.image.is_empty() || pair.audio.is_empty()).count();
    if half > 0 {
        eprintln!("rows without a clip or without a picture, which are not measured: {half}");
    }
    let figures = ranks.figures();
    if arguments.json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        println!("{} pictures, {} clips", figures.images, figures.clips);
        print("speech to picture", &figures.audio_to_image);
        print("picture to speech", &figures.image_to_audio);
    }
    Ok(())
}

fn print(direction: &str, figures: &Direction) {
    let part = |share: f64, [low, high]: [f64; 2]| {
        format!("{:5.1} % [{:.1}, {:.1}]", 100.0 * share, 100.0 * low, 100.0 * high)
    };
    println!(
        "{direction}: R@1 {}  R@5 {}  R@10 {}  median rank {}",
        part(figures.r1, figures.r1_interval),
        part(figures.r5, figures.r5_interval),
        part(figures.r10, figures.r10_interval),
        figures.median_rank
    );
}
