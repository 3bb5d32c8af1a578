//! Differences between systems with intervals over both kinds of chance: which pictures were asked for, and which seeds
//! were trained with.

use std::collections::BTreeMap;

use hearsight::search::{Difference, bootstrap};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// (picture, rank) of each query, a list a seed.
pub type Runs<'a> = [&'a [(usize, usize)]];

/// By how much the share of queries answered among the first `k` by the systems `a` is above that by `b`, seeds
/// averaged, with a 95 % interval of a hierarchical bootstrap: each draw takes pictures with all their queries, the same
/// for both (paired), and seeds of each system.
///
/// The mean of `n` seeds drawn out of `n` varies by `(n - 1) / n` of what it should, so a draw's distance from the mean of
/// all is stretched by `sqrt(n / (n - 1))` (Rao and Wu 1988, section 2). One seed alone has no spread: its interval is over
/// pictures only.
pub fn paired_difference(a: &Runs, b: &Runs, k: usize) -> Difference {
    let sides = [answered(a, k), answered(b, k)];
    let pictures: Vec<usize> = sides[0].queries.keys().copied().collect();
    let queries: Vec<f64> = sides[0].queries.values().copied().collect();
    let hits: Vec<Vec<Vec<f64>>> = sides
        .iter()
        .map(|side| {
            let of = |run: &BTreeMap<usize, f64>| {
                pictures.iter().map(|p| run.get(p).copied().unwrap_or(0.0)).collect()
            };
            side.hits.iter().map(of).collect()
        })
        .collect();
    let share = |run: &[f64], drawn: &[usize]| {
        let asked = drawn.iter().map(|&p| queries[p]).sum::<f64>();
        drawn.iter().map(|&p| run[p]).sum::<f64>() / asked.max(1.0)
    };
    let mean = |side: &[Vec<f64>], weights: &[f64], drawn: &[usize]| -> f64 {
        side.iter().zip(weights).map(|(run, weight)| weight * share(run, drawn)).sum()
    };
    let every: Vec<usize> = (0..pictures.len()).collect();
    let whole = |side: &[Vec<f64>]| mean(side, &vec![1.0 / side.len() as f64; side.len()], &every);
    let rng = std::cell::RefCell::new(ChaCha8Rng::seed_from_u64(SEED));
    let [interval] = bootstrap(pictures.len(), |drawn| {
        let [a, b] = [0, 1].map(|side| {
            let weights = weights(hits[side].len(), &mut rng.borrow_mut());
            mean(&hits[side], &weights, drawn)
        });
        [a - b]
    });
    Difference { mean: whole(&hits[0]) - whole(&hits[1]), interval }
}

/// Of the draws of seeds.
const SEED: u64 = 1988;

/// How much each of `n` seeds counts in a draw; together 1.
fn weights(n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut weights = vec![0.0; n];
    (0..n).for_each(|_| weights[rng.random_range(0..n)] += 1.0 / n as f64);
    let (even, stretch) = (1.0 / n as f64, (n as f64 / (n.max(2) - 1) as f64).sqrt());
    weights.iter().map(|weight| even + stretch * (weight - even)).collect()
}

/// What a system's runs answered of each picture.
struct Answered {
    queries: BTreeMap<usize, f64>,
    hits: Vec<BTreeMap<usize, f64>>,
}

fn answered(runs: &Runs, k: usize) -> Answered {
    let mut queries = BTreeMap::new();
    let mut hits = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let mut of = BTreeMap::new();
        for &(picture, rank) in *run {
            *of.entry(picture).or_insert(0.0) += f64::from(u8::from(rank <= k));
            if number == 0 {
                *queries.entry(picture).or_insert(0.0) += 1.0;
            }
        }
        hits.push(of);
    }
    Answered { queries, hits }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 pictures with two queries each; those of the first `answered` pictures are answered at once.
    fn run(answered: usize) -> Vec<(usize, usize)> {
        (0..200).map(|n| (n / 2, if n / 2 < answered { 1 } else { 50 })).collect()
    }

    fn width(difference: &Difference) -> f64 {
        difference.interval[1] - difference.interval[0]
    }

    #[test]
    fn one_seed_each_is_the_paired_bootstrap_over_pictures() {
        let (a, b) = (run(60), run(50));
        for k in [1, 10] {
            let here = paired_difference(&[&a], &[&b], k);
            let there = hearsight::search::paired_difference(&[&a], &[&b], k);
            assert!((here.mean - there.mean).abs() < 1e-9);
            assert!(here.interval.iter().zip(there.interval).all(|(one, other)| (one - other).abs() < 1e-9));
        }
    }

    #[test]
    fn seeds_that_differ_widen_the_interval_and_more_of_them_narrow_it() {
        let [low, high, middle] = [run(40), run(60), run(50)];
        let even = paired_difference(&[&middle, &middle], &[&middle, &middle], 10);
        assert!(even.mean == 0.0 && even.interval.iter().all(|end| end.abs() < 1e-9), "{:?}", even.interval);
        let two = paired_difference(&[&low, &high], &[&middle, &middle], 10);
        assert!(two.mean.abs() < 1e-9);
        // Seeds of 40 and 60 %: their mean's deviation is sqrt(0.02 / 2) = 0.1, the stretched draws' too.
        assert!(two.interval[0] < -0.1 && two.interval[1] > 0.1, "{:?}", two.interval);
        let many: Vec<&[(usize, usize)]> = [&low[..], &high[..]].repeat(8);
        let sixteen = paired_difference(&many, &[&middle], 10);
        assert!(width(&sixteen) < 0.6 * width(&two), "{:?} {:?}", sixteen.interval, two.interval);
    }

    #[test]
    fn weights_are_one_together_and_vary_as_a_mean_does() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        for n in 1..6 {
            // The mean of 0, 1, 2, ... with these weights.
            let means: Vec<f64> = (0..4000)
                .map(|_| {
                    let weights = weights(n, &mut rng);
                    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                    weights.iter().enumerate().map(|(value, weight)| value as f64 * weight).sum()
                })
                .collect();
            let middle = (n - 1) as f64 / 2.0;
            let variance = means.iter().map(|mean| (mean - middle).powi(2)).sum::<f64>() / 4000.0;
            // Of the numbers 0 to n - 1 the variance is n (n + 1) / 12, of their mean an nth of it.
            let expected = if n == 1 { 0.0 } else { (n + 1) as f64 / 12.0 };
            assert!((variance - expected).abs() <= 0.1 * expected, "{n}: {variance} {expected}");
        }
    }
}
