//! Losses in which a pair competes with all others of the batch at once (softmax over the scores).

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};

/// Symmetric InfoNCE (van den Oord et al. 2018; as in CLIP, Radford et al. 2021): row `i` of `a` belongs to row `i`
/// of `b`, all other rows are imposters. `owners` names what each row is about: rows of the same owner are no
/// imposters of each other. `a`, `b`: `[batch, width]`; gives `[1]`.
pub fn info_nce(a: Tensor<2>, b: Tensor<2>, owners: &[usize], temperature: f64) -> Tensor<1> {
    info_nce_of_scores(a.matmul(b.transpose()), owners, temperature)
}

/// [`info_nce`] of scores `[captions, images]`.
pub fn info_nce_of_scores(scores: Tensor<2>, owners: &[usize], temperature: f64) -> Tensor<1> {
    cross_entropy(mask_same_owner(scores.div_scalar(temperature), owners)).div_scalar(2.0)
}

/// Masked margin softmax (Ilharco et al. 2019, section 3.2) over scores `[captions, images]`: the pairs' own scores
/// start `margin` lower. Gives the sum of both directions, `[1]`.
pub fn masked_margin_softmax(scores: Tensor<2>, owners: &[usize], margin: f64) -> Tensor<1> {
    let margins = diagonal(&scores).mul_scalar(margin);
    cross_entropy(mask_same_owner(scores - margins, owners))
}

/// Adaptive mean margin (Monfort et al. 2021, section 4.2) over scores `[captions, images]`: a pair's margin is `alpha`
/// times how far its score stands above the mean of its imposters, in each direction by itself. Gives `[1]`.
pub fn adaptive_mean_margin(scores: Tensor<2>, owners: &[usize], alpha: f64) -> Tensor<1> {
    let one_way = |scores: Tensor<2>| {
        let own = diagonal(&scores);
        let imposters = imposters(&scores, owners);
        let mean = (scores.clone() * imposters.clone()).sum_dim(1) / imposters.sum_dim(1).clamp_min(1.0);
        let margins = (scores.clone() - mean) * own;
        let scores = mask_same_owner(scores - margins.mul_scalar(alpha), owners);
        own_entry(log_softmax(scores, 1)).neg()
    };
    one_way(scores.clone()) + one_way(scores.transpose())
}

/// Cross entropy of each row and each column with its diagonal entry: the sum of both means, `[1]`.
fn cross_entropy(scores: Tensor<2>) -> Tensor<1> {
    let there = own_entry(log_softmax(scores.clone(), 1));
    let back = own_entry(log_softmax(scores.transpose(), 1));
    (there + back).neg()
}

/// One on the diagonal, zero elsewhere.
fn diagonal(scores: &Tensor<2>) -> Tensor<2> {
    Tensor::eye(scores.dims()[0], &scores.device())
}

/// One where another owner's pair stands, zero elsewhere.
fn imposters(scores: &Tensor<2>, owners: &[usize]) -> Tensor<2> {
    let all = owners.iter().flat_map(|a| owners.iter().map(move |b| f32::from(u8::from(a != b))));
    Tensor::from_data(TensorData::new(all.collect::<Vec<_>>(), [owners.len(); 2]), &scores.device())
}

/// One-sided InfoNCE against a larger pool: row `i` of `a` belongs to row `i` of `pool`, whose further rows are
/// imposters only. `a` `[batch, width]`, `pool` `[batch + more, width]`; gives `[1]`.
pub fn ranked_among(a: Tensor<2>, pool: Tensor<2>, temperature: f64) -> Tensor<1> {
    let scores = a.matmul(pool.transpose()).div_scalar(temperature);
    own_entry(log_softmax(scores, 1)).neg()
}

/// Mean of the entries `[i, i]` of `[rows, columns]`.
pub(super) fn own_entry(x: Tensor<2>) -> Tensor<1> {
    let rows = x.dims()[0];
    let indices: Vec<i64> = (0..rows as i64).collect();
    let indices = Tensor::<2, Int>::from_data(TensorData::new(indices, [rows, 1]), &x.device());
    x.gather(1, indices).mean()
}

/// Takes rows of the same owner out of the running, the diagonal apart.
fn mask_same_owner(scores: Tensor<2>, owners: &[usize]) -> Tensor<2> {
    let n = owners.len();
    let mut penalty = vec![0.0_f32; n * n];
    for i in 0..n {
        for j in 0..n {
            if i != j && owners[i] == owners[j] {
                penalty[i * n + j] = -1e4;
            }
        }
    }
    let penalty = Tensor::from_data(TensorData::new(penalty, [n, n]), &scores.device());
    scores + penalty
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn rows(values: &[[f32; 2]]) -> Tensor<2> {
        let flat: Vec<f32> = values.iter().flatten().copied().collect();
        Tensor::from_data(TensorData::new(flat, [values.len(), 2]), &Device::flex())
    }

    #[test]
    fn info_nce_is_the_mean_cross_entropy_both_ways() {
        let (a, b) = (rows(&[[1.0, 0.0], [0.0, 1.0]]), rows(&[[0.8, 0.6], [0.0, 1.0]]));
        let loss: f32 = info_nce(a, b, &[0, 1], 0.5).into_scalar();
        // Scores / 0.5: [[1.6, 0], [1.2, 2]].
        let entropy = |own: f32, other: f32| ((own.exp() + other.exp()).ln()) - own;
        let expected = (entropy(1.6, 0.0) + entropy(2.0, 1.2) + entropy(1.6, 1.2) + entropy(2.0, 0.0)) / 4.0;
        assert!((loss - expected).abs() < 1e-5, "{loss} {expected}");
    }

    #[test]
    fn rows_of_the_same_owner_are_no_imposters() {
        let a = rows(&[[1.0, 0.0], [1.0, 0.0]]);
        let loss: f32 = info_nce(a.clone(), a.clone(), &[7, 7], 0.1).into_scalar();
        assert!(loss.abs() < 1e-5);
        let loss: f32 = info_nce(a.clone(), a, &[7, 8], 0.1).into_scalar();
        assert!((loss - 2.0_f32.ln()).abs() < 1e-5);
    }

    #[test]
    fn more_imposters_cost_more() {
        let a = rows(&[[1.0, 0.0]]);
        let alone: f32 = ranked_among(a.clone(), rows(&[[1.0, 0.0]]), 0.1).into_scalar();
        let two: f32 = ranked_among(a, rows(&[[1.0, 0.0], [1.0, 0.0]]), 0.1).into_scalar();
        assert!(alone.abs() < 1e-6 && (two - 2.0_f32.ln()).abs() < 1e-5);
    }
}
