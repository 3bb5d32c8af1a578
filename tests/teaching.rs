//! A lesson: what it learns, what it says of what cannot be learned, and what its file holds.

use crate::common;

use burn::tensor::Device;
use hearsight::adapt::Role;
use hearsight::adapt::{Part, TeachRecipe};
use hearsight::engine::{EngineError, LessonError, SpeechNetwork, Taught, Teaching, taught_weights, trimmed};
use pollster::block_on;

fn empty() -> Teaching {
    Teaching::new(common::SPEECH, None, common::pictures(), TeachRecipe::default(), &Device::flex()).unwrap()
}

fn lesson_error<T>(result: Result<T, EngineError>) -> LessonError {
    match result.err() {
        Some(EngineError::Lesson(error)) => error,
        other => panic!("{other:?} is no error of a lesson"),
    }
}

#[test]
fn ten_steps_end_at_the_same_loss_everywhere() {
    block_on(common::ten_steps_end_at_the_native_loss(&Device::flex()));
}

#[test]
fn its_file_gives_the_same_ranking() {
    let mut teaching = block_on(common::lesson(60, &Device::flex()));
    while !teaching.finished() {
        block_on(teaching.step()).unwrap();
    }
    let clip = common::clip();
    let [before, after] = block_on(teaching.compare(&clip, 5)).unwrap();
    // The units know a campfire when they hear one; what was taught of the whole clip overrules them.
    assert_ne!(before[0].id, "judo-match");
    assert_eq!(after[0].id, "judo-match");
    let file = block_on(teaching.taught("Judo", "2026-11-26")).unwrap().write().unwrap();
    assert!(file.len() < common::SPEECH.len(), "only the head is in it: {} bytes", file.len());
    let taught = Taught::read(&file).unwrap();
    assert_eq!((taught.about.steps, taught.about.pictures, taught.about.recordings), (60, 2, 6));
    let weights = taught_weights(common::SPEECH, Some(&taught)).unwrap();
    let network = SpeechNetwork::of(&weights, &Device::flex()).unwrap();
    let vector = block_on(network.embed(&trimmed(&clip).unwrap())).unwrap();
    let (ranking, _) = common::pictures().rank_first(&vector, 5);
    for (one, other) in ranking.iter().zip(&after) {
        assert_eq!(one.id, other.id);
        assert!((one.score - other.score).abs() < 1e-3, "{} {}", one.score, other.score);
    }
}

#[test]
fn a_second_lesson_goes_on_from_the_first() {
    let mut first = block_on(common::lesson(10, &Device::flex()));
    block_on(first.step()).unwrap();
    let taught = block_on(first.taught("first", "")).unwrap();
    let recipe = TeachRecipe::default();
    let second =
        Teaching::new(common::SPEECH, Some(&taught), common::pictures(), recipe, &Device::flex()).unwrap();
    let clip = common::clip();
    let [_, after] = block_on(first.compare(&clip, 3)).unwrap();
    let [before, now] = block_on(second.compare(&clip, 3)).unwrap();
    for ((a, b), c) in after.iter().zip(&before).zip(&now) {
        assert_eq!((&a.id, &b.id), (&b.id, &c.id));
        assert!((a.score - b.score).abs() < 1e-3);
    }
}

#[test]
fn what_cannot_be_learned_gets_a_sentence() {
    let clip = common::clip();
    let mut teaching = empty();
    assert_eq!(lesson_error(block_on(teaching.begin())), LessonError::Empty);
    assert_eq!(lesson_error(block_on(teaching.step())), LessonError::NotBegun);
    let unknown = block_on(teaching.take(Role::Learn, "nowhere", &clip, 0));
    assert_eq!(lesson_error(unknown), LessonError::UnknownPicture("nowhere".into()));
    let silence = block_on(teaching.take(Role::Learn, "judo-match", &[0.0; 16_000], 0));
    assert!(matches!(silence, Err(EngineError::Sound(_))), "{silence:?}");
    block_on(teaching.take(Role::Learn, "judo-match", &clip, 0)).unwrap();
    assert_eq!(lesson_error(block_on(teaching.begin())), LessonError::OnePicture);
}

