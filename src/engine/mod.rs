//! The one facade: sound and pictures in, vectors and rankings out. What the page and the command line call.

pub mod choice;
mod core;
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

pub use core::{Answer, Engine};
pub use error::{EngineError, readable};
pub use experiment::{Experiment, PULLED, Pairing, Pulled};
pub use picture::tensor as picture_tensor;
pub use picture::{GRID, PictureNetwork};
pub use query::{Heard, LiveQuery, Look};
pub use speech::{MOMENTS_PER_SECOND, SpeechNetwork, encode, read, trimmed, trimmed_from};
pub use stages::{Filter, ShownUnit, Stages};
pub use systems::{Measured, PosterSystem, SystemFacts, TemporalTrace, TracedLayer, Trained, speech_part};
pub use taught::{About, Exam, Score, Taught, TaughtError, taught_weights};
pub use teaching::{LessonError, Teaching};
pub use units::{HeardUnit, words};
pub use vgg16::Vgg16Features;
