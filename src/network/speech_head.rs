//! From the encoder's frames to one vector of the shared space.

use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{sigmoid, silu};
use burn::tensor::{Bool, Device, Tensor};

use super::activation::softmax;
use super::weights::{Weights, WeightsError};
use super::whisper::WIDTH;
use super::{shares, unit_length};

/// Width of the shared space: that of the sentence embeddings which are the training target.
pub const DIMENSIONS: usize = 384;
const HEADS: usize = 12;
const HEAD_WIDTH: usize = 32;
/// Width of the layer on each frame.
const FRAME_WIDTH: usize = 512;
/// Mean length of its answers before they are brought to length one, over captions that were held out of its training.
pub(super) const USUAL_LENGTH: f64 = 27.7;
/// Of the norm of the pooled numbers.
const EPSILON: f64 = 1e-5;
/// Share of the pooled numbers left out at each training step.
const DROPOUT: f64 = 0.15;

/// A layer on each frame, masked multi-head attention pooling, a residual layer and a projection.
///
/// The layer on each frame turns the sound of a word into what it means before words are mixed. Then each of 12
/// heads weighs the frames by its own learned query (softmax over time), sums them and projects the sum to 32
/// numbers; the 384 pooled numbers go through one more layer to the embedding.
#[derive(Module, Debug)]
pub struct SpeechHead {
    norm: LayerNorm,
    frame: Linear,
    attention: Linear,
    values: Param<Tensor<3>>,
    pooled_norm: LayerNorm,
    dropout: Dropout,
    hidden: Linear,
    project: Linear,
}

impl SpeechHead {
    /// A head with random weights.
    pub fn new(device: &Device) -> Self {
        let pooled = HEADS * HEAD_WIDTH;
        let initial = Initializer::KaimingUniform { gain: 1.0 / 3.0_f64.sqrt(), fan_out_only: false };
        let shape = [HEADS, FRAME_WIDTH, HEAD_WIDTH];
        Self {
            norm: LayerNormConfig::new(WIDTH).init(device),
            frame: LinearConfig::new(WIDTH, FRAME_WIDTH).init(device),
            attention: LinearConfig::new(FRAME_WIDTH, HEADS).init(device),
            values: initial.init_with(shape, Some(FRAME_WIDTH), Some(HEAD_WIDTH), device),
            pooled_norm: LayerNormConfig::new(pooled).with_epsilon(EPSILON).init(device),
            dropout: DropoutConfig::new(DROPOUT).init(),
            hidden: LinearConfig::new(pooled, pooled).init(device),
            project: LinearConfig::new(pooled, DIMENSIONS).init(device),
        }
    }

    /// Loads the tensors below `prefix`.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        weights.load(Self::new(device), prefix)
    }

    /// The same head, which leaves nothing out while it is trained.
    pub fn without_dropout(self) -> Self {
        Self { dropout: DropoutConfig::new(0.0).init(), ..self }
    }

    /// Frames `[batch, frames, 384]` -> unit vectors `[batch, 384]`; `padding` as in [`answer`](Self::answer).
    pub fn forward(&self, frames: Tensor<3>, padding: Option<Tensor<2, Bool>>) -> Tensor<2> {
        unit_length(self.answer(frames, padding))
    }

    /// The same at their own lengths, by which they weigh in a sum: those of captions are 27.7 by and large.
    /// `padding` `[batch, frames]` is true on frames that do not count; without it all do. Dropout acts only while
    /// gradients are on.
    pub fn answer(&self, frames: Tensor<3>, padding: Option<Tensor<2, Bool>>) -> Tensor<2> {
        let [batch, _, _] = frames.dims();
        let frames = silu(self.frame.forward(self.norm.forward(frames)));
        let weights = self.attention.forward(frames.clone()).swap_dims(1, 2);
        let weights = match padding {
            Some(padding) => {
                let mask = padding.unsqueeze_dim::<3>(1).expand(weights.dims());
                weights.mask_fill(mask, -1e4)
            }
            None => weights,
        };
        let sums = softmax(weights, 2).matmul(frames).swap_dims(0, 1);
        let pooled = sums.matmul(self.values.val()).swap_dims(0, 1).reshape([batch, HEADS * HEAD_WIDTH]);
        let pooled = self.dropout.forward(self.pooled_norm.forward(pooled));
        let hidden = pooled.clone() + silu(self.hidden.forward(pooled));
        self.project.forward(hidden)
    }

    /// How each head weighs the moments of a clip: frames `[1, frames, 384]` -> `[12, frames]`, whose rows add up to 1.
    pub fn attention(&self, frames: Tensor<3>) -> Tensor<2> {
        self.weights(silu(self.frame.forward(self.norm.forward(frames)))).transpose()
    }

    /// The same behind the layer on each frame: `[1, frames, 512]` -> `[frames, 12]`.
    fn weights(&self, frames: Tensor<3>) -> Tensor<2> {
        softmax(self.attention.forward(frames), 1).squeeze_dim::<2>(0)
    }

    /// What each moment adds to the answer to a clip: frames `[1, frames, 384]` -> `[frames, 384]`, whose sum is what
    /// [`answer`](Self::answer) gives (`shares.rs` says why). A moment's weight is its share of the attention.
    pub fn shares(&self, frames: Tensor<3>) -> Tensor<2> {
        let frames = silu(self.frame.forward(self.norm.forward(frames)));
        let count = frames.dims()[1];
        let attention = self.weights(frames.clone());
        let values = frames.expand([HEADS, count, FRAME_WIDTH]).matmul(self.values.val());
        let weighed = values * attention.clone().transpose().unsqueeze_dim::<3>(2);
        let pooled = weighed.swap_dims(0, 1).reshape([count, HEADS * HEAD_WIDTH]);
        let weights = attention.mean_dim(1);
        let normed = shares::layer_norm(&self.pooled_norm, EPSILON, pooled, &weights);
        let gate = sigmoid(self.hidden.forward(shares::whole(&normed)));
        let hidden = normed.clone() + shares::linear(&self.hidden, normed, &weights) * gate;
        shares::linear(&self.project, hidden, &weights)
    }
}
