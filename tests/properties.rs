//! Rules that hold for all sounds and all indexes. That cutting sound into blocks changes nothing, and that no sample can do
//! harm, stands in tests/sound.rs; what holds for foreign bytes in tests/foreign_bytes.rs.

use std::f32::consts::TAU;
use std::panic::catch_unwind;

use hearsight::gallery::{Pair, read_pairs, write_pairs};
use hearsight::network::Storage;
use hearsight::search::{Index, Match, product};
use hearsight::sound::{Frames, HOP, LogMel, LogMelStream, Recipe, resample};
use proptest::prelude::*;
use proptest::sample;

/// Numbers of a vector of the indexes here.
const WIDTH: usize = 5;

/// Rates of telephones, microphones and studios, and any between.
fn rate() -> impl Strategy<Value = f64> {
    let common = sample::select(vec![8e3, 11_025.0, 16e3, 22_050.0, 32e3, 44.1e3, 48e3, 96e3, 192e3]);
    prop_oneof![3 => common, 1 => 8e3..192e3_f64]
}

fn noise(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-1.0..1.0_f32, length)
}

/// Root of the mean square.
fn level(samples: &[f32]) -> f32 {
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).sqrt()
}

fn furthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

/// Logarithms without the scale that depends on the whole clip.
fn raw(recipe: Recipe, samples: &[f32]) -> Vec<f32> {
    let mut stream = LogMelStream::new(recipe);
    [stream.push(samples), stream.finish()].concat()
}

/// Ids that repeat: adding one that is there replaces it, as the engine does.
fn pictures() -> impl Strategy<Value = Vec<(String, [f32; WIDTH])>> {
    // Few values, so that scores are often equal.
    let number = sample::select(vec![-1.0_f32, -0.5, 0.0, 0.5, 1.0]);
    let vector = prop::array::uniform5(number);
    prop::collection::vec(((0..12_u8).prop_map(|id| format!("picture {id}")), vector), 0..24)
}

fn put(index: &mut Index, id: &str, vector: &[f32]) {
    index.remove(id);
    index.push(id.to_owned(), vector);
}

fn index(pictures: &[(String, [f32; WIDTH])]) -> Index {
    let mut index = Index::new(WIDTH);
    pictures.iter().for_each(|(id, vector)| put(&mut index, id, vector));
    index
}

