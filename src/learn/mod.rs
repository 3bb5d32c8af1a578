//! Learning: losses, the cached features that are learned from, and a session that is pulled step by step.

mod features;
mod losses;
mod session;

pub use features::FeatureStore;
pub use losses::*;
pub use session::{Clip, Heads, Lesson, Progress, Recipe, Session};
