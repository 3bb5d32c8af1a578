//! `hearsight evaluate`: recall on a corpus of pictures and clips.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hearsight::engine::{SpeechNetwork, trimmed};
use hearsight::gallery::Pair;
use hearsight::network::SIDE;
use hearsight::picture::Pixels;
use hearsight::search::{Direction, Recall, recall};

use super::work::in_parallel;
use super::{Failure, audio, corpus, files};

/// Measure recall on a corpus of pictures and clips.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the model.
    #[arg(long, default_value = "www/models")]
    model: PathBuf,
    #[command(flatten)]
    source: corpus::Source,
    /// Only the rows of this language.
    #[arg(long)]
    language: Option<String>,
    /// Search this gallery's index instead of the corpus's pictures, matched by file stem.
    #[arg(long)]
    gallery: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (folder, mut pairs) = arguments.source.pairs()?;
    if let Some(language) = &arguments.language {
        pairs.retain(|pair| pair.language == *language);
    }
    let figures = measure(&arguments.model, &folder, &pairs, arguments.gallery.as_deref())?;
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

/// Recall of a model on pairs whose paths are relative to `folder`, among their own pictures or a gallery's.
pub fn measure(
    model: &Path,
    folder: &Path,
    pairs: &[Pair],
    gallery: Option<&Path>,
) -> Result<Recall, Failure> {
    if pairs.is_empty() {
        return Err("No rows are left. Name another split or language.".into());
    }
    let speech = files::speech(model)?;
    let clips: Vec<&str> =
        pairs.iter().map(|p| p.audio.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    let clip_vectors = in_parallel("clips", &clips, |clip| embed(&speech, &folder.join(clip)))?;

    let (names, picture_vectors): (Vec<String>, Vec<Vec<f32>>) = match gallery {
        Some(gallery) => {
            let index = files::index(gallery)?;
            (index.ids().to_vec(), index.vectors().map(<[f32]>::to_vec).collect())
        }
        None => {
            let network = files::picture(model)?;
            let names: BTreeSet<&str> =
                pairs.iter().map(|p| p.image.as_str()).filter(|i| !i.is_empty()).collect();
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            let vectors = in_parallel("pictures", &names, |name| {
                let path = folder.join(name);
                let pixels = Pixels::decode(&files::read(&path)?, SIDE);
                let pixels = pixels.map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(pollster::block_on(network.embed(&pixels))?)
            })?;
            (names, vectors)
        }
    };

    let picture_number: BTreeMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let clip_number: BTreeMap<&str, usize> = clips.iter().copied().zip(0..).collect();
    let mut numbers = BTreeSet::new();
    for pair in pairs.iter().filter(|pair| !pair.image.is_empty()) {
        let stem = Path::new(&pair.image).file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let name = if gallery.is_some() { stem } else { &pair.image };
        let picture =
            picture_number.get(name).ok_or_else(|| format!("{name} is not in the gallery's index."))?;
        numbers.insert((*picture, clip_number[pair.audio.as_str()]));
    }
    Ok(recall(names.len(), clips.len(), &numbers, |clip, picture| {
        clip_vectors[clip].iter().zip(&picture_vectors[picture]).map(|(a, b)| a * b).sum()
    }))
}

/// A clip's vector; one in which no speech is found counts whole, so that it is measured and not left out.
fn embed(speech: &SpeechNetwork, path: &Path) -> Result<Vec<f32>, Failure> {
    let samples = audio::read(path)?;
    let part = trimmed(&samples).unwrap_or(&samples);
    Ok(pollster::block_on(speech.embed(part))?)
}
