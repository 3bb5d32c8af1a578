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

/// Of each pair the strongest imposter that does not outscore it, both ways (Schroff et al. 2015, section 3.2; for speech
/// and pictures Harwath, Hsu and Glass 2020, section 3.3); where all outscore it the weakest of them, so that every pair
/// learns from one, `[1]`.
pub fn semi_hard_negatives(scores: &Tensor<2>) -> Tensor<1> {
    let own = pick(scores, &numbers(scores), &numbers(scores)).unsqueeze_dim::<2>(1);
    let diagonal = diagonal(scores);
    let [rows, columns] = [scores.clone(), scores.clone().transpose()].map(|scores| {
        let barred = scores.clone().greater_equal(own.clone()).bool_or(diagonal.clone());
        let strongest = scores.clone().mask_fill(barred, NEVER).max_dim(1);
        let weakest = scores.mask_fill(diagonal.clone(), -NEVER).min_dim(1);
        let none = strongest.clone().lower_elem(NEVER / 2.0);
        (strongest.mask_where(none, weakest) - own.clone()).add_scalar(MARGIN).clamp_min(0.0).sum()
    });
    rows + columns
}

/// By how much each other pair violates the margin of row `g`: of the images against caption `g`, and of the captions
/// against image `g`; `[batch, batch]`, zero on the diagonal.
fn violations(scores: &Tensor<2>) -> [Tensor<2>; 2] {
    let diagonal = diagonal(scores);
    let own = pick(scores, &numbers(scores), &numbers(scores)).unsqueeze_dim::<2>(1);
    [scores.clone(), scores.clone().transpose()].map(|scores| {
        let excess = (scores - own.clone()).add_scalar(MARGIN);
        excess.mask_fill(diagonal.clone(), NEVER).clamp_min(0.0)
    })
}

