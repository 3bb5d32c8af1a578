//! The lab's commands as a user types them.
#![cfg(not(target_arch = "wasm32"))]

#[path = "common/seeded.rs"]
mod seeded;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hearsight::network::Weights;
use safetensors::{Dtype, tensor::TensorView};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn fixture(name: &str) -> PathBuf {
    Path::new(ROOT).join("tests/fixtures").join(name)
}

fn lab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearsight-lab")).args(arguments).output().unwrap()
}

/// The one sentence by which a file is refused.
fn refused(file: &Path) -> String {
    let out = scratch().join("refused.safetensors");
    let output = lab(&["import", "vgg16", text(file), "--out", text(&out)]);
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
    let mut tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)> =
        seeded::vgg16().map(|(name, shape, bytes)| (name, (shape, bytes))).collect();
    tensors.insert("classifier.6.bias".into(), (vec![1000], vec![0; 2000]));
    let views = tensors
        .iter()
        .map(|(name, (shape, bytes))| (name, TensorView::new(Dtype::F16, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn an_imported_file_is_a_checkpoint_of_the_same_weights() {
    let [file, checkpoint] =
        ["torchvision.safetensors", "vgg16.safetensors"].map(|name| scratch().join(name));
    std::fs::write(&file, torchvision_file()).unwrap();
    let output = lab(&["import", "vgg16", text(&file), "--force", "--out", text(&checkpoint)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(&checkpoint).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(header.metadata().as_ref().unwrap()["format"], "hearsight-vgg16-1");
    assert_eq!(bytes, seeded::vgg16_loader().write().unwrap());

    // Half a checkpoint is refused as one.
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let sentence = refused(&file);
    assert!(sentence.contains("says that it has") && sentence.contains("again"), "{sentence}");
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
    let root = Path::new(ROOT);
    let packed = root.join("www/models/speech.safetensors");
    for file in [fixture("vgg16.png"), fixture("vgg16.json"), fixture("clip.wav"), packed] {
        assert!(refused(&file).contains("not a file of VGG16 weights"));
    }
    assert!(refused(&root.join("www/models/picture.safetensors")).contains("hearsight-picture-2"));
    let sentence = refused(&root.join("training/weights/efficientnet-lite0-features.safetensors"));
    assert!(sentence.contains("does not belong to VGG16"), "{sentence}");
    assert!(refused(Path::new("nowhere.pth")).contains("Check the path"));
}

#[test]
fn a_collection_does_not_replace_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("pairs.tsv");
    std::fs::write(&table, "image\taudio\n").unwrap();
    std::fs::copy(Path::new(ROOT).join("www/gallery/images/judo-match.webp"), folder.path().join("a.webp"))
        .unwrap();
    let output = lab(&["collection", "--from", text(folder.path()), "--out", text(&table)]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("is there already"));
    assert_eq!(std::fs::read_to_string(&table).unwrap(), "image\taudio\n");
}

/// A file of one tensor in f32.
fn one_tensor(file: &Path, name: &str, values: &[f32]) {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![values.len()], &bytes).unwrap();
    std::fs::write(file, safetensors::serialize([(name, view)], None).unwrap()).unwrap();
}

#[test]
fn tensors_that_were_trained_further_take_the_place_of_the_networks_own() {
    let model = scratch().join("further");
    std::fs::create_dir_all(&model).unwrap();
    let (speech, file) = (model.join("speech.safetensors"), model.join("learned.safetensors"));
    std::fs::copy(Path::new(ROOT).join("www/models/speech.safetensors"), &speech).unwrap();
    let before = Weights::read(&std::fs::read(&speech).unwrap()).unwrap();
    let import = || lab(&["import", "speech", text(&file), "--model", text(&model)]);

    one_tensor(&file, "encoder.ln_post.bias", &[0.25; 384]);
    assert!(import().status.success());
    let after = Weights::read(&std::fs::read(&speech).unwrap()).unwrap();
    assert_eq!(before.metadata, after.metadata);
    for (name, shape) in before.shapes() {
        let ((before, old), (now, new)) = (before.get(name).unwrap(), after.get(name).unwrap());
        assert!(before == shape && now == shape);
        if name == "encoder.ln_post.bias" {
            assert!(new.iter().all(|value| *value == 0.25));
        } else {
            assert_eq!(old, new, "{name} was rounded a second time");
        }
    }

    one_tensor(&file, "encoder.ln_post.bias", &[0.25; 383]);
    let output = import();
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && sentence.contains("encoder.ln_post.bias is [383], not [384]"),
        "{sentence}"
    );
}
