//! The promises of `hearsight::sound`: librosa's frames, scipy's samples, and the same numbers however sound arrives.

use hearsight::sound::{
    Activity, Frames, LogMel, LogMelStream, Recipe, Resampler, mel_filters, resample, speech_range,
};
use proptest::prelude::*;
use serde_json::Value;
use std::f64::consts::TAU;

fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/log_mel.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

/// The waveform whose formula stands in the fixture.
fn waveform() -> Vec<f32> {
    let at = |n: i32| {
        let t = f64::from(n) / 16e3;
        let sweep = (TAU * (440.0 + 150.0 * t) * t).sin() * (0.5 + 0.5 * (TAU * 3.0 * t).sin());
        (0.3 * (TAU * 220.0 * t).sin() + 0.2 * sweep) as f32
    };
    (0..32_000).map(at).collect()
}

/// The chirp whose formula stands in the fixture.
fn chirp(hz: f64) -> Vec<f32> {
    let at = |n: i32| {
        let t = f64::from(n) / hz;
        (0.5 * (TAU * (100.0 + 2_950.0 * t) * t).sin()) as f32
    };
    (0..hz as i32).map(at).collect()
}

fn tone(frequency: f64, hz: f64) -> Vec<f32> {
    (0..hz as i32).map(|n| (TAU * frequency * f64::from(n) / hz).sin() as f32).collect()
}

fn decibels(samples: &[f32]) -> f32 {
    10.0 * (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).log10()
}

fn furthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn streamed<'a>(recipe: Recipe, blocks: impl Iterator<Item = &'a [f32]>) -> (Vec<f32>, LogMelStream) {
    let mut stream = LogMelStream::new(recipe);
    let mut raw: Vec<f32> = blocks.flat_map(|block| stream.push(block)).collect();
    raw.extend(stream.finish());
    (raw, stream)
}

#[test]
fn frames_are_librosas() {
    for (name, recipe) in [("whisper", Recipe::whisper()), ("poster", Recipe::poster())] {
        let expected = &fixture()[name];
        let frames = LogMel::new(recipe).frames(&waveform());
        assert_eq!(frames.bands as u64, expected["bands"].as_u64().unwrap());
        assert_eq!(frames.count() as u64, expected["count"].as_u64().unwrap());
        let rows: Vec<&[f32]> = frames.values.chunks(frames.bands).collect();
        let every = expected["every"].as_u64().unwrap() as usize;
        for (n, row) in expected["frames"].as_array().unwrap().iter().enumerate() {
            let distance = furthest(rows[n * every], &numbers(row));
            assert!(distance < 1e-3, "{name}, frame {}: {distance}", n * every);
        }
        let distance = furthest(rows[frames.count() - 1], &numbers(&expected["last"]));
        assert!(distance < 1e-3, "{name}, last frame: {distance}");
        let mean = frames.values.iter().sum::<f32>() / frames.values.len() as f32;
        assert!((mean - expected["mean"].as_f64().unwrap() as f32).abs() < 1e-3, "{name}: mean {mean}");
    }
}

#[test]
fn mel_filters_are_librosas() {
    for (name, bands) in [("whisper", 80), ("poster", 40)] {
        let sums: Vec<f32> = mel_filters(bands).chunks(201).map(|row| row.iter().sum()).collect();
        assert!(furthest(&sums, &numbers(&fixture()[name]["filter_sums"])) < 1e-6);
    }
}

/// From the parity file of the encoder that hears these frames, computed with torch.
#[test]
fn frames_are_the_encoders() {
    let frames = LogMel::new(Recipe::whisper()).frames(&waveform());
    let first = [1.06358, 1.08509, 1.12988, 1.24226, 1.22469, 1.14744, 1.1415, 1.12101, 0.8778, 0.76633];
    assert!(furthest(&frames.values[..10], &first) < 1e-3);
    let hundredth = [0.03485, 0.26127, 0.5079, 0.9227, 1.26203, 1.30185];
    assert!(furthest(&frames.values[8_000..8_006], &hundredth) < 1e-3);
    let (least, greatest) =
        frames.values.iter().fold((9.0_f32, -9.0_f32), |(a, b), v| (a.min(*v), b.max(*v)));
    assert!((least + 0.698049).abs() < 1e-3 && (greatest - 1.301951).abs() < 1e-3);
}

