//! The losses by name: what a training minimises.

use burn::tensor::Tensor;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::hinge::{
    Imposters, all_negatives, baseline, eight_terms, hardest_negatives, semi_hard_negatives, six_terms,
};
use crate::learn::{adaptive_mean_margin, info_nce_of_scores, masked_margin_softmax};

/// A loss over the scores of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Hinge with one random imposter caption and image (2016).
    Baseline,
    /// The poster's.
    SixTerms,
    /// The six-term loss completed.
    EightTerms,
    /// The baseline, summed over this many independent draws of imposters.
    Draws(usize),
    /// Hinge with all imposters of the batch.
    AllNegatives,
    /// Hinge with the strongest imposter of the batch.
    HardestNegatives,
    /// Hinge with the strongest imposter of the batch that does not outscore the pair.
    SemiHardNegatives,
    /// Symmetric cross entropy with this temperature.
    InfoNce(f64),
    /// Masked margin softmax with this margin.
    Mms(f64),
    /// Adaptive mean margin with this share.
    Amm(f64),
}

impl Objective {
    /// Whether it is a sum over the batch, and not a mean.
    pub fn is_sum(self) -> bool {
        !matches!(self, Self::InfoNce(_) | Self::Mms(_) | Self::Amm(_))
    }

    /// The loss `[1]` of scores `[captions, images]`. Pairs of the same owner are no imposters of each other where the
    /// loss looks at the whole batch; random imposters expect batches of distinct images.
    pub fn of(self, scores: Tensor<2>, owners: &[usize], rng: &mut impl Rng) -> Tensor<1> {
        let batch = scores.dims()[0];
        match self {
            Self::Baseline => baseline(&scores, &Imposters::draw(batch, rng)),
            Self::SixTerms => six_terms(&scores, &Imposters::draw(batch, rng)),
            Self::EightTerms => eight_terms(&scores, &Imposters::draw(batch, rng)),
            Self::Draws(count) => (0..count)
                .map(|_| baseline(&scores, &Imposters::draw(batch, rng)))
                .reduce(|sum, draw| sum + draw)
                .unwrap_or_else(|| Tensor::zeros([1], &scores.device())),
            Self::AllNegatives => all_negatives(&scores),
            Self::HardestNegatives => hardest_negatives(&scores),
            Self::SemiHardNegatives => semi_hard_negatives(&scores),
            Self::InfoNce(temperature) => info_nce_of_scores(scores, owners, temperature),
            Self::Mms(margin) => masked_margin_softmax(scores, owners, margin),
            Self::Amm(alpha) => adaptive_mean_margin(scores, owners, alpha),
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const BATCH: usize = 6;
    const STEP: f32 = 2e-3;

    /// Two captions of the last picture: no imposters of each other where the loss sees the whole batch.
    const OWNERS: [usize; BATCH] = [0, 1, 2, 3, 4, 4];

    fn loss(objective: Objective, scores: &[f32], device: &Device) -> (Tensor<2>, Tensor<1>) {
        let scores =
            Tensor::<2>::from_data(TensorData::new(scores.to_vec(), [BATCH; 2]), device).require_grad();
        // The same imposters at every call.
        let loss = objective.of(scores.clone(), &OWNERS, &mut ChaCha8Rng::seed_from_u64(9));
        (scores, loss)
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let scores: Vec<f32> = (0..BATCH * BATCH).map(|_| rng.random_range(-1.5..1.5)).collect();
        let device = Device::flex().autodiff();
        for objective in [
            Objective::Baseline,
            Objective::SixTerms,
            Objective::EightTerms,
            Objective::Draws(3),
            Objective::AllNegatives,
            Objective::HardestNegatives,
            Objective::SemiHardNegatives,
            Objective::InfoNce(0.5),
            Objective::Mms(0.3),
            Objective::Amm(0.5),
        ] {
            let (tensor, value) = loss(objective, &scores, &device);
            let gradients = value.backward();
            let gradient: Vec<f32> = tensor.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
            assert!(gradient.iter().any(|g| g.abs() > 1e-3), "{objective:?} is flat");
            for (entry, gradient) in gradient.iter().enumerate() {
                let moved = |by: f32| {
                    let mut scores = scores.clone();
                    scores[entry] += by;
                    loss(objective, &scores, &device).1.into_scalar::<f32>()
                };
                let difference = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                assert!(
                    (gradient - difference).abs() < 5e-3,
                    "{objective:?} [{entry}]: {gradient} {difference}"
                );
            }
        }
    }

    #[test]
    fn softmax_losses_are_their_formulas() {
        // Scores [[1, 0], [0.5, 2]] of two pairs.
        let scores =
            || Tensor::<2>::from_data(TensorData::new(vec![1.0_f32, 0.0, 0.5, 2.0], [2, 2]), &Device::flex());
        let entropy = |own: f32, other: f32| ((own.exp() + other.exp()).ln()) - own;
        let value = |objective: Objective| -> f32 {
            objective.of(scores(), &[0, 1], &mut ChaCha8Rng::seed_from_u64(1)).into_scalar()
        };
        let sums = |own: [f32; 4]| {
            (entropy(own[0], 0.0) + entropy(own[1], 0.5)) / 2.0
                + (entropy(own[2], 0.5) + entropy(own[3], 0.0)) / 2.0
        };
        assert!((value(Objective::Mms(0.2)) - sums([0.8, 1.8, 0.8, 1.8])).abs() < 1e-5);
        // Each margin is half of how far the pair stands above its one imposter, row by row and column by column.
        assert!((value(Objective::Amm(0.5)) - sums([0.5, 1.25, 0.75, 1.0])).abs() < 1e-5);
        assert!((value(Objective::InfoNce(1.0)) - sums([1.0, 2.0, 1.0, 2.0]) / 2.0).abs() < 1e-5);
    }
}
