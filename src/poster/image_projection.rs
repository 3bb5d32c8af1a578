//! The trained layer of the poster's image branch.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

/// One linear layer with bias from frozen features to the shared space; 4096 -> 1024 in the poster (4 195 328
/// parameters). Not normalised: a pair's score is the plain inner product, and only the audio side has length one.
#[derive(Module, Debug)]
pub struct ImageProjection {
    project: Linear,
}

impl ImageProjection {
    /// A layer with random weights from `features` numbers to `width`.
    pub fn new(features: usize, width: usize, device: &Device) -> Self {
        Self { project: LinearConfig::new(features, width).init(device) }
    }

    /// `[batch, features]` -> `[batch, width]`.
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        self.project.forward(features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_posters_size() {
        let device = Device::flex();
        let projection = ImageProjection::new(4096, 1024, &device);
        assert_eq!(projection.num_params(), 4_195_328);
        assert_eq!(projection.forward(Tensor::ones([2, 4096], &device)).dims(), [2, 1024]);
    }
}
