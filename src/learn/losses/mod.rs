//! Losses over the scores of a batch, `[captions, images]`, in which row `i` belongs to column `i`.

mod contrastive;
mod hinge;
mod objective;

pub use contrastive::{adaptive_mean_margin, info_nce, masked_margin_softmax, ranked_among};
pub use hinge::{Imposters, all_negatives, baseline, eight_terms, hardest_negatives, six_terms};
pub use objective::Objective;
