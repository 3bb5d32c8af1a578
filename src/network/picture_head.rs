//! From the features of a picture's regions to one vector of the shared space.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::activation::gelu;
use super::efficientnet::FEATURES;
use super::speech_head::DIMENSIONS;
use super::weights::{Weights, WeightsError};
use super::{shares, unit_length};

/// Mean and maximum of each feature.
const POOLED: usize = 2 * FEATURES;
/// Of the norm.
const EPSILON: f64 = 1e-5;

/// Mean and maximum over the regions, square root, layer norm; then a linear layer beside one with a hidden layer (GELU).
///
/// The mean says what fills a picture, the maximum what is somewhere in it. Both are of ReLU6 outputs: never negative and
/// skewed, which the root evens out. It is trained in PyTorch (`training/eye`), in the end with the last two stages of the backbone.
#[derive(Module, Debug)]
pub struct PictureHead {
    norm: LayerNorm,
    direct: Linear,
    hidden: Linear,
    project: Linear,
}

impl PictureHead {
    /// A head with random weights and a hidden layer so wide, to be loaded.
    pub fn new(width: usize, device: &Device) -> Self {
        Self {
            norm: LayerNormConfig::new(POOLED).with_epsilon(EPSILON).init(device),
            direct: LinearConfig::new(POOLED, DIMENSIONS).init(device),
            hidden: LinearConfig::new(POOLED, width).init(device),
            project: LinearConfig::new(width, DIMENSIONS).init(device),
        }
    }

    /// Loads the tensors below `prefix`.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        let (_, biases) = weights.get(&format!("{prefix}hidden.bias"))?;
        weights.load(Self::new(biases.len(), device), prefix)
    }

    /// Features of the regions `[batch, regions, 1280]` -> unit vectors `[batch, 384]`.
    pub fn forward(&self, regions: Tensor<3>) -> Tensor<2> {
        let mean = regions.clone().mean_dim(1).squeeze_dim(1);
        self.of_pooled(mean, regions.max_dim(1).squeeze_dim(1))
    }

    /// The same from the mean and the maximum of each feature, `[batch, 1280]` both.
    pub fn of_pooled(&self, mean: Tensor<2>, maximum: Tensor<2>) -> Tensor<2> {
        let even = self.norm.forward(Tensor::cat(vec![mean, maximum], 1).clamp_min(0.0).sqrt());
        let hidden = gelu(self.hidden.forward(even.clone()));
        unit_length(self.direct.forward(even) + self.project.forward(hidden))
    }

    /// What each region adds to the vector of a picture: features of the regions `[regions, 1280]` -> `[regions, 384]`,
    /// whose sum is what [`forward`](Self::forward) gives (`shares.rs` says why). A mean is made of all regions, a maximum
    /// belongs to the region that holds it, or in equal parts to those that do.
    pub fn shares(&self, regions: Tensor<2>) -> Tensor<2> {
        let count = regions.dims()[0];
        let regions = regions.clamp_min(0.0);
        let parts = regions.clone().div_scalar(count as f64);
        // The root of the whole, dealt to the parts by their size; where all is zero, nothing is dealt.
        let mean = parts.clone() / shares::whole(&parts).sqrt().clamp_min(1e-12);
        let largest = regions.clone().max_dim(0);
        let holders = regions.clone().equal(largest.clone().expand(regions.dims())).float();
        let maximum = holders.clone() * (largest.sqrt() / shares::whole(&holders));

        let weights = Tensor::full([count, 1], 1.0 / count as f64, &regions.device());
        let even = shares::layer_norm(&self.norm, EPSILON, Tensor::cat(vec![mean, maximum], 1), &weights);
        let hidden = shares::gelu(shares::linear(&self.hidden, even.clone(), &weights));
        let sum =
            shares::linear(&self.direct, even, &weights) + shares::linear(&self.project, hidden, &weights);
        shares::unit_length(sum)
    }
}
