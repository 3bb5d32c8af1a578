//! 95 % intervals by resampling (percentile bootstrap, Efron and Tibshirani 1993, section 13.3).

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

const RESAMPLES: usize = 2000;
const SEED: u64 = 2016;

/// Intervals of some figures of `count` clusters, each a function of the clusters drawn; always the same draws.
pub fn bootstrap<const N: usize>(count: usize, figures: impl Fn(&[usize]) -> [f64; N]) -> [[f64; 2]; N] {
    if count == 0 {
        return [[0.0; 2]; N];
    }
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut samples = [const { Vec::new() }; N];
    for _ in 0..RESAMPLES {
        let drawn: Vec<usize> = (0..count).map(|_| rng.random_range(0..count)).collect();
        for (sample, figure) in samples.iter_mut().zip(figures(&drawn)) {
            sample.push(figure);
        }
    }
    samples.map(|mut sample| {
        sample.sort_by(f64::total_cmp);
        [sample[RESAMPLES / 40], sample[RESAMPLES - 1 - RESAMPLES / 40]]
    })
}

/// A difference of recall with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Of the shares answered.
    pub mean: f64,
    /// 95 % interval.
    pub interval: [f64; 2],
}

/// By how much recall at `k` of the systems `a` is above that of `b`: paired, both were asked the same. Each run is
/// the (picture, rank) of its queries; the runs of a system are its seeds. Resamples pictures with all their queries.
pub fn paired_difference(a: &[&[(usize, usize)]], b: &[&[(usize, usize)]], k: usize) -> Difference {
    let mut pictures: BTreeMap<usize, [f64; 3]> = BTreeMap::new();
    for (side, runs) in [a, b].into_iter().enumerate() {
        for &(picture, rank) in runs.iter().copied().flatten() {
            let sums = pictures.entry(picture).or_default();
            sums[side] += f64::from(u8::from(rank <= k)) / runs.len() as f64;
            sums[2] += if side == 0 { 1.0 / runs.len() as f64 } else { 0.0 };
        }
    }
    let pictures: Vec<[f64; 3]> = pictures.into_values().collect();
    let mean = |drawn: &mut dyn Iterator<Item = usize>| {
        let sums = drawn
            .map(|picture| pictures[picture])
            .fold([0.0; 3], |sum, picture| [sum[0] + picture[0], sum[1] + picture[1], sum[2] + picture[2]]);
        if sums[2] > 0.0 { (sums[0] - sums[1]) / sums[2] } else { 0.0 }
    };
    let [interval] = bootstrap(pictures.len(), |drawn| [mean(&mut drawn.iter().copied())]);
    Difference { mean: mean(&mut (0..pictures.len())), interval }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 pictures with two queries each; those of the first `answered` pictures are answered at once.
    fn run(answered: usize) -> Vec<(usize, usize)> {
        (0..200).map(|n| (n / 2, if n / 2 < answered { 1 } else { 50 })).collect()
    }

    #[test]
    fn the_difference_is_that_of_the_recalls_and_pairing_makes_it_sharp() {
        let (a, b) = (run(60), run(50));
        let Difference { mean, interval: [low, high] } = paired_difference(&[&a], &[&b], 10);
        assert!((mean - 0.1).abs() < 1e-9 && low > 0.03 && high < 0.17, "{mean} {low} {high}");
        let same = paired_difference(&[&a, &b], &[&b, &a], 10);
        assert_eq!((same.mean, same.interval), (0.0, [0.0, 0.0]));
    }

    #[test]
    fn seeds_are_averaged() {
        let (a, b) = (run(80), run(40));
        assert!((paired_difference(&[&a, &b], &[&b], 1).mean - 0.2).abs() < 1e-9);
    }
}