#[test]
fn a_stream_gives_the_frames_of_the_clip() {
    let clip = waveform();
    for recipe in [Recipe::whisper(), Recipe::poster()] {
        let whole = LogMel::new(recipe).frames(&clip);
        for block in [1, 128, 160, 201, 399, 400, 401, 4_096, 40_000] {
            let (raw, stream) = streamed(recipe, clip.chunks(block));
            assert_eq!(stream.normalised(), whole, "blocks of {block}");
            assert_eq!(stream.normalise(&raw), whole.values, "blocks of {block}");
        }
    }
}

#[test]
fn resampling_is_scipys() {
    for expected in fixture()["resampled"].as_array().unwrap() {
        let hz = expected["hz"].as_f64().unwrap();
        let samples = resample(&chirp(hz), hz).unwrap();
        assert_eq!(samples.len() as u64, expected["count"].as_u64().unwrap());
        let ours: Vec<f32> = samples.iter().step_by(37).copied().collect();
        let theirs = numbers(&expected["samples"]);
        // Without the ends, where the filters' lengths show.
        let inner = 10..ours.len() - 10;
        let distance = furthest(&ours[inner.clone()], &theirs[inner]);
        assert!(distance < 1e-2, "{hz} Hz: {distance}");
    }
}

#[test]
fn what_sixteen_kilohertz_cannot_hold_is_gone_and_the_rest_stays() {
    for hz in [22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        let inner = |frequency| decibels(&resample(&tone(frequency, hz), hz).unwrap()[1_000..15_000]);
        assert!(inner(10_000.0) < -50.0, "{hz} Hz: a tone of 10 kHz leaves {} dB", inner(10_000.0));
        assert!((inner(6_500.0) + 3.01).abs() < 0.1, "{hz} Hz: a tone of 6.5 kHz is {} dB", inner(6_500.0));
    }
}

/// Cuts `samples` into blocks of the given sizes, over and over.
fn cut<'a>(samples: &'a [f32], sizes: &'a [usize]) -> impl Iterator<Item = &'a [f32]> {
    let mut rest = samples;
    sizes.iter().cycle().map_while(move |size| {
        let (block, left) = rest.split_at(rest.len().min(*size));
        let more = !rest.is_empty();
        rest = left;
        more.then_some(block)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_it_is_cut_the_frames_are_the_same(
        length in 0..3_000_usize,
        sizes in prop::collection::vec(1..700_usize, 1..6),
    ) {
        let clip = &waveform()[..length];
        let (_, stream) = streamed(Recipe::whisper(), cut(clip, &sizes));
        prop_assert_eq!(stream.normalised(), LogMel::new(Recipe::whisper()).frames(clip));
    }

    #[test]
    fn however_it_is_cut_the_samples_are_the_same(
        length in 0..6_000_usize,
        sizes in prop::collection::vec(1..2_000_usize, 1..6),
        hz in prop_oneof![Just(8e3), Just(16e3), Just(44.1e3), Just(48e3), 8e3..192e3_f64],
    ) {
        let clip = &chirp(44_100.0)[..length];
        let mut resampler = Resampler::new(hz).unwrap();
        let mut samples: Vec<f32> = cut(clip, &sizes).flat_map(|block| resampler.push(block)).collect();
        samples.extend(resampler.finish());
        prop_assert_eq!(samples.len(), (length as f64 * 16e3 / hz).round() as usize);
        prop_assert_eq!(samples, resample(clip, hz).unwrap());
    }

    #[test]
    fn nothing_that_comes_in_can_do_harm(
        clip in prop::collection::vec(any::<f32>(), 0..2_500),
        loudness in prop_oneof![Just(1.0_f32), Just(f32::MAX), Just(f32::NAN), Just(1e-30)],
        hz in any::<f64>(),
    ) {
        let clip: Vec<f32> = clip.iter().map(|sample| sample * loudness).collect();
        for recipe in [Recipe::whisper(), Recipe::poster()] {
            let frames: Frames = LogMel::new(recipe).frames(&clip);
            prop_assert!(frames.values.iter().all(|value| value.is_finite()));
        }
        prop_assert!(Activity::new().push(&clip).level_dbfs.is_finite());
        if let Ok(range) = speech_range(&clip) {
            prop_assert!(range.start < range.end && range.end <= clip.len());
        }
        let _ = resample(&clip, hz);
        let mut resampler = Resampler::new(44_100.0).unwrap();
        prop_assert!(resampler.push(&clip).iter().chain(&resampler.finish()).all(|sample| sample.is_finite()));
    }
}
