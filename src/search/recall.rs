//! Recall at 1, 5 and 10 and the median rank over many-to-many pairs, with bootstrap intervals.
//!
//! A query counts as answered at k when any of its partners is among the first k. Its rank is that of its best
//! partner, and ties count against us: everything with the same score or a better one, partners apart, stands before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::bootstrap::bootstrap;

/// Figures of one direction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Direction {
    /// Share of the queries whose partner is first.
    pub r1: f64,
    /// Share of the queries with a partner among the first five.
    pub r5: f64,
    /// Share of the queries with a partner among the first ten.
    pub r10: f64,
    /// Median rank of the best partner, from 1.
    pub median_rank: f64,
    /// 95 % bootstrap interval of `r1`.
    pub r1_interval: [f64; 2],
    /// 95 % bootstrap interval of `r5`.
    pub r5_interval: [f64; 2],
    /// 95 % bootstrap interval of `r10`.
    pub r10_interval: [f64; 2],
}

/// Figures of both directions with the sizes of the pools.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recall {
    /// Pictures in the pool.
    pub images: usize,
    /// Clips in the pool.
    pub clips: usize,
    /// Speech queries, ranked pictures.
    pub audio_to_image: Direction,
    /// Picture queries, ranked clips.
    pub image_to_audio: Direction,
}

/// Rank of the best partner of every query, with the picture that the query is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranks {
    /// Pictures in the pool.
    pub images: usize,
    /// Clips in the pool.
    pub clips: usize,
    /// (picture, rank) of each speech query; a clip of several pictures stands under the first.
    pub audio_to_image: Vec<(usize, usize)>,
    /// (picture, rank) of each picture query.
    pub image_to_audio: Vec<(usize, usize)>,
}

impl Ranks {
    /// Ranks both ways. `score(clip, image)` is the score of a pair; `pairs` are (image, clip) partners. Queries
    /// without a partner are pool only.
    pub fn of(
        images: usize,
        clips: usize,
        pairs: &BTreeSet<(usize, usize)>,
        score: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let mut images_of: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut clips_of: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for &(image, clip) in pairs {
            images_of.entry(clip).or_default().insert(image);
            clips_of.entry(image).or_default().insert(clip);
        }
        let audio = images_of.iter().map(|(&clip, partners)| {
            let picture = partners.first().copied().unwrap_or(clip);
            (picture, best_rank(images, partners, |image| score(clip, image)))
        });
        let image = clips_of
            .iter()
            .map(|(&image, partners)| (image, best_rank(clips, partners, |clip| score(clip, image))));
        Self { images, clips, audio_to_image: audio.collect(), image_to_audio: image.collect() }
    }

    /// The figures of these ranks. Intervals resample pictures with all their clips (clips of one picture are not
    /// independent).
    pub fn figures(&self) -> Recall {
        Recall {
            images: self.images,
            clips: self.clips,
            audio_to_image: Direction::of(&self.audio_to_image),
            image_to_audio: Direction::of(&self.image_to_audio),
        }
    }
}

/// [`Ranks::figures`] of [`Ranks::of`].
pub fn recall(
    images: usize,
    clips: usize,
    pairs: &BTreeSet<(usize, usize)>,
    score: impl Fn(usize, usize) -> f32,
) -> Recall {
    Ranks::of(images, clips, pairs, score).figures()
}

/// Rank of the best partner, from 1: one more than the others that score at least as high. NaN never wins.
fn best_rank(pool: usize, partners: &BTreeSet<usize>, score: impl Fn(usize) -> f32) -> usize {
    let best = partners.iter().map(|&p| score(p)).fold(f32::NEG_INFINITY, f32::max);
    1 + (0..pool)
        .filter(|item| !partners.contains(item))
        .map(score)
        .filter(|s| s.is_nan() || *s >= best)
        .count()
}

impl Direction {
    /// Figures of (cluster, rank) of each query.
    fn of(queries: &[(usize, usize)]) -> Self {
        let mut clusters: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &(cluster, rank) in queries {
            clusters.entry(cluster).or_default().push(rank);
        }
        let clusters: Vec<Vec<usize>> = clusters.into_values().collect();
        let all: Vec<usize> = queries.iter().map(|q| q.1).collect();
        let share = |k| share(all.iter(), k);
        let [r1_interval, r5_interval, r10_interval] = intervals(&clusters);
        Self {
            r1: share(1),
            r5: share(5),
            r10: share(10),
            median_rank: median(all.clone()),
            r1_interval,
            r5_interval,
            r10_interval,
        }
    }
}

fn share<'a>(ranks: impl Iterator<Item = &'a usize>, k: usize) -> f64 {
    let (mut hits, mut all) = (0, 0);
    for &rank in ranks {
        hits += usize::from(rank <= k);
        all += 1;
    }
    if all == 0 { 0.0 } else { hits as f64 / all as f64 }
}

fn median(mut ranks: Vec<usize>) -> f64 {
    ranks.sort_unstable();
    match ranks.len() {
        0 => 0.0,
        n if n % 2 == 1 => ranks[n / 2] as f64,
        n => (ranks[n / 2 - 1] + ranks[n / 2]) as f64 / 2.0,
    }
}

/// 95 % intervals of recall at 1, 5 and 10, resampling whole clusters (percentile bootstrap, fixed seed).
fn intervals(clusters: &[Vec<usize>]) -> [[f64; 2]; 3] {
    bootstrap(clusters.len(), |drawn| {
        [1, 5, 10].map(|k| share(drawn.iter().flat_map(|&cluster| &clusters[cluster]), k))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_scores_are_first_both_ways() {
        let pairs = (0..20).map(|i| (i, i)).collect();
        let figures = recall(20, 20, &pairs, |clip, image| f32::from(u8::from(clip == image)));
        assert_eq!((figures.audio_to_image.r1, figures.image_to_audio.median_rank), (1.0, 1.0));
        assert_eq!(figures.audio_to_image.r1_interval, [1.0, 1.0]);
    }

    #[test]
    fn ties_and_nan_count_against_us() {
        let pairs = (0..20).map(|i| (i, i)).collect();
        for constant in [0.5, f32::NAN] {
            let figures = recall(20, 20, &pairs, |_, _| constant);
            assert_eq!((figures.audio_to_image.r10, figures.audio_to_image.median_rank), (0.0, 20.0));
        }
    }

    #[test]
    fn any_partner_answers_and_partners_do_not_stand_in_each_others_way() {
        // Clip 0 belongs to images 0 and 1; clip 1 to image 2. Images score by their number.
        let pairs = [(0, 0), (1, 0), (2, 1)].into();
        let figures = recall(4, 2, &pairs, |_, image| image as f32);
        // Before image 1 stand 2 and 3; before image 2 stands 3.
        assert_eq!((figures.audio_to_image.r1, figures.audio_to_image.median_rank), (0.0, 2.5));
        assert_eq!((figures.images, figures.clips), (4, 2));
    }

    #[test]
    fn the_interval_holds_the_share_and_is_repeatable() {
        let pairs: BTreeSet<_> = (0..200).map(|i| (i, i)).collect();
        let score = |clip: usize, image: usize| if clip == image { (clip % 2) as f32 } else { 0.5 };
        let figures = recall(200, 200, &pairs, score);
        let Direction { r1, r1_interval: [low, high], .. } = figures.audio_to_image;
        assert_eq!(r1, 0.5);
        assert!(low > 0.41 && low < 0.46 && high < 0.59 && high > 0.54, "{low} {high}");
        assert_eq!(figures, recall(200, 200, &pairs, score));
    }
}