fn same(a: &Index, b: &Index) -> bool {
    a.ids() == b.ids() && a.vectors().eq(b.vectors())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resampling_keeps_what_stands_still(hz in rate(), value in -1.0..1.0_f32) {
        let out = resample(&vec![value; (0.3 * hz) as usize], hz).unwrap();
        // The ends are edges: sound begins and stops there.
        let inner = &out[out.len() / 3..2 * out.len() / 3];
        prop_assert!(furthest(inner, &vec![value; inner.len()]) < 1e-3);
    }

    #[test]
    fn resampling_keeps_a_tone_and_its_level(hz in rate(), height in 0.02..0.42_f64, loudness in 0.01..1.0_f32) {
        // Of the lower of the two rates: what both can hold.
        let pitch = (height * hz.min(16e3)) as f32;
        let tone = |rate: f32| move |n: usize| loudness * (TAU * pitch * n as f32 / rate).sin();
        let clip: Vec<f32> = (0..(0.3 * hz) as usize).map(tone(hz as f32)).collect();
        let out = resample(&clip, hz).unwrap();
        let inner = out.len() / 3..2 * out.len() / 3;
        let gain = level(&out[inner]) / (loudness / 2.0_f32.sqrt());
        prop_assert!((gain - 1.0).abs() < 0.02, "{gain} at {pitch} Hz from {hz} Hz");
    }

    #[test]
    fn resampling_a_sum_is_the_sum_of_what_is_resampled(hz in rate(), clip in noise(2..3_000), scale in -3.0..3.0_f32) {
        let (one, other) = clip.split_at(clip.len() / 2);
        let other = &other[..one.len()];
        let sum: Vec<f32> = one.iter().zip(other).map(|(a, b)| a + scale * b).collect();
        let expected: Vec<f32> = resample(one, hz)
            .unwrap()
            .iter()
            .zip(resample(other, hz).unwrap())
            .map(|(a, b)| a + scale * b)
            .collect();
        prop_assert!(furthest(&resample(&sum, hz).unwrap(), &expected) < 1e-4);
    }

    #[test]
    fn a_clip_that_comes_later_has_its_frames_later(clip in noise(800..4_000), hops in 0..5_usize) {
        for recipe in [Recipe::whisper(), Recipe::poster()] {
            let whole = raw(recipe, &clip);
            let later = raw(recipe, &clip[hops * HOP..]);
            // The first two frames hear the clip's beginning mirrored, the last one its end.
            let bands = recipe.bands();
            let (from, to) = (2 * bands, later.len() - bands);
            if from < to {
                prop_assert_eq!(&whole[hops * bands..][from..to], &later[from..to]);
            }
        }
    }

    #[test]
    fn a_clip_has_a_frame_every_hop_and_each_of_them_is_a_number(clip in noise(0..4_000), quiet in -38..0_i32) {
        let clip: Vec<f32> = clip.iter().map(|sample| sample * 10.0_f32.powi(quiet)).collect();
        for recipe in [Recipe::whisper(), Recipe::poster()] {
            let frames: Frames = LogMel::new(recipe).frames(&clip);
            prop_assert_eq!(frames.count(), (clip.len() / HOP).max(usize::from(!clip.is_empty())));
            prop_assert!(frames.values.iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn twice_as_loud_is_twice_the_logarithm_of_two_higher(clip in noise(400..2_000)) {
        let loud: Vec<f32> = clip.iter().map(|sample| 2.0 * sample).collect();
        let (quiet, loud) = (raw(Recipe::poster(), &clip), raw(Recipe::poster(), &loud));
        let louder: Vec<f32> = quiet.iter().map(|value| value + 2.0 * 2.0_f32.ln()).collect();
        prop_assert!(furthest(&loud, &louder) < 1e-3);
    }

    #[test]
    fn a_ranking_is_the_scores_sorted_and_ties_keep_the_order_of_the_index(
        pictures in pictures(),
        query in prop::array::uniform5(-1.0..1.0_f32),
        count in 0..30_usize,
    ) {
        let index = index(&pictures);
        let mut naive: Vec<Match> = index
            .ids()
            .iter()
            .zip(index.vectors())
            .map(|(id, vector)| Match { id: id.clone(), score: product(vector, &query) })
            .collect();
        // Stable: equals stay as they are.
        naive.sort_by(|a, b| b.score.total_cmp(&a.score));
        let ranking = index.rank(&query);
        prop_assert_eq!(&ranking, &naive);
        naive.truncate(count);
        prop_assert_eq!(index.rank_first(&query, count).0, naive);
    }

    #[test]
    fn adding_and_removing_in_any_order_is_the_index_made_anew(pictures in pictures(), removed in prop::collection::vec((0..24_usize, 0..12_u8), 0..16)) {
        let mut changed = Index::new(WIDTH);
        let mut kept: Vec<(String, [f32; WIDTH])> = Vec::new();
        for (place, (id, vector)) in pictures.iter().enumerate() {
            put(&mut changed, id, vector);
            kept.retain(|(other, _)| other != id);
            kept.push((id.clone(), *vector));
            for (_, gone) in removed.iter().filter(|(at, _)| *at == place) {
                let gone = format!("picture {gone}");
                changed.remove(&gone);
                kept.retain(|(id, _)| *id != gone);
            }
        }
        prop_assert!(same(&changed, &index(&kept)));
        for (id, vector) in &kept {
            prop_assert_eq!(changed.vector(id), Some(&vector[..]));
        }
    }

    #[test]
    fn an_index_is_read_as_it_was_written_and_only_in_its_width(pictures in pictures(), width in 1..9_usize) {
        let written = index(&pictures).write(Storage::F16).unwrap();
        let read = Index::read(&written, width);
        if width == WIDTH {
            prop_assert!(same(&read.unwrap(), &index(&pictures)));
        } else {
            prop_assert!(read.is_err());
            let narrow = vec![0.0; width];
            prop_assert!(catch_unwind(|| index(&pictures).push("new".into(), &narrow)).is_err());
        }
    }

    #[test]
    fn a_table_of_any_cells_is_read_as_it_was_written(
        cells in prop::collection::vec(prop::array::uniform6(prop::collection::vec(any::<char>(), 0..12)), 1..6),
    ) {
        let cell = |characters: Vec<char>| -> String {
            characters.into_iter().filter(|character| !matches!(character, '\t' | '\r' | '\n')).collect()
        };
        let pairs: Vec<Pair> = cells
            .into_iter()
            .map(|cells| cells.map(cell))
            .map(|[image, audio, text, language, voice, split]| Pair { image, audio, text, language, voice, split })
            .collect();
        prop_assert_eq!(read_pairs(&write_pairs(&pairs).unwrap(), None).unwrap(), pairs);
    }
}
