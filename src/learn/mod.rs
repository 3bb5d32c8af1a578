//! Learning: losses, the cached features that are learned from, and a session that is pulled step by step.

mod features;
mod kept_clips;
mod losses;
mod poster_session;
mod pull_session;
mod sampler;
mod schedule;
mod session;
mod teach_session;

pub use features::FeatureStore;
pub use kept_clips::KeptClips;
pub use losses::*;
pub use poster_session::{LONGEST, Optimizer, PosterLesson, PosterRecipe, PosterSession, embed, prepare};
pub use pull_session::{PullRecipe, PullSession};
pub use session::{Clip, Lesson, Progress, Recipe, Session, embed_clips, speech_head, statistics};
pub use teach_session::{Part, TeachLesson, TeachProgress, TeachRecipe, TeachSession, teaching_loss};
