//! The audio encoder of Whisper tiny.en (Radford et al. 2022, section 2.2), run on the true length of a clip.
//!
//! log-mel `[batch, 80, frames]` -> two convolutions, the second with stride 2 -> sinusoidal positions ->
//! 4 transformer blocks (the student that answers first keeps one) -> LayerNorm: `[batch, ceil(frames / 2), 384]`,
//! 50 vectors a second.

use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{LayerNorm, LayerNormConfig, LinearConfig, PaddingConfig1d};
use burn::tensor::{Device, Tensor, TensorData};

use super::activation::{gelu, softmax};
use super::frozen::FrozenLinear;
use super::weights::{Storage, Weights, WeightsError};

/// Width of the encoder's vectors.
pub const WIDTH: usize = 384;
/// Bands of the log-mel frames that it hears.
pub const BANDS: usize = 80;
const HEADS: usize = 6;

/// The encoder.
#[derive(Module, Debug)]
pub struct WhisperEncoder {
    conv1: Conv1d,
    conv2: Conv1d,
    blocks: Vec<Block>,
    ln_post: LayerNorm,
}

impl WhisperEncoder {
    /// A network with random weights, to be loaded.
    fn new(blocks: usize, device: &Device) -> Self {
        let conv = |from, stride| {
            let config = Conv1dConfig::new(from, WIDTH, 3).with_stride(stride);
            config.with_padding(PaddingConfig1d::Explicit(1, 1)).init(device)
        };
        Self {
            conv1: conv(BANDS, 1),
            conv2: conv(WIDTH, 2),
            blocks: (0..blocks).map(|_| Block::new(device)).collect(),
            ln_post: LayerNormConfig::new(WIDTH).with_epsilon(1e-5).init(device),
        }
    }

    /// How many blocks this one has.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Gives OpenAI's tensor names the ones of this module. The positions are computed, not stored.
    pub fn import(weights: Weights) -> Weights {
        weights.rename(|name| {
            let name = name
                .strip_prefix("encoder.")?
                .replace(".mlp.0.", ".expand.")
                .replace(".mlp.2.", ".contract.");
            (name != "positional_embedding").then_some(name)
        })
    }

    /// The tensors (as [`import`](Self::import) names them) of an encoder that ends after its first blocks.
    pub fn first_blocks(weights: Weights, count: usize) -> Weights {
        let number = |name: &str| name.strip_prefix("blocks.")?.split('.').next()?.parse::<usize>().ok();
        weights.rename(|name| number(name).is_none_or(|block| block < count).then(|| name.to_owned()))
    }

    /// Loads the tensors below `prefix`, with as many blocks as there are.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        let is_there =
            |block: &usize| weights.shape(&format!("{prefix}blocks.{block}.attn_ln.weight")).is_ok();
        let blocks = (0..).take_while(is_there).count().max(1);
        Ok(weights.load(Self::new(blocks, device), prefix)?.frozen())
    }

    fn frozen(self) -> Self {
        Self { blocks: self.blocks.into_iter().map(Block::frozen).collect(), ..self }
    }

    /// How a tensor of the encoder that ships is stored: the wide layers, more than half of it, in int4.
    pub fn storage(name: &str) -> Storage {
        let wide = name.ends_with(".expand.weight") || name.ends_with(".contract.weight");
        if wide { Storage::Int4 } else { Storage::Int8 }
    }

    /// `[batch, 80, frames]` -> `[batch, ceil(frames / 2), 384]`. All clips of a batch have the same length.
    pub fn forward(&self, mel: Tensor<3>) -> Tensor<3> {
        self.after(self.before(mel, 0), 0)
    }

    /// What the filters of the first convolution look for, `[384, 80, 3]`.
    pub fn first_filters(&self) -> Tensor<3> {
        self.conv1.weight.val()
    }

    /// How strongly they answer at each frame: `[batch, 80, frames]` -> `[batch, 384, frames]`.
    pub fn first_answers(&self, mel: Tensor<3>) -> Tensor<3> {
        gelu(self.conv1.forward(mel))
    }

    /// The first half of [`forward`](Self::forward): `[batch, 80, frames]` -> what goes into a block,
    /// `[batch, ceil(frames / 2), 384]`.
    pub fn before(&self, mel: Tensor<3>, block: usize) -> Tensor<3> {
        let x = gelu(self.conv2.forward(self.first_answers(mel))).swap_dims(1, 2);
        let positions = positions(x.dims()[1], &x.device());
        self.blocks[..block].iter().fold(x + positions, |x, block| block.forward(x))
    }

    /// The second half, from that block on.
    pub fn after(&self, x: Tensor<3>, block: usize) -> Tensor<3> {
        let x = self.blocks[block..].iter().fold(x, |x, block| block.forward(x));
        self.ln_post.forward(x)
    }
}

