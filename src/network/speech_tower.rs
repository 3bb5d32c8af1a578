//! All of the speech network, from log-mel frames to one vector.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::weights::{Weights, WeightsError};
use super::{Lengths, SpeechHead, UnitReader, WIDTH, WhisperEncoder, shares, unit_length};

/// The encoder's frames are averaged in pairs: 25 a second.
const PAIR: usize = 2;
/// The tensors of the encoder, of the reader of whole clips, and of that of units, stand below these in a file.
pub const ENCODER: &str = "encoder.";
pub const HEAD: &str = "head.";
pub const READER: &str = "reader.";

/// The encoder with its readers behind it: one of whole clips, one of word-like units, or both; then what they say is added.
#[derive(Module, Debug)]
pub struct SpeechTower {
    /// Log-mel frames to frames.
    pub encoder: WhisperEncoder,
    /// Frames to the shared space, all at once.
    pub head: Option<SpeechHead>,
    /// Frames to units, and these to the shared space.
    pub reader: Option<UnitReader>,
}

impl SpeechTower {
    /// Loads the tensors below `encoder.` (as [`WhisperEncoder::import`] names them), and those below `head.` and
    /// [`READER`] that there are: of one at least.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        let has = |prefix: &str| weights.shapes().any(|(name, _)| name.starts_with(prefix));
        let reads_units = has(READER);
        let reads_clips = has(HEAD) || !reads_units;
        Ok(Self {
            encoder: WhisperEncoder::load(weights, ENCODER, device)?,
            head: reads_clips.then(|| SpeechHead::load(weights, HEAD, device)).transpose()?,
            reader: reads_units.then(|| UnitReader::load(weights, READER, device)).transpose()?,
        })
    }

    /// Frames `[batch, frames, 384]` -> unit vectors `[batch, 384]`; what stands behind a clip's length does not count.
    pub fn forward(&self, frames: Tensor<3>, lengths: Option<&Lengths>) -> Tensor<2> {
        let padding = lengths.and_then(|lengths| lengths.padding(frames.dims()[1], &frames.device()));
        let read = self.read(frames.clone(), lengths);
        self.joined(self.head.as_ref().map(|head| head.answer(frames, padding)), read)
    }

    /// What the reader of units alone says of them, `[batch, 384]`.
    pub fn read(&self, frames: Tensor<3>, lengths: Option<&Lengths>) -> Option<Tensor<2>> {
        self.reader.as_ref().map(|reader| reader.read(frames, lengths).vectors)
    }

    /// The unit vectors of both readers together, `[batch, 384]`, from the whole-clip reader's [`answer`](SpeechHead::answer)
    /// and [`read`](Self::read).
    pub fn joined(&self, whole: Option<Tensor<2>>, read: Option<Tensor<2>>) -> Tensor<2> {
        unit_length(self.sum(whole, read))
    }

    fn sum(&self, whole: Option<Tensor<2>>, read: Option<Tensor<2>>) -> Tensor<2> {
        match (&self.reader, whole, read) {
            (Some(reader), Some(whole), Some(read)) => reader.and_whole_clip(read, whole),
            (_, Some(one), None) | (_, _, Some(one)) => one,
            (_, None, None) => unreachable!("a tower is loaded with a reader at least"),
        }
    }

    /// How the readers weigh the frames of a clip: `[1, frames, 384]` -> a row for each head of attention, which adds up to 1:
    /// the whole-clip reader's, or the one of the reader of units where there is no other.
    pub fn attention(&self, frames: Tensor<3>) -> Tensor<2> {
        match (&self.head, &self.reader) {
            (Some(head), _) => head.attention(frames),
            (None, Some(reader)) => reader.attention(frames),
            (None, None) => unreachable!("a tower is loaded with a reader at least"),
        }
    }

    /// What each frame adds to the vector of a clip: `[1, frames, 384]` -> `[frames, 384]`, whose sum is what
    /// [`forward`](Self::forward) gives.
    pub fn shares(&self, frames: Tensor<3>) -> Tensor<2> {
        let whole = self.head.as_ref().map(|head| head.shares(frames.clone()));
        let read = self.reader.as_ref().map(|reader| reader.shares(frames));
        shares::unit_length(self.sum(whole, read))
    }
}

/// The encoder's frames `[1, frames, 384]`, averaged in pairs for the readers: `[1, frames / 2, 384]`.
pub fn in_pairs(frames: Tensor<3>) -> Tensor<3> {
    let pairs = frames.dims()[1] / PAIR;
    frames.narrow(1, 0, pairs * PAIR).reshape([1, pairs, PAIR, WIDTH]).mean_dim(2).squeeze_dim(2)
}
