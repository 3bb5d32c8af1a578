//! A session that trains the speech head on cached features, towards sentence embeddings and the vectors of pictures. It is
//! pulled: [`Session::step`] does one step and returns.

use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::features::FeatureStore;
use super::losses::{info_nce, ranked_among};
use super::schedule;
use crate::network::{DIMENSIONS, HEAD, SpeechHead, Weights, WeightsError};

/// One spoken clip of a lesson; its frames have the same number in the feature store.
#[derive(Clone, Copy, Debug)]
pub struct Clip {
    /// Number of its text.
    pub text: usize,
    /// Number of its picture, where it has one.
    pub picture: Option<usize>,
}

/// What is learned from.
pub struct Lesson {
    /// Frames of each clip.
    pub frames: FeatureStore,
    /// What each clip says and shows.
    pub clips: Vec<Clip>,
    /// Sentence embeddings, `DIMENSIONS` numbers a text.
    pub texts: Vec<f32>,
    /// Vectors of the pictures that are spoken about, `DIMENSIONS` numbers a picture.
    pub pictures: Vec<f32>,
}

/// The knobs.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Recipe {
    /// Steps in all; the learning rate falls to zero over them (cosine), after a short warm-up.
    pub steps: usize,
    /// Clips a step.
    pub batch: usize,
    /// Further texts a step that are imposters only.
    pub imposters: usize,
    /// Largest learning rate of AdamW.
    pub learning_rate: f64,
    /// Weight decay of AdamW.
    pub weight_decay: f32,
    /// Temperature of the contrastive losses.
    pub temperature: f64,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            steps: 4000,
            batch: 256,
            imposters: 1024,
            learning_rate: 2e-3,
            weight_decay: 0.05,
            temperature: 0.05,
            seed: 1,
        }
    }
}

/// Loads the speech head from a checkpoint or model file.
///
/// # Errors
/// [`WeightsError`] when a tensor is missing or of another shape.
pub fn speech_head(weights: &Weights, device: &Device) -> Result<SpeechHead, WeightsError> {
    SpeechHead::load(weights, HEAD, device)
}

/// Vectors of some clips of a store, `DIMENSIONS` numbers a clip.
///
/// # Errors
/// The device is lost.
pub async fn embed_clips(
    head: &SpeechHead,
    frames: &FeatureStore,
    clips: &[usize],
    device: &Device,
) -> Result<Vec<f32>, ExecutionError> {
    let (frames, padding) = frames.batch(clips, device);
    let vectors = head.forward(frames, Some(padding)).into_data_async().await?;
    Ok(vectors.iter::<f32>().collect())
}

/// What one step reports.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Progress {
    /// Steps done.
    pub step: usize,
    /// Learning rate of this step.
    pub learning_rate: f64,
    /// Speech against sentence embeddings.
    pub speech_text: f32,
    /// Speech against pictures.
    pub speech_picture: f32,
}

/// A running training.
pub struct Session {
    lesson: Lesson,
    recipe: Recipe,
    head: SpeechHead,
    optimizer: ModuleOptimizer,
    device: Device,
    step: usize,
    queue: Vec<Vec<usize>>,
    rng: ChaCha8Rng,
}

impl Session {
    /// Starts with a random head. `device` must have autodiff on.
    pub fn new(lesson: Lesson, recipe: Recipe, device: Device) -> Self {
        device.seed(recipe.seed);
        let head = SpeechHead::new(&device);
        let optimizer = AdamWConfig::new().with_weight_decay(recipe.weight_decay).init();
        let rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        Self { lesson, recipe, head, optimizer, device, step: 0, queue: Vec::new(), rng }
    }

    /// Starts from the head of a network that was trained before instead of a random one.
    ///
    /// # Errors
    /// [`WeightsError`] when it is broken or of another shape.
    pub fn start_from(&mut self, weights: &Weights) -> Result<(), WeightsError> {
        self.head = weights.load(self.head.clone(), HEAD)?;
        Ok(())
    }

    /// Goes on from a checkpoint of [`Session::checkpoint`]: head, optimiser state and step. Batches are drawn anew.
    ///
    /// # Errors
    /// [`WeightsError`] when it is broken or of another head.
    pub fn resume(&mut self, weights: &Weights, optimizer: Vec<u8>, step: usize) -> Result<(), WeightsError> {
        let head = weights.load(self.head.clone(), HEAD)?;
        let optimizer = AdamWConfig::new()
            .with_weight_decay(self.recipe.weight_decay)
            .init()
            .from_bytes(burn::tensor::Bytes::from_bytes_vec(optimizer))
            .map_err(|error| WeightsError::Unreadable(error.to_string()))?;
        (self.head, self.optimizer, self.step) = (head, optimizer, step);
        self.rng = ChaCha8Rng::seed_from_u64(self.recipe.seed ^ step as u64);
        Ok(())
    }

    /// Head and optimiser state as they are. CPU only.
    ///
    /// # Errors
    /// [`WeightsError`] when a parameter cannot be read.
    #[allow(clippy::disallowed_methods)] // Natively only; a browser's GPU is read asynchronously.
    pub fn checkpoint(&self) -> Result<(Weights, Vec<u8>), WeightsError> {
        let optimizer = self.optimizer.into_bytes().map_err(|e| WeightsError::Unreadable(e.to_string()))?;
        Ok((Weights::collect(&self.head, HEAD)?, optimizer.to_vec()))
    }

