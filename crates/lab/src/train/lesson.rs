//! From files to a lesson: encodes speech with the frozen encoder, once, and embeds the pictures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::{Device, ExecutionError};
use hearsight::engine::{encode, trimmed};
use hearsight::gallery::{Pair, read_pairs};
use hearsight::learn::{Clip, FeatureStore, Lesson, embed_clips};
use hearsight::network::{DIMENSIONS, SIDE, SpeechHead, WIDTH, Weights, WhisperEncoder};
use hearsight::picture::Pixels;
use hearsight::search::Ranks;
use hearsight::sound::{Change, LogMel, Recipe, augmented_frames, augmented_samples};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use crate::cache::{fingerprint, read_shards};
use hearsight_cli::held_out::{is_held_out, share_of};
use hearsight_cli::work::in_parallel;
use hearsight_cli::{Failure, audio, files};

/// Clips in one file of the cache.
const SHARD: usize = 500;
/// A clip must have this many frames (at 25 a second) to be learned from.
const SHORTEST: usize = 3;

/// Where a lesson comes from.
pub struct Sources<'a> {
    pub corpus: &'a Path,
    /// Folder of the model whose picture network speech is to meet.
    pub pictures: &'a Path,
    pub texts: &'a Path,
    pub cache: &'a Path,
    pub views: Views,
}

/// Which clips are heard as an augmented view.
pub struct Views {
    /// What is changed.
    pub changes: Vec<Change>,
    /// Share of the clips.
    pub share: f64,
    /// Share of the captions of pictures that is held out, and heard as it is.
    pub hold_out: f64,
}

impl Views {
    /// The changes that a clip is heard with, and the random numbers to draw them from: the same in every run.
    fn of(&self, pair: &Pair) -> (&[Change], ChaCha8Rng) {
        let as_it_is = !pair.image.is_empty() && is_held_out(&pair.text, self.hold_out);
        let changes = if as_it_is || share_of(&pair.audio) >= self.share { &[][..] } else { &self.changes };
        (changes, ChaCha8Rng::from_seed(Sha256::digest(pair.audio.as_bytes()).into()))
    }

    /// What the cache's files are named by, beside the clips.
    fn name(&self) -> String {
        format!("{:?} {} {}", self.changes, self.share, self.hold_out)
    }
}

/// The frozen speech encoder of a folder.
pub fn frozen(weights: &Path) -> Result<Weights, Failure> {
    let encoder = files::read(&weights.join("whisper-tiny-en-encoder.safetensors"))?;
    let encoder = WhisperEncoder::import(Weights::read(&encoder)?);
    // What ships is rounded, so the head learns from the rounded encoder.
    Ok(Weights::read(&encoder.write_each(WhisperEncoder::storage)?)?)
}

impl Sources<'_> {
    /// The lesson, and the clips of a share of the pictures' captions that are held out of it.
    pub fn prepare(&self, encoder: &Weights, clips: Option<usize>) -> Result<(Lesson, HeldOut), Failure> {
        let table = files::read(self.corpus)?;
        let mut pairs = read_pairs(&table, Some("train"))?;
        pairs.truncate(clips.unwrap_or(usize::MAX));
        let folder = self.corpus.parent().unwrap_or(Path::new("."));
        let frames = encode_clips(folder, &pairs, encoder, &self.views, self.cache)?;

        let names: BTreeSet<&str> =
            pairs.iter().map(|p| p.image.as_str()).filter(|i| !i.is_empty()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let network = files::picture(self.pictures)?;
        let pictures = in_parallel("pictures", &names, |name| {
            let pixels = Pixels::decode(&files::read(&folder.join(name))?, SIDE)?;
            Ok(pollster::block_on(network.embed(&pixels))?)
        })?;
        let picture_number: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let (texts, text_number) = files::sentence_embeddings(self.texts)?;
        let number_of =
            |text: &String| text_number.get(text).copied().ok_or_else(|| format!("no embedding of {text:?}"));

        let mut lesson = Lesson { frames, clips: Vec::new(), texts, pictures: pictures.concat() };
        let (mut kept, mut held_out) = (Vec::new(), HeldOut::default());
        for (number, pair) in pairs.iter().enumerate() {
            let text = number_of(&pair.text)?;
            let picture = picture_number.get(pair.image.as_str()).copied();
            if lesson.frames.frames(number) < SHORTEST {
                continue;
            }
            match picture {
                Some(picture) if is_held_out(&pair.text, self.views.hold_out) => {
                    held_out.clips.push((number, picture))
                }
                _ => {
                    lesson.clips.push(Clip { text, picture });
                    kept.push(number);
                }
            }
        }
        held_out.frames = Some(lesson.frames.subset(&held_out.clips.iter().map(|c| c.0).collect::<Vec<_>>()));
        lesson.frames = lesson.frames.subset(&kept);
        Ok((lesson, held_out))
    }

    /// The held-out clips of the table, each heard with these changes.
    pub fn changed(
        &self,
        encoder: &Weights,
        clips: Option<usize>,
        held_out: &HeldOut,
        changes: &[Change],
    ) -> Result<HeldOut, Failure> {
        let mut pairs = read_pairs(&files::read(self.corpus)?, Some("train"))?;
        pairs.truncate(clips.unwrap_or(usize::MAX));
        let pairs: Vec<Pair> = held_out.clips.iter().map(|&(number, _)| pairs[number].clone()).collect();
        let views = Views { changes: changes.to_vec(), share: 1.0, hold_out: 0.0 };
        let frames = encode_clips(files::folder_of(self.corpus), &pairs, encoder, &views, self.cache)?;
        Ok(HeldOut { clips: held_out.clips.clone(), frames: Some(frames) })
    }
}

