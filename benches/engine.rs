//! What an answer costs on this machine's processor, part by part: `cargo bench`, or `cargo bench -- ranking`.
//!
//! Everything on what ships, on one thread. Compare two versions side by side in one run of each, in turn: a shared machine's
//! seconds mean little.

use burn::tensor::Device;
use divan::{Bencher, black_box};
use hearsight::adapt::{Role, TeachRecipe};
use hearsight::engine::{PictureNetwork, SpeechNetwork, Teaching};
use hearsight::network::{DIMENSIONS, SIDE};
use hearsight::picture::Pixels;
use hearsight::search::Index;
use hearsight::sound::{LogMel, Recipe, SAMPLE_RATE};
use pollster::block_on;

fn main() {
    divan::main();
}

fn file(path: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/").to_owned() + path;
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The fixture's sentence, said again and again for so many seconds at 16 kHz.
fn speech(seconds: usize) -> Vec<f32> {
    let wav = file("tests/fixtures/clip.wav");
    let samples =
        wav[44..].as_chunks::<2>().0.iter().map(|two| f32::from(i16::from_le_bytes(*two)) / 32768.0);
    samples.collect::<Vec<_>>().into_iter().cycle().take(seconds * SAMPLE_RATE).collect()
}

fn network() -> SpeechNetwork {
    SpeechNetwork::load(&file("www/models/speech.safetensors"), &Device::flex()).unwrap()
}

#[divan::bench]
fn log_mel_frames_of_10_s(bencher: Bencher) {
    let samples = speech(10);
    bencher.bench_local(|| LogMel::new(Recipe::whisper()).frames(black_box(&samples)));
}

/// Log-mel frames and the encoder.
#[divan::bench(sample_count = 20)]
fn encoder_of_3_s(bencher: Bencher) {
    let (network, samples) = (network(), speech(3));
    bencher.bench_local(|| network.frames(black_box(&samples)));
}

/// Both readers, on the encoder's frames.
#[divan::bench(sample_count = 20)]
fn readers_of_3_s(bencher: Bencher) {
    let network = network();
    let frames = network.frames(&speech(3));
    bencher.bench_local(|| network.pool(black_box(frames.clone())).into_data());
}

/// From the end of a clip to its vector.
#[divan::bench(sample_count = 20)]
fn vector_of_3_s(bencher: Bencher) {
    let (network, samples) = (network(), speech(3));
    bencher.bench_local(|| block_on(network.embed(black_box(&samples))));
}

#[divan::bench(args = [328, 10_000, 100_000])]
fn ranking_among(bencher: Bencher, pictures: usize) {
    let shipped = Index::read(&file("www/gallery/index.safetensors"), DIMENSIONS).unwrap();
    let vectors: Vec<Vec<f32>> = shipped.vectors().map(<[f32]>::to_vec).collect();
    let many =
        (0..pictures).map(|place| (format!("picture-{place}"), vectors[place % vectors.len()].clone()));
    let index = Index::of(DIMENSIONS, many);
    bencher.bench_local(|| index.rank(black_box(&vectors[7])));
}

/// A photograph of the gallery: its file's bytes to pixels.
#[divan::bench(sample_count = 20)]
fn picture_decoded(bencher: Bencher) {
    let photograph = file("www/gallery/images/judo-match.webp");
    bencher.bench_local(|| Pixels::decode(black_box(&photograph), SIDE));
}

/// Its pixels to a vector.
#[divan::bench(sample_count = 20)]
fn picture_embedded(bencher: Bencher) {
    let network = PictureNetwork::load(&file("www/models/picture.safetensors"), &Device::flex()).unwrap();
    let pixels = Pixels::decode(&file("www/gallery/images/judo-match.webp"), SIDE).unwrap();
    bencher.bench_local(|| block_on(network.embed(black_box(&pixels))));
}

/// One step of a lesson of two recordings with three views each.
#[divan::bench(sample_count = 20)]
fn step_of_a_lesson(bencher: Bencher) {
    let index = Index::read(&file("www/gallery/index.safetensors"), DIMENSIONS).unwrap();
    let recipe = TeachRecipe { steps: 100_000, ..TeachRecipe::default() };
    let speech_network = file("www/models/speech.safetensors");
    let mut teaching = Teaching::new(&speech_network, None, index, recipe, &Device::flex()).unwrap();
    let samples = speech(3);
    let backwards: Vec<f32> = samples.iter().rev().copied().collect();
    for view in 0..3 {
        block_on(teaching.take(Role::Learn, "judo-match", &samples, view)).unwrap();
        block_on(teaching.take(Role::Learn, "mime-artists", &backwards, view)).unwrap();
    }
    block_on(teaching.begin()).unwrap();
    bencher.bench_local(|| block_on(teaching.step()).unwrap());
}
