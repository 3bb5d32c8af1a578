//! From the encoder's frames to word-like units, and from what these mean to one vector of the shared space.
//!
//! Frames `[batch, frames, 384]`, 25 a second, stand side by side in pairs, 12.5 moments a second -> LayerNorm -> linear
//! to 384 -> blocks -> LayerNorm -> linear to 5981 logits: a blank and 5980 units, softmax. Each unit has a meaning, a row
//! of `[5980, 384]`; the answer is the sum over all moments of p(unit) x meaning(unit), and of a rest for what no unit says.
//! A word that is said alone means something else than within a sentence, so units may have a second meaning: a clip of one word has
//! that, one of a word and a half and more the first.
//!
//! The units are words that occur often, and pieces of the others: the reader was trained with connectionist temporal
//! classification (Graves et al. 2006) on what was said. A lexicon is a table, and this one has a row for each entry.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig, PaddingConfig1d};
use burn::tensor::{Bool, Device, Int, Tensor};

use super::activation::{exponential, gelu, log_softmax, softmax};
use super::frozen::FrozenLinear;
use super::lengths::Lengths;
use super::speech_head::USUAL_LENGTH;
use super::weights::{Storage, Weights, WeightsError};
use super::whisper::WIDTH;
use super::{DIMENSIONS, shares, unit_length};

/// Width of an attention head of a block.
const HEAD_WIDTH: usize = 64;
/// Moments that a convolution looks at.
const KERNEL: usize = 5;
/// Of all norms.
const EPSILON: f64 = 1e-5;
/// What the rest counts, times its gain.
const REST: f64 = 4.0;
/// Words up to which a clip is one word alone, and from which on it is a sentence.
const ALONE_TO_SENTENCE: [f64; 2] = [1.0, 1.5];
/// Weights of this reader and of the whole-clip reader in their sum, where a file says nothing.
const MIX: [f32; 2] = [1.0, 0.5];
/// The units begin with a blank, which stands for no piece of a word.
const BLANKS: usize = 1;
/// Entry of a file's metadata: how the units are spelled, one a line.
pub const SPELLINGS: &str = "spellings";

/// Sizes of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitReaderConfig {
    /// Width of a frame.
    pub frame: usize,
    /// Frames of a moment, side by side.
    pub stack: usize,
    /// Width of a moment behind the first layer.
    pub width: usize,
    /// Attention heads of a block.
    pub heads: usize,
    /// Blocks.
    pub blocks: usize,
    /// Width of a block's hidden layer.
    pub hidden: usize,
    /// Units, the blank not counted.
    pub units: usize,
    /// Width of a meaning.
    pub dimensions: usize,
    /// Whether units have a meaning of their own when they are said alone.
    pub alone: bool,
}

impl UnitReaderConfig {
    /// Of a file's tensors below `prefix`.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one that tells a size is missing.
    pub fn of(weights: &Weights, prefix: &str) -> Result<Self, WeightsError> {
        let size = |name: &str, axis: usize| {
            let shape = weights.shape(&format!("{prefix}{name}"))?;
            let none = || WeightsError::Mismatch(format!("{prefix}{name} has the shape {shape:?}"));
            shape.get(axis).copied().filter(|&size| size > 0).ok_or_else(none)
        };
        let is_there = |block: &usize| size(&format!("blocks.{block}.conv.bias"), 0).is_ok();
        let (blocks, width) = ((0..).take_while(is_there).count(), size("stack.bias", 0)?);
        Ok(Self {
            frame: WIDTH,
            stack: size("stack_norm.weight", 0)?.div_ceil(WIDTH),
            width,
            heads: width / HEAD_WIDTH,
            blocks,
            hidden: if blocks > 0 { size("blocks.0.mlp_up.bias", 0)? } else { 4 * width },
            units: size("meanings", 0)?,
            dimensions: DIMENSIONS,
            alone: size("alone.meanings", 0).is_ok(),
        })
    }

