//! The stages of a clip are those of its ranking: what the lesson shows is what the engine did.

use crate::common;

use burn::tensor::Device;
use hearsight::engine::{Engine, Stages};

fn read(path: &str) -> Vec<u8> {
    std::fs::read(crate::at(path)).unwrap()
}

#[test]
fn units_stand_at_their_moments_with_the_pictures_nearest_to_them() {
    let engine = Engine::load(common::SPEECH, common::INDEX, &Device::flex()).unwrap();
    let stages =
        pollster::block_on(Stages::of(&engine.speech(), &engine.pictures(), &common::clip())).unwrap();
    let seconds = stages.samples as f64 / 16e3;
    // "Campfire in snow": what is read of it changes with the weights, but not to nothing.
    assert!(stages.units.len() >= 2, "{:?}", stages.units);
    for unit in &stages.units {
        assert!(!unit.spelling.is_empty() && unit.weight > 0.0);
        assert!(0.0 <= unit.start && unit.start < unit.end && unit.end <= seconds + 0.01, "{unit:?}");
        assert!(
            unit.pictures.len() == 3 && unit.pictures.iter().all(|id| engine.pictures().vector(id).is_some())
        );
    }
    assert!(stages.units.is_sorted_by(|one, next| one.end <= next.start));
    // The student has units too, and its reader weighs the moments once, where the whole-clip reader does twelve times.
    let student = Engine::load(common::STUDENT, common::INDEX, &Device::flex()).unwrap();
    let stages =
        pollster::block_on(Stages::of(&student.speech(), &student.pictures(), &common::clip())).unwrap();
    assert!(!stages.units.is_empty() && stages.ranking.0.len() == student.pictures().ids().len());
    let [weights] = &stages.attention[..] else { panic!("{} rows", stages.attention.len()) };
    assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-4);
}

/// Two seconds of something like speech: bursts of a few tones.
fn clip() -> Vec<f32> {
    let sample = |n: usize| {
        let time = n as f32 / 16e3;
        let voice: f32 =
            (1..12).map(|k| (time * 140.0 * k as f32 * std::f32::consts::TAU).sin() / k as f32).sum();
        0.1 * voice * (time * 4.0 * std::f32::consts::PI).sin().max(0.0)
    };
    (0..32_000).map(sample).collect()
}

#[test]
fn stages_add_up_to_the_ranking() {
    let engine = Engine::load(
        &read("www/models/speech.safetensors"),
        &read("www/gallery/index.safetensors"),
        &Device::flex(),
    )
    .unwrap();
    let clip = clip();
    let stages = pollster::block_on(Stages::of(&engine.speech(), &engine.pictures(), &clip)).unwrap();
    let ranking = engine.pictures().rank(&pollster::block_on(engine.search(&clip)).unwrap().vector);
    assert_eq!(stages.ranking.0, ranking);
    let sum: f32 = stages.score_by_moment.iter().sum();
    assert!((sum - ranking[0].score).abs() < 1e-4, "{sum} {}", ranking[0].score);
    assert_eq!(stages.attention.len(), 12);
    for head in &stages.attention {
        assert_eq!(head.len(), stages.score_by_moment.len());
        assert!((head.iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
    for filter in &stages.filters {
        assert_eq!(filter.weights.len(), filter.width * stages.frames.bands);
        assert_eq!(filter.answers.len(), stages.frames.count());
        // By hand: the filter's sums over its frames, a bias for all, then GELU; in the middle of the clip.
        let rising = |at: usize| -> f32 {
            let seen = &stages.frames.values[(at - 1) * 80..(at + 2) * 80];
            seen.iter().zip(&filter.weights).map(|(seen, weight)| seen * weight).sum()
        };
        let frames = 10..stages.frames.count() - 10;
        let (least, most) = frames.fold((10, 10), |(least, most), at| {
            (
                if rising(at) < rising(least) { at } else { least },
                if rising(at) > rising(most) { at } else { most },
            )
        });
        assert!(
            filter.answers[most] > filter.answers[least],
            "filter {} answers to something else",
            filter.number
        );
    }
    assert_eq!(stages.map.points.len(), ranking.len() + 1);
    assert!(stages.map.variance_kept > 0.0 && stages.map.variance_kept < 1.0);
    println!("variance {} neighbours {}", stages.map.variance_kept, stages.map.neighbours_kept);
}
