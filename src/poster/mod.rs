//! The poster, from end to end: Ni, Gu and Zhu, *Optimization of Multimodal Analysis of Image and Audio Pairs*. `docs/poster.md`
//! goes through it sentence by sentence.
//!
//! A spectrogram of 40 bands, cut to 1024 frames ([`prepare`]), becomes a caption's vector: by [`AudioCnn`] of 2016 in P0 and P1,
//! and joined with a [`TemporalBranch`] of [`TcnStack`]s in P2. [`ImageProjection`] brings a picture's features, [`Vgg16`]'s or
//! another frozen network's, to the same length. [`PosterNetwork`] holds both. The loss is an [`Objective`] over the inner
//! products of a batch: the baseline's hinge, the poster's six terms, or a control that it lacked. [`PosterSession`] trains.

mod audio_cnn;
mod half_linear;
mod hinge;
mod image_projection;
mod network;
mod objective;
mod pull_session;
mod sampler;
mod session;
mod tcn;
mod temporal_branch;
mod vgg16;

pub use audio_cnn::{AudioCnn, AudioCnnConfig, CaptionPool, POSTER_BANDS, Padding};
pub use half_linear::DeviceLost;
pub use hinge::{
    Imposters, all_negatives, baseline, eight_terms, hardest_negatives, semi_hard_negatives, six_terms,
};
pub use image_projection::ImageProjection;
pub use network::{AudioNetwork, PosterConfig, PosterNetwork, Shape, UnitLength};
pub use objective::Objective;
pub use pull_session::{PullRecipe, PullSession};
pub use session::{LONGEST, Optimizer, PosterLesson, PosterRecipe, PosterSession, embed, prepare};
pub use tcn::{ResidualBlock, STACK_FIELD, TcnStack};
pub use temporal_branch::{TemporalBranch, TemporalConfig, TemporalLayer, TemporalPool};
pub use vgg16::{
    Number, Piece, Stored, VGG16_FEATURES, Vgg16, Vgg16Error, Vgg16Header, Vgg16Loader, vgg16_tensors,
};
