//! Losses that ask a pair to outscore imposters by a margin: that of 2016, the poster's, and their controls.
//!
//! `S(a, b)` is the score of caption `a` with image `b`, entry `[a, b]`; `g` is the pair at hand, `i` and `j` are its
//! imposters. All are sums over the batch, as printed.

use burn::tensor::{Bool, Int, Tensor, TensorData};
use rand::{Rng, RngExt};

/// By how much a pair must outscore an imposter (Harwath et al. 2016, section 4.3).
const MARGIN: f64 = 1.0;
/// What takes an entry out of the running: lower than any score.
const NEVER: f64 = -1e9;

/// For each pair an imposter caption and an imposter image from the same batch, never its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imposters {
    /// `i` of each pair.
    pub captions: Vec<usize>,
    /// `j` of each pair.
    pub images: Vec<usize>,
}

impl Imposters {
    /// Draws uniformly among the others of a batch.
    ///
    /// # Panics
    /// With fewer than two pairs there is no imposter.
    pub fn draw(batch: usize, rng: &mut impl Rng) -> Self {
        let mut others = || (0..batch).map(|own| (own + rng.random_range(1..batch)) % batch).collect();
        Self { captions: others(), images: others() }
    }
}

/// The loss of 2016: `max(0, S(i,g) - S(g,g) + 1) + max(0, S(g,j) - S(g,g) + 1)`, `[1]`.
pub fn baseline(scores: &Tensor<2>, Imposters { captions, images }: &Imposters) -> Tensor<1> {
    let own = numbers(scores);
    hinge(scores, captions, &own, &own) + hinge(scores, &own, images, &own)
}

/// The poster's loss: the baseline, and the imposters' own pairs as truth too, `[1]`.
///
/// `+ max(0, S(g,i) - S(i,i) + 1) + max(0, S(i,g) - S(i,i) + 1)`
/// `+ max(0, S(g,j) - S(j,j) + 1) + max(0, S(j,g) - S(j,j) + 1)`.
pub fn six_terms(scores: &Tensor<2>, imposters: &Imposters) -> Tensor<1> {
    let own = numbers(scores);
    let Imposters { captions, images } = imposters;
    let truths = [captions, images]
        .map(|truth| hinge(scores, &own, truth, truth) + hinge(scores, truth, &own, truth))
        .into_iter();
    truths.fold(baseline(scores, imposters), |sum, terms| sum + terms)
}

/// The six-term loss completed: both imposters stand against `S(g,g)` on both sides, so that no score is used on one
/// side only. `+ max(0, S(j,g) - S(g,g) + 1) + max(0, S(g,i) - S(g,g) + 1)`, `[1]`.
pub fn eight_terms(scores: &Tensor<2>, imposters: &Imposters) -> Tensor<1> {
    let own = numbers(scores);
    let Imposters { captions, images } = imposters;
    six_terms(scores, imposters) + hinge(scores, images, &own, &own) + hinge(scores, &own, captions, &own)
}

/// Every other pair of the batch as an imposter, both ways, averaged over the imposters so that the size stays that of
/// the baseline, `[1]`.
pub fn all_negatives(scores: &Tensor<2>) -> Tensor<1> {
    let [batch, _] = scores.dims();
    let [rows, columns] = violations(scores);
    (rows + columns).sum().div_scalar((batch.max(2) - 1) as f64)
}

/// The strongest imposter of each pair, both ways (Faghri et al. 2018), `[1]`.
pub fn hardest_negatives(scores: &Tensor<2>) -> Tensor<1> {
    let [rows, columns] = violations(scores);
    rows.max_dim(1).sum() + columns.max_dim(1).sum()
}

/// By how much each other pair violates the margin of row `g`: of the images against caption `g`, and of the captions
/// against image `g`; `[batch, batch]`, zero on the diagonal.
fn violations(scores: &Tensor<2>) -> [Tensor<2>; 2] {
    let batch = scores.dims()[0];
    let diagonal = Tensor::<2, Bool>::from_data(
        TensorData::new((0..batch * batch).map(|n| n % (batch + 1) == 0).collect(), [batch; 2]),
        &scores.device(),
    );
    let own = pick(scores, &numbers(scores), &numbers(scores)).unsqueeze_dim::<2>(1);
    [scores.clone(), scores.clone().transpose()].map(|scores| {
        let excess = (scores - own.clone()).add_scalar(MARGIN);
        excess.mask_fill(diagonal.clone(), NEVER).clamp_min(0.0)
    })
}

/// Sum of `max(0, S(caption, image) - S(truth, truth) + 1)` over the batch.
fn hinge(scores: &Tensor<2>, captions: &[usize], images: &[usize], truths: &[usize]) -> Tensor<1> {
    let excess = pick(scores, captions, images) - pick(scores, truths, truths);
    excess.add_scalar(MARGIN).clamp_min(0.0).sum()
}

/// `S(rows[n], columns[n])` for each `n`: `[n]`.
fn pick(scores: &Tensor<2>, rows: &[usize], columns: &[usize]) -> Tensor<1> {
    let [height, width] = scores.dims();
    let indices: Vec<i64> = rows.iter().zip(columns).map(|(r, c)| (r * width + c) as i64).collect();
    let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [rows.len()]), &scores.device());
    scores.clone().reshape([height * width]).select(0, indices)
}

/// 0, 1, 2, ... for each pair of the batch.
fn numbers(scores: &Tensor<2>) -> Vec<usize> {
    (0..scores.dims()[0]).collect()
}
