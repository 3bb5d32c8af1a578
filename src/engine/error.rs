//! What can go wrong, with a code for programs and a sentence for people.

use super::{LessonError, TaughtError};
use crate::network::{DeviceLost, Vgg16Error, WeightsError};
use crate::picture::PictureError;
use crate::sound::SoundError;

/// Every failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The clip cannot be used.
    #[error(transparent)]
    Sound(#[from] SoundError),
    /// The picture cannot be used.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The weights cannot be used.
    #[error("{0}")]
    Weights(#[source] WeightsError),
    /// The VGG16 checkpoint cannot be used.
    #[error(transparent)]
    Vgg16(#[from] Vgg16Error),
    /// The gallery's index cannot be used.
    #[error("The gallery's index does not fit: {0}")]
    Index(#[source] WeightsError),
    /// What was taught cannot be used.
    #[error(transparent)]
    Taught(#[from] TaughtError),
    /// The lesson cannot be learned.
    #[error(transparent)]
    Lesson(#[from] LessonError),
    /// It was asked of a system what only P2 has.
    #[error("This system has no temporal branch. Choose P2.")]
    NoTemporalBranch,
    /// WebGPU was asked for but there is none, or only a software one that nobody asked for.
    #[error("This browser offers no WebGPU here. Use ?device=cpu, or leave the choice to the page.")]
    NoGpu,
    /// The device stopped answering.
    #[error("The graphics processor stopped answering. Your query goes on with the processor.")]
    DeviceLost,
}

impl EngineError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sound(SoundError::NoSpeech) => "no-speech",
            Self::Sound(SoundError::TooLong { .. }) => "too-long",
            Self::Sound(_) => "empty-audio",
            Self::Picture(_) => "bad-picture",
            Self::Weights(_) | Self::Vgg16(_) | Self::NoTemporalBranch => "bad-weights",
            Self::Taught(_) => "bad-taught",
            Self::Lesson(_) => "bad-lesson",
            Self::Index(_) => "bad-index",
            Self::NoGpu => "no-gpu",
            Self::DeviceLost => "device-lost",
        }
    }
}

impl From<DeviceLost> for EngineError {
    fn from(_: DeviceLost) -> Self {
        Self::DeviceLost
    }
}
