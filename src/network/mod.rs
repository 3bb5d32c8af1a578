//! The burn modules: one file a network, and the file that reads and writes them.
//!
//! Speech: [`WhisperEncoder`] (frozen), [`SpeechHead`] and [`UnitReader`], together a [`SpeechTower`]; pictures:
//! [`EfficientNetLite0`] (frozen) and [`PictureHead`]. All end in unit vectors of [`DIMENSIONS`] numbers, so a score is an inner product.
//! The poster's networks have [a room of their own](crate::poster).

mod activation;
mod efficientnet;
mod frozen;
mod lengths;
mod picture_head;
mod shares;
mod speech_head;
mod speech_tower;
mod unit_reader;
mod weights;
mod whisper;

use burn::tensor::{Tensor, TensorData};

pub use efficientnet::{EfficientNetLite0, FEATURES, SIDE};
pub use lengths::Lengths;
pub use picture_head::PictureHead;
pub use speech_head::{DIMENSIONS, SpeechHead};
pub use speech_tower::{ENCODER, HEAD, READER, SpeechTower, in_pairs};
pub use unit_reader::{Reading, SPELLINGS, UnitReader, UnitReaderConfig};
pub use weights::{Storage, Weights, WeightsError, packed};
pub use whisper::{BANDS, WIDTH, WhisperEncoder};

/// The numbers of a tensor on the CPU.
#[expect(clippy::disallowed_methods, reason = "a tensor on the CPU")]
fn data<const D: usize>(tensor: Tensor<D>) -> TensorData {
    tensor.into_data()
}

/// Rows of length one; a zero row stays zero.
pub(crate) fn unit_length(x: Tensor<2>) -> Tensor<2> {
    let length = x.clone().square().sum_dim(1).add_scalar(1e-12).sqrt();
    x / length
}
