//! VGG16, configuration D of Simonyan and Zisserman (2014), up to the second fully connected layer: the poster's
//! frozen image network.
//!
//! `[batch, 3, 224, 224]` -> 13 convolutions and 5 max pools -> `[batch, 512, 7, 7]` -> fc1 -> fc2 `[batch, 4096]`,
//! each with ReLU. 134 260 544 parameters. Names of tensors are torchvision's.

mod error;
mod header;
mod loader;

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Initializer, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};

use super::half_linear::{DeviceLost, HalfLinear};

pub use error::Vgg16Error;
pub use header::{Piece, Vgg16Header};
pub use loader::{Number, Stored, Vgg16Loader};

/// Width of fc2.
pub const VGG16_FEATURES: usize = 4096;
/// Numbers of the last map, `[512, 7, 7]`, row by row within each channel.
const MAP: usize = 512 * 7 * 7;

/// (index in torchvision's `features`, channels in, channels out, whether a max pool follows) of each convolution.
const CONVOLUTIONS: [(usize, usize, usize, bool); 13] = [
    (0, 3, 64, false),
    (2, 64, 64, true),
    (5, 64, 128, false),
    (7, 128, 128, true),
    (10, 128, 256, false),
    (12, 256, 256, false),
    (14, 256, 256, true),
    (17, 256, 512, false),
    (19, 512, 512, false),
    (21, 512, 512, true),
    (24, 512, 512, false),
    (26, 512, 512, false),
    (28, 512, 512, true),
];

/// Names and shapes of all tensors, in the network's order: for each layer weights `[out, in, ...]`, then bias.
pub fn vgg16_tensors() -> Vec<(String, Vec<usize>)> {
    let filters =
        CONVOLUTIONS.iter().map(|(at, from, to, _)| (format!("features.{at}"), vec![*to, *from, 3, 3]));
    let matrices = [("classifier.0", MAP), ("classifier.3", VGG16_FEATURES)];
    let matrices = matrices.into_iter().map(|(name, from)| (name.to_owned(), vec![VGG16_FEATURES, from]));
    let layers = filters.chain(matrices);
    layers
        .flat_map(|(name, shape)| {
            let bias = (format!("{name}.bias"), vec![shape[0]]);
            [(format!("{name}.weight"), shape), bias]
        })
        .collect()
}

/// The network. [`Vgg16Loader`] makes it.
#[derive(Debug)]
pub struct Vgg16 {
    convolutions: Convolutions,
    fc1: HalfLinear,
    fc2: HalfLinear,
}

impl Vgg16 {
    /// How many numbers the network holds.
    pub fn parameters(&self) -> usize {
        self.convolutions.num_params() + self.fc1.parameters() + self.fc2.parameters()
    }

    /// `[batch, 3, 224, 224]` (see [`crate::picture::Pixels::imagenet`]) -> fc2 after ReLU, `[batch, 4096]`.
    ///
    /// # Errors
    /// [`DeviceLost`] when the device no longer answers.
    pub async fn forward(&self, pixels: Tensor<4>) -> Result<Tensor<2>, DeviceLost> {
        let map = self.convolutions.forward(pixels).flatten::<2>(1, 3);
        let fc1 = relu(self.fc1.forward(map).await?);
        Ok(relu(self.fc2.forward(fc1).await?))
    }
}

/// 3x3 filters with ReLU, and 2x2 max pools between them.
#[derive(Module, Debug)]
struct Convolutions {
    layers: Vec<Conv2d>,
    pool: MaxPool2d,
}

impl Convolutions {
    /// Filters `[out, in, 3, 3]` and biases, in the order of [`CONVOLUTIONS`].
    fn new(filters: impl IntoIterator<Item = (Vec<f32>, Vec<f32>)>, device: &Device) -> Self {
        let layers = CONVOLUTIONS.iter().zip(filters).map(|((_, from, to, _), (weight, bias))| {
            let mut layer = Conv2dConfig::new([*from, *to], [3, 3])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_initializer(Initializer::Zeros)
                .init(device);
            let weight = TensorData::new(weight, [*to, *from, 3, 3]);
            layer.weight = Param::from_tensor(Tensor::from_data(weight, device));
            layer.bias = Some(Param::from_tensor(Tensor::from_data(TensorData::new(bias, [*to]), device)));
            layer
        });
        let pool = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        Self { layers: layers.collect(), pool }
    }

    /// `[batch, 3, 224, 224]` -> `[batch, 512, 7, 7]`.
    fn forward(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.layers.iter().zip(CONVOLUTIONS).fold(pixels, |x, (layer, (_, _, _, pooled))| {
            let x = relu(layer.forward(x));
            if pooled { self.pool.forward(x) } else { x }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tensors_are_configuration_d() {
        let tensors = vgg16_tensors();
        assert_eq!(tensors.len(), 30);
        let numbers: usize = tensors.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
        assert_eq!(numbers, 134_260_544);
        assert_eq!(tensors[26], ("classifier.0.weight".into(), vec![4096, 25088]));
    }
}