    /// A reader with random weights.
    pub fn init(&self, device: &Device) -> UnitReader {
        let linear = |from, to| FrozenLinear::new(LinearConfig::new(from, to), device);
        let norm = |width| LayerNormConfig::new(width).with_epsilon(EPSILON).init(device);
        let scalar = |value| Initializer::Constant { value }.init([1], device);
        let meaning = Initializer::Normal { mean: 0.0, std: 0.05 };
        let stacked = self.frame * self.stack;
        UnitReader {
            stack_norm: norm(stacked),
            stack: linear(stacked, self.width),
            blocks: (0..self.blocks).map(|_| Block::new(self, device)).collect(),
            norm: norm(self.width),
            units: linear(self.width, BLANKS + self.units),
            meanings: meaning.init([self.units, self.dimensions], device),
            alone: self.alone.then(|| Alone {
                meanings: meaning.init([self.units, self.dimensions], device),
                words: Initializer::Ones.init([self.units], device),
            }),
            gain: scalar(1.0),
            residual: LinearConfig::new(self.width, self.dimensions).init(device),
            residual_attention: LinearConfig::new(self.width, 1).init(device),
            residual_gain: scalar(0.1),
            mix: Param::from_tensor(Tensor::from_data(MIX, device)),
            frames_per_moment: self.stack,
        }
    }
}

/// The reader.
#[derive(Module, Debug)]
pub struct UnitReader {
    stack_norm: LayerNorm,
    stack: FrozenLinear,
    blocks: Vec<Block>,
    norm: LayerNorm,
    units: FrozenLinear,
    meanings: Param<Tensor<2>>,
    alone: Option<Alone>,
    gain: Param<Tensor<1>>,
    residual: Linear,
    residual_attention: Linear,
    residual_gain: Param<Tensor<1>>,
    mix: Param<Tensor<1>>,
    frames_per_moment: usize,
}

/// What units mean when they are said alone.
#[derive(Module, Debug)]
struct Alone {
    /// `[5980, 384]`.
    meanings: Param<Tensor<2>>,
    /// How much of a word each unit is, `[5980]`: what says little counts little.
    words: Param<Tensor<1>>,
}

impl Alone {
    /// How far clips in which units were said so often, `[rows, 5980]`, are one word and no more: `[rows, 1]`, from 0 to 1.
    fn share(&self, said: Tensor<2>) -> Tensor<2> {
        let words = said.matmul(self.words.val().unsqueeze_dim::<2>(1));
        let [alone, sentence] = ALONE_TO_SENTENCE;
        words.neg().add_scalar(sentence).div_scalar(sentence - alone).clamp(0.0, 1.0)
    }
}

/// What a reader makes of a batch of clips.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Unit vectors `[batch, 384]`.
    pub vectors: Tensor<2>,
    /// Log-probabilities of the blank and of each unit, `[batch, moments, 5981]`.
    pub units: Tensor<3>,
    /// How far each clip is one word and no more, `[batch, 1]`, from 0 to 1; nothing where that makes no difference.
    pub alone: Option<Tensor<2>>,
}

impl UnitReader {
    /// The tensors of a file that PyTorch wrote, as this module has them: a number is a row of one, and the weights of the
    /// sum with the whole-clip reader are there. Of the metadata the [`SPELLINGS`] are kept.
    pub fn import(mut weights: Weights) -> Weights {
        weights.metadata.retain(|name, _| name == SPELLINGS);
        for name in ["gain", "residual_gain"] {
            let number = weights.get(name).ok().filter(|(shape, _)| shape.is_empty());
            if let Some(values) = number.map(|(_, values)| values.to_vec()) {
                weights.insert(name, &[1], values);
            }
        }
        if weights.shape("mix").is_err() {
            weights.insert("mix", &[MIX.len()], MIX.to_vec());
        }
        weights
    }

