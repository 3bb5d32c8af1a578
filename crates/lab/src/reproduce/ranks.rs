//! Ranks in pools of one clip a picture, the poster's kind: every speech query among all pictures, and every picture among
//! as many clips, once for each of its clips.

use std::collections::BTreeMap;

use hearsight::search::Ranks;

/// Clips cut into rounds: in each of them every picture has one clip, its first, then its second, and so on.
/// `pictures[clip]` is the picture of a clip.
pub fn rounds(pictures: &[usize]) -> Vec<Vec<usize>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for (clip, &picture) in pictures.iter().enumerate() {
        let round = seen.entry(picture).or_insert(0);
        if *round == rounds.len() {
            rounds.push(Vec::new());
        }
        rounds[*round].push(clip);
        *round += 1;
    }
    rounds
}

/// Ranks of each clip's picture among all `images`, and of each clip among its round's for its picture; ties count
/// against us, and what is no number never wins.
pub fn one_to_one(images: usize, pictures: &[usize], score: impl Fn(usize, usize) -> f32) -> Ranks {
    let rank = |own: f32, others: &mut dyn Iterator<Item = f32>| {
        1 + others.filter(|other| own.is_nan() || other.is_nan() || *other >= own).count()
    };
    let clips = pictures.len();
    let audio = (0..clips).map(|clip| {
        let picture = pictures[clip];
        let others = &mut (0..images).filter(|other| *other != picture).map(|other| score(clip, other));
        (picture, rank(score(clip, picture), others))
    });
    let image = rounds(pictures).into_iter().flat_map(|round| {
        let of = |&clip: &usize| {
            let picture = pictures[clip];
            let others =
                &mut round.iter().filter(|other| **other != clip).map(|&other| score(other, picture));
            (picture, rank(score(clip, picture), others))
        };
        round.iter().map(of).collect::<Vec<_>>()
    });
    Ranks { images, clips, audio_to_image: audio.collect(), image_to_audio: image.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_has_one_clip_a_round() {
        assert_eq!(rounds(&[0, 0, 1, 2, 1, 0]), [vec![0, 2, 3], vec![1, 4], vec![5]]);
        assert!(rounds(&[]).is_empty());
    }

    #[test]
    fn ranks_are_those_of_a_pool_of_one_clip_a_picture() {
        // Clips 0 and 3 are about picture 0, clips 1 and 4 about 1, clip 2 about 2.
        let pictures = [0, 1, 2, 0, 1];
        let scores = [[9.0, 1.0, 2.0], [5.0, 4.0, 6.0], [1.0, 1.0, 1.0], [0.0, 3.0, 1.0], [8.0, 7.0, 0.0]];
        let ranks = one_to_one(3, &pictures, |clip, picture| scores[clip][picture]);
        assert_eq!((ranks.images, ranks.clips), (3, 5));
        assert_eq!(ranks.audio_to_image, [(0, 1), (1, 3), (2, 3), (0, 3), (1, 2)]);
        // The first round is clips 0, 1, 2 and the second 3, 4.
        assert_eq!(ranks.image_to_audio, [(0, 1), (1, 1), (2, 3), (0, 2), (1, 1)]);
    }

    #[test]
    fn nothing_is_found_by_what_is_no_number() {
        let ranks = one_to_one(4, &[0, 1, 2, 3], |_, _| f32::NAN);
        assert!(ranks.audio_to_image.iter().chain(&ranks.image_to_audio).all(|(_, rank)| *rank == 4));
    }
}
