//! The wasm boundary, in a worker of a real browser: on the CPU and on WebGPU.
#![cfg(target_arch = "wasm32")]

mod common;

use std::rc::Rc;

use burn::tensor::Device;
use hearsight::engine::choice::{Kind, PATIENCE, Trial, faster};
use hearsight::engine::{PosterSystem, SpeechNetwork};
use hearsight::web::{EngineOptions, WebEngine, WebPictures, WebSystems, try_both};
use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use tsify::{Ts, Tsify};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// An object of the engine's options.
fn options(device: &str, speech: &[u8], index: &[u8]) -> Ts<EngineOptions> {
    let options = Object::new();
    for (name, value) in [
        ("device", device.into()),
        ("speech", Uint8Array::from(speech).into()),
        ("index", Uint8Array::from(index).into()),
    ] {
        Reflect::set(&options, &name.into(), &value).unwrap();
    }
    Ts::new_unchecked(options.into())
}

/// What crosses to JavaScript, with its type or without.
trait Crossed {
    fn js(&self) -> JsValue;
}

impl Crossed for JsValue {
    fn js(&self) -> JsValue {
        self.clone()
    }
}

impl<T: Tsify<JsType: JsCast>> Crossed for Ts<T> {
    fn js(&self) -> JsValue {
        self.js_value()
    }
}

fn field(object: &impl Crossed, name: &str) -> JsValue {
    Reflect::get(&object.js(), &name.into()).unwrap()
}

/// A spoken query goes in block by block; frames, the end of speech and a whole ranking come out.
async fn a_query_is_answered(engine: &WebEngine) {
    engine.listen(16_000.0).unwrap();
    let mut samples = common::clip();
    samples.extend([0.0; 32_000]);
    let (mut frames, mut ended) = (0, false);
    for block in samples.chunks(512) {
        let heard = engine.hear(block).unwrap();
        frames += field(&heard, "frames").unchecked_into::<Float32Array>().length() / 80;
        ended |= field(&heard, "ended").as_bool().unwrap();
    }
    assert!(ended, "the silence after speech ends the query");
    assert!(frames as usize >= samples.len() / 160 - 4);
    let live = field(&engine.rank().await.unwrap(), "results").unchecked_into::<Array>();
    let whole = field(&engine.finish().await.unwrap(), "results").unchecked_into::<Array>();
    assert_eq!(whole.length(), 328);
    assert_eq!(field(&live.get(0), "id"), field(&whole.get(0), "id"));
    let farthest = engine.farthest(&common::clip(), 16_000.0, 2).await.unwrap();
    assert_eq!([0, 1].map(|n| field(&farthest[n], "id")), [327, 326].map(|n| field(&whole.get(n), "id")));
    let score = |rank: u32| field(&whole.get(rank), "score").as_f64().unwrap();
    assert!((1..328).all(|rank| score(rank) <= score(rank - 1)), "best first");
    assert_eq!(field(&engine.rank().await.unwrap_err(), "name"), "not-recording");
}

/// Pictures lead to pictures and to captions, of which one can be added.
fn a_picture_is_described(engine: &WebEngine) {
    let first = |found: JsValue| found.unchecked_into::<Array>().get(0);
    let ranking = engine.alike("judo-match").unwrap();
    assert_eq!(field(&first(field(&ranking, "results")), "id"), "judo-match");
    assert!(engine.describe("judo-match", 3).unwrap().is_empty());
    // Any index will do for captions: this one says of each picture its own name.
    engine.bring_captions(common::INDEX).unwrap();
    let captions = engine.describe("judo-match", 3).unwrap();
    assert_eq!(captions.len(), 3);
    assert_eq!(field(&captions[0], "id"), "judo-match");
    let vector =
        field(&engine.alike("mime-artists").unwrap(), "vector").unchecked_into::<Float32Array>().to_vec();
    engine.add_caption("mine".into(), &vector).unwrap();
    let found = engine.describe("mime-artists", 2).unwrap();
    assert!(found.iter().any(|caption| field(caption, "id") == "mine"));
    assert_eq!(field(&engine.add_caption("short".into(), &[1.0]).unwrap_err(), "name"), "unplaced-recording");
    assert_eq!(field(&engine.describe("nowhere", 1).unwrap_err(), "name"), "unknown-photograph");
    assert_eq!(field(&engine.bring_captions(b"no index").unwrap_err(), "name"), "bad-index");
}