/// Clips of captions that are not learned from, though their pictures are.
#[derive(Default)]
pub struct HeldOut {
    clips: Vec<(usize, usize)>,
    frames: Option<FeatureStore>,
}

impl HeldOut {
    pub fn len(&self) -> usize {
        self.clips.len()
    }

    /// Ranks of the held-out clips among the pictures that are spoken about.
    pub async fn ranks(&self, head: &SpeechHead, lesson: &Lesson) -> Result<Ranks, ExecutionError> {
        let all: Vec<usize> = (0..self.clips.len()).collect();
        let clips = match &self.frames {
            Some(frames) => embed(head, frames, &all).await?,
            None => Vec::new(),
        };
        let pairs = self.clips.iter().enumerate().map(|(clip, &(_, picture))| (picture, clip)).collect();
        let row = |table: &[f32], i: usize| table[i * DIMENSIONS..][..DIMENSIONS].to_vec();
        let count = lesson.pictures.len() / DIMENSIONS;
        Ok(Ranks::of(count, self.clips.len(), &pairs, |clip, picture| {
            row(&clips, clip).iter().zip(row(&lesson.pictures, picture)).map(|(a, b)| a * b).sum()
        }))
    }
}

/// Vectors of some clips of a store, `DIMENSIONS` numbers a clip.
async fn embed(
    head: &SpeechHead,
    frames: &FeatureStore,
    clips: &[usize],
) -> Result<Vec<f32>, ExecutionError> {
    let mut vectors = Vec::with_capacity(clips.len() * DIMENSIONS);
    for clips in clips.chunks(64) {
        vectors.extend(embed_clips(head, frames, clips, &Device::flex()).await?);
    }
    Ok(vectors)
}

/// The encoder's frames of every clip, from the cache where they are; a clip that is missing has none.
fn encode_clips(
    folder: &Path,
    pairs: &[Pair],
    encoder: &Weights,
    views: &Views,
    cache: &Path,
) -> Result<FeatureStore, Failure> {
    let device = Device::flex();
    let encoder = WhisperEncoder::load(encoder, "", &device)?;
    let settings = views.name();
    let shards: Vec<&[Pair]> = pairs.chunks(SHARD).collect();
    let stored = in_parallel("encoding speech", &shards, |pairs| {
        let names = pairs.iter().map(|pair| pair.audio.as_str()).chain([settings.as_str()]);
        let path = cache.join(format!("speech-{}", fingerprint(names)));
        if path.exists() {
            return Ok(path);
        }
        let mut store = FeatureStore::new(WIDTH);
        let mut log_mel = LogMel::new(Recipe::whisper());
        for pair in *pairs {
            let frames = match audio::read(&folder.join(&pair.audio)) {
                Ok(samples) => {
                    let (changes, mut rng) = views.of(pair);
                    let speech = trimmed(&samples).unwrap_or(samples);
                    let speech = augmented_samples(&speech, changes, &mut rng)?;
                    let mel = augmented_frames(log_mel.frames(&speech), changes, &mut rng);
                    encode(&encoder, &mel, &device).into_data().try_to_vec::<f32>()
                }
                Err(_) => Ok(Vec::new()),
            };
            store.push(&frames.map_err(|error| format!("{}: {error:?}", pair.audio))?);
        }
        files::write(&path, &store.to_bytes())?;
        Ok(path)
    })?;
    read_shards(WIDTH, &stored)
}
