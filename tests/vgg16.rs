//! VGG16 agrees with torchvision: the network with weights of a formula, the preparation of pictures, the commands.

use crate::seeded;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use burn::tensor::{Device, Tensor, TensorData};
use hearsight::engine::Vgg16Features;
use hearsight::network::{Number, Stored, VGG16_FEATURES, Vgg16Loader, vgg16_tensors};
use hearsight::picture::Pixels;
use safetensors::{Dtype, tensor::TensorView};
use serde_json::Value;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");

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

/// The network with the weights of the formula, handed in as f16 bytes in two bites a tensor.
fn loader() -> Vgg16Loader {
    let stored = vgg16_tensors().into_iter().map(|(name, shape)| Stored { name, shape, number: Number::F16 });
    let mut loader = Vgg16Loader::new(stored).unwrap();
    for (name, _, values) in seeded::vgg16() {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let (first, second) = bytes.split_at(bytes.len() / 4 * 2);
        loader.push(&name, first).unwrap();
        loader.push(&name, second).unwrap();
    }
    loader
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
    let network = loader().finish(&device).unwrap();
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

fn hearsight(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearsight")).args(arguments).output().unwrap()
}

/// The one sentence by which a file is refused.
fn refused(file: &Path) -> String {
    let out = scratch().join("refused.safetensors");
    let output = hearsight(&["import", "vgg16", text(file), "--out", text(&out)]);
    assert!(!output.status.success() && !out.exists());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("hearsight: ") && text.trim_end().lines().count() == 1, "{text}");
    text
}

fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vgg16");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Safetensors as torchvision's users write it: all tensors, the class layer too, no word about what it is.
fn torchvision_file() -> Vec<u8> {
    let mut tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)> = seeded::vgg16()
        .map(|(name, shape, values)| (name, (shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())))
        .collect();
    tensors.insert("classifier.6.bias".into(), (vec![1000], vec![0; 2000]));
    let views = tensors
        .iter()
        .map(|(name, (shape, bytes))| (name, TensorView::new(Dtype::F16, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn an_imported_file_gives_torchvisions_features_at_the_command_line() {
    let [file, checkpoint] =
        ["torchvision.safetensors", "vgg16.safetensors"].map(|name| scratch().join(name));
    std::fs::write(&file, torchvision_file()).unwrap();
    let output = hearsight(&["import", "vgg16", text(&file), "--force", "--out", text(&checkpoint)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(&checkpoint).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(header.metadata().as_ref().unwrap()["format"], "hearsight-vgg16-1");
    assert_eq!(bytes, loader().write().unwrap());

    let output = hearsight(&["embed", "--image", text(&fixture("vgg16.png")), "--vgg16", text(&checkpoint)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let features = numbers(&serde_json::from_slice(&output.stdout).unwrap());
    assert_agrees(&features, &reference()["fc2"]["picture"], 1e-3);

    // Half a checkpoint is refused as one.
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let sentence = refused(&file);
    assert!(sentence.contains("says that it has") && sentence.contains("again"), "{sentence}");
    assert!(Vgg16Features::load(&bytes[..bytes.len() / 2], &Device::flex()).is_err());
    for path in [file, checkpoint] {
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn wrong_files_get_one_sentence() {
    for file in ["vgg16_alexnet.pth", "vgg16_alexnet_legacy.pth"] {
        let sentence = refused(&fixture(file));
        assert!(sentence.contains("features.0.bias has the shape [4] instead of [64]"), "{sentence}");
    }
    assert!(refused(&fixture("vgg16_keras.h5")).contains("block1_conv2 is missing"));
    for file in ["vgg16.png", "vgg16.json", "clip.wav"] {
        assert!(refused(&fixture(file)).contains("not a file of VGG16 weights"));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(refused(&root.join("www/models/speech.safetensors")).contains("hearsight-speech-1"));
    let sentence = refused(&root.join("training/weights/efficientnet-lite0-features.safetensors"));
    assert!(sentence.contains("does not belong to VGG16"), "{sentence}");
    assert!(refused(Path::new("nowhere.pth")).contains("Check the path"));
}
