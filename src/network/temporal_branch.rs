//! The branch that the poster adds beside the convolutions of 2016: frequency banks, local filters, a pool, two TCN
//! stacks, and the last temporal vector.

use burn::module::Module;
use burn::nn::PaddingConfig1d;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool1d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::audio_cnn::{POSTER_BANDS, for_relu};
use super::lengths::Lengths;
use super::tcn::TcnStack;

/// Frames that the three frequency banks see at a time.
const BANKS: [usize; 3] = [1, 3, 5];
/// Kernel of the local temporal filters, in frames.
const LOCAL: usize = 5;
/// Width and stride of the horizontal max pool: 1024 frames become 256.
const POOL: usize = 4;

/// Shape of a [`TemporalBranch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporalConfig {
    /// Filters of each of the three banks.
    pub bank: usize,
    /// Local temporal filters.
    pub local: usize,
    /// Maps of the stacks, and width of the temporal vector.
    pub width: usize,
}

impl TemporalConfig {
    /// A branch with random weights.
    pub fn init(&self, device: &Device) -> TemporalBranch {
        let conv = |from, to, kernel: usize| {
            let padding = PaddingConfig1d::Explicit(kernel / 2, kernel / 2);
            Conv1dConfig::new(from, to, kernel)
                .with_padding(padding)
                .with_initializer(for_relu())
                .init(device)
        };
        TemporalBranch {
            banks: BANKS.into_iter().map(|kernel| conv(POSTER_BANDS, self.bank, kernel)).collect(),
            local: conv(BANKS.len() * self.bank, self.local, LOCAL),
            stacks: vec![
                TcnStack::new(self.local, self.width, device),
                TcnStack::new(self.width, self.width, device),
            ],
        }
    }

    /// Multiplications for a caption of so many frames.
    pub fn multiplications(&self, frames: usize) -> usize {
        let banks = BANKS.iter().sum::<usize>() * POSTER_BANDS * self.bank;
        let local = BANKS.len() * self.bank * self.local * LOCAL;
        let pooled = frames / POOL;
        (banks + local) * frames
            + TcnStack::multiplications(self.local, self.width, pooled)
            + TcnStack::multiplications(self.width, self.width, pooled)
    }
}

/// The branch.
#[derive(Module, Debug)]
pub struct TemporalBranch {
    banks: Vec<Conv1d>,
    local: Conv1d,
    stacks: Vec<TcnStack>,
}

impl TemporalBranch {
    /// log-mel `[batch, 40, frames]` -> the grid `[batch, local, ceil(frames / 4)]` that the stacks run over.
    pub fn grid(&self, mel: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<3> {
        let silence = |x| Lengths::silence_behind(lengths, x);
        let mel = silence(mel);
        let banks = self.banks.iter().map(|bank| relu(bank.forward(mel.clone()))).collect();
        let x = silence(relu(self.local.forward(silence(Tensor::cat(banks, 1)))));
        let mut pool = MaxPoolOptions::new([POOL]);
        // Ceil: what does not fill a window at the end still counts.
        pool.padding = [(0, (POOL - x.dims()[2] % POOL) % POOL)];
        max_pool1d(x, pool)
    }

    /// The grid -> `[batch, width, frames]` of the second stack.
    pub fn stacks(&self, grid: Tensor<3>) -> Tensor<3> {
        self.stacks.iter().fold(grid, |x, stack| stack.forward(x))
    }

    /// log-mel `[batch, 40, frames]` -> the temporal vector `[batch, width]`: the output of the second stack at the
    /// last frame, with `lengths` at each clip's last frame.
    pub fn forward(&self, mel: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<2> {
        let x = self.stacks(self.grid(mel, lengths));
        let [batch, _, frames] = x.dims();
        match lengths {
            Some(lengths) => lengths.map(|n| n.div_ceil(POOL)).last(x),
            None => Lengths::new(vec![frames; batch]).last(x),
        }
    }
}