/// Where a pair meets itself, `[batch, batch]`.
fn diagonal(scores: &Tensor<2>) -> Tensor<2, Bool> {
    let batch = scores.dims()[0];
    let own = (0..batch * batch).map(|n| n % (batch + 1) == 0).collect();
    Tensor::from_data(TensorData::new(own, [batch; 2]), &scores.device())
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

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use burn::tensor::Device;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const BATCH: usize = 7;

    /// Scores from -1.5 to 1.5.
    fn random_scores(seed: u64) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..BATCH * BATCH).map(|_| rng.random_range(-1.5..1.5)).collect()
    }

    fn tensor(scores: &[f32]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(scores.to_vec(), [BATCH; 2]), &Device::flex())
    }

    /// Of one pair with one imposter each: the terms as they are printed.
    fn terms(scores: &[f32], g: usize, i: usize, j: usize) -> [f32; 8] {
        let s = |caption: usize, image: usize| scores[caption * BATCH + image];
        let hinge = |imposter: f32, truth: f32| (imposter - truth + 1.0).max(0.0);
        [
            hinge(s(i, g), s(g, g)),
            hinge(s(g, j), s(g, g)),
            hinge(s(g, i), s(i, i)),
            hinge(s(i, g), s(i, i)),
            hinge(s(g, j), s(j, j)),
            hinge(s(j, g), s(j, j)),
            hinge(s(j, g), s(g, g)),
            hinge(s(g, i), s(g, g)),
        ]
    }

    #[test]
    fn losses_are_the_printed_sums() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for seed in 0..20 {
            let scores = random_scores(seed);
            let imposters = Imposters::draw(BATCH, &mut rng);
            let sum = |count: usize| -> f32 {
                (0..BATCH)
                    .map(|g| {
                        terms(&scores, g, imposters.captions[g], imposters.images[g])[..count]
                            .iter()
                            .sum::<f32>()
                    })
                    .sum()
            };
            let scores = tensor(&scores);
            for (loss, count) in [
                (baseline(&scores, &imposters), 2),
                (six_terms(&scores, &imposters), 6),
                (eight_terms(&scores, &imposters), 8),
            ] {
                let loss: f32 = loss.into_scalar();
                assert!((loss - sum(count)).abs() < 1e-4, "{count} terms: {loss} {}", sum(count));
            }
        }
    }

    /// Over all imposters, not drawn ones: the exact mean.
    #[test]
    fn six_terms_are_three_baselines_in_expectation() {
        for seed in 0..5 {
            let scores = random_scores(seed);
            let mut means = [0.0_f64; 8];
            for g in 0..BATCH {
                for i in (0..BATCH).filter(|&i| i != g) {
                    for j in (0..BATCH).filter(|&j| j != g) {
                        let terms = terms(&scores, g, i, j);
                        means.iter_mut().zip(terms).for_each(|(mean, term)| *mean += f64::from(term));
                    }
                }
            }
            let [baseline, six] = [2, 6].map(|count| means[..count].iter().sum::<f64>());
            assert!((six / baseline - 3.0).abs() < 1e-6, "{}", six / baseline);
        }
    }

    #[test]
    fn drawn_imposters_give_that_ratio_too() {
        let scores = tensor(&random_scores(1));
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (mut one, mut six) = (0.0_f64, 0.0_f64);
        for _ in 0..3000 {
            one += f64::from(baseline(&scores, &Imposters::draw(BATCH, &mut rng)).into_scalar::<f32>());
            six += f64::from(six_terms(&scores, &Imposters::draw(BATCH, &mut rng)).into_scalar::<f32>());
        }
        assert!((six / one - 3.0).abs() < 0.05, "{}", six / one);
    }

    #[test]
    fn imposters_are_never_their_own_and_reach_all_others() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut seen = [[false; BATCH]; BATCH];
        for _ in 0..500 {
            let drawn = Imposters::draw(BATCH, &mut rng);
            for (own, &other) in drawn.captions.iter().enumerate().chain(drawn.images.iter().enumerate()) {
                assert_ne!(own, other);
                seen[own][other] = true;
            }
        }
        assert!((0..BATCH).all(|own| (0..BATCH).all(|other| own == other || seen[own][other])));
    }

    #[test]
    fn the_semi_hard_imposter_is_the_strongest_below_the_pair_or_else_the_weakest() {
        let (mut below, mut above) = (0, 0);
        for seed in 0..10 {
            let scores = random_scores(seed);
            let mut expected = 0.0;
            for g in 0..BATCH {
                let own = scores[g * BATCH + g];
                for side in 0..2 {
                    let score =
                        |n: usize| if side == 0 { scores[n * BATCH + g] } else { scores[g * BATCH + n] };
                    let others = || (0..BATCH).filter(|&other| other != g).map(score);
                    let strongest = others().filter(|score| *score < own).max_by(f32::total_cmp);
                    *(if strongest.is_some() { &mut below } else { &mut above }) += 1;
                    let imposter = strongest.or(others().min_by(f32::total_cmp)).unwrap();
                    expected += (imposter - own + 1.0).max(0.0);
                }
            }
            let loss: f32 = semi_hard_negatives(&tensor(&scores)).into_scalar();
            assert!((loss - expected).abs() < 1e-4, "{loss} {expected}");
        }
        assert!(below > 0 && above > 0, "both kinds were seen");
    }

    #[test]
    fn all_negatives_are_the_mean_of_the_baseline_and_the_hardest_its_greatest() {
        let scores = random_scores(4);
        let (mut mean, mut greatest) = (0.0, 0.0);
        for g in 0..BATCH {
            let others = || (0..BATCH).filter(|&other| other != g);
            let one = |side: usize| others().map(move |n| (side, n));
            for side in 0..2 {
                let values: Vec<f32> = one(side).map(|(side, n)| terms(&scores, g, n, n)[side]).collect();
                mean += values.iter().sum::<f32>() / (BATCH - 1) as f32;
                greatest += values.iter().fold(0.0_f32, |m, v| m.max(*v));
            }
        }
        let scores = tensor(&scores);
        let all: f32 = all_negatives(&scores).into_scalar();
        let hardest: f32 = hardest_negatives(&scores).into_scalar();
        assert!(
            (all - mean).abs() < 1e-4 && (hardest - greatest).abs() < 1e-4,
            "{all} {mean} {hardest} {greatest}"
        );
    }
}
