//! Fine-tuning in the tab: what a lesson hears and how long it takes ([`Plan`]), and the session that learns it step by step.

mod kept_clips;
mod plan;
mod session;

pub use kept_clips::KeptClips;
pub use plan::{Hearing, Plan, REHEARSED, REMEMBERED, Recorded, Role, Source, Wishes, steps_of};
pub use session::{Part, TeachLesson, TeachProgress, TeachRecipe, TeachSession, teaching_loss};
