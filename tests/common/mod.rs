//! Checks that hold on every device: native CPU, CPU in the browser, WebGPU.
#![allow(dead_code)] // Each test file uses a part of it.

use burn::tensor::{Device, Tensor, TensorData};
use hearsight::adapt::Role;
use hearsight::adapt::TeachRecipe;
use hearsight::engine::{SpeechNetwork, Teaching, encode, read, trimmed};
use hearsight::network::{DIMENSIONS, EfficientNetLite0, Lengths, SpeechTower, Weights, WhisperEncoder};
use hearsight::search::Index;
use hearsight::sound::{LogMel, Recipe};
use serde_json::Value;

/// A file of the repository: the browser's tests are the library's, the others the command line's, two folders below.
#[cfg(target_arch = "wasm32")]
macro_rules! repository {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path))
    };
}
#[cfg(not(target_arch = "wasm32"))]
macro_rules! repository {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../", $path))
    };
}

const ENCODER: &[u8] = repository!("training/weights/whisper-tiny-en-encoder.safetensors");
const ENCODER_PARITY: &[u8] = repository!("training/weights/whisper-tiny-en-encoder.parity.json");
const BACKBONE: &[u8] = repository!("training/weights/efficientnet-lite0-features.safetensors");
const BACKBONE_PARITY: &[u8] = repository!("training/weights/efficientnet-lite0-features.parity.json");
/// The speech weights that ship.
pub const SPEECH: &[u8] = repository!("www/models/speech.safetensors");
/// The index that ships.
pub const INDEX: &[u8] = repository!("www/gallery/index.safetensors");
/// The student's weights that ship.
pub const STUDENT: &[u8] = repository!("www/models/student.safetensors");
/// The picture weights that ship.
pub const PICTURE_NETWORK: &[u8] = repository!("www/models/picture.safetensors");
/// The poster's second system, as it ships.
pub const SYSTEM: &[u8] = repository!("www/models/systems/p2.safetensors");
/// A photograph of the gallery.
pub const PICTURE: &[u8] = repository!("www/gallery/images/judo-match.webp");
/// Its vector, by the native command line.
pub const PICTURE_VECTOR: &[u8] = repository!("tests/fixtures/picture.json");
/// A clip, 16-bit mono at 16 kHz.
const CLIP: &[u8] = repository!("tests/fixtures/clip.wav");
/// What PyTorch makes of it with the shipped weights (tests/fixtures/make_unit_reader.py).
const CLIP_READ: &[u8] = repository!("tests/fixtures/unit_reader.json");
/// Its vector, by the native command line.
const CLIP_VECTOR: &[u8] = repository!("tests/fixtures/clip.json");

/// Samples of the fixture clip.
pub fn clip() -> Vec<f32> {
    CLIP[44..].as_chunks::<2>().0.iter().map(|b| f32::from(i16::from_le_bytes(*b)) / 32768.0).collect()
}

/// The shipped network gives the fixture clip the vector that the native build gave it.
pub async fn clip_has_its_native_vector(network: &SpeechNetwork) {
    let samples = clip();
    let speech = &trimmed(&samples).unwrap();
    is_native_vector(&read(network.pool(network.frames(speech))).await.unwrap());
}

/// A vector of the fixture clip is the one that the native build gave it.
pub fn is_native_vector(vector: &[f32]) {
    let expected = numbers(&serde_json::from_slice(CLIP_VECTOR).unwrap());
    let cosine: f32 = vector.iter().zip(&expected).map(|(a, b)| a * b).sum();
    assert!(cosine > 0.9999, "cosine {cosine}");
}

/// The shipped readers make of the fixture clip what PyTorch makes of it: log-probabilities of units, vector, and sum of both
/// readers; and of its beginning, in which there is hardly more than a word. A clip that stands in a padded batch is read as if it were alone.
pub async fn readers_agree_with_their_reference(device: &Device) {
    let tower = SpeechTower::load(&SpeechNetwork::read(SPEECH).unwrap(), device).unwrap();
    let reference: Value = serde_json::from_slice(CLIP_READ).unwrap();
    let samples = clip();
    let mel = LogMel::new(Recipe::whisper()).frames(&samples[..samples.len() / 640 * 640]);
    let frames = encode(&tower.encoder, &mel, device);
    let count = frames.dims()[1];
    assert_eq!(count as u64, reference["frames"]);
    let reading = tower.reader.as_ref().unwrap().read(frames.clone(), None);
    let [_, moments, classes] = reading.units.dims();
    let units = values(reading.units.reshape([moments, classes])).await;
    let [every_moment, every_unit] = [0, 1].map(|at| reference["every"][at].as_u64().unwrap() as usize);
    let rows = units.chunks(classes).step_by(every_moment);
    for (row, expected) in rows.zip(reference["log_probabilities"].as_array().unwrap()) {
        let row: Vec<f32> = row.iter().step_by(every_unit).copied().collect();
        assert_close("log-probabilities", &row, &numbers(expected));
    }
    let likeliest = |row: &[f32]| row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0 as f32;
    let likeliest: Vec<f32> = units.chunks(classes).map(likeliest).collect();
    assert_eq!(likeliest, numbers(&reference["likeliest"]));
    assert_close("read", &values(reading.vectors).await, &numbers(&reference["read"]));
    let alone = values(tower.forward(frames.clone(), None)).await;
    assert_close("both", &alone, &numbers(&reference["both"]));
    let word = &samples[..reference["word"].as_u64().unwrap() as usize];
    let frames_of_word = encode(&tower.encoder, &LogMel::new(Recipe::whisper()).frames(word), device);
    let word = values(tower.read(frames_of_word, None).unwrap()).await;
    assert_close("read of a word alone", &word, &numbers(&reference["read_word"]));
    let noise = Tensor::<3>::ones([1, 5, frames.dims()[2]], device);
    let padded = Tensor::cat(vec![frames.clone(), noise], 1);
    let longer = Tensor::cat(vec![frames.clone().slice([0..1, count - 5..count]), frames], 1);
    let lengths = Lengths::new(vec![count, count + 5]);
    let together = values(tower.forward(Tensor::cat(vec![padded, longer], 0), Some(&lengths))).await;
    assert_close("in a batch", &together[..DIMENSIONS], &alone);
}

