//! Embeddings to answers: the index that a query is scored against, and the figures of recall.

mod index;
mod recall;

pub use index::{Index, Match};
pub use recall::{Direction, Recall, recall};
