//! EfficientNet-Lite0 without its classifier (Tan and Le 2019; Lite: no squeeze-excite, ReLU6), batch norm folded.
//!
//! `[batch, 3, 224, 224]` -> a map `[batch, 1280, 7, 7]` -> its mean `[batch, 1280]`. It is frozen: no gradients go through it. On the CPU
//! it computes channels last, which takes seven tenths of the time.

mod channels_last;

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};
use channels_last::ChannelsLast;

use super::weights::{Weights, WeightsError};

/// Width of the pooled features.
pub const FEATURES: usize = 1280;
/// Side of the picture in pixels.
pub const SIDE: usize = 224;

/// Colours of a picture.
const PLANES: usize = 3;

/// (repeats, kernel, stride of the first, expansion, channels out) of each stage.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
];

/// The network.
#[derive(Debug)]
pub struct EfficientNetLite0(Form);

#[derive(Debug)]
enum Form {
    ChannelsLast(Box<ChannelsLast>),
    Convolutions(Box<Convolutions>),
}

impl EfficientNetLite0 {
    /// Loads the tensors below `prefix`.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        let network = weights.load(Convolutions::new(device), prefix)?;
        let on_cpu = *device == Device::flex();
        Ok(Self(if on_cpu {
            Form::ChannelsLast(Box::new(ChannelsLast::of(network)))
        } else {
            Form::Convolutions(Box::new(network))
        }))
    }

    /// `[batch, 3, 224, 224]` (see [`crate::picture::Pixels`]) -> `[batch, 1280, 7, 7]`.
    pub fn map(&self, pixels: Tensor<4>) -> Tensor<4> {
        match &self.0 {
            Form::ChannelsLast(network) => {
                let regions = network.regions(pixels);
                let [batch, area, features] = regions.dims();
                regions.swap_dims(1, 2).reshape([batch, features, area.isqrt(), area.isqrt()])
            }
            Form::Convolutions(network) => network.forward(pixels),
        }
    }

    /// `[batch, 3, 224, 224]` -> the features of each region, row by row, `[batch, 49, 1280]`.
    pub fn regions(&self, pixels: Tensor<4>) -> Tensor<3> {
        match &self.0 {
            Form::ChannelsLast(network) => network.regions(pixels),
            Form::Convolutions(network) => network.forward(pixels).flatten::<3>(2, 3).swap_dims(1, 2),
        }
    }

    /// `[batch, 3, 224, 224]` -> `[batch, 1280]`, the mean of the map.
    pub fn forward(&self, pixels: Tensor<4>) -> Tensor<2> {
        self.regions(pixels).mean_dim(1).squeeze_dim(1)
    }
}

/// By burn's convolutions.
#[derive(Module, Debug)]
struct Convolutions {
    stem: Conv2d,
    blocks: Vec<InvertedResidual>,
    head: Conv2d,
}

impl Convolutions {
    /// A network with random weights, to be loaded.
    fn new(device: &Device) -> Self {
        let mut blocks = Vec::new();
        let mut from = 32;
        for (repeats, kernel, stride, expansion, to) in STAGES {
            for index in 0..repeats {
                let stride = if index == 0 { stride } else { 1 };
                blocks.push(InvertedResidual::new(from, to, kernel, stride, expansion, device));
                from = to;
            }
        }
        Self { stem: conv(PLANES, 32, 3, 2, 1, device), blocks, head: conv(from, FEATURES, 1, 1, 1, device) }
    }

    fn forward(&self, pixels: Tensor<4>) -> Tensor<4> {
        let x = relu6(self.stem.forward(pixels));
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        relu6(self.head.forward(x))
    }
}

/// Expand, filter each channel by itself, project; the input is added where shapes allow.
#[derive(Module, Debug)]
struct InvertedResidual {
    expand: Option<Conv2d>,
    depthwise: Conv2d,
    project: Conv2d,
    residual: bool,
}

impl InvertedResidual {
    fn new(from: usize, to: usize, kernel: usize, stride: usize, expansion: usize, device: &Device) -> Self {
        let wide = from * expansion;
        Self {
            expand: (expansion > 1).then(|| conv(from, wide, 1, 1, 1, device)),
            depthwise: conv(wide, wide, kernel, stride, wide, device),
            project: conv(wide, to, 1, 1, 1, device),
            residual: stride == 1 && from == to,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let wide = self.expand.as_ref().map_or_else(|| x.clone(), |expand| relu6(expand.forward(x.clone())));
        let narrow = self.project.forward(relu6(self.depthwise.forward(wide)));
        if self.residual { x + narrow } else { narrow }
    }
}

/// A convolution with TensorFlow's "SAME" padding: what stride 2 on an even side leaves over goes after, not before.
fn conv(from: usize, to: usize, kernel: usize, stride: usize, groups: usize, device: &Device) -> Conv2d {
    let total = kernel - stride.min(kernel);
    let (before, after) = (total / 2, total - total / 2);
    Conv2dConfig::new([from, to], [kernel, kernel])
        .with_stride([stride, stride])
        .with_groups(groups)
        .with_padding(PaddingConfig2d::Explicit(before, before, after, after))
        .init(device)
}

fn relu6(x: Tensor<4>) -> Tensor<4> {
    x.clamp(0.0, 6.0)
}
