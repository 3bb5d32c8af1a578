//! How far an answer can be trusted: a logistic function of what the scores of a ranking look like
//! (Platt 1999, with three features instead of one).

use serde::{Deserialize, Serialize};

/// Bias and weights of the features of a ranking: how far its best score stands above the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration([f64; 4]);

/// An answer at least this likely to be right is shown as sure.
pub(super) const SURE: f64 = 0.5;
/// What has a lower score is no answer: of queries with a picture, in training, all keep one above it, and of those without
/// one in seven does (docs/decisions/0016-own-pictures-in-packs.md).
const LEVEL: f64 = 0.35;
/// Nor is what stands less far above the mean of the known pictures, in their deviations.
const DEVIATIONS: f64 = 2.0;
/// Of fewer known pictures mean and deviation say nothing.
const ENOUGH: usize = 20;
/// Steps of Newton's method; it has long converged then.
const STEPS: usize = 30;
/// Weight decay: it keeps the weights finite where the examples can be told apart perfectly.
const DECAY: f64 = 1e-2;

impl Calibration {
    /// Learns from rankings, each with whether it was right (logistic regression by Newton's method).
    /// Each ranking's scores stand best first. None without both kinds of example.
    pub fn fit(examples: &[(Vec<f32>, bool)]) -> Option<Self> {
        if [true, false].iter().any(|kind| examples.iter().all(|(_, right)| right != kind)) {
            return None;
        }
        let rows: Vec<([f64; 4], f64)> =
            examples.iter().map(|(scores, right)| (features(scores), f64::from(u8::from(*right)))).collect();
        let mut weights = [0.0; 4];
        for _ in 0..STEPS {
            let mut gradient = weights.map(|weight| DECAY * weight);
            let mut curvature = [[0.0; 4]; 4];
            (0..4).for_each(|i| curvature[i][i] = DECAY);
            for (row, right) in &rows {
                let likely = logistic(&weights, row);
                for i in 0..4 {
                    gradient[i] += (likely - right) * row[i];
                    for j in 0..4 {
                        curvature[i][j] += likely * (1.0 - likely) * row[i] * row[j];
                    }
                }
            }
            let step = solve(curvature, gradient);
            weights.iter_mut().zip(step).for_each(|(weight, step)| *weight -= step);
        }
        Some(Self(weights))
    }

    /// How likely a ranking is right, 0 to 1; `scores` stand best first.
    pub fn likely(&self, scores: &[f32]) -> f64 {
        logistic(&self.0, &features(scores))
    }
}

/// One; how far the best score stands above the mean of all, above the second and above the tenth, in deviations of all.
/// A voice that is understood less well has lower scores altogether, so none of it depends on their size.
fn features(scores: &[f32]) -> [f64; 4] {
    let at = |place: usize| f64::from(scores.get(place).copied().unwrap_or(0.0));
    let (mean, deviation) = spread(scores);
    let above = |other: f64| (at(0) - other) / deviation.max(1e-6);
    [1.0, above(mean), above(at(1)), above(at(9))]
}

/// How many of `scores`, best first, answer a query: `known` are those of the pictures that it is measured against, which the
/// visitor did not choose.
pub(super) fn near(scores: &[f32], known: &[f32]) -> usize {
    if known.len() < ENOUGH {
        return scores.len();
    }
    let (mean, deviation) = spread(known);
    let level = LEVEL.max(mean + DEVIATIONS * deviation);
    scores.iter().take_while(|score| f64::from(**score) >= level).count()
}

/// Mean and deviation.
fn spread(scores: &[f32]) -> (f64, f64) {
    let count = scores.len().max(1) as f64;
    let mean = scores.iter().copied().map(f64::from).sum::<f64>() / count;
    let variance = scores.iter().map(|&score| (f64::from(score) - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

fn logistic(weights: &[f64; 4], row: &[f64; 4]) -> f64 {
    let sum: f64 = weights.iter().zip(row).map(|(weight, value)| weight * value).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// Solves `matrix x = right` for a symmetric positive definite matrix (Gauss-Jordan).
fn solve(mut matrix: [[f64; 4]; 4], mut right: [f64; 4]) -> [f64; 4] {
    for i in 0..4 {
        let pivot = matrix[i][i];
        matrix[i].iter_mut().for_each(|value| *value /= pivot);
        right[i] /= pivot;
        for j in (0..4).filter(|&j| j != i) {
            let (factor, row) = (matrix[j][i], matrix[i]);
            matrix[j].iter_mut().zip(row).for_each(|(value, above)| *value -= factor * above);
            right[j] -= factor * right[i];
        }
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ranking whose first score leads by so much.
    fn ranking(lead: f32) -> Vec<f32> {
        let rest = (0..50).map(|n| 0.2 - 0.005 * n as f32);
        [0.2 + lead].into_iter().chain(rest).collect()
    }

    #[test]
    fn a_clear_lead_is_trusted_and_a_narrow_one_is_not() {
        let examples: Vec<(Vec<f32>, bool)> = (0..100)
            .map(|n| {
                let lead = n as f32 / 200.0;
                (ranking(lead), lead > 0.25 || n % 10 == 0)
            })
            .collect();
        let calibration = Calibration::fit(&examples).unwrap();
        assert!(calibration.likely(&ranking(0.45)) > 0.9);
        assert!(calibration.likely(&ranking(0.02)) < 0.3);
        let expected: f64 = examples.iter().map(|(scores, _)| calibration.likely(scores)).sum();
        let right = examples.iter().filter(|(_, right)| *right).count() as f64;
        assert!((expected - right).abs() < 0.5, "on the whole it promises what it keeps: {expected} {right}");
    }

    #[test]
    fn one_kind_of_example_teaches_nothing() {
        assert_eq!(Calibration::fit(&[(ranking(0.1), true)]), None);
        assert_eq!(Calibration::fit(&[]), None);
    }
}