/// Pre-norm transformer block.
#[derive(Module, Debug)]
struct Block {
    attn: Attention,
    attn_ln: LayerNorm,
    expand: FrozenLinear,
    contract: FrozenLinear,
    mlp_ln: LayerNorm,
}

impl Block {
    fn new(device: &Device) -> Self {
        let norm = || LayerNormConfig::new(WIDTH).with_epsilon(1e-5).init(device);
        Self {
            attn: Attention::new(device),
            attn_ln: norm(),
            expand: FrozenLinear::new(LinearConfig::new(WIDTH, 4 * WIDTH), device),
            contract: FrozenLinear::new(LinearConfig::new(4 * WIDTH, WIDTH), device),
            mlp_ln: norm(),
        }
    }

    fn frozen(self) -> Self {
        Self {
            attn: self.attn.frozen(),
            expand: self.expand.frozen(),
            contract: self.contract.frozen(),
            ..self
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = x.clone() + self.attn.forward(self.attn_ln.forward(x));
        let hidden = gelu(self.expand.forward(self.mlp_ln.forward(x.clone())));
        x + self.contract.forward(hidden)
    }
}

/// Self-attention over all frames; the key has no bias.
#[derive(Module, Debug)]
struct Attention {
    query: FrozenLinear,
    key: FrozenLinear,
    value: FrozenLinear,
    out: FrozenLinear,
}

impl Attention {
    fn new(device: &Device) -> Self {
        let linear = |bias| FrozenLinear::new(LinearConfig::new(WIDTH, WIDTH).with_bias(bias), device);
        Self { query: linear(true), key: linear(false), value: linear(true), out: linear(true) }
    }

    fn frozen(self) -> Self {
        let Self { query, key, value, out } = self;
        Self { query: query.frozen(), key: key.frozen(), value: value.frozen(), out: out.frozen() }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, frames, _] = x.dims();
        let split = |x: Tensor<3>| x.reshape([batch, frames, HEADS, WIDTH / HEADS]).swap_dims(1, 2);
        let scale = (WIDTH as f64 / HEADS as f64).sqrt().recip();
        let query = split(self.query.forward(x.clone())).mul_scalar(scale);
        let key = split(self.key.forward(x.clone()));
        let weights = softmax(query.matmul(key.transpose()), 3);
        let context = weights.matmul(split(self.value.forward(x)));
        self.out.forward(context.swap_dims(1, 2).reshape([batch, frames, WIDTH]))
    }
}

/// `[1, frames, 384]`: the sines, then the cosines, of 192 frequencies from 1 to 1/10000 radians a frame.
fn positions(frames: usize, device: &Device) -> Tensor<3> {
    let half = WIDTH / 2;
    let mut values = vec![0.0_f32; frames * WIDTH];
    for index in 0..half {
        let frequency = (-(index as f64) * 10_000_f64.ln() / (half - 1) as f64).exp();
        for frame in 0..frames {
            let (sine, cosine) = (frame as f64 * frequency).sin_cos();
            values[frame * WIDTH + index] = sine as f32;
            values[frame * WIDTH + half + index] = cosine as f32;
        }
    }
    Tensor::from_data(TensorData::new(values, [1, frames, WIDTH]), device)
}
