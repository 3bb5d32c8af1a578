//! Learning: losses, the cached features that are learned from, and the session that trains what ships.

mod features;
mod losses;
mod schedule;
mod session;

pub use features::FeatureStore;
pub use losses::*;
pub use schedule::learning_rate;
pub(crate) use session::rows;
pub use session::{Clip, Lesson, Progress, Recipe, Session, embed_clips, speech_head, statistics};
