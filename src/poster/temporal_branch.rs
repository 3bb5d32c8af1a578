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
use super::tcn::{DILATIONS, KERNEL, TcnStack, block_past};
use crate::network::Lengths;

/// Frames that the three frequency banks see at a time.
const BANKS: [usize; 3] = [1, 3, 5];
/// Kernel of the local temporal filters, in frames.
const LOCAL: usize = 5;
/// Width and stride of the horizontal max pool: 1024 frames become 256.
const POOL: usize = 4;

/// Which of the second stack's vectors the branch gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemporalPool {
    /// The last, as the poster has it.
    #[default]
    Last,
    /// The mean of all: an ablation.
    Mean,
    /// Of each map the largest value of all: an ablation.
    Max,
}

/// Shape of a [`TemporalBranch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporalConfig {
    /// Filters of each of the three banks.
    pub bank: usize,
    /// Local temporal filters.
    pub local: usize,
    /// Maps of the stacks, and width of the temporal vector.
    pub width: usize,
    /// What becomes of the temporal vectors.
    #[serde(default)]
    pub pool: TemporalPool,
}

impl TemporalConfig {
    /// The poster's: the last vector counts.
    pub fn new(bank: usize, local: usize, width: usize) -> Self {
        Self { bank, local, width, pool: TemporalPool::Last }
    }

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
            pool: self.pool,
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

/// A layer of the branch, and which frames of the spectrogram its output depends on: step `s` on the frames from
/// `s * step - past` to `s * step + ahead`, both included, as far as the clip has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemporalLayer {
    /// "banks", "local", "pool", "stack-1" or "stack-2"; a stack has a layer for each of its residual blocks.
    pub name: &'static str,
    /// Width of its filters, in steps of what it is given; of the three banks the widest.
    pub kernel: usize,
    /// Steps between two taps of its filters.
    pub dilation: usize,
    /// Frames of the spectrogram from one step to the next.
    pub step: usize,
    /// Frames that it sees back from the first frame of a step.
    pub past: usize,
    /// Frames that it sees ahead of the first frame of a step.
    pub ahead: usize,
}

impl TemporalLayer {
    /// All layers in the order in which a clip passes them, as [`TemporalBranch::layers`] gives their outputs.
    ///
    /// Banks and local filters are centred, so they add half their kernel on both sides; the pool adds its window; a block
    /// adds what its two convolutions look back, counted in steps of the pooled grid.
    pub fn all() -> Vec<Self> {
        let half = BANKS[BANKS.len() - 1] / 2;
        let banks =
            Self { name: "banks", kernel: 2 * half + 1, dilation: 1, step: 1, past: half, ahead: half };
        let reach = half + LOCAL / 2;
        let local = Self { name: "local", kernel: LOCAL, past: reach, ahead: reach, ..banks };
        let pool = Self { name: "pool", kernel: POOL, step: POOL, ahead: reach + POOL - 1, ..local };
        let mut layers = vec![banks, local, pool];
        let mut past = pool.past;
        for name in ["stack-1", "stack-2"] {
            for dilation in DILATIONS {
                past += POOL * block_past(dilation);
                layers.push(Self { name, kernel: KERNEL, dilation, past, ..pool });
            }
        }
        layers
    }

    /// How many of a clip's last frames its output at the clip's last step depends on.
    pub fn field(&self, frames: usize) -> usize {
        let last = frames.saturating_sub(1) / self.step * self.step;
        frames - last.saturating_sub(self.past)
    }
}

/// The branch.
#[derive(Module, Debug)]
pub struct TemporalBranch {
    banks: Vec<Conv1d>,
    local: Conv1d,
    stacks: Vec<TcnStack>,
    #[module(skip)]
    pool: TemporalPool,
}