#[test]
fn too_wide_steps_get_a_sentence() {
    let recipe = TeachRecipe { steps: 10, learning_rate: 1e30, ..TeachRecipe::default() };
    let mut teaching =
        Teaching::new(common::SPEECH, None, common::pictures(), recipe, &Device::flex()).unwrap();
    let clip = common::clip();
    for picture in ["judo-match", "mime-artists"] {
        block_on(teaching.take(Role::Learn, picture, &clip, 0)).unwrap();
    }
    block_on(teaching.begin()).unwrap();
    let failed = (0..10).find_map(|_| block_on(teaching.step()).err());
    assert_eq!(lesson_error(failed.map_or(Ok(()), Err)), LessonError::CameApart);
}

#[test]
fn every_part_learns_and_is_kept() {
    let mut sizes = Vec::new();
    for part in [Part::Head, Part::LastBlock, Part::All] {
        let recipe = TeachRecipe { part, steps: 6, learning_rate: 3e-4, ..TeachRecipe::default() };
        let mut teaching =
            Teaching::new(common::SPEECH, None, common::pictures(), recipe, &Device::flex()).unwrap();
        let forwards = common::clip();
        let backwards: Vec<f32> = forwards.iter().rev().copied().collect();
        for (picture, clip) in [("judo-match", &forwards), ("mime-artists", &backwards)] {
            block_on(teaching.take(Role::Learn, picture, clip, 0)).unwrap();
        }
        block_on(teaching.begin()).unwrap();
        let losses: Vec<f32> = (0..6).map(|_| block_on(teaching.step()).unwrap().loss).collect();
        assert!(losses[5] < losses[0], "{part:?}: {losses:?}");
        let file = block_on(teaching.taught("part", "")).unwrap().write().unwrap();
        let taught = Taught::read(&file).unwrap();
        let weights = taught_weights(common::SPEECH, Some(&taught)).unwrap();
        let network = SpeechNetwork::of(&weights, &Device::flex()).unwrap();
        let vector = block_on(network.embed(&trimmed(&forwards).unwrap())).unwrap();
        let (ranking, _) = common::pictures().rank_first(&vector, 1);
        let [_, now] = block_on(teaching.compare(&forwards, 1)).unwrap();
        assert_eq!(ranking[0].id, now[0].id, "{part:?}");
        assert!((ranking[0].score - now[0].score).abs() < 2e-3, "{part:?}");
        sizes.push(file.len());
    }
    assert!(sizes[0] < sizes[1] && sizes[1] < sizes[2], "{sizes:?}");
}

#[test]
fn the_same_recording_for_two_pictures_is_told() {
    let clip = common::clip();
    let mut teaching = empty();
    for picture in ["judo-match", "mime-artists"] {
        block_on(teaching.take(Role::Learn, picture, &clip, 0)).unwrap();
    }
    let pairs = block_on(teaching.begin()).unwrap();
    assert_eq!(pairs.len(), 1);
    let (one, other) = &pairs[0];
    assert_eq!(
        [one.as_str(), other.as_str()]
            .iter()
            .filter(|id| ["judo-match", "mime-artists"].contains(id))
            .count(),
        2
    );
}

/// Made by the page of 29 November 2026 (tests/fixtures/make_before.mjs).
#[test]
fn a_file_of_an_earlier_version_is_read() {
    let file = std::fs::read(crate::at("tests/fixtures/before/taught.hearsight")).unwrap();
    let taught = Taught::read(&file).unwrap();
    assert_eq!((taught.about.name.as_str(), taught.about.steps, taught.about.pictures), ("Before", 40, 2));
}
