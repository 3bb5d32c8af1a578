//! VGG16 agrees with torchvision: the network with weights of a formula, the preparation of pictures, the command that embeds.

use crate::seeded::vgg16_loader;

use std::path::{Path, PathBuf};
use std::process::Command;

use burn::tensor::{Device, Tensor, TensorData};
use hearsight::engine::Vgg16Features;
use hearsight::picture::Pixels;
use hearsight::poster::VGG16_FEATURES;
use serde_json::Value;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/");

fn fixture(name: &str) -> PathBuf {
    Path::new(FIXTURES).join(name)
}

fn reference() -> Value {
    serde_json::from_slice(&std::fs::read(fixture("vgg16.json")).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

fn picture() -> Vec<u8> {
    std::fs::read(fixture("vgg16.png")).unwrap()
}

/// Within `tolerance` of the largest number, and as long as the reference.
fn assert_agrees(got: &[f32], expected: &Value, tolerance: f32) {
    assert_eq!(got.len(), VGG16_FEATURES);
    let every = expected["every"].as_u64().unwrap() as usize;
    let values = numbers(&expected["values"]);
    let largest = values.iter().fold(0.0_f32, |m, v| m.max(*v));
    let pairs = got.iter().step_by(every).zip(&values);
    let difference = pairs.fold(0.0_f32, |m, (a, b)| m.max((a - b).abs())) / largest;
    let norm = got.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    let longer = (norm / expected["norm"].as_f64().unwrap() - 1.0).abs();
    println!("largest difference {difference:.1e} of the largest number, length {longer:.1e}");
    assert!(difference <= tolerance && longer <= f64::from(tolerance), "{difference} {longer}");
}

#[test]
fn fc2_agrees_with_torchvision() {
    let device = Device::flex();
    let network = vgg16_loader().finish(&device).unwrap();
    assert_eq!(network.parameters(), 134_260_544);
    let pixel = |c: usize, y: usize, x: usize| ((37 * x + 59 * y + 83 * c + x * y) % 256) as f32;
    let pixels = (0..3 * 224 * 224).map(|i| (pixel(i / (224 * 224), i / 224 % 224, i % 224) - 127.0) / 64.0);
    let pixels = TensorData::new(pixels.collect::<Vec<f32>>(), [1, 3, 224, 224]);
    let pixels = Tensor::<4>::from_data(pixels, &device);
    let start = std::time::Instant::now();
    let fc2 = pollster::block_on(network.forward(pixels.clone())).unwrap();
    println!("{:.2} s a picture", start.elapsed().as_secs_f32());
    let fc2 = fc2.into_data().try_to_vec::<f32>().unwrap();
    assert_agrees(&fc2, &reference()["fc2"]["formula"], 1e-3);

    // A batch gives each picture what it gets alone.
    let pair = Tensor::cat(vec![pixels.clone().mul_scalar(0.5), pixels], 0);
    let both = pollster::block_on(network.forward(pair)).unwrap().into_data().try_to_vec::<f32>().unwrap();
    assert_agrees(&both[VGG16_FEATURES..], &reference()["fc2"]["formula"], 1e-3);
    assert!(both[..VGG16_FEATURES] != both[VGG16_FEATURES..]);
}

#[test]
fn pictures_are_prepared_as_torchvision_does() {
    let reference = &reference()["pixels"];
    let pixels = Pixels::imagenet(&picture()).unwrap();
    assert_eq!(pixels.original, (500, 375));
    let got = pixels.values.iter().step_by(reference["every"].as_u64().unwrap() as usize);
    let differences: Vec<f32> = got.zip(numbers(&reference["values"])).map(|(a, b)| (a - b).abs()).collect();
    let largest = differences.iter().fold(0.0_f32, |m, v| m.max(*v));
    let mean = differences.iter().sum::<f32>() / differences.len() as f32;
    println!("pixels differ by {largest:.1e} at most and {mean:.1e} on average");
    // Pillow weighs with fixed-point numbers, so a pixel half-way between two steps of 255 may fall to the other side.
    assert!(largest < 1.01 / 255.0 / 0.224, "{largest}");
    assert!(mean < 0.01 / 255.0 / 0.224, "{mean}");
}

#[test]
fn a_checkpoint_gives_torchvisions_features_at_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("vgg16.safetensors");
    let bytes = vgg16_loader().write().unwrap();
    std::fs::write(&checkpoint, &bytes).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hearsight"))
        .args([
            "embed",
            "--image",
            fixture("vgg16.png").to_str().unwrap(),
            "--vgg16",
            checkpoint.to_str().unwrap(),
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let features = numbers(&serde_json::from_slice(&output.stdout).unwrap());
    assert_agrees(&features, &reference()["fc2"]["picture"], 1e-3);
    assert!(Vgg16Features::load(&bytes[..bytes.len() / 2], &Device::flex()).is_err());
}
