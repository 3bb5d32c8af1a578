//! Embeddings to answers: the index that a query is scored against, how far an answer can be trusted, and the figures
//! of recall.

mod bootstrap;
mod calibration;
mod index;
mod matchmap;
mod plane;
mod recall;

pub use bootstrap::{Difference, bootstrap, paired_difference};
pub use calibration::Calibration;
pub use index::{Index, Match, Ranked};
pub use matchmap::Matchmap;
pub use plane::{Plane, plane};
pub use recall::{Direction, Ranks, Recall, recall};

/// The inner product, in as many sums as the processor adds at once.
pub fn product(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let ((a, last_a), (b, last_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + last_a.iter().zip(last_b).map(|(a, b)| a * b).sum::<f32>()
}
