//! A session that trains one of the poster's systems from scratch. It is pulled: [`PosterSession::step`] does one step
//! and returns.

use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Bytes, Device, ExecutionError, Tensor, TensorData};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Objective;
use super::sampler::epoch;
use crate::learn::FeatureStore;
use crate::learn::learning_rate as scheduled;
use crate::network::{Lengths, Weights, WeightsError};
use crate::poster::{PosterConfig, PosterNetwork};
use crate::sound::Frames;

/// Frames that a caption is cut to: 10.24 s (Harwath et al. 2016, section 3).
pub const LONGEST: usize = 1024;
/// Of a spectrogram, in nats of power: below it there is no speech to be made louder.
const SMALLEST_DEVIATION: f32 = 0.1;

/// What is learned from or measured on.
pub struct PosterLesson {
    /// Frames of each clip as [`prepare`] gives them.
    pub frames: FeatureStore,
    /// Picture of each clip.
    pub pictures: Vec<usize>,
    /// Features of each picture, `width` numbers each.
    pub features: Vec<f32>,
    /// Numbers of a picture's features.
    pub width: usize,
}

/// How the weights move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Optimizer {
    /// With momentum 0.9, as in 2016.
    Sgd,
    /// Its steps do not depend on the size of the loss.
    Adam,
}

/// One system with its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PosterRecipe {
    /// The network.
    pub network: PosterConfig,
    /// What is minimised, averaged over the batch.
    pub objective: Objective,
    /// How the weights move.
    pub optimizer: Optimizer,
    /// Largest learning rate; it falls to zero over the steps (cosine), after a short warm-up.
    pub learning_rate: f64,
    /// Steps in all.
    pub steps: usize,
    /// Pairs a step.
    pub batch: usize,
    /// Seed of everything random.
    pub seed: u64,
}

/// A clip's log-mel frames as the poster's networks hear them: cut to [`LONGEST`], each band's mean over the clip
/// subtracted (what a microphone or a voice does to all of it), and the whole brought to deviation one.
pub fn prepare(frames: &Frames) -> Vec<f32> {
    let bands = frames.bands;
    let mut values = frames.values[..frames.values.len().min(LONGEST * bands)].to_vec();
    let count = (values.len() / bands).max(1) as f32;
    for band in 0..bands {
        let mean = values.iter().skip(band).step_by(bands).sum::<f32>() / count;
        values.iter_mut().skip(band).step_by(bands).for_each(|value| *value -= mean);
    }
    let power = values.iter().map(|value| value * value).sum::<f32>() / values.len().max(1) as f32;
    let deviation = power.sqrt().max(SMALLEST_DEVIATION);
    values.iter_mut().for_each(|value| *value /= deviation);
    values
}

/// A running training.
pub struct PosterSession {
    lesson: PosterLesson,
    recipe: PosterRecipe,
    network: PosterNetwork,
    optimizer: ModuleOptimizer,
    device: Device,
    step: usize,
    queue: Vec<Vec<usize>>,
    rng: ChaCha8Rng,
}

impl PosterSession {
    /// Starts with random weights. `device` must have autodiff on.
    pub fn new(lesson: PosterLesson, recipe: PosterRecipe, device: Device) -> Self {
        device.seed(recipe.seed);
        let network = recipe.network.init(lesson.width, &device);
        let rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        let optimizer = optimizer(recipe.optimizer);
        Self { lesson, recipe, network, optimizer, device, step: 0, queue: Vec::new(), rng }
    }

    /// Goes on from a checkpoint of [`PosterSession::checkpoint`]. Batches are drawn anew.
    ///
    /// # Errors
    /// [`WeightsError`] when it is broken or of another network.
    pub fn resume(&mut self, network: &Weights, state: Vec<u8>, step: usize) -> Result<(), WeightsError> {
        let network = network.load(self.network.clone(), "")?;
        let optimizer = optimizer(self.recipe.optimizer)
            .from_bytes(Bytes::from_bytes_vec(state))
            .map_err(|error| WeightsError::Unreadable(error.to_string()))?;
        (self.network, self.optimizer, self.step) = (network, optimizer, step);
        self.rng = ChaCha8Rng::seed_from_u64(self.recipe.seed ^ step as u64);
        Ok(())
    }

    /// Weights and optimiser state as they are. CPU only.
    ///
    /// # Errors
    /// [`WeightsError`] when a parameter cannot be read.
    #[allow(clippy::disallowed_methods)] // Natively only; a browser's GPU is read asynchronously.
    pub fn checkpoint(&self) -> Result<(Weights, Vec<u8>), WeightsError> {
        let state = self.optimizer.into_bytes().map_err(|e| WeightsError::Unreadable(e.to_string()))?;
        Ok((Weights::collect(&self.network, "")?, state.to_vec()))
    }