/// A better network takes the place of the first; what is none leaves it where it is.
async fn a_better_network_takes_over(engine: &WebEngine) {
    assert_eq!(
        field(&engine.improve(common::INDEX.to_vec(), JsValue::NULL).await.unwrap_err(), "name"),
        "bad-weights-version"
    );
    let student = best_score(engine).await;
    engine.improve(common::SPEECH.to_vec(), JsValue::NULL).await.unwrap();
    assert_ne!(best_score(engine).await, student);
}

async fn best_score(engine: &WebEngine) -> f64 {
    let results = field(&engine.search(&common::clip(), 16_000.0).await.unwrap(), "results");
    field(&results.unchecked_into::<Array>().get(0), "score").as_f64().unwrap()
}

/// The visitor's own pictures are seen as the command line sees them, searched, explained and forgotten.
async fn an_own_picture_is_searched_and_explained(engine: &WebEngine) {
    let pictures = WebPictures::new(engine);
    let see = |file: &'static [u8]| pictures.see("own-1".into(), "Judo".into(), file, None);
    assert_eq!(field(&see(common::PICTURE).await.unwrap_err(), "name"), "no-picture-network");
    pictures.bring(common::PICTURE_NETWORK.to_vec()).unwrap();
    assert_eq!(field(&see(b"no picture").await.unwrap_err(), "name"), "bad-picture");
    let own = see(common::PICTURE).await.unwrap();
    let vector = field(&own, "vector").unchecked_into::<Float32Array>().to_vec();
    let native: Vec<f32> = serde_json::from_slice(common::PICTURE_VECTOR).unwrap();
    assert!(vector.iter().zip(&native).map(|(a, b)| a * b).sum::<f32>() > 0.9999);
    assert!(field(&own, "copy").unchecked_into::<Uint8Array>().length() > 1000);

    let place = |ranking: JsValue| {
        let results = field(&ranking, "results").unchecked_into::<Array>();
        results.iter().position(|found| field(&found, "id") == "own-1")
    };
    engine.add_picture("own-1".into(), &vector).unwrap();
    assert!(place(engine.alike("judo-match").unwrap().js()).is_some_and(|place| place < 2));
    engine.remove_picture("own-1");
    assert_eq!(place(engine.alike("judo-match").unwrap().js()), None);

    // As the page keeps them: in f16, many at once, named by numbers.
    let packed = field(&field(&own, "placed"), "packed").unchecked_into::<Uint8Array>().to_vec();
    let twice = [&packed[..], &packed].concat();
    assert_eq!(
        field(&engine.add_pictures(vec!["own-1".into()], &twice).unwrap_err(), "name"),
        "unplaced-picture"
    );
    let first = engine.add_pictures(vec!["own-1".into(), "own-2".into()], &twice).unwrap();
    let alike = engine.alike("judo-match").unwrap().js();
    let order = field(&alike, "order").unchecked_into::<js_sys::Uint32Array>().to_vec();
    assert_eq!((order.len(), field(&alike, "scores").unchecked_into::<Float32Array>().length()), (330, 330));
    assert!(order[..3].contains(&first) && order[..3].contains(&(first + 1)));
    assert_eq!(engine.ids()[order.iter().find(|key| **key < 328).copied().unwrap() as usize], "judo-match");
    engine.remove_pictures(vec!["own-1".into(), "own-2".into()]);
    assert_eq!(place(engine.alike("judo-match").unwrap().js()), None);

    let clip = common::clip();
    let why = pictures.why("judo-match", common::PICTURE, &clip, 16_000.0).await.unwrap();
    let values = field(&why, "values").unchecked_into::<Float32Array>().to_vec();
    let results = field(&engine.search(&clip, 16_000.0).await.unwrap(), "results").unchecked_into::<Array>();
    let ranked = results.iter().find(|found| field(found, "id") == "judo-match").unwrap();
    let score = field(&ranked, "score").as_f64().unwrap() as f32;
    assert!((values.iter().sum::<f32>() - score).abs() < 1e-4);
}

