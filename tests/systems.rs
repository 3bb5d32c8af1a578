//! The poster's systems as they ship: they hear what the reproduction heard, and rank by the vectors in their files.

use crate::common;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use hearsight::engine::{EngineError, PosterSystem, speech_part};
use hearsight::gallery::read_manifest;
use hearsight::learn::FeatureStore;
use hearsight::network::Weights;
use hearsight::poster::POSTER_BANDS;
use hearsight::poster::{PosterLesson, embed, prepare};
use hearsight::search::Index;
use hearsight::sound::{LogMel, Recipe};
use serde_json::Value;
use sha2::{Digest, Sha256};

const NAMES: [&str; 3] = ["p0", "p1", "p2"];

fn read(path: &str) -> Vec<u8> {
    std::fs::read(crate::at(path)).unwrap()
}

fn file(name: &str) -> Vec<u8> {
    read(&format!("www/models/systems/{name}.safetensors"))
}

fn system(name: &str) -> PosterSystem {
    PosterSystem::read(&file(name), &Device::flex()).unwrap()
}

#[test]
fn three_small_files_know_the_gallery_and_stand_in_the_record() {
    let record: Value = serde_json::from_slice(&read("www/models/model.json")).unwrap();
    let gallery = read_manifest(&read("www/gallery/gallery.json")).unwrap();
    let mut bytes = 0;
    for name in NAMES {
        let (content, system) = (file(name), system(name));
        let entry = &record["files"]["systems"][name];
        let sha256: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(entry["file"], format!("systems/{name}.safetensors"));
        assert_eq!((entry["bytes"].as_u64(), &entry["sha256"]), (Some(content.len() as u64), &sha256.into()));
        bytes += content.len();
        let ids: Vec<&String> = gallery.pictures.iter().map(|picture| &picture.id).collect();
        assert_eq!(system.pictures().ids().iter().collect::<Vec<_>>(), ids);
        let facts = system.facts();
        assert_eq!((facts.name.as_str(), facts.trained.recipe.seed), (name, 1));
        assert_eq!(facts.parameters, system.audio().num_params());
        assert_eq!((facts.measured.pictures, facts.measured.clips), (1000, 5000));
    }
    assert!(bytes < 4_000_000, "{bytes}");
}

