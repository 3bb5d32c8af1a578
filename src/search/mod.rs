//! Embeddings to answers: the index that a query is scored against, how far an answer can be trusted, and the figures
//! of recall.

mod bootstrap;
mod calibration;
mod index;
mod matchmap;
mod recall;

pub use bootstrap::{Difference, bootstrap, paired_difference};
pub use calibration::Calibration;
pub use index::{Index, Match};
pub use matchmap::Matchmap;
pub use recall::{Direction, Ranks, Recall, recall};
