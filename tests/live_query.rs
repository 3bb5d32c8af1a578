//! A query that is spoken block by block ends where the same clip as a file does.

use crate::common;

use burn::tensor::Device;
use hearsight::engine::{LiveQuery, Look, SpeechNetwork, read, trimmed, trimmed_from};
use hearsight::sound::{SAMPLE_RATE, SoundError, speech_range};

/// The vector of a look, kept as the page keeps it.
fn vector(query: &mut LiveQuery, look: Result<Look, SoundError>) -> Vec<f32> {
    match look.unwrap() {
        Look::Known(vector) => vector,
        Look::Queued { vector, whole } => {
            let vector = pollster::block_on(read(vector)).unwrap();
            query.remember(whole, &vector);
            vector
        }
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn short_speech_is_encoded_once_and_equals_the_file() {
    let network = SpeechNetwork::load(common::SPEECH, &Device::flex()).unwrap();
    let mut samples = common::clip();
    samples.resize(samples.len() + 2 * SAMPLE_RATE, 0.0);
    let mut query = LiveQuery::new(SAMPLE_RATE as f64).unwrap();
    assert!(matches!(query.look(&network), Err(SoundError::EmptyAudio | SoundError::NoSpeech)));
    let ended = samples.chunks(640).map(|block| query.hear(block).ended).collect::<Vec<_>>();
    assert_eq!((ended.first(), ended.last()), (Some(&false), Some(&true)));
    let look = query.look(&network);
    let live = vector(&mut query, look);
    assert!(matches!(query.look_at_whole(&network), Ok(Look::Known(known)) if known == live));
    let whole = pollster::block_on(network.embed(&trimmed(&samples).unwrap())).unwrap();
    assert!(cosine(&live, &whole) > 0.99999);
}

#[test]
fn long_speech_is_looked_at_in_pieces_and_answered_whole() {
    let network = SpeechNetwork::load(common::SPEECH, &Device::flex()).unwrap();
    let samples = common::clip().repeat(8);
    let mut query = LiveQuery::new(SAMPLE_RATE as f64).unwrap();
    let mut live = Vec::new();
    for second in samples.chunks(SAMPLE_RATE) {
        query.hear(second);
        let look = query.look(&network);
        live = vector(&mut query, look);
    }
    let look = query.look_at_whole(&network);
    let whole = vector(&mut query, look);
    let file = pollster::block_on(network.embed(&trimmed(&samples).unwrap())).unwrap();
    assert!(cosine(&whole, &file) > 0.99999);
    assert!(cosine(&live, &file) > 0.8, "{}", cosine(&live, &file));
}

#[test]
fn a_word_that_was_cut_out_has_room_around_it_and_longer_speech_has_what_is_there() {
    let clip = common::clip();
    let range = speech_range(&clip).unwrap();
    let (start, heard) = trimmed_from(&clip).unwrap();
    assert_eq!((start, &*heard), (range.start.cast_signed(), &clip[range.clone()]));

    let word = &clip[range.start + SAMPLE_RATE * 3 / 20..][..SAMPLE_RATE / 2];
    let (start, heard) = trimmed_from(word).unwrap();
    let (silence, rest) = heard.split_at(start.unsigned_abs());
    assert!(start < 0 && silence.iter().all(|&sample| sample == 0.0), "{start}");
    assert!(rest.starts_with(word) && rest[word.len()..].iter().all(|&sample| sample == 0.0));
    assert!(rest.len() > word.len() && heard.len() % (SAMPLE_RATE * 2 / 25) == 0, "whole moments of 80 ms");
}
