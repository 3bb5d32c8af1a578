//! A tiny training to look at: two linear layers, from random weights, pull the vectors of matching pairs together. It is
//! pulled itself: [`PullSession::step`] does one step and returns.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Objective;
use crate::network::unit_length;

/// What is trained, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PullRecipe {
    /// What is minimised, averaged over the batch.
    pub objective: Objective,
    /// Of Adam.
    pub learning_rate: f64,
    /// Numbers a vector behind the layers.
    pub width: usize,
    /// Pairs a step.
    pub batch: usize,
    /// Seed of the weights, the batches and the imposters.
    pub seed: u64,
}

/// A layer for each side. Both give vectors of length one, so that a score is a cosine.
#[derive(Module, Debug)]
struct Layers {
    speech: Linear,
    picture: Linear,
}

/// A running training over pairs of vectors: the first of `speech` belongs to the first of `pictures`, and so on.
pub struct PullSession {
    speech: Tensor<2>,
    pictures: Tensor<2>,
    layers: Layers,
    optimizer: ModuleOptimizer,
    recipe: PullRecipe,
    step: usize,
    queue: Vec<usize>,
    rng: ChaCha8Rng,
}

impl PullSession {
    /// Starts with random weights over pairs of `inputs` numbers each, row by row. `device` must have autodiff on.
    pub fn new(
        speech: Vec<f32>,
        pictures: Vec<f32>,
        inputs: usize,
        recipe: PullRecipe,
        device: &Device,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(recipe.seed);
        let mut layer = || random_layer(inputs, recipe.width, &mut rng, device);
        let layers = Layers { speech: layer(), picture: layer() };
        let rows = |values: Vec<f32>| {
            let count = values.len() / inputs;
            Tensor::from_data(TensorData::new(values, [count, inputs]), device)
        };
        Self {
            speech: rows(speech),
            pictures: rows(pictures),
            layers,
            optimizer: AdamConfig::new().init(),
            recipe,
            step: 0,
            queue: Vec::new(),
            rng,
        }
    }

    /// Steps done so far.
    pub fn steps_done(&self) -> usize {
        self.step
    }

    /// Does one step; gives the loss of a pair.
    ///
    /// # Errors
    /// A loss that cannot be read: the device is lost.
    pub async fn step(&mut self) -> Result<f32, ExecutionError> {
        let batch = self.next_batch();
        let device = self.speech.device();
        let chosen: Vec<i32> = batch.iter().map(|&pair| pair as i32).collect();
        let chosen = Tensor::from_data(TensorData::new(chosen, [batch.len()]), &device);
        let speech = unit_length(self.layers.speech.forward(self.speech.clone().select(0, chosen.clone())));
        let pictures = unit_length(self.layers.picture.forward(self.pictures.clone().select(0, chosen)));
        let scores = speech.matmul(pictures.transpose());
        let loss = self.recipe.objective.of(scores, &batch, &mut self.rng).div_scalar(batch.len() as f64);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.layers);
        self.layers = self.optimizer.step(self.recipe.learning_rate, self.layers.clone(), gradients);
        self.step += 1;
        loss.into_scalar_async().await
    }

    /// Vectors of length one behind the layers, of any speech and pictures of `inputs` numbers each: as rows.
    ///
    /// # Errors
    /// The device is lost.
    pub async fn vectors(
        &self,
        speech: &[f32],
        pictures: &[f32],
    ) -> Result<[Vec<Vec<f32>>; 2], ExecutionError> {
        Ok([rows(&self.layers.speech, speech).await?, rows(&self.layers.picture, pictures).await?])
    }

    fn next_batch(&mut self) -> Vec<usize> {
        if self.queue.len() < self.recipe.batch {
            self.queue = (0..self.speech.dims()[0]).collect();
            self.queue.shuffle(&mut self.rng);
        }
        self.queue.split_off(self.queue.len().saturating_sub(self.recipe.batch))
    }
}

/// A layer without bias, as burn draws one, but at once and from a stream of its own: burn draws when a layer is first
/// used, from one stream a process, so that sessions side by side would start from different weights.
fn random_layer(inputs: usize, width: usize, rng: &mut ChaCha8Rng, device: &Device) -> Linear {
    let bound = 1.0 / (inputs as f32).sqrt();
    let weight = (0..inputs * width).map(|_| rng.random_range(-bound..bound)).collect();
    let weight = Tensor::from_data(TensorData::new::<f32, _>(weight, [inputs, width]), device);
    Linear { weight: Param::from_tensor(weight), bias: None }
}

async fn rows(layer: &Linear, values: &[f32]) -> Result<Vec<Vec<f32>>, ExecutionError> {
    let weight = layer.weight.val().detach();
    let [inputs, width] = weight.dims();
    let inputs = TensorData::new(values.to_vec(), [values.len() / inputs, inputs]);
    let vectors = unit_length(Tensor::<2>::from_data(inputs, &weight.device()).matmul(weight));
    let values: Vec<f32> = vectors.into_data_async().await?.iter::<f32>().collect();
    Ok(values.chunks_exact(width).map(<[f32]>::to_vec).collect())
}
