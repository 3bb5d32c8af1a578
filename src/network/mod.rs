//! The burn modules: one file a network, and the file that reads and writes them.
//!
//! Speech: [`WhisperEncoder`] (frozen), [`SpeechHead`] and [`UnitReader`], together a [`SpeechTower`]; pictures:
//! [`EfficientNetLite0`] (frozen) and [`PictureHead`]. All end in unit vectors of [`DIMENSIONS`] numbers, so a score is an inner product.
//!
//! The poster's systems: [`AudioCnn`] of 2016, [`TemporalBranch`] with its [`TcnStack`]s, and [`ImageProjection`] over
//! a frozen picture network, [`Vgg16`] or what stands in for it, joined in [`PosterNetwork`].

mod audio_cnn;
mod efficientnet;
mod half_linear;
mod image_projection;
mod lengths;
mod picture_head;
mod poster;
mod shares;
mod speech_head;
mod speech_tower;
mod tcn;
mod temporal_branch;
mod unit_reader;
mod vgg16;
mod weights;
mod whisper;

use burn::tensor::Tensor;

pub use audio_cnn::{AudioCnn, AudioCnnConfig, CaptionPool, POSTER_BANDS, Padding};
pub use efficientnet::{EfficientNetLite0, FEATURES, SIDE};
pub use half_linear::DeviceLost;
pub use image_projection::ImageProjection;
pub use lengths::Lengths;
pub use picture_head::PictureHead;
pub use poster::{AudioNetwork, PosterConfig, PosterNetwork, Shape, UnitLength};
pub use speech_head::{DIMENSIONS, SpeechHead};
pub use speech_tower::{ENCODER, HEAD, READER, SpeechTower, in_pairs};
pub use tcn::{ResidualBlock, STACK_FIELD, TcnStack};
pub use temporal_branch::{TemporalBranch, TemporalConfig, TemporalLayer};
pub use unit_reader::{Reading, SPELLINGS, UnitReader, UnitReaderConfig};
pub use vgg16::{
    Number, Piece, Stored, VGG16_FEATURES, Vgg16, Vgg16Error, Vgg16Header, Vgg16Loader, vgg16_tensors,
};
pub use weights::{Storage, Weights, WeightsError, packed};
pub use whisper::{BANDS, WIDTH, WhisperEncoder};

/// Rows of length one; a zero row stays zero.
pub(crate) fn unit_length(x: Tensor<2>) -> Tensor<2> {
    let length = x.clone().square().sum_dim(1).add_scalar(1e-12).sqrt();
    x / length
}