impl TemporalBranch {
    /// log-mel `[batch, 40, frames]` -> the grid `[batch, local, ceil(frames / 4)]` that the stacks run over.
    pub fn grid(&self, mel: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<3> {
        pooled(self.local(self.frequencies(mel, lengths), lengths))
    }

    /// log-mel `[batch, 40, frames]` -> what the banks answer, `[batch, 3 * bank, frames]`.
    fn frequencies(&self, mel: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<3> {
        let mel = Lengths::silence_behind(lengths, mel);
        let banks = self.banks.iter().map(|bank| relu(bank.forward(mel.clone()))).collect();
        Lengths::silence_behind(lengths, Tensor::cat(banks, 1))
    }

    /// The banks' answers -> `[batch, local, frames]`.
    fn local(&self, banks: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<3> {
        Lengths::silence_behind(lengths, relu(self.local.forward(banks)))
    }

    /// log-mel `[batch, 40, frames]` -> what each of [`TemporalLayer::all`] gives, `[batch, maps, steps]` each.
    pub fn layers(&self, mel: Tensor<3>, lengths: Option<&Lengths>) -> Vec<Tensor<3>> {
        let banks = self.frequencies(mel, lengths);
        let local = self.local(banks.clone(), lengths);
        let mut layers = vec![banks, local.clone(), pooled(local)];
        for stack in &self.stacks {
            let given = layers[layers.len() - 1].clone();
            layers.extend(stack.each(given));
        }
        layers
    }

    /// The grid -> `[batch, width, frames]` of the second stack.
    pub fn stacks(&self, grid: Tensor<3>) -> Tensor<3> {
        self.stacks.iter().fold(grid, |x, stack| stack.forward(x))
    }

    /// log-mel `[batch, 40, frames]` -> the temporal vector `[batch, width]`: of the second stack's vectors the last one
    /// (or what [`TemporalPool`] says), with `lengths` of each clip's own.
    pub fn forward(&self, mel: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<2> {
        let x = self.stacks(self.grid(mel, lengths));
        let [batch, _, frames] = x.dims();
        let lengths = match lengths {
            Some(lengths) => lengths.map(|n| n.div_ceil(POOL)),
            None => Lengths::new(vec![frames; batch]),
        };
        match self.pool {
            TemporalPool::Last => lengths.last(x),
            TemporalPool::Mean => lengths.mean(lengths.silence(x)),
            // A block ends with a ReLU: nothing lies below the zeros behind a clip's end.
            TemporalPool::Max => lengths.silence(x).max_dim(2).squeeze_dim(2),
        }
    }
}

/// `[batch, maps, frames]` -> `[batch, maps, ceil(frames / 4)]`.
fn pooled(x: Tensor<3>) -> Tensor<3> {
    let mut pool = MaxPoolOptions::new([POOL]);
    // Ceil: what does not fill a window at the end still counts.
    pool.padding = [(0, (POOL - x.dims()[2] % POOL) % POOL)];
    max_pool1d(x, pool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::{ModuleMapper, Param};
    use burn::tensor::TensorData;

    /// So loud that it is heard through twelve blocks.
    const LOUD: f32 = 1e6;

    /// A spectrogram of small numbers that repeat nowhere.
    fn mel(frames: usize) -> Vec<f32> {
        (0..POSTER_BANDS * frames).map(|i| (i as f32 * 0.737).sin()).collect()
    }

    /// Makes all weights positive: then no rectifier stops what is louder.
    struct Positive;

    impl ModuleMapper for Positive {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(Tensor::abs)
        }
    }

    /// For each layer which of these frames move its output at the last step.
    fn moved(branch: &TemporalBranch, frames: usize, shaken: &[usize], device: &Device) -> Vec<Vec<bool>> {
        let mut batch = mel(frames);
        for &frame in shaken {
            let mut changed = mel(frames);
            (0..POSTER_BANDS).for_each(|band| changed[band * frames + frame] += LOUD);
            batch.extend(changed);
        }
        let shape = [shaken.len() + 1, POSTER_BANDS, frames];
        let lengths = Lengths::new(vec![frames; shape[0]]);
        let layers = branch.layers(Tensor::from_data(TensorData::new(batch, shape), device), Some(&lengths));
        let compare = |x: Tensor<3>| {
            let [rows, maps, steps] = x.dims();
            let values = x.narrow(2, steps - 1, 1).into_data().try_to_vec::<f32>().unwrap();
            let differs = |row: usize| {
                let pairs = values[..maps].iter().zip(&values[row * maps..][..maps]);
                pairs.clone().any(|(a, b)| (a - b).abs() > 1e-5 * a.abs().max(1.0))
            };
            (1..rows).map(differs).collect()
        };
        layers.into_iter().map(compare).collect()
    }

    #[test]
    fn the_receptive_field_is_what_really_moves_the_last_step() {
        let device = Device::flex();
        let branch = TemporalConfig::new(6, 16, 16).init(&device).map(&mut Positive);
        // Every frame of a clip that ends within a window of the pool, and of one that ends with it.
        for frames in [149, 152] {
            let every: Vec<usize> = (0..frames).collect();
            for (layer, moved) in
                TemporalLayer::all().into_iter().zip(moved(&branch, frames, &every, &device))
            {
                let field = layer.field(frames);
                let first = moved.iter().position(|moved| *moved);
                assert_eq!(first, Some(frames - field), "{layer:?}");
                assert!(moved[frames - 1], "{layer:?}");
            }
        }
        // The edge of the wider fields, in a clip as long as they come.
        let frames = 1024;
        for (place, layer) in TemporalLayer::all().into_iter().enumerate() {
            let first = frames - layer.field(frames);
            let shaken = [first.saturating_sub(1), first];
            let moved = &moved(&branch, frames, &shaken, &device)[place];
            assert_eq!(moved.as_slice(), [first == 0, true], "{layer:?}");
        }
    }

    #[test]
    fn fields_grow_with_the_dilation() {
        let layers = TemporalLayer::all();
        let fields: Vec<usize> = layers.iter().map(|layer| layer.field(1024)).collect();
        assert_eq!(fields[..9], [3, 5, 8, 24, 56, 120, 248, 504, 1016]);
        assert!(fields[9..].iter().all(|field| *field == 1024), "the second stack hears all of a caption");
        assert_eq!(layers[2].field(1021), 5, "the last window may hold one frame only");
    }
}
