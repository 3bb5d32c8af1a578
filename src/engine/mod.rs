//! The one facade: sound and pictures in, vectors and rankings out. What the page and the command line call.

pub mod choice;
mod error;
mod experiment;
mod picture;
mod query;
mod speech;
mod stages;
mod systems;
mod taught;
mod teaching;
mod units;
mod vgg16;

use burn::tensor::Device;

pub use error::{EngineError, readable};
pub use experiment::{Experiment, PULLED, Pairing, Pulled};
pub use picture::tensor as picture_tensor;
pub use picture::{GRID, PictureNetwork};
pub use query::{Heard, LiveQuery, Look};
pub use speech::{MOMENTS_PER_SECOND, SpeechNetwork, encode, read, trimmed, trimmed_from};
pub use stages::{Filter, ShownUnit, Stages};
pub use systems::{Measured, PosterSystem, SystemFacts, TemporalTrace, TracedLayer, Trained};
pub use taught::{About, Exam, Score, Taught, TaughtError, taught_weights};
pub use teaching::{LessonError, Teaching};
pub use units::{HeardUnit, words};
pub use vgg16::Vgg16Features;

use crate::network::DIMENSIONS;
use crate::search::{Index, Match};

/// A loaded speech network with the pictures that it searches.
pub struct Engine {
    speech: SpeechNetwork,
    index: Index,
}

impl Engine {
    /// Loads the speech weights onto a device, and the index of the gallery.
    ///
    /// # Errors
    /// [`EngineError::Weights`] and [`EngineError::Index`] for files that are broken or of another version.
    pub fn load(speech: &[u8], index: &[u8], device: &Device) -> Result<Self, EngineError> {
        let speech = SpeechNetwork::load(speech, device).map_err(EngineError::Weights)?;
        let index = Index::read(index, DIMENSIONS).map_err(EngineError::Index)?;
        Ok(Self { speech, index })
    }

    /// The network of speech.
    pub fn speech(&self) -> &SpeechNetwork {
        &self.speech
    }

    /// The pictures that can be found.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Ranks all pictures for a clip at 16 kHz; what is not speech at its ends is left out.
    ///
    /// # Errors
    /// [`EngineError::Sound`] for silence, an empty clip or one beyond 20 seconds; [`EngineError::DeviceLost`].
    pub async fn search(&self, samples: &[f32]) -> Result<Vec<Match>, EngineError> {
        let vector = self.speech.embed(trimmed(samples)?).await?;
        Ok(self.index.rank(&vector))
    }
}
