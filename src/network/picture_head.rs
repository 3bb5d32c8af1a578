//! From the picture network's features to one vector of the shared space.

use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::efficientnet::FEATURES;
use super::speech_head::DIMENSIONS;
use super::weights::{Weights, WeightsError};
use super::{shares, unit_length};

/// Square root, standardisation with the training set's mean and deviation, dropout, one linear layer.
///
/// The pooled features are means of ReLU6 outputs: never negative and skewed, which the root evens out.
/// Few captioned pictures are at hand, so the head is one layer and strongly regularised.
#[derive(Module, Debug)]
pub struct PictureHead {
    mean: Param<Tensor<1>>,
    deviation: Param<Tensor<1>>,
    dropout: Dropout,
    project: Linear,
}

impl PictureHead {
    /// A head with random weights for features with this mean and deviation (after the square root).
    pub fn new(mean: Tensor<1>, deviation: Tensor<1>, dropout: f64) -> Self {
        let device = mean.device();
        Self {
            mean: Param::from_tensor(mean).set_require_grad(false),
            deviation: Param::from_tensor(deviation).set_require_grad(false),
            dropout: DropoutConfig::new(dropout).init(),
            project: LinearConfig::new(FEATURES, DIMENSIONS).init(&device),
        }
    }

    /// Loads the tensors below `prefix`.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        let ones = Tensor::ones([FEATURES], device);
        weights.load(Self::new(ones.clone(), ones, 0.0), prefix)
    }

    /// Features `[batch, 1280]` -> unit vectors `[batch, 384]`. Dropout acts only while gradients are on.
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        let rooted = features.clamp_min(0.0).sqrt();
        let even = (rooted - self.mean.val().unsqueeze()) / self.deviation.val().unsqueeze();
        unit_length(self.project.forward(self.dropout.forward(even)))
    }

    /// What each region adds to the vector of a picture: features of the regions `[regions, 1280]`, whose mean are the
    /// picture's, -> `[regions, 384]`, whose sum is what [`forward`](Self::forward) gives (`shares.rs` says why).
    pub fn shares(&self, regions: Tensor<2>) -> Tensor<2> {
        let count = regions.dims()[0] as f64;
        let parts = regions.clamp_min(0.0).div_scalar(count);
        // The root of the whole, dealt to the parts by their size; where all is zero, nothing is dealt.
        let rooted = parts.clone() / shares::whole(&parts).sqrt().clamp_min(1e-12);
        let mean = self.mean.val().unsqueeze_dim::<2>(0).div_scalar(count);
        let even = (rooted - mean) / self.deviation.val().unsqueeze_dim::<2>(0);
        let weights = Tensor::full([even.dims()[0], 1], 1.0 / count, &even.device());
        shares::unit_length(shares::linear(&self.project, even, &weights))
    }
}
