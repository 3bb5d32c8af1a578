//! From a frozen picture network's features to the poster's space: one linear layer (Harwath et al. 2016, section 4.2).

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

/// The trained half of the image branch; 4096 to 1024 has 4 195 328 parameters.
#[derive(Module, Debug)]
pub struct ImageProjection {
    linear: Linear,
}

impl ImageProjection {
    /// A layer with random weights.
    pub fn new(features: usize, width: usize, device: &Device) -> Self {
        Self { linear: LinearConfig::new(features, width).init(device) }
    }

    /// `[batch, features]` -> `[batch, width]`, of any length: the score is the inner product with the audio vector.
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        self.linear.forward(features)
    }
}
