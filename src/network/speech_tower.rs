//! All of the speech network, from log-mel frames to one vector.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::weights::{Weights, WeightsError};
use super::{SpeechHead, WIDTH, WhisperEncoder};

/// The encoder's frames are averaged in pairs: 25 a second.
const PAIR: usize = 2;

/// The encoder with the head behind it.
#[derive(Module, Debug)]
pub struct SpeechTower {
    /// Log-mel frames to frames.
    pub encoder: WhisperEncoder,
    /// Frames to the shared space.
    pub head: SpeechHead,
}

impl SpeechTower {
    /// Loads the tensors below `encoder.` (as [`WhisperEncoder::import`] names them) and `head.`.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] when one is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self {
            encoder: WhisperEncoder::load(weights, "encoder.", device)?,
            head: SpeechHead::load(weights, "head.", device)?,
        })
    }
}

/// The encoder's frames `[1, frames, 384]`, averaged in pairs for the head: `[1, frames / 2, 384]`.
pub fn in_pairs(frames: Tensor<3>) -> Tensor<3> {
    let pairs = frames.dims()[1] / PAIR;
    frames.narrow(1, 0, pairs * PAIR).reshape([1, pairs, PAIR, WIDTH]).mean_dim(2).squeeze_dim(2)
}