/// A system of the poster ranks on this device as on the processor, and its temporal branch is followed.
async fn a_system_ranks_and_is_followed(engine: &WebEngine) {
    let systems = WebSystems::new(engine);
    let clip = common::clip();
    let early = systems.rank("p2".into(), &clip, 16_000.0).await.unwrap_err();
    assert_eq!(field(&early, "name"), "not-brought");
    let other = systems.bring("p1".into(), common::SYSTEM).unwrap_err();
    assert_eq!(field(&other, "name"), "bad-weights-mismatch");
    systems.bring("p2".into(), common::SYSTEM).unwrap();
    let ranking = systems.rank("p2".into(), &clip, 16_000.0).await.unwrap();
    assert_eq!(field(&ranking, "results").unchecked_into::<Array>().length(), 328);
    assert_eq!(field(&ranking, "sure"), JsValue::FALSE);
    let vector = field(&ranking, "vector").unchecked_into::<Float32Array>().to_vec();
    let on_cpu = PosterSystem::read(common::SYSTEM, &Device::flex()).unwrap().embed(&clip).await.unwrap();
    assert!(vector.iter().zip(&on_cpu).map(|(a, b)| a * b).sum::<f32>() > 0.9999);
    let trace = systems.temporal(&clip, 16_000.0).await.unwrap();
    let layers = field(&trace, "layers").unchecked_into::<Array>();
    assert_eq!(layers.length(), 15);
    let steps = field(&layers.get(0), "activation").unchecked_into::<Array>().length();
    assert_eq!(field(&trace, "frames").as_f64(), Some(f64::from(steps)));
    assert_eq!(field(&systems.facts("p2".into()).unwrap(), "name"), "p2");
}

/// Both devices are measured with one clip, and the faster one is chosen. One that is late, or computes something else, is
/// found out.
async fn the_faster_device_is_found(gpu: &Device) {
    let load = |weights: &[u8], device: &Device| Rc::new(SpeechNetwork::load(weights, device).unwrap());
    let (on_cpu, on_gpu) = (load(common::STUDENT, &Device::flex()), load(common::STUDENT, gpu));
    let long = 10.0 * PATIENCE;
    let (cpu, trial) = try_both(&on_cpu, &on_gpu, long).await.unwrap();
    let Trial::Took(took) = trial else { panic!("{trial:?}") };
    assert!(cpu > 0.0 && took > 0.0, "{cpu} {took}");
    assert_eq!(faster(cpu, trial).0, if took < cpu { Kind::Gpu } else { Kind::Cpu });
    let other = load(common::SPEECH, &Device::flex());
    assert_eq!(try_both(&other, &on_gpu, long).await.unwrap().1, Trial::Differs);
    assert_eq!(try_both(&on_cpu, &on_gpu, 1.0).await.unwrap().1, Trial::Late);
}

/// The first failure's code.
async fn code(device: &str, speech: &[u8], index: &[u8]) -> String {
    let error = WebEngine::start(options(device, speech, index)).await.err().expect("a failure");
    field(&error, "name").as_string().unwrap()
}

#[wasm_bindgen_test]
async fn cpu_agrees_and_answers() {
    hearsight::web::start();
    let device = Device::flex();
    common::encoder_agrees_with_its_reference(&device).await;
    common::backbone_agrees_with_its_reference(&device).await;
    common::readers_agree_with_their_reference(&device).await;
    common::clip_has_its_native_vector(&SpeechNetwork::load(common::SPEECH, &device).unwrap()).await;
    let engine = WebEngine::start(options("cpu", common::STUDENT, common::INDEX)).await.unwrap();
    assert_eq!(field(&engine.device().unwrap(), "kind"), "cpu");
    a_better_network_takes_over(&engine).await;
    a_query_is_answered(&engine).await;
    a_picture_is_described(&engine);
    an_own_picture_is_searched_and_explained(&engine).await;
    a_system_ranks_and_is_followed(&engine).await;
    common::ten_steps_end_at_the_native_loss(&device).await;
    let silence = engine.search(&[0.0; 48_000], 48_000.0).await.unwrap_err();
    assert_eq!(field(&silence, "name"), "no-speech");
}

#[wasm_bindgen_test]
#[ignore = "WebGPU in software takes minutes: `cargo xtask test --full`"]
async fn gpu_agrees() {
    hearsight::web::start();
    let engine = WebEngine::start(options("gpu", common::SPEECH, common::INDEX)).await.unwrap();
    a_query_is_answered(&engine).await;
    let ranking = engine.search(&common::clip(), 16_000.0).await.unwrap();
    common::is_native_vector(&field(&ranking, "vector").unchecked_into::<Float32Array>().to_vec());
    let device = engine.inner().device();
    common::encoder_agrees_with_its_reference(device).await;
    common::backbone_agrees_with_its_reference(device).await;
    common::readers_agree_with_their_reference(device).await;
    common::ten_steps_end_at_the_native_loss(device).await;
    the_faster_device_is_found(device).await;
    a_system_ranks_and_is_followed(&engine).await;
}

#[wasm_bindgen_test]
async fn broken_files_have_codes() {
    hearsight::web::start();
    assert_eq!(code("cpu", &common::SPEECH[..1_000_000], common::INDEX).await, "bad-weights");
    assert_eq!(code("cpu", common::INDEX, common::INDEX).await, "bad-weights-version");
    assert_eq!(code("cpu", common::SPEECH, b"not an index").await, "bad-index");
}
