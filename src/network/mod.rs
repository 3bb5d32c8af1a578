//! The burn modules: one file a network, and the file that reads and writes them.
//!
//! Speech: [`WhisperEncoder`] (frozen) and [`SpeechHead`]; pictures: [`EfficientNetLite0`] (frozen) and
//! [`PictureHead`]. Both heads end in unit vectors of [`DIMENSIONS`] numbers, so a score is an inner product.
//! The poster's image branch is [`Vgg16`] (frozen) and [`ImageProjection`].

mod efficientnet;
mod half_linear;
mod image_projection;
mod picture_head;
mod speech_head;
mod vgg16;
mod weights;
mod whisper;

use burn::tensor::Tensor;

pub use efficientnet::{EfficientNetLite0, FEATURES, SIDE};
pub use half_linear::DeviceLost;
pub use image_projection::ImageProjection;
pub use picture_head::PictureHead;
pub use speech_head::{DIMENSIONS, SpeechHead};
pub use vgg16::{
    Number, Piece, Stored, VGG16_FEATURES, Vgg16, Vgg16Error, Vgg16Header, Vgg16Loader, vgg16_tensors,
};
pub use weights::{Storage, Weights, WeightsError};
pub use whisper::{WIDTH, WhisperEncoder};

/// Rows of length one; a zero row stays zero.
fn unit_length(x: Tensor<2>) -> Tensor<2> {
    let length = x.clone().square().sum_dim(1).add_scalar(1e-12).sqrt();
    x / length
}
