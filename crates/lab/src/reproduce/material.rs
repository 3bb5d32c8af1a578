//! What the systems learn from, are chosen by and are measured on: spectrograms and picture features.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hearsight::engine::speech_part;
use hearsight::gallery::Pair;
use hearsight::learn::{FeatureStore, statistics};
use hearsight::network::Weights;
use hearsight::poster::POSTER_BANDS;
use hearsight::poster::{PosterLesson, prepare};
use hearsight::sound::{LogMel, Recipe};

use super::Arguments;
use crate::cache::{PictureFeatures, fingerprint, read_shards};
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, audio, files};

/// Clips in one file of the cache.
const SHARD: usize = 500;

/// Name of the frozen picture network.
pub fn picture_network(arguments: &Arguments) -> &'static str {
    if arguments.vgg16.is_some() { "VGG16" } else { "EfficientNet-Lite0" }
}

/// Rows of a corpus, and the folder that their paths are relative to.
struct Rows {
    folder: PathBuf,
    pairs: Vec<Pair>,
}

/// The rows of each split, only those with a picture.
pub struct Splits {
    train: Rows,
    /// What is chosen by: of each picture one clip, so that looking often is cheap.
    dev: Rows,
    /// What is measured on, once.
    test: Rows,
}

impl Splits {
    /// Reads the tables. Where nothing is of split test, what was chosen by is measured on too.
    pub fn read(arguments: &Arguments) -> Result<Self, Failure> {
        let train = of_splits(arguments, &arguments.corpus, &["train"])?;
        let pool = arguments.pool.as_ref().unwrap_or(&arguments.corpus);
        let mut dev = of_splits(arguments, pool, &["dev", "val"])?;
        let mut test = of_splits(arguments, pool, &["test"])?;
        if test.pairs.is_empty() {
            test = of_splits(arguments, pool, &["dev", "val"])?;
        }
        for (rows, what) in [(&train, "train"), (&dev, "dev or val")] {
            if rows.pairs.is_empty() {
                return Err(format!(
                    "No row with a picture is of split {what}. Name another --corpus or --pool."
                )
                .into());
            }
        }
        dev.pairs = one_a_picture(dev.pairs);
        Ok(Self { train, dev, test })
    }

    /// Names what is learned from.
    pub fn fingerprint(&self) -> String {
        fingerprint(self.train.pairs.iter().flat_map(|pair| [pair.audio.as_str(), pair.image.as_str()]))
    }

    /// Names what is measured on.
    pub fn test_fingerprint(&self) -> String {
        fingerprint(self.test.pairs.iter().flat_map(|pair| [pair.audio.as_str(), pair.image.as_str()]))
    }

    /// The clips and pictures that are measured on.
    pub fn test(&self) -> (&Path, &[Pair]) {
        (&self.test.folder, &self.test.pairs)
    }
}

fn of_splits(arguments: &Arguments, corpus: &Path, splits: &[&str]) -> Result<Rows, Failure> {
    let (folder, mut pairs) = arguments.corpus(corpus).pairs()?;
    pairs.retain(|pair| !pair.image.is_empty() && splits.iter().any(|split| pair.split.starts_with(split)));
    let listed = pairs.len();
    pairs.retain(|pair| folder.join(&pair.audio).is_file());
    if pairs.len() < listed {
        eprintln!("{}: clips that are not there, and left out: {}", corpus.display(), listed - pairs.len());
    }
    Ok(Rows { folder, pairs })
}

/// Of each picture one clip: its first, the next picture's second, and so on, so that every voice is heard.
pub fn one_a_picture(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut clips: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    pairs.iter().for_each(|pair| clips.entry(&pair.image).or_default().push(pair));
    clips.values().enumerate().map(|(number, clips)| clips[number % clips.len()].clone()).collect()
}

/// What is learned from.
pub fn train(arguments: &Arguments, splits: &Splits) -> Result<PosterLesson, Failure> {
    lesson(arguments, splits, &splits.train)
}

/// What is chosen by.
pub fn dev(arguments: &Arguments, splits: &Splits) -> Result<PosterLesson, Failure> {
    lesson(arguments, splits, &splits.dev)
}

/// What is measured on.
pub fn test(arguments: &Arguments, splits: &Splits) -> Result<PosterLesson, Failure> {
    lesson(arguments, splits, &splits.test)
}

/// Mean and deviation of each feature over the train pictures. The features of all pictures are standardised by them: a
/// map that the trained layer could undo, so that one learning rate fits whatever the features are.
fn scale(arguments: &Arguments, splits: &Splits) -> Result<[Vec<f32>; 2], Failure> {
    let (train, width) = features(arguments, &splits.train.folder, &pictures(&splits.train.pairs))?;
    Ok(statistics(&train, width))
}

fn standardise(features: &mut [f32], [mean, deviation]: &[Vec<f32>; 2]) {
    for row in features.chunks_exact_mut(mean.len()) {
        row.iter_mut().zip(mean.iter().zip(deviation)).for_each(|(v, (m, s))| *v = (*v - m) / s);
    }
}

/// Features of other pictures, standardised as those of the lessons are: one row a name.
pub fn like_train(arguments: &Arguments, folder: &Path, names: &[&str]) -> Result<Vec<f32>, Failure> {
    let of = scale(arguments, &Splits::read(arguments)?)?;
    let (mut others, _) = features(arguments, folder, names)?;
    standardise(&mut others, &of);
    Ok(others)
}

/// The pictures of rows, each once.
fn pictures(pairs: &[Pair]) -> Vec<&str> {
    pairs.iter().map(|pair| pair.image.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
}

fn lesson(arguments: &Arguments, splits: &Splits, rows: &Rows) -> Result<PosterLesson, Failure> {
    let Rows { folder, pairs } = rows;
    let names = pictures(pairs);
    let number: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
    let (mut features, width) = features(arguments, folder, &names)?;
    standardise(&mut features, &scale(arguments, splits)?);
    let frames = spectrograms(folder, pairs, &arguments.cache)?;
    let heard: Vec<usize> = (0..pairs.len()).filter(|&clip| frames.frames(clip) > 0).collect();
    let pictures = heard.iter().map(|&clip| number[pairs[clip].image.as_str()]).collect();
    let frames = if heard.len() < pairs.len() { frames.subset(&heard) } else { frames };
    Ok(PosterLesson { frames, pictures, features, width })
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
            let speech = speech_part(&samples).unwrap_or(&samples);
            store.push(&if speech.is_empty() { Vec::new() } else { prepare(&log_mel.frames(speech)) });
        }
        files::write(&path, &store.to_bytes())?;
        Ok(path)
    })?;
    read_shards(POSTER_BANDS, &stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(image: &str, audio: &str) -> Pair {
        Pair { image: image.into(), audio: audio.into(), split: "dev".into(), ..Pair::default() }
    }

    #[test]
    fn one_clip_of_each_picture_is_looked_at_and_they_take_turns() {
        let pairs = ["a0", "a1", "b0", "b1", "c0"].map(|name| pair(&name[..1], name)).to_vec();
        let clips: Vec<String> = one_a_picture(pairs).into_iter().map(|pair| pair.audio).collect();
        assert_eq!(clips, ["a0", "b1", "c0"]);
    }
}
