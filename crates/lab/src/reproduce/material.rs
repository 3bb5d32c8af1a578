//! What the systems learn from and what they are measured on: spectrograms and picture features.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hearsight::engine::trimmed;
use hearsight::gallery::Pair;
use hearsight::learn::{FeatureStore, statistics};
use hearsight::network::Weights;
use hearsight::poster::POSTER_BANDS;
use hearsight::poster::{PosterLesson, prepare};
use hearsight::sound::{LogMel, Recipe};

use super::Arguments;
use crate::cache::{PictureFeatures, fingerprint, read_shards};
use hearsight_cli::held_out::is_held_out;
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, audio, files};

/// Clips in one file of the cache.
const SHARD: usize = 500;

/// Name of the frozen picture network.
pub fn picture_network(arguments: &Arguments) -> &'static str {
    if arguments.vgg16.is_some() { "VGG16" } else { "EfficientNet-Lite0" }
}

/// The folder of the corpus, the rows that are trained on, and the others; only those with a picture.
fn rows(arguments: &Arguments) -> Result<(PathBuf, Vec<Pair>, Vec<Pair>), Failure> {
    let (folder, mut rows) = arguments.corpus(&arguments.corpus).pairs()?;
    rows.retain(|pair| !pair.image.is_empty());
    let (train, rest) = rows.into_iter().partition(|pair| pair.split == "train");
    Ok((folder, train, rest))
}

/// The lesson and the pool.
pub fn load(arguments: &Arguments) -> Result<(PosterLesson, PosterLesson), Failure> {
    let (folder, train, rest) = rows(arguments)?;
    if arguments.hold_out > 0.0 {
        let (pool, train): (Vec<Pair>, Vec<Pair>) =
            train.into_iter().partition(|pair| is_held_out(&pair.image, arguments.hold_out));
        return lessons(arguments, (&folder, &train), (&folder, &pool));
    }
    let (pool_folder, mut pool) = match &arguments.pool {
        Some(pool) => arguments.corpus(pool).pairs()?,
        None => (folder.clone(), rest),
    };
    pool.retain(|pair| ["dev", "val", "test"].iter().any(|split| pair.split.starts_with(split)));
    for (pairs, what) in [(&train, "train"), (&pool, "dev, val or test")] {
        if pairs.is_empty() {
            return Err(format!(
                "No row with a picture is of split {what}. Name another --corpus or --pool."
            )
            .into());
        }
    }
    lessons(arguments, (&folder, &train), (&pool_folder, &pool))
}

/// The features of both are standardised by those of the train pictures: a map that the trained layer could undo, so
/// that one learning rate fits whatever the features are.
fn lessons(
    arguments: &Arguments,
    (folder, train): (&Path, &[Pair]),
    (pool_folder, pool): (&Path, &[Pair]),
) -> Result<(PosterLesson, PosterLesson), Failure> {
    let (mut train, mut pool) = (lesson(arguments, folder, train)?, lesson(arguments, pool_folder, pool)?);
    let of = statistics(&train.features, train.width);
    standardise(&mut train.features, &of);
    standardise(&mut pool.features, &of);
    Ok((train, pool))
}

fn standardise(features: &mut [f32], [mean, deviation]: &[Vec<f32>; 2]) {
    for row in features.chunks_exact_mut(mean.len()) {
        row.iter_mut().zip(mean.iter().zip(deviation)).for_each(|(v, (m, s))| *v = (*v - m) / s);
    }
}

/// Features of other pictures, standardised by those of the train pictures as they are in the lesson: one row a name.
pub fn like_train(arguments: &Arguments, folder: &Path, names: &[&str]) -> Result<Vec<f32>, Failure> {
    let (train_folder, train, _) = rows(arguments)?;
    let train_names: BTreeSet<&str> = train.iter().map(|pair| pair.image.as_str()).collect();
    let (train, width) = features(arguments, &train_folder, &train_names.into_iter().collect::<Vec<_>>())?;
    let (mut others, _) = features(arguments, folder, names)?;
    standardise(&mut others, &statistics(&train, width));
    Ok(others)
}

fn lesson(arguments: &Arguments, folder: &Path, pairs: &[Pair]) -> Result<PosterLesson, Failure> {
    let names: BTreeSet<&str> = pairs.iter().map(|pair| pair.image.as_str()).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let number: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
    let (features, width) = features(arguments, folder, &names)?;
    let frames = spectrograms(folder, pairs, &arguments.cache)?;
    let heard: Vec<usize> = (0..pairs.len()).filter(|&clip| frames.frames(clip) > 0).collect();
    let pictures = heard.iter().map(|&clip| number[pairs[clip].image.as_str()]).collect();
    Ok(PosterLesson { frames: frames.subset(&heard), pictures, features, width })
}

/// What the frozen network says of each picture, and how many numbers that are.
fn features(arguments: &Arguments, folder: &Path, names: &[&str]) -> Result<(Vec<f32>, usize), Failure> {
    let stand_in;
    let network = match &arguments.vgg16 {
        Some(checkpoint) => PictureFeatures::Vgg16(checkpoint),
        None => {
            let path = arguments.weights.join("efficientnet-lite0-features.safetensors");
            stand_in = Weights::read(&files::read(&path)?)?;
            PictureFeatures::EfficientNetLite0(&stand_in)
        }
    };
    let width = network.width();
    let mut features = network.of(folder, names, &arguments.cache)?;
    if arguments.vgg16.is_none() {
        // Means of ReLU6 outputs are small and skewed; the root evens them out.
        features.iter_mut().for_each(|value| *value = value.max(0.0).sqrt());
    }
    Ok((features, width))
}

/// The poster's log-mel frames of every clip, from the cache where they are; a clip that cannot be read has none.
fn spectrograms(folder: &Path, pairs: &[Pair], cache: &Path) -> Result<FeatureStore, Failure> {
    let shards: Vec<&[Pair]> = pairs.chunks(SHARD).collect();
    let stored = in_parallel("spectrograms", &shards, |pairs| {
        let path = cache.join(format!("mel-{}", fingerprint(pairs.iter().map(|pair| pair.audio.as_str()))));
        if path.exists() {
            return Ok(path);
        }
        let mut store = FeatureStore::new(POSTER_BANDS);
        let mut log_mel = LogMel::new(Recipe::poster());
        for pair in *pairs {
            let samples = audio::read(&folder.join(&pair.audio)).unwrap_or_default();
            let speech = trimmed(&samples).unwrap_or(&samples);
            store.push(&if speech.is_empty() { Vec::new() } else { prepare(&log_mel.frames(speech)) });
        }
        files::write(&path, &store.to_bytes())?;
        Ok(path)
    })?;
    read_shards(POSTER_BANDS, &stored)
}