#[test]
fn ranks_are_those_of_the_vectors_in_the_file() {
    let clip = common::clip();
    for name in NAMES {
        let system = system(name);
        let vector = pollster::block_on(system.embed(&clip)).unwrap();
        assert!((vector.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-4);
        let weights = Weights::read(&file(name)).unwrap();
        let (shape, vectors) = weights.get("pictures").unwrap();
        let scores = vectors
            .chunks_exact(shape[1])
            .map(|row| row.iter().zip(&vector).map(|(a, b)| a * b).sum::<f32>());
        let mut expected: Vec<(&str, f32)> = weights.metadata["ids"].lines().zip(scores).collect();
        expected.sort_by(|a, b| b.1.total_cmp(&a.1));
        let found = pollster::block_on(system.rank(&clip)).unwrap();
        assert_eq!(found.len(), 328);
        for (found, (id, score)) in found.iter().zip(&expected) {
            assert!((found.score - score).abs() < 1e-4, "{name}: {found:?} {id} {score}");
        }
        assert_eq!(found[0].id, expected[0].0);
    }
}

#[test]
fn a_clip_is_heard_as_the_reproduction_hears_it() {
    let clip = common::clip();
    let short = &clip[..clip.len() / 2];
    let mut frames = FeatureStore::new(POSTER_BANDS);
    for samples in [&clip, short] {
        frames.push(&prepare(&LogMel::new(Recipe::poster()).frames(speech_part(samples).unwrap())));
    }
    let device = Device::flex();
    for name in NAMES {
        let system = system(name);
        // Only what is heard is compared, so any picture will do.
        let mut network = system.facts().trained.recipe.network.init(8, &device);
        network.audio = system.audio().clone();
        let lesson =
            PosterLesson { frames: frames.clone(), pictures: vec![0, 0], features: vec![1.0; 8], width: 8 };
        // Both in one batch: the short one is padded there.
        let (vectors, _) = pollster::block_on(embed(&network, &lesson, &device)).unwrap();
        for (samples, expected) in [&clip, short].into_iter().zip(vectors) {
            let vector = pollster::block_on(system.embed(samples)).unwrap();
            let cosine: f32 = vector.iter().zip(&expected).map(|(a, b)| a * b).sum();
            // The reproduction keeps its frames in f16.
            assert!(cosine > 0.9999, "{name}: {cosine}");
        }
    }
}

#[test]
fn the_temporal_branch_is_followed_layer_by_layer() {
    let clip = common::clip();
    let trace = pollster::block_on(system("p2").temporal(&clip)).unwrap();
    let speech = speech_part(&clip).unwrap();
    assert_eq!(trace.frames, LogMel::new(Recipe::poster()).frames(speech).count());
    let names: Vec<&str> = trace.layers.iter().map(|layer| layer.name).collect();
    assert_eq!(names[..4], ["banks", "local", "pool", "stack-1"]);
    assert_eq!(names[3..], [["stack-1"; 6], ["stack-2"; 6]].concat());
    let dilations: Vec<usize> = trace.layers[3..9].iter().map(|layer| layer.dilation).collect();
    assert_eq!(dilations, [1, 2, 4, 8, 16, 32]);
    for layer in &trace.layers {
        assert_eq!(layer.activation.len(), trace.frames.div_ceil(layer.step), "{}", layer.name);
        assert!(layer.activation.iter().all(|size| *size >= 0.0));
        assert!(layer.activation.iter().any(|size| *size > 0.0), "{} is dead", layer.name);
        assert!(layer.field <= trace.frames);
    }
    assert!(trace.layers.windows(2).all(|pair| pair[0].field <= pair[1].field || pair[1].name == "pool"));
    // By hand: a pool's mean is at least the mean of any of the steps that it is the greatest of.
    let (local, pool) = (&trace.layers[1].activation, &trace.layers[2].activation);
    assert!(local.iter().enumerate().all(|(at, size)| pool[at / 4] >= size - 1e-5));
    // A caption is cut to 10.24 s.
    let long = clip.repeat(18 * 16_000 / clip.len());
    assert_eq!(pollster::block_on(system("p2").temporal(&long)).unwrap().frames, 1024);
    let refused = pollster::block_on(system("p0").temporal(&clip)).unwrap_err();
    assert!(matches!(refused, EngineError::NoTemporalBranch), "{refused}");
}

#[test]
fn a_broken_or_foreign_file_is_refused_with_a_sentence() {
    let device = Device::flex();
    let refused = |bytes: &[u8]| PosterSystem::read(bytes, &device).err().expect("refused").to_string();
    let whole = file("p2");
    for length in (0..whole.len()).step_by(whole.len() / 97).chain([whole.len() - 1]) {
        assert!(refused(&whole[..length]).starts_with("The weight file cannot be read"), "{length}");
    }
    for other in ["www/models/student.safetensors", "www/gallery/index.safetensors"] {
        assert!(refused(&read(other)).contains("of another version"), "{other}");
    }
    let changed = |change: &dyn Fn(&mut Weights)| {
        let mut weights = Weights::read(&whole).unwrap();
        change(&mut weights);
        refused(&weights.write(hearsight::network::Storage::F16).unwrap())
    };
    let facts = |from: &str, to: &str| {
        changed(&|weights: &mut Weights| {
            let facts = weights.metadata["facts"].clone();
            assert!(facts.contains(from), "{facts}");
            weights.metadata.insert("facts".into(), facts.replace(from, to));
        })
    };
    assert!(facts("{", "").contains("what it says of itself"));
    // A file that asks for more memory than there is.
    assert!(facts("\"maps\":[32,32,64]", "\"maps\":[4000000000,32,64]").contains("none of the poster's"));
    let fewer = changed(&|weights| {
        let ids = weights.metadata["ids"].rsplit_once('\n').unwrap().0.to_owned();
        weights.metadata.insert("ids".into(), ids);
    });
    assert!(fewer.contains("327 ids"), "{fewer}");
    let narrow = changed(&|weights| weights.insert("audio.temporal.dense.bias", &[3], vec![0.0; 3]));
    assert!(narrow.contains("does not fit the network"), "{narrow}");
    // Silence is refused as everywhere.
    let silence = pollster::block_on(system("p0").rank(&[0.0; 16_000])).unwrap_err();
    assert_eq!(silence.code(), "no-speech");
}

#[test]
fn what_is_written_is_what_was_rounded() {
    let device = Device::flex();
    let system = system("p1");
    let network = system.facts().trained.recipe.network.init(8, &device);
    let rounded = PosterSystem::rounded(&network).unwrap();
    let width = system.facts().trained.recipe.network.width;
    let index = Index::of(width, [("one".to_owned(), vec![0.5; width])]);
    let read =
        PosterSystem::read(&PosterSystem::write(system.facts(), &network, &index).unwrap(), &device).unwrap();
    assert_eq!(read.facts(), system.facts());
    assert_eq!(read.pictures().vector("one"), index.vector("one"));
    let mel = || Tensor::<3>::random([1, POSTER_BANDS, 90], burn::tensor::Distribution::Default, &device);
    let (mel, lengths) = (mel(), hearsight::network::Lengths::new(vec![90]));
    let vector = |audio: &hearsight::poster::AudioNetwork| {
        audio.forward(mel.clone(), &lengths).into_data().try_to_vec::<f32>().unwrap()
    };
    assert_eq!(vector(read.audio()), vector(&rounded.audio));
    assert_ne!(vector(read.audio()), vector(&network.audio));
}
