//! Batches in which no picture stands twice, so that another pair's caption is never a caption of one's own picture.

use rand::Rng;
use rand::seq::SliceRandom;

/// One epoch's batches of clips. In each round every picture gives one of its clips that was not drawn yet, so all
/// pictures of a round differ; a round is cut into batches of clips of similar length. Batches below two clips are
/// left out: without an imposter there is nothing to learn.
///
/// `pictures[clip]` is the picture of a clip, `frames[clip]` its length.
pub fn epoch(pictures: &[usize], frames: &[usize], batch: usize, rng: &mut impl Rng) -> Vec<Vec<usize>> {
    let count = pictures.iter().max().map_or(0, |last| last + 1);
    let mut clips_of = vec![Vec::new(); count];
    for (clip, &picture) in pictures.iter().enumerate() {
        clips_of[picture].push(clip);
    }
    clips_of.iter_mut().for_each(|clips| clips.shuffle(rng));
    let rounds = clips_of.iter().map(Vec::len).max().unwrap_or(0);
    let mut batches = Vec::new();
    for round in 0..rounds {
        let mut clips: Vec<usize> = clips_of.iter().filter_map(|clips| clips.get(round)).copied().collect();
        clips.shuffle(rng);
        clips.sort_by_key(|&clip| frames[clip]);
        batches.extend(clips.chunks(batch).filter(|part| part.len() > 1).map(<[usize]>::to_vec));
    }
    batches.shuffle(rng);
    batches
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    proptest! {
        #[test]
        fn batches_hold_distinct_pictures_and_no_clip_twice(
            pictures in prop::collection::vec(0_usize..12, 0..80), batch in 2_usize..9, seed in 0_u64..50
        ) {
            let frames: Vec<usize> = (0..pictures.len()).map(|n| n * 7 % 13).collect();
            let batches = epoch(&pictures, &frames, batch, &mut ChaCha8Rng::seed_from_u64(seed));
            for clips in &batches {
                prop_assert!((2..=batch).contains(&clips.len()));
                let different: BTreeSet<usize> = clips.iter().map(|&clip| pictures[clip]).collect();
                prop_assert_eq!(different.len(), clips.len());
            }
            let all: Vec<usize> = batches.into_iter().flatten().collect();
            prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }
    }

    #[test]
    fn every_clip_is_drawn_where_rounds_fill_their_batches() {
        let pictures: Vec<usize> = (0..40).map(|clip| clip / 2).collect();
        let batches = epoch(&pictures, &vec![1; 40], 10, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 40);
    }
}
