//! The same network for a processor: maps are `[pixels, channels]`, one picture after the other.
//!
//! A 1 x 1 convolution is then one matrix product, and a depthwise one multiplies whole pixels, whose channels fill the processor's
//! lanes even where a map has seven pixels a row. ReLU6 and bias are applied while a map gets its borders. Nothing here knows
//! gradients.

use burn::nn::conv::Conv2d;
use burn::tensor::{Tensor, TensorData};

use super::{Convolutions, FEATURES, InvertedResidual, PLANES};

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

#[derive(Debug)]
struct Depthwise {
    kernel: usize,
    stride: usize,
    /// `[kernel, kernel, channels]`.
    taps: Vec<f32>,
    bias: Vec<f32>,
}

impl ChannelsLast {
    /// From the convolutions of a network on the CPU, each of which is let go when it is copied.
    pub(super) fn of(network: Convolutions) -> Self {
        let mut stem = Some(network.stem);
        let block = |block: InvertedResidual| Block {
            expand: Pointwise::of(block.expand.or_else(|| stem.take()).expect("only the first has none")),
            depthwise: Depthwise::of(block.depthwise),
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
        let stem = patches(picture, side);
        side /= STEM.1;
        let mut x = TensorData::new(stem, [side * side, PLANES * STEM.0 * STEM.0]);
        for Block { expand, depthwise, project, residual } in &self.blocks {
            let before = residual.then(|| x.clone());
            let padded = depthwise.padded(values(&expand.product(x)), &expand.bias, side);
            let filtered = depthwise.filter(&padded, side);
            side /= depthwise.stride;
            x = project.product(TensorData::new(filtered, [side * side, depthwise.bias.len()]));
            let sums = values_mut(&mut x);
            for pixel in sums.chunks_exact_mut(project.bias.len()) {
                pixel.iter_mut().zip(&project.bias).for_each(|(sum, bias)| *sum += bias);
            }
            if let Some(before) = before {
                sums.iter_mut().zip(values(&before)).for_each(|(sum, before)| *sum += before);
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

impl Depthwise {
    fn of(convolution: Conv2d) -> Self {
        let ([kernel, _], [stride, _]) = (convolution.kernel_size, convolution.stride);
        let (weight, bias) = channels_last(convolution);
        Self { kernel, stride, taps: values(&data(weight)).to_vec(), bias }
    }

    /// Pixels of both borders of a row or column, of which the half, rounded down, goes before.
    fn border(&self) -> usize {
        self.kernel - self.stride
    }

    /// Activates a map, `[side, side, channels]`, and puts zeros around it.
    fn padded(&self, map: &[f32], bias: &[f32], side: usize) -> Vec<f32> {
        let (channels, before) = (bias.len(), self.border() / 2);
        let width = side + self.border();
        let mut padded = vec![0.0; width * width * channels];
        let rows = padded.chunks_exact_mut(width * channels).skip(before);
        for (row, padded) in map.chunks_exact(side * channels).zip(rows) {
            activate(row, bias, &mut padded[before * channels..][..side * channels]);
        }
        padded
    }

    /// A padded map of a side of `side` without its borders -> the filtered and activated one, `[side / stride, side / stride, channels]`.
    fn filter(&self, padded: &[f32], side: usize) -> Vec<f32> {
        match self.kernel {
            3 => self.filter_by::<3>(padded, side),
            5 => self.filter_by::<5>(padded, side),
            other => unreachable!("no stage has a kernel of {other}"),
        }
    }

    fn filter_by<const KERNEL: usize>(&self, padded: &[f32], side: usize) -> Vec<f32> {
        let (channels, width, out) = (self.bias.len(), side + self.border(), side / self.stride);
        let mut filtered = vec![0.0; out * out * channels];
        for (place, pixel) in filtered.chunks_exact_mut(channels).enumerate() {
            let (y, x) = (place / out * self.stride, place % out * self.stride);
            pixel.copy_from_slice(&self.bias);
            for (row, taps) in self.taps.chunks_exact(KERNEL * channels).enumerate() {
                let seen = &padded[((y + row) * width + x) * channels..][..KERNEL * channels];
                add_row::<KERNEL>(pixel, seen, taps);
            }
            pixel.iter_mut().for_each(|sum| *sum = relu6(*sum));
        }
        filtered
    }
}

/// Adds one row of a filter: `seen` and `taps` are `[KERNEL, channels]`. A function of its own, so that the compiler knows that they
/// do not overlap with what is written, and fills the processor's lanes.
#[inline(never)]
fn add_row<const KERNEL: usize>(pixel: &mut [f32], seen: &[f32], taps: &[f32]) {
    let channels = pixel.len();
    let seen: [&[f32]; KERNEL] = std::array::from_fn(|tap| &seen[tap * channels..][..channels]);
    let taps: [&[f32]; KERNEL] = std::array::from_fn(|tap| &taps[tap * channels..][..channels]);
    for (channel, sum) in pixel.iter_mut().enumerate() {
        for tap in 0..KERNEL {
            *sum += seen[tap][channel] * taps[tap][channel];
        }
    }
}

/// What each pixel of the first map sees of a picture, `[3, side, side]` -> `[side / 2 * side / 2, 3 * 3 * 3]` (row, column, colour); at
/// the far sides that is nothing, as zeros.
fn patches(picture: &[f32], side: usize) -> Vec<f32> {
    let ((kernel, stride), out) = (STEM, side / STEM.1);
    let size = kernel * kernel * PLANES;
    let mut patches = vec![0.0; out * out * size];
    for (y, patches) in patches.chunks_exact_mut(out * size).enumerate() {
        for (colour, plane) in picture.chunks_exact(side * side).enumerate() {
            for (i, row) in plane.chunks_exact(side).skip(y * stride).take(kernel).enumerate() {
                for (x, patch) in patches.chunks_exact_mut(size).enumerate() {
                    for (j, value) in row[x * stride..].iter().take(kernel).enumerate() {
                        patch[(i * kernel + j) * PLANES + colour] = *value;
                    }
                }
            }
        }
    }
    patches
}

/// `relu6(map + bias)`, `[pixels, channels]`.
fn activate(map: &[f32], bias: &[f32], to: &mut [f32]) {
    for (map, to) in map.chunks_exact(bias.len()).zip(to.chunks_exact_mut(bias.len())) {
        to.iter_mut().zip(map).zip(bias).for_each(|((to, value), bias)| *to = relu6(value + bias));
    }
}

/// Two comparisons: `f32::clamp` looks for NaN, and takes twice as long.
fn relu6(x: f32) -> f32 {
    let x = if x > 0.0 { x } else { 0.0 };
    if x < 6.0 { x } else { 6.0 }
}

/// Weight `[kernel, kernel, from, to]`, the latter 1 for a depthwise one's channels, and bias.
fn channels_last(convolution: Conv2d) -> (Tensor<4>, Vec<f32>) {
    let bias = convolution.bias.expect("batch norm is folded into it");
    (convolution.weight.val().permute([2, 3, 1, 0]), values(&data(bias.val())).to_vec())
}

#[expect(clippy::disallowed_methods, reason = "a tensor on the CPU")]
fn data<const D: usize>(tensor: Tensor<D>) -> TensorData {
    tensor.into_data()
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
