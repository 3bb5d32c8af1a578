//! A temporal convolution network: residual blocks of dilated causal convolutions (Bai, Kolter and Koltun 2018,
//! section 3), the two stacks of the poster's second system.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Dropout, DropoutConfig, Initializer};
use burn::tensor::activation::relu;
use burn::tensor::module::conv1d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

/// Kernel of every convolution, in frames.
pub(super) const KERNEL: usize = 3;
/// Dilations of the blocks of one stack.
pub(super) const DILATIONS: [usize; 6] = [1, 2, 4, 8, 16, 32];
/// Share of each map's values left out at each training step.
const DROPOUT: f64 = 0.2;

/// Frames of the past, the present one included, that the output of one stack depends on: 253.
pub const STACK_FIELD: usize = {
    let (mut frames, mut block) = (1, 0);
    while block < DILATIONS.len() {
        frames += block_past(DILATIONS[block]);
        block += 1;
    }
    frames
};

/// Frames that a block of this dilation sees further back than what it is given: each of its two convolutions reaches
/// `(kernel - 1) * dilation` back.
pub(super) const fn block_past(dilation: usize) -> usize {
    2 * (KERNEL - 1) * dilation
}

/// Six residual blocks with dilations 1 to 32.
#[derive(Module, Debug)]
pub struct TcnStack {
    blocks: Vec<ResidualBlock>,
}

impl TcnStack {
    /// A stack with random weights from `from` maps to `to`.
    pub fn new(from: usize, to: usize, device: &Device) -> Self {
        let blocks = DILATIONS.into_iter().enumerate();
        let block =
            |(index, dilation)| ResidualBlock::new(if index == 0 { from } else { to }, to, dilation, device);
        Self { blocks: blocks.map(block).collect() }
    }

    /// `[batch, from, frames]` -> `[batch, to, frames]`; no output depends on a later input.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.blocks.iter().fold(x, |x, block| block.forward(x))
    }

    /// The same, with what each block gives, in their order: `[batch, to, frames]` each.
    pub fn each(&self, x: Tensor<3>) -> Vec<Tensor<3>> {
        let through = |x: &mut Tensor<3>, block: &ResidualBlock| {
            *x = block.forward(x.clone());
            Some(x.clone())
        };
        self.blocks.iter().scan(x, through).collect()
    }

    /// Multiplications for so many frames.
    pub fn multiplications(from: usize, to: usize, frames: usize) -> usize {
        let residual = if from == to { 0 } else { from * to };
        let first = from * to * KERNEL + to * to * KERNEL + residual;
        (first + (DILATIONS.len() - 1) * 2 * to * to * KERNEL) * frames
    }
}

/// Two causal convolutions, each with weight norm, ReLU and dropout, beside the identity or a 1 x 1 convolution; ReLU.
#[derive(Module, Debug)]
pub struct ResidualBlock {
    first: CausalConvolution,
    second: CausalConvolution,
    residual: Option<Conv1d>,
    dropout: Dropout,
}

impl ResidualBlock {
    /// A block with random weights.
    pub fn new(from: usize, to: usize, dilation: usize, device: &Device) -> Self {
        Self {
            first: CausalConvolution::new(from, to, dilation, device),
            second: CausalConvolution::new(to, to, dilation, device),
            residual: (from != to).then(|| Conv1dConfig::new(from, to, 1).init(device)),
            dropout: DropoutConfig::new(DROPOUT).init(),
        }
    }

    /// `[batch, from, frames]` -> `[batch, to, frames]`. Dropout acts only while gradients are on.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let hidden = self.dropout.forward(relu(self.first.forward(x.clone())));
        let hidden = self.dropout.forward(relu(self.second.forward(hidden)));
        let residual = match &self.residual {
            Some(narrow) => narrow.forward(x),
            None => x,
        };
        relu(hidden + residual)
    }
}

/// A dilated convolution that sees the past only, with weight normalisation (Salimans and Kingma 2016): filter `o` is
/// `gain[o] * direction[o] / |direction[o]|`.
#[derive(Module, Debug)]
struct CausalConvolution {
    gain: Param<Tensor<1>>,
    direction: Param<Tensor<3>>,
    bias: Param<Tensor<1>>,
    dilation: usize,
}

impl CausalConvolution {
    /// Starts as an ordinary convolution would: its random filters have length 1 / sqrt(3), by and large.
    fn new(from: usize, to: usize, dilation: usize, device: &Device) -> Self {
        let bound = 1.0 / ((from * KERNEL) as f64).sqrt();
        let uniform = Initializer::Uniform { min: -bound, max: bound };
        Self {
            gain: Initializer::Constant { value: 1.0 / 3.0_f64.sqrt() }.init([to], device),
            direction: uniform.init([to, from, KERNEL], device),
            bias: uniform.init([to], device),
            dilation,
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let direction = self.direction.val();
        let [filters, _, _] = direction.dims();
        let scale = self.gain.val().reshape([filters, 1, 1]) / lengths(&direction);
        let past = (KERNEL - 1) * self.dilation;
        let options = ConvOptions::new_with_padding([1], [(past, 0)], [self.dilation], 1);
        conv1d(x, direction * scale, Some(self.bias.val()), options)
    }
}

/// Length of each filter of `[filters, maps, kernel]`: `[filters, 1, 1]`.
fn lengths(filters: &Tensor<3>) -> Tensor<3> {
    filters.clone().square().sum_dim(2).sum_dim(1).sqrt()
}
