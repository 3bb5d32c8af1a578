//! The same network for a processor: maps are `[pixels, channels]`, one picture after the other.
//!
//! A 1 x 1 convolution is then one matrix product, and a depthwise one multiplies whole pixels, whose channels fill the processor's
//! lanes even where a map has seven pixels a row (`hearsight_kernels`). ReLU6 and bias are applied while a map gets its borders.
//! Nothing here knows gradients.

use burn::nn::conv::Conv2d;
use burn::tensor::{Tensor, TensorData};
use hearsight_kernels::{Depthwise, activate, add, add_bias, patches};

use super::{Convolutions, FEATURES, InvertedResidual, PLANES};
use crate::network::data;

/// Taps along a side of the first convolution, and its stride.
const STEM: (usize, usize) = (3, 2);

/// The network's weights, once more and in the order of this file.
#[derive(Debug)]
pub(super) struct ChannelsLast {
    blocks: Vec<Block>,
    head: Pointwise,
}

/// An inverted residual. The first one is widened by the network's first convolution, as a product of [`patches`].
#[derive(Debug)]
struct Block {
    expand: Pointwise,
    depthwise: Depthwise,
    project: Pointwise,
    residual: bool,
}

#[derive(Debug)]
struct Pointwise {
    /// `[from, to]`.
    weight: Tensor<2>,
    bias: Vec<f32>,
}

impl ChannelsLast {
    /// From the convolutions of a network on the CPU, each of which is let go when it is copied.
    pub(super) fn of(network: Convolutions) -> Self {
        let mut stem = Some(network.stem);
        let block = |block: InvertedResidual| Block {
            expand: Pointwise::of(block.expand.or_else(|| stem.take()).expect("only the first has none")),
            depthwise: filter(block.depthwise),
            project: Pointwise::of(block.project),
            residual: block.residual,
        };
        Self { blocks: network.blocks.into_iter().map(block).collect(), head: Pointwise::of(network.head) }
    }

    /// `[batch, 3, side, side]` -> the features of each region, row by row, `[batch, side / 32 * side / 32, 1280]`.
    pub(super) fn regions(&self, pixels: Tensor<4>) -> Tensor<3> {
        let (device, [batch, _, side, _]) = (pixels.device(), pixels.dims());
        let pixels = data(pixels);
        let regions: Vec<f32> = values(&pixels)
            .chunks_exact(PLANES * side * side)
            .flat_map(|picture| self.of_one(picture, side))
            .collect();
        let area = regions.len() / batch / FEATURES;
        Tensor::from_data(TensorData::new(regions, [batch, area, FEATURES]), &device)
    }

    /// `[3, side, side]` -> `[regions, 1280]`.
    fn of_one(&self, picture: &[f32], mut side: usize) -> Vec<f32> {
        let stem = patches(picture, side, STEM.0, STEM.1);
        side /= STEM.1;
        let mut x = TensorData::new(stem, [side * side, PLANES * STEM.0 * STEM.0]);
        for Block { expand, depthwise, project, residual } in &self.blocks {
            let before = residual.then(|| x.clone());
            let padded = depthwise.padded(values(&expand.product(x)), &expand.bias, side);
            let filtered = depthwise.filter(&padded, side);
            side /= depthwise.stride();
            x = project.product(TensorData::new(filtered, [side * side, depthwise.channels()]));
            let sums = values_mut(&mut x);
            add_bias(sums, &project.bias);
            if let Some(before) = before {
                add(sums, values(&before));
            }
        }
        let mut features = vec![0.0; side * side * FEATURES];
        activate(values(&self.head.product(x)), &self.head.bias, &mut features);
        features
    }
}

impl Pointwise {
    fn of(convolution: Conv2d) -> Self {
        let (weight, bias) = channels_last(convolution);
        let to = bias.len();
        let device = weight.device();
        // Read and written, so that it lies in memory as its shape says.
        let weight = data(weight.reshape([-1, to as i64]));
        Self { weight: Tensor::from_data(weight, &device), bias }
    }

    /// `[pixels, from]` -> `[pixels, to]`, without the bias.
    fn product(&self, x: TensorData) -> TensorData {
        data(Tensor::<2>::from_data(x, &self.weight.device()).matmul(self.weight.clone()))
    }
}

fn filter(convolution: Conv2d) -> Depthwise {
    let ([kernel, _], [stride, _]) = (convolution.kernel_size, convolution.stride);
    let (weight, bias) = channels_last(convolution);
    Depthwise::new(kernel, stride, values(&data(weight)), &bias)
}

/// Weight `[kernel, kernel, from, to]`, the latter 1 for a depthwise one's channels, and bias.
fn channels_last(convolution: Conv2d) -> (Tensor<4>, Vec<f32>) {
    let bias = convolution.bias.expect("batch norm is folded into it");
    (convolution.weight.val().permute([2, 3, 1, 0]), values(&data(bias.val())).to_vec())
}

fn values(data: &TensorData) -> &[f32] {
    data.as_slice().expect("f32 on the CPU")
}

fn values_mut(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("f32 on the CPU")
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::{SIDE, Weights};

    fn convolutions() -> Convolutions {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/picture.safetensors");
        let weights = Weights::read(&std::fs::read(path).unwrap()).unwrap();
        let backbone = weights.rename(|name| name.strip_prefix("backbone.").map(str::to_owned));
        backbone.load(Convolutions::new(&Device::flex()), "").unwrap()
    }

    /// Edges, stripes and a slope, in each picture others.
    fn pictures(batch: usize, side: usize) -> Tensor<4> {
        let value = |place: usize| {
            let (picture, y, x) = (place / side / side, place / side % side, place % side);
            ((37 * x + 59 * y + 83 * picture + x * y) % 256) as f32 / 128.0 - 1.0
        };
        let values: Vec<f32> = (0..batch * PLANES * side * side).map(value).collect();
        Tensor::from_data(TensorData::new(values, [batch, PLANES, side, side]), &Device::flex())
    }

    /// At the size of the page, and where strides leave rows over.
    #[test]
    fn it_is_what_convolutions_are() {
        let (convolutions, network) = (convolutions(), ChannelsLast::of(convolutions()));
        for (batch, side) in [(1, SIDE), (2, 75), (1, 33)] {
            let want = convolutions.forward(pictures(batch, side)).flatten::<3>(2, 3).swap_dims(1, 2);
            let got = network.regions(pictures(batch, side));
            assert_eq!(got.dims(), want.dims());
            let largest = want.clone().max().into_scalar::<f32>();
            let difference = (got - want).abs().max().into_scalar::<f32>();
            assert!(largest > 1.0 && difference < 1e-4, "{side}: {difference} of {largest}");
        }
    }
}