    /// Loads the tensors below `prefix`, with as many blocks, units and frames a moment as there are.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, prefix: &str, device: &Device) -> Result<Self, WeightsError> {
        Ok(weights.load(UnitReaderConfig::of(weights, prefix)?.init(device), prefix)?.frozen())
    }

    fn frozen(self) -> Self {
        Self {
            stack: self.stack.frozen(),
            blocks: self.blocks.into_iter().map(Block::frozen).collect(),
            units: self.units.frozen(),
            ..self
        }
    }

    /// How a tensor of the reader that ships is stored: tables and wide layers, three quarters of it, in int4; it was trained
    /// with that rounding (training/ear/network.py has the same names).
    pub fn storage(name: &str) -> Storage {
        let is_one_of = |layers: &[&str]| layers.iter().any(|layer| name.contains(layer));
        if is_one_of(&["mlp_up.", "mlp_down.", "units.", "meanings"]) {
            Storage::Int4
        } else if is_one_of(&["conv.", "residual_attention."]) {
            Storage::F16
        } else {
            Storage::Int8
        }
    }

    /// Frames of a moment.
    pub fn frames_per_moment(&self) -> usize {
        self.frames_per_moment
    }

    /// What some units, from 0, mean in a clip that was read so, `[units, 384]`; unit `u` of [`Reading::units`] is number `u - 1`.
    pub fn meanings(&self, units: Tensor<1, Int>, reading: &Reading) -> Tensor<2> {
        let together = self.meanings.val().select(0, units.clone());
        match (&self.alone, &reading.alone) {
            (Some(meaning), Some(share)) => {
                between(together, meaning.meanings.val().select(0, units), share.clone())
            }
            _ => together,
        }
    }

    /// The sum of this reader's vectors and the whole-clip reader's answers, both `[rows, 384]`, or of what their moments add
    /// to these. The whole clip speaks the louder the longer its answer is: so a lesson, which moves nothing else, can overrule
    /// what the units say.
    pub fn and_whole_clip(&self, read: Tensor<2>, whole: Tensor<2>) -> Tensor<2> {
        let weight = |place| self.mix.val().narrow(0, place, 1).unsqueeze_dim::<2>(0);
        read * weight(0) + whole * weight(1).div_scalar(USUAL_LENGTH)
    }

    /// Frames `[batch, frames, 384]` to units and vectors. What stands behind a clip's length does not count; without
    /// `lengths` all does. Frames at the end that fill no moment are left out.
    pub fn read(&self, frames: Tensor<3>, lengths: Option<&Lengths>) -> Reading {
        let lengths = lengths.map(|lengths| lengths.map(|frames| frames / self.frames_per_moment));
        let x = self.moments(frames, lengths.as_ref());
        let padding = lengths.and_then(|lengths| lengths.padding(x.dims()[1], &x.device()));
        let padding = padding.map(|padding| padding.unsqueeze_dim::<3>(2));
        let units = log_softmax(self.units.forward(x.clone()), 2);
        let said = masked(self.of_words(exponential(units.clone())), padding.as_ref(), 0.0).sum_dim(1);
        let weights = softmax(masked(self.residual_attention.forward(x.clone()), padding.as_ref(), -1e4), 1);
        let rest = self.residual.forward((x * weights).sum_dim(1));
        let said = said.squeeze_dim(1);
        let alone = self.share_alone(&said);
        let vectors = unit_length(self.meant(said, rest.squeeze_dim(1), alone.clone()));
        Reading { vectors, units, alone }
    }

    /// What each frame adds to the vector of a clip: `[1, frames, 384]` -> `[frames, 384]`, whose sum is that vector
    /// (`shares.rs` says why). A moment's share falls on its frames alike.
    pub fn shares(&self, frames: Tensor<3>) -> Tensor<2> {
        let count = frames.dims()[1];
        let x = self.moments(frames, None);
        let said = self.of_words(softmax(self.units.forward(x.clone()), 2)).squeeze_dim(0);
        let weights = softmax(self.residual_attention.forward(x.clone()), 1);
        let rest = (self.residual.forward(x) * weights).squeeze_dim(0);
        let alone = self.share_alone(&said.clone().sum_dim(0));
        self.by_frame(shares::unit_length(self.meant(said, rest, alone)), count)
    }

    /// How the rest weighs the frames of a clip: `[1, frames, 384]` -> `[1, frames]`, which add up to 1.
    pub fn attention(&self, frames: Tensor<3>) -> Tensor<2> {
        let count = frames.dims()[1];
        let weights = softmax(self.residual_attention.forward(self.moments(frames, None)), 1);
        self.by_frame(weights.squeeze_dim(0), count).transpose()
    }

    /// What falls on each moment, `[moments, width]`, on its frames alike, `[frames, width]`; frames that fill no moment have
    /// nothing.
    fn by_frame(&self, moments: Tensor<2>, frames: usize) -> Tensor<2> {
        let [number, width] = moments.dims();
        let each = self.frames_per_moment.min(frames);
        let moments = moments.div_scalar(each as f64).unsqueeze_dim::<3>(1).expand([number, each, width]);
        let shared = moments.reshape([number * each, width]);
        let rest = frames - number * each;
        if rest == 0 {
            shared
        } else {
            Tensor::cat(vec![shared.clone(), Tensor::zeros([rest, width], &shared.device())], 0)
        }
    }

    /// Probabilities of the units alone.
    fn of_words(&self, units: Tensor<3>) -> Tensor<3> {
        let count = units.dims()[2];
        units.narrow(2, BLANKS, count - BLANKS)
    }

    /// What units that were said so often, `[rows, 5980]`, and a rest, `[rows, 384]`, mean together; `alone` as
    /// [`share_alone`](Self::share_alone) gives it, for each row or for all of them.
    fn meant(&self, said: Tensor<2>, rest: Tensor<2>, alone: Option<Tensor<2>>) -> Tensor<2> {
        let gain = |gain: &Param<Tensor<1>>| gain.val().unsqueeze_dim::<2>(0);
        let together = said.clone().matmul(self.meanings.val()) * gain(&self.gain)
            + rest * gain(&self.residual_gain).mul_scalar(REST);
        match (&self.alone, alone) {
            (Some(meaning), Some(share)) => {
                let alone = said.matmul(meaning.meanings.val()) * gain(&self.gain);
                between(together, alone, share)
            }
            _ => together,
        }
    }

    /// How far clips in which units were said so often, `[rows, 5980]`, are one word and no more, as [`Reading::alone`] has it.
    fn share_alone(&self, said: &Tensor<2>) -> Option<Tensor<2>> {
        self.alone.as_ref().map(|alone| alone.share(said.clone()))
    }

    /// `[batch, frames, 384]` -> what the units are read from, `[batch, moments, 384]`.
    fn moments(&self, frames: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<3> {
        let x = self.stack.forward(self.stack_norm.forward(self.stacked(frames)));
        self.norm.forward(self.blocks.iter().fold(x, |x, block| block.forward(x, lengths)))
    }

    /// Frames of each moment side by side; what is shorter than one has silence behind it.
    fn stacked(&self, frames: Tensor<3>) -> Tensor<3> {
        let ([batch, count, width], stack) = (frames.dims(), self.frames_per_moment);
        let frames = match count / stack {
            0 => Tensor::cat(
                vec![frames.clone(), Tensor::zeros([batch, stack - count, width], &frames.device())],
                1,
            ),
            moments => frames.narrow(1, 0, moments * stack),
        };
        let moments = frames.dims()[1] / stack;
        frames.reshape([batch, moments, stack * width])
    }
}

