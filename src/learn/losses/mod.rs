//! Losses over the scores of a batch, `[captions, images]`, in which row `i` belongs to column `i`; and those over the units
//! of what was said.

mod contrastive;
mod ctc;
mod reading;

pub(crate) use contrastive::info_nce_of_scores;
pub use contrastive::{adaptive_mean_margin, info_nce, masked_margin_softmax, ranked_among};
pub use ctc::ctc;
pub use reading::reading;

/// How far two rows of numbers lie apart at most; what is no number is not passed over.
#[cfg(all(test, not(target_arch = "wasm32")))]
fn farthest(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    one.iter()
        .zip(other)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |m, d| if d > m || d.is_nan() { d } else { m })
}
