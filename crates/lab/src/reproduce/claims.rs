//! What the poster claims, and what would have to be so for it: each decided by one difference.

use hearsight::search::Difference;
use serde::Serialize;

/// A gain too small to be claimed.
const POINT: f64 = 0.01;
/// Fewer seeds decide nothing.
const SEEDS: usize = 3;

/// "`a` finds more than `b`", in words.
pub struct Claim {
    pub says: &'static str,
    pub a: &'static str,
    pub b: &'static str,
}

const fn claim(says: &'static str, a: &'static str, b: &'static str) -> Claim {
    Claim { says, a, b }
}

/// The poster's own.
pub const POSTER: [Claim; 3] = [
    claim("The new loss finds more than the baseline", "P1", "P0"),
    claim("The temporal branch finds more than the CNN alone (both with the new loss)", "P2", "P1"),
    claim("Both together find more than the baseline", "P2", "P0"),
];

/// Whether it is the new loss's terms that do it.
pub const LOSS: [Claim; 8] = [
    claim("More than three draws of the baseline, which are as many terms", "P1", "P0-3-draws"),
    claim("More than the baseline at three times the rate (by SGD, as large a step)", "P1", "P0-3x-rate"),
    claim("More than the hinge over all imposters of the batch", "P1", "P0-all-negatives"),
    claim("More than semi-hard imposters", "P1", "P0-semi-hard"),
    claim("More than the hardest imposters", "P1", "P0-hardest"),
    claim("More than InfoNCE", "P1", "P0-infonce"),
    claim("More than masked margin softmax", "P1", "P0-mms"),
    claim("Less than its own completion to eight terms", "P1-8-terms", "P1"),
];

/// What holds the temporal branch back, if anything does.
pub const BRANCH: [Claim; 4] = [
    claim("It sees the last vector only: the mean of all is better", "P2-mean", "P2"),
    claim("It sees the last vector only: the maxima of all are better", "P2-max", "P2"),
    claim("The maps were halved: the branch beside the whole CNN is better", "P2-whole-cnn", "P2"),
    claim("Beside the whole CNN the branch finds more than that CNN alone", "P2-whole-cnn", "P1"),
];

/// What a difference says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The whole interval lies above zero.
    Holds,
    /// The whole interval lies below a gain of one point.
    Fails,
    /// Neither, or there are too few seeds.
    Undecided,
}

impl Verdict {
    /// From R@10 of both ways together, with so many seeds on the side that has fewer.
    pub fn of(difference: &Difference, seeds: usize) -> Self {
        let [low, high] = difference.interval;
        match (seeds >= SEEDS, low > 0.0, high < POINT) {
            (true, true, _) => Self::Holds,
            (true, false, true) => Self::Fails,
            _ => Self::Undecided,
        }
    }

    /// In a table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "**holds**",
            Self::Fails => "**fails**",
            Self::Undecided => "undecided",
        }
    }
}

/// How the verdicts are made.
pub const RULE: &str = "Each line says that one system finds more than another, measured by R@10 of both ways together. It **holds** when the \
whole 95 % interval lies above zero, and **fails** when it lies below a gain of one point; anything else is undecided, and so is all that \
has fewer than three seeds.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_decides_only_where_it_is_narrow_and_seeds_are_enough() {
        let of = |low: f64, high: f64, seeds| {
            Verdict::of(&Difference { mean: (low + high) / 2.0, interval: [low, high] }, seeds)
        };
        assert_eq!(of(0.001, 0.05, 3), Verdict::Holds);
        assert_eq!(of(-0.02, 0.009, 5), Verdict::Fails);
        assert_eq!(of(-0.04, -0.01, 3), Verdict::Fails);
        assert_eq!(of(-0.001, 0.03, 5), Verdict::Undecided);
        assert_eq!(of(0.01, 0.05, 2), Verdict::Undecided);
    }

    #[test]
    fn every_claim_is_about_systems_that_are_trained() {
        let known: Vec<String> = crate::reproduce::systems::all()
            .into_iter()
            .filter(|system| system.standard)
            .map(|system| system.name())
            .collect();
        for Claim { says, a, b } in POSTER.iter().chain(&LOSS).chain(&BRANCH) {
            assert!(known.iter().any(|name| name == a) && known.iter().any(|name| name == b), "{says}");
        }
    }
}