/// A depthwise convolution, self-attention and a hidden layer, each behind its norm and beside what goes into it.
#[derive(Module, Debug)]
struct Block {
    conv_norm: LayerNorm,
    conv: Conv1d,
    attention_norm: LayerNorm,
    qkv: FrozenLinear,
    attention_out: FrozenLinear,
    mlp_norm: LayerNorm,
    mlp_up: FrozenLinear,
    mlp_down: FrozenLinear,
    heads: usize,
}

impl Block {
    fn new(config: &UnitReaderConfig, device: &Device) -> Self {
        let width = config.width;
        let norm = || LayerNormConfig::new(width).with_epsilon(EPSILON).init(device);
        let linear = |from, to| FrozenLinear::new(LinearConfig::new(from, to), device);
        let padding = PaddingConfig1d::Explicit(KERNEL / 2, KERNEL / 2);
        Self {
            conv_norm: norm(),
            conv: Conv1dConfig::new(width, width, KERNEL)
                .with_groups(width)
                .with_padding(padding)
                .init(device),
            attention_norm: norm(),
            qkv: linear(width, 3 * width),
            attention_out: linear(width, width),
            mlp_norm: norm(),
            mlp_up: linear(width, config.hidden),
            mlp_down: linear(config.hidden, width),
            heads: config.heads,
        }
    }

