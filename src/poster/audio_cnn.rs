//! The audio network of 2016: three convolutions and a pool over the caption (Harwath, Torralba and Glass 2016,
//! section 4.1).
//!
//! log-mel `[batch, 40, frames]` -> conv over all bands and 5 frames, ReLU -> max pool 4, stride 2 -> conv 25, ReLU
//! -> max pool 4, stride 2 -> conv 25, ReLU -> pool over time: `[batch, maps]`.

use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Initializer, PaddingConfig1d};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool1d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::network::Lengths;

/// Bands of the poster's log-mel frames.
pub const POSTER_BANDS: usize = 40;
/// Kernels in frames of the three convolutions.
const KERNELS: [usize; 3] = [5, 25, 25];
/// Width of the max pools; their stride is [`POOL_STRIDE`].
const POOL: usize = 4;
const POOL_STRIDE: usize = 2;

/// What the convolutions and pools see beyond the ends of a caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// Zeros: 1024 frames become 512, then 256.
    Same,
    /// Nothing: each layer shortens the caption by its kernel.
    Valid,
}

/// How the last maps become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptionPool {
    /// The mean over the caption.
    Mean,
    /// The largest value in the caption.
    Max,
}

/// Random weights that keep the size of what passes a ReLU (He et al. 2015, section 2.2). Smaller ones leave the mean
/// over a caption to the biases, and all captions alike.
pub(super) fn for_relu() -> Initializer {
    Initializer::KaimingUniform { gain: 2.0_f64.sqrt(), fan_out_only: false }
}

/// Shape of an [`AudioCnn`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioCnnConfig {
    /// Maps of the three convolutions.
    pub maps: [usize; 3],
    /// Padding of convolutions and pools.
    pub padding: Padding,
    /// Pool over the caption.
    pub pool: CaptionPool,
}

impl AudioCnnConfig {
    /// 'same' padding and mean pooling with these maps.
    pub fn new(maps: [usize; 3]) -> Self {
        Self { maps, padding: Padding::Same, pool: CaptionPool::Mean }
    }

    /// A network with random weights.
    pub fn init(&self, device: &Device) -> AudioCnn {
        let same = self.padding == Padding::Same;
        let widths = [POSTER_BANDS, self.maps[0], self.maps[1], self.maps[2]];
        let convolutions = KERNELS.into_iter().enumerate().map(|(layer, kernel)| {
            let padding = if same { kernel / 2 } else { 0 };
            Conv1dConfig::new(widths[layer], widths[layer + 1], kernel)
                .with_padding(PaddingConfig1d::Explicit(padding, padding))
                .with_initializer(for_relu())
                .init(device)
        });
        AudioCnn { convolutions: convolutions.collect(), same, mean: self.pool == CaptionPool::Mean }
    }

    /// Multiplications for a caption of so many frames ('same' padding).
    pub fn multiplications(&self, frames: usize) -> usize {
        let widths = [POSTER_BANDS, self.maps[0], self.maps[1], self.maps[2]];
        let frames = [frames, frames / POOL_STRIDE, frames / POOL_STRIDE.pow(2)];
        (0..3).map(|layer| widths[layer] * widths[layer + 1] * KERNELS[layer] * frames[layer]).sum()
    }
}

/// The network.
#[derive(Module, Debug)]
pub struct AudioCnn {
    convolutions: Vec<Conv1d>,
    same: bool,
    mean: bool,
}

impl AudioCnn {
    /// `[batch, 40, frames]` -> `[batch, maps]`. With `lengths`, what stands behind a caption's end changes nothing;
    /// without, padding counts as in 2016.
    ///
    /// # Panics
    /// With 'valid' padding, for a batch of fewer than 115 frames.
    pub fn forward(&self, mel: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<2> {
        let mut x = Lengths::silence_behind(lengths, mel);
        let mut lengths = lengths.cloned();
        for (layer, convolution) in self.convolutions.iter().enumerate() {
            if layer > 0 {
                let padding = usize::from(self.same);
                let mut pool = MaxPoolOptions::new([POOL]);
                (pool.stride, pool.padding) = ([POOL_STRIDE], [(padding, padding)]);
                x = max_pool1d(x, pool);
                lengths =
                    lengths.map(|l| l.map(|n| (n + 2 * padding).saturating_sub(POOL) / POOL_STRIDE + 1));
                // A window that hangs over a caption's end is none of its own, though it has heard the end.
                x = Lengths::silence_behind(lengths.as_ref(), x);
            }
            x = relu(convolution.forward(x));
            if !self.same {
                lengths = lengths.map(|l| l.map(|n| (n + 1).saturating_sub(KERNELS[layer])));
            }
            x = Lengths::silence_behind(lengths.as_ref(), x);
        }
        let frames = x.dims()[2];
        match (self.mean, lengths) {
            // ReLU leaves nothing below the zeros of the padding.
            (false, _) => x.max_dim(2).squeeze_dim(2),
            (true, None) => x.sum_dim(2).squeeze_dim::<2>(2).div_scalar(frames as f64),
            (true, Some(lengths)) => lengths.mean(x),
        }
    }
}