    /// Steps done so far.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// Whether all steps are done.
    pub fn finished(&self) -> bool {
        self.step >= self.recipe.steps
    }

    /// Does one step; gives the loss of a pair.
    ///
    /// # Errors
    /// A loss that cannot be read: the device is lost.
    pub async fn step(&mut self) -> Result<f32, ExecutionError> {
        let clips = self.next_batch();
        let pictures: Vec<usize> = clips.iter().map(|&clip| self.lesson.pictures[clip]).collect();
        let captions = speech(&self.network, &self.lesson, &clips, &self.device);
        let images = self.network.images(features(&self.lesson, &pictures, &self.device));
        let scores = captions.matmul(images.transpose());
        let loss = self.recipe.objective.of(scores, &pictures, &mut self.rng);
        let loss = if self.recipe.objective.is_sum() { loss.div_scalar(clips.len() as f64) } else { loss };
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let PosterRecipe { learning_rate, steps, .. } = self.recipe;
        let learning_rate = scheduled(learning_rate, self.step, steps);
        self.network = self.optimizer.step(learning_rate, self.network.clone(), gradients);
        self.step += 1;
        loss.into_scalar_async().await
    }

    /// The network as it is, without gradients.
    ///
    /// # Errors
    /// [`WeightsError`] when a parameter cannot be read.
    pub fn network(&self, device: &Device) -> Result<PosterNetwork, WeightsError> {
        Weights::collect(&self.network, "")?.load(self.recipe.network.init(self.lesson.width, device), "")
    }

    fn next_batch(&mut self) -> Vec<usize> {
        if self.queue.is_empty() {
            let frames: Vec<usize> =
                (0..self.lesson.frames.len()).map(|clip| self.lesson.frames.frames(clip)).collect();
            self.queue = epoch(&self.lesson.pictures, &frames, self.recipe.batch, &mut self.rng);
        }
        self.queue.pop().unwrap_or_default()
    }
}

fn optimizer(kind: Optimizer) -> ModuleOptimizer {
    match kind {
        Optimizer::Sgd => {
            let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
            SgdConfig::new().with_momentum(Some(momentum)).init()
        }
        Optimizer::Adam => AdamConfig::new().init(),
    }
}

/// Vectors of some clips, `[clips, width]`.
fn speech(network: &PosterNetwork, lesson: &PosterLesson, clips: &[usize], device: &Device) -> Tensor<2> {
    let (frames, _) = lesson.frames.batch(clips, device);
    let lengths = Lengths::new(clips.iter().map(|&clip| lesson.frames.frames(clip)).collect());
    network.audio.forward(frames.swap_dims(1, 2), &lengths)
}

fn features(lesson: &PosterLesson, pictures: &[usize], device: &Device) -> Tensor<2> {
    let row = |picture: &usize| &lesson.features[picture * lesson.width..][..lesson.width];
    let values: Vec<f32> = pictures.iter().flat_map(row).copied().collect();
    Tensor::from_data(TensorData::new(values, [pictures.len(), lesson.width]), device)
}

/// Vectors of all clips and of all pictures of a lesson, as rows.
///
/// # Errors
/// The device is lost.
pub async fn embed(
    network: &PosterNetwork,
    lesson: &PosterLesson,
    device: &Device,
) -> Result<(Vec<Vec<f32>>, Vec<Vec<f32>>), ExecutionError> {
    let mut order: Vec<usize> = (0..lesson.frames.len()).collect();
    order.sort_by_key(|&clip| lesson.frames.frames(clip));
    let mut clips = vec![Vec::new(); order.len()];
    for part in order.chunks(64) {
        for (&clip, vector) in part.iter().zip(rows(speech(network, lesson, part, device)).await?) {
            clips[clip] = vector;
        }
    }
    let pictures: Vec<usize> = (0..lesson.features.len() / lesson.width).collect();
    let pictures = rows(network.images(features(lesson, &pictures, device))).await?;
    Ok((clips, pictures))
}

async fn rows(vectors: Tensor<2>) -> Result<Vec<Vec<f32>>, ExecutionError> {
    let [_, width] = vectors.dims();
    let values: Vec<f32> = vectors.into_data_async().await?.iter::<f32>().collect();
    Ok(values.chunks_exact(width).map(<[f32]>::to_vec).collect())
}