    fn frozen(self) -> Self {
        Self {
            qkv: self.qkv.frozen(),
            attention_out: self.attention_out.frozen(),
            mlp_up: self.mlp_up.frozen(),
            mlp_down: self.mlp_down.frozen(),
            ..self
        }
    }

    /// `[batch, moments, width]`, the same. Padding is heard by neither convolution nor attention.
    fn forward(&self, x: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<3> {
        let heard = Lengths::silence_behind(lengths, self.conv_norm.forward(x.clone()).swap_dims(1, 2));
        let x = x + self.conv.forward(heard).swap_dims(1, 2);
        let x = x.clone() + self.attention(self.attention_norm.forward(x), lengths);
        x.clone() + self.mlp_down.forward(gelu(self.mlp_up.forward(self.mlp_norm.forward(x))))
    }

    fn attention(&self, x: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<3> {
        let [batch, moments, width] = x.dims();
        let padding = lengths.and_then(|lengths| lengths.padding(moments, &x.device()));
        let parts = self.qkv.forward(x);
        let part = |place: usize| {
            let part = parts.clone().narrow(2, place * width, width);
            part.reshape([batch, moments, self.heads, width / self.heads]).swap_dims(1, 2)
        };
        let scale = ((width / self.heads) as f64).sqrt().recip();
        let scores = part(0).mul_scalar(scale).matmul(part(1).transpose());
        let padding = padding.map(|padding| padding.reshape([batch, 1, 1, moments]));
        let context = softmax(masked(scores, padding.as_ref(), -1e4), 3).matmul(part(2));
        self.attention_out.forward(context.swap_dims(1, 2).reshape([batch, moments, width]))
    }
}

/// From one to the other by a share of 0 to 1, `[rows, 1]` or `[1, 1]`.
fn between(one: Tensor<2>, other: Tensor<2>, share: Tensor<2>) -> Tensor<2> {
    one.clone() + (other - one) * share
}

/// `x` with a value where there is padding.
fn masked<const D: usize>(x: Tensor<D>, padding: Option<&Tensor<D, Bool>>, value: f64) -> Tensor<D> {
    match padding {
        Some(padding) => {
            let padding = padding.clone().expand(x.dims());
            x.mask_fill(padding, value)
        }
        None => x,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::disallowed_methods)] // On the CPU.
mod tests {
    use burn::tensor::{Distribution, TensorData};

    use super::*;

    const TINY: UnitReaderConfig = UnitReaderConfig {
        frame: 6,
        stack: 2,
        width: 16,
        heads: 2,
        blocks: 2,
        hidden: 24,
        units: 7,
        dimensions: 10,
        alone: true,
    };

    fn frames(count: usize) -> Tensor<3> {
        Tensor::random([1, count, TINY.frame], Distribution::Normal(0.0, 1.0), &Device::flex())
    }

    fn assert_close(what: &str, one: Tensor<2>, other: Tensor<2>) {
        assert_eq!(one.dims(), other.dims(), "{what}");
        let farthest: f32 = (one - other).abs().max().into_scalar();
        assert!(farthest < 1e-5, "{what}: {farthest}");
    }

    /// A batch whose clips end with other numbers than zeros, so that whoever hears the padding is found out.
    #[test]
    fn alone_and_in_a_padded_batch_a_clip_is_read_the_same() {
        let reader = TINY.init(&Device::flex());
        let lengths = [12, 7, 4, 2, 1];
        let clips = lengths.map(frames);
        let padded = clips.iter().zip(lengths).map(|(clip, length)| match (13 - length, length) {
            // One frame makes no moment: what stands beside it is silence, in a batch too.
            (rest, 1) => Tensor::cat(vec![clip.clone(), frames(1).mul_scalar(0.0), frames(rest - 1)], 1),
            (rest, _) => Tensor::cat(vec![clip.clone(), frames(rest)], 1),
        });
        let together = reader.read(Tensor::cat(padded.collect(), 0), Some(&Lengths::new(lengths.to_vec())));
        assert_eq!((together.vectors.dims(), together.units.dims()), ([5, 10], [5, 6, 8]));
        for (row, (clip, length)) in clips.into_iter().zip(lengths).enumerate() {
            let alone = reader.read(clip, None);
            assert_close("vector", alone.vectors, together.vectors.clone().narrow(0, row, 1));
            let moments = (length / 2).max(1);
            let units = together.units.clone().narrow(0, row, 1).narrow(1, 0, moments);
            assert_close("units", alone.units.squeeze_dim(0), units.squeeze_dim(0));
        }
    }

    #[test]
    fn shares_of_frames_add_up_to_the_vector_and_a_last_odd_frame_has_none() {
        for stack in 1..4 {
            let reader = UnitReaderConfig { stack, ..TINY }.init(&Device::flex());
            for count in [1, 2, 3, 10, 11] {
                let clip = frames(count);
                let shares = reader.shares(clip.clone());
                assert_eq!(shares.dims(), [count, TINY.dimensions]);
                assert_close("sum", shares.clone().sum_dim(0), reader.read(clip, None).vectors);
                if stack == 2 && count == 11 {
                    let last: f32 = shares.narrow(0, 10, 1).abs().max().into_scalar();
                    assert_eq!(last, 0.0);
                }
            }
        }
    }

    #[test]
    fn a_word_alone_has_its_own_meaning_and_two_words_have_those_of_a_sentence() {
        let reader = TINY.init(&Device::flex());
        let said = |units: &[usize]| {
            let mut said = vec![0.0_f32; TINY.units];
            units.iter().for_each(|&unit| said[unit] += 1.0);
            Tensor::<2>::from_data(TensorData::new(said, [1, TINY.units]), &Device::flex())
        };
        let rest = || Tensor::<2>::ones([1, TINY.dimensions], &Device::flex());
        let meant = |units: &[usize]| {
            let said = said(units);
            let alone = reader.share_alone(&said);
            reader.meant(said, rest(), alone)
        };
        let own = reader.alone.as_ref().unwrap().meanings.val();
        assert_close("one", meant(&[3]), own.narrow(0, 3, 1));
        let sentence = said(&[3, 5]).matmul(reader.meanings.val()) + rest() * 0.1 * REST;
        assert_close("two", meant(&[3, 5]), sentence);
        let share: f32 = reader.share_alone(&said(&[])).unwrap().into_scalar();
        assert_eq!(share, 1.0);
    }

    #[test]
    fn the_readers_are_mixed_by_the_weights_of_the_file() {
        let rows = |values: &[f32]| {
            Tensor::<2>::from_data(TensorData::new(values.to_vec(), [1, 2]), &Device::flex())
        };
        let mut reader = UnitReaderConfig { dimensions: 2, ..TINY }.init(&Device::flex());
        let usual = USUAL_LENGTH as f32;
        reader.mix = Param::from_tensor(Tensor::from_data([3.0, 2.0], &Device::flex()));
        let sum = reader.and_whole_clip(rows(&[1.0, 0.0]), rows(&[0.0, 2.0 * usual]));
        assert_close("sum", sum, rows(&[3.0, 4.0]));
    }

    #[test]
    fn a_file_of_pytorch_is_loaded_and_one_that_lacks_a_tensor_is_not() {
        let device = Device::flex();
        let config = UnitReaderConfig {
            frame: WIDTH,
            stack: 1,
            width: WIDTH,
            heads: 6,
            blocks: 1,
            units: 3,
            hidden: 8,
            dimensions: DIMENSIONS,
            alone: false,
        };
        let mut file = Weights::collect(&config.init(&device), "")
            .unwrap()
            .rename(|name| (name != "mix").then(|| name.into()));
        for gain in ["gain", "residual_gain"] {
            file.insert(gain, &[], vec![0.25]);
        }
        let imported = UnitReader::import(file);
        assert_eq!(UnitReaderConfig::of(&imported, "").unwrap(), config);
        let reader = UnitReader::load(&imported, "", &device).unwrap();
        assert_eq!(reader.gain.val().into_scalar::<f32>(), 0.25);
        assert_eq!(reader.mix.val().into_data().try_to_vec::<f32>().unwrap(), MIX);
        let without = imported.rename(|name| (name != "blocks.0.qkv.bias").then(|| name.into()));
        let sentence = UnitReader::load(&without, "", &device).unwrap_err().to_string();
        assert!(sentence.contains("blocks.0.qkv.bias is missing"), "{sentence}");
    }
}
