//! Embeddings to answers: the index that a query is scored against, and the figures of recall.

mod bootstrap;
mod index;
mod recall;

pub use bootstrap::{Difference, paired_difference};
pub use index::{Index, Match};
pub use recall::{Direction, Ranks, Recall, recall};