    /// What is learned from.
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// Steps done so far.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// Whether all steps are done.
    pub fn finished(&self) -> bool {
        self.step >= self.recipe.steps
    }

    /// Does one step.
    ///
    /// # Errors
    /// A loss that cannot be read: the device is lost.
    pub async fn step(&mut self) -> Result<Progress, ExecutionError> {
        let clips = self.next_batch();
        let (speech_text, speech_picture) = self.speech_losses(&clips);
        let loss = speech_text.clone() + speech_picture.clone();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.head);
        let Recipe { learning_rate, steps, .. } = self.recipe;
        let learning_rate = schedule::learning_rate(learning_rate, self.step, steps);
        self.head = self.optimizer.step(learning_rate, self.head.clone(), gradients);
        self.step += 1;
        Ok(Progress {
            step: self.step,
            learning_rate,
            speech_text: speech_text.into_scalar_async().await?,
            speech_picture: speech_picture.into_scalar_async().await?,
        })
    }

    /// Speech against the texts of the batch and further ones, both ways, and against the pictures of the batch.
    fn speech_losses(&mut self, clips: &[usize]) -> (Tensor<1>, Tensor<1>) {
        let temperature = self.recipe.temperature;
        let (frames, padding) = self.lesson.frames.batch(clips, &self.device);
        let speech = self.head.forward(frames, Some(padding));
        let texts: Vec<usize> = clips.iter().map(|&c| self.lesson.clips[c].text).collect();
        let all = self.lesson.texts.len() / DIMENSIONS;
        let pool: Vec<usize> = texts
            .iter()
            .copied()
            .chain((0..self.recipe.imposters).map(|_| self.rng.random_range(0..all)))
            .collect();
        let own = self.text_vectors(&texts);
        let among = ranked_among(speech.clone(), self.text_vectors(&pool), temperature);
        let closeness = (speech.clone() * own.clone()).sum_dim(1).mean();
        let speech_text =
            among + info_nce(speech.clone(), own, &texts, temperature).div_scalar(2.0) - closeness;

        let shown: Vec<(usize, usize)> = clips
            .iter()
            .enumerate()
            .filter_map(|(row, &c)| Some((row, self.lesson.clips[c].picture?)))
            .collect();
        if shown.len() < 2 {
            return (speech_text, Tensor::zeros([1], &self.device));
        }
        let owners: Vec<usize> = shown.iter().map(|s| s.1).collect();
        let spoken: Vec<i64> = shown.iter().map(|s| s.0 as i64).collect();
        let spoken = Tensor::from_data(TensorData::new(spoken, [shown.len()]), &self.device);
        let pictures = rows(&self.lesson.pictures, &owners, DIMENSIONS, &self.device);
        (speech_text, info_nce(speech.select(0, spoken), pictures, &owners, temperature))
    }

    /// Clips of similar length share a batch, so that little of it is padding; no text twice.
    fn next_batch(&mut self) -> Vec<usize> {
        if self.queue.is_empty() {
            let mut order: Vec<usize> = (0..self.lesson.clips.len()).collect();
            order.shuffle(&mut self.rng);
            for part in order.chunks(self.recipe.batch * 8) {
                let mut part = part.to_vec();
                part.sort_by_key(|&clip| self.lesson.frames.frames(clip));
                self.queue.extend(part.chunks(self.recipe.batch).map(<[usize]>::to_vec));
            }
            self.queue.shuffle(&mut self.rng);
        }
        let mut batch = self.queue.pop().unwrap_or_default();
        let mut seen = std::collections::BTreeSet::new();
        batch.retain(|&clip| seen.insert(self.lesson.clips[clip].text));
        batch
    }

    fn text_vectors(&self, texts: &[usize]) -> Tensor<2> {
        rows(&self.lesson.texts, texts, DIMENSIONS, &self.device)
    }
}

/// Some rows of a row-major table as `[rows, width]`.
pub(crate) fn rows(table: &[f32], rows: &[usize], width: usize, device: &Device) -> Tensor<2> {
    let values: Vec<f32> = rows.iter().flat_map(|row| &table[row * width..][..width]).copied().collect();
    Tensor::from_data(TensorData::new(values, [rows.len(), width]), device)
}

/// Mean and deviation of each of `width` features over all rows of a row-major table.
pub fn statistics(features: &[f32], width: usize) -> [Vec<f32>; 2] {
    let rows = || features.chunks_exact(width);
    let count = rows().len().max(1) as f32;
    let (mut mean, mut variance) = (vec![0.0_f32; width], vec![0.0_f32; width]);
    rows().for_each(|row| mean.iter_mut().zip(row).for_each(|(m, v)| *m += v / count));
    for row in rows() {
        variance.iter_mut().zip(&mean).zip(row).for_each(|((s, m), v)| *s += (v - m).powi(2) / count);
    }
    [mean, variance.into_iter().map(|v| v.sqrt().max(1e-3)).collect()]
}
