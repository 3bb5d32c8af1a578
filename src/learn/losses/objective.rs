//! The losses by name: what a training minimises.

use burn::tensor::Tensor;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::contrastive::{adaptive_mean_margin, info_nce_of_scores, masked_margin_softmax};
use super::hinge::{Imposters, all_negatives, baseline, eight_terms, hardest_negatives, six_terms};

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
    /// Symmetric cross entropy with this temperature.
    InfoNce(f64),
    /// Masked margin softmax with this margin.
    Mms(f64),
    /// Adaptive mean margin with this share.
    Amm(f64),
}

impl Objective {
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
            Self::InfoNce(temperature) => info_nce_of_scores(scores, owners, temperature),
            Self::Mms(margin) => masked_margin_softmax(scores, owners, margin),
            Self::Amm(alpha) => adaptive_mean_margin(scores, owners, alpha),
        }
    }
}