/// The shipped index, as a lesson has it.
pub fn pictures() -> Index {
    Index::read(INDEX, DIMENSIONS).unwrap()
}

/// A lesson of so many steps: the fixture clip and the same one backwards are taught as two pictures; at
/// twice the speed it is rehearsed.
pub async fn lesson(steps: usize, device: &Device) -> Teaching {
    let recipe = TeachRecipe { steps, learning_rate: 1e-3, ..TeachRecipe::default() };
    let mut teaching = Teaching::new(SPEECH, None, pictures(), recipe, device).unwrap();
    let forwards = clip();
    let backwards: Vec<f32> = forwards.iter().rev().copied().collect();
    for view in 0..3 {
        teaching.take(Role::Learn, "judo-match", &forwards, view).await.unwrap();
        teaching.take(Role::Learn, "mime-artists", &backwards, view).await.unwrap();
    }
    let fast: Vec<f32> = forwards.iter().step_by(2).copied().collect();
    teaching.take(Role::Rehearse, "scuba-diver", &fast, 0).await.unwrap();
    teaching.begin().await.unwrap();
    teaching
}

/// Ten steps of that lesson end at the loss at which the native build ends.
pub async fn ten_steps_end_at_the_native_loss(device: &Device) {
    let mut teaching = lesson(10, device).await;
    let mut losses = Vec::new();
    while !teaching.finished() {
        losses.push(teaching.step().await.unwrap().loss);
    }
    let last = losses[9];
    assert!((last / LAST_LOSS - 1.0).abs() < 1e-3, "{last} is not {LAST_LOSS}: {losses:?}");
    assert!(last < 0.5 * losses[0], "it learns: {losses:?}");
}

/// The loss of the tenth step: on the native CPU it is 0.97099, in a browser, whose frozen layers are in whole numbers, 0.97209.
const LAST_LOSS: f32 = 0.971_5;

/// The encoder in f16 agrees with the reference (PyTorch) on two seconds of sound, from the waveform on.
pub async fn encoder_agrees_with_its_reference(device: &Device) {
    let weights = WhisperEncoder::import(Weights::read(ENCODER).unwrap());
    let encoder = WhisperEncoder::load(&weights, "", device).unwrap();
    let parity: Value = serde_json::from_slice(ENCODER_PARITY).unwrap();
    let case = &parity["cases"]["unpadded_2s"];
    let mel = LogMel::new(Recipe::whisper()).frames(&waveform());
    assert_close("mel frame 100", &mel.values[100 * 80..101 * 80], &numbers(&case["mel_frame_100"]));
    let mel = Tensor::<3>::from_data(TensorData::new(mel.values, [1, 200, 80]), device).swap_dims(1, 2);
    let frames = encoder.forward(mel);
    assert_eq!(frames.dims(), [1, 100, 384]);
    let values = values(frames.reshape([100, 384])).await;
    assert_close("row 0", &values[..384], &numbers(&case["enc_row_0"]));
    assert_close("row 50", &values[50 * 384..51 * 384], &numbers(&case["enc_row_50"]));
}

/// The picture network in f16 agrees with the reference (PyTorch) on a synthetic picture.
pub async fn backbone_agrees_with_its_reference(device: &Device) {
    let network = EfficientNetLite0::load(&Weights::read(BACKBONE).unwrap(), "", device).unwrap();
    let parity: Value = serde_json::from_slice(BACKBONE_PARITY).unwrap();
    let pixel = |c: usize, y: usize, x: usize| ((37 * x + 59 * y + 83 * c + x * y) % 256) as f32;
    let pixels = (0..3 * 224 * 224).map(|i| (pixel(i / (224 * 224), i / 224 % 224, i % 224) - 127.0) / 128.0);
    let pixels = TensorData::new(pixels.collect::<Vec<f32>>(), [1, 3, 224, 224]);
    let features = values(network.forward(Tensor::from_data(pixels, device))).await;
    assert_close("pooled", &features, &numbers(&parity["cases"]["synthetic"]["pooled_1280"]));
}

/// The waveform of the encoder's reference.
fn waveform() -> Vec<f32> {
    let tau = std::f64::consts::TAU;
    let sample = |n: u32| {
        let t = f64::from(n) / 16_000.0;
        let tremolo = 0.5 + 0.5 * (tau * 3.0 * t).sin();
        (0.3 * (tau * 220.0 * t).sin() + 0.2 * (tau * (440.0 + 150.0 * t) * t).sin() * tremolo) as f32
    };
    (0..32_000).map(sample).collect()
}

async fn values(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data_async().await.unwrap().try_to_vec().unwrap()
}

fn numbers(array: &Value) -> Vec<f32> {
    array.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

/// Within 1e-3 of the largest reference value.
fn assert_close(what: &str, got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    let difference = got.iter().zip(expected).fold(0.0_f32, |m, (a, b)| m.max((a - b).abs()));
    assert!(difference <= 1e-3 * largest, "{what}: {difference} of {largest}");
}
