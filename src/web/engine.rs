//! The worker's engine: requests in, plain objects out.

use std::rc::Rc;

use half::f16;
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use super::device::{Chosen, Wanted, choose, pace};
use super::failure::{engine_failure, misstarted};
use super::{heard, typed};
use crate::engine::choice::Kind;
use crate::engine::{Answer, Engine, EngineError, SpeechNetwork};
use crate::network::DIMENSIONS;
use crate::search::{Index, Match};
use crate::sound::{LogMel, Recipe, SAMPLE_RATE, resample};

/// So many pictures of a ranking have their ids written out: that is most of what it costs to hand it over.
const NAMED: usize = 500;

#[derive(Deserialize, Tsify)]
pub struct EngineOptions {
    #[tsify(type = "Device")]
    device: Wanted,
    /// The speech network's weights: student.safetensors or speech.safetensors.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array")]
    speech: js_sys::Uint8Array,
    /// The pictures' vectors: index.safetensors.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array")]
    index: js_sys::Uint8Array,
    /// Milliseconds that a graphics processor has to beat, where another program of this page measured them (`pace`); it
    /// measures for itself where nothing is said.
    #[serde(default)]
    #[tsify(optional)]
    rival: Option<f64>,
}

/// What a block of the live query brought.
#[derive(Serialize, Tsify)]
pub struct Heard {
    /// New log-mel frames, 80 bands each, lowest first; about -1 to 1.5.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    frames: js_sys::Float32Array,
    /// Of the block, in dB below full scale.
    level: f32,
    speaking: bool,
    ended: bool,
    seconds: f32,
}

/// The pictures for a query.
#[derive(Serialize, Tsify)]
pub struct Ranking {
    /// The pictures, best first, 500 at most.
    pub(super) results: Vec<Match>,
    /// All of them by their numbers: the place in what `ids` gives, or behind it what `addPictures` gave.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint32Array<ArrayBuffer>")]
    pub(super) order: js_sys::Uint32Array,
    /// Of each in that order.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    pub(super) scores: js_sys::Float32Array,
    /// How many of the first are like the query at all.
    pub(super) near: usize,
    /// Whether the foremost can be trusted.
    pub(super) sure: bool,
    /// Seconds of sound that were ranked by.
    pub(super) seconds: f32,
    /// How long it took, from the call to the ranking.
    pub(super) milliseconds: f64,
    /// The query's place in the shared space: 384 numbers, of length 1.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    pub(super) vector: js_sys::Float32Array,
}

/// The engine as the worker sees it; a clone is the same one. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Engine)]
#[derive(Clone)]
pub struct WebEngine {
    chosen: Rc<Chosen>,
    engine: Rc<Engine>,
}

#[wasm_bindgen(js_class = Engine)]
impl WebEngine {
    /// Chooses the device and loads the weights; a graphics processor is warmed up.
    pub async fn start(options: Ts<EngineOptions>) -> Result<WebEngine, JsValue> {
        let options = options.to_rust().map_err(|error| misstarted(&error))?;
        let index = Index::read(&options.index.to_vec(), DIMENSIONS);
        let index = index.map_err(|error| engine_failure(EngineError::Index(error)))?;
        let (chosen, speech) =
            choose(options.device, &options.speech.to_vec(), options.rival).await.map_err(engine_failure)?;
        warm_up(&chosen, &speech).await?;
        let engine = Engine::of(speech, index, &chosen.device);
        Ok(Self { chosen: Rc::new(chosen), engine: Rc::new(engine) })
    }

    /// Where the networks run, and why there.
    pub fn device(&self) -> Result<Ts<Chosen>, JsValue> {
        typed(&*self.chosen)
    }

    /// Milliseconds for a clip of typical length, heard for the second time.
    pub async fn pace(&self) -> Result<f64, JsValue> {
        let speech = self.engine.speech();
        pace(&speech).await.map_err(engine_failure)?;
        pace(&speech).await.map_err(engine_failure)
    }

    /// Takes the weights of another speech network than that it was started with, and the file of what was taught to it, or
    /// null; it answers from then on.
    pub async fn improve(
        &self,
        speech: Vec<u8>,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array | null")] taught: JsValue,
    ) -> Result<(), JsValue> {
        let taught = super::teaching::read(taught)?;
        let speech = self.engine.prepare(&speech, taught.as_ref()).map_err(engine_failure)?;
        warm_up(&self.chosen, &speech).await?;
        self.engine.take(speech);
        Ok(())
    }

    /// Begins a live query of blocks of this sampling rate; one that runs is dropped.
    pub fn listen(&self, sample_rate: f64) -> Result<(), JsValue> {
        self.engine.listen(sample_rate).map_err(engine_failure)
    }

    /// Takes a block of the live query.
    pub fn hear(&self, block: &[f32]) -> Result<Ts<Heard>, JsValue> {
        let heard = self.engine.hear(block).map_err(engine_failure)?;
        typed(&Heard {
            frames: heard.frames.as_slice().into(),
            level: heard.level,
            speaking: heard.speaking,
            ended: heard.ended,
            seconds: heard.seconds,
        })
    }

    /// Ranks the pictures by the speech so far.
    pub async fn rank(&self) -> Result<Ts<Ranking>, JsValue> {
        let start = js_sys::Date::now();
        self.ranking(&self.engine.look().await.map_err(engine_failure)?, start)
    }

    /// Ranks the pictures by the whole query and ends it.
    pub async fn finish(&self) -> Result<Ts<Ranking>, JsValue> {
        let start = js_sys::Date::now();
        self.ranking(&self.engine.finish().await.map_err(engine_failure)?, start)
    }

    /// Ranks the pictures for a whole clip of any sampling rate.
    pub async fn search(&self, samples: &[f32], sample_rate: f64) -> Result<Ts<Ranking>, JsValue> {
        let start = js_sys::Date::now();
        let samples = heard(samples, sample_rate)?;
        self.ranking(&self.engine.search(&samples).await.map_err(engine_failure)?, start)
    }

    /// The pictures farthest from a whole clip of any sampling rate, the farthest first.
    pub async fn farthest(
        &self,
        samples: &[f32],
        sample_rate: f64,
        count: usize,
    ) -> Result<Vec<Ts<Match>>, JsValue> {
        let samples = heard(samples, sample_rate)?;
        let answer = self.engine.search(&samples).await.map_err(engine_failure)?;
        self.engine.pictures().rank(&answer.vector).iter().rev().take(count).map(typed).collect()
    }

    /// Ranks the pictures by how alike they are to one of them, which comes first.
    pub fn alike(&self, picture: &str) -> Result<Ts<Ranking>, JsValue> {
        let start = js_sys::Date::now();
        let vector = self.engine.vector(picture).map_err(engine_failure)?;
        self.ranking(&Answer { vector, samples: 0 }, start)
    }

    /// Adds one of the visitor's own pictures, or puts it in the place of one of the same id.
    #[wasm_bindgen(js_name = addPicture)]
    pub fn add_picture(&self, id: String, vector: &[f32]) -> Result<(), JsValue> {
        self.engine.add_pictures(vec![id], vector).map(drop).map_err(engine_failure)
    }

    /// Adds many of the visitor's own pictures, or puts them in the place of those of the same ids: 384 numbers in f16 for each,
    /// one after the other. Gives the number of the first in a ranking's `order`; the others follow it.
    #[wasm_bindgen(js_name = addPictures)]
    pub fn add_pictures(&self, ids: Vec<String>, vectors: &[u8]) -> Result<u32, JsValue> {
        let vectors = unpacked(vectors).ok_or_else(|| engine_failure(EngineError::UnplacedPicture))?;
        self.engine.add_pictures(ids, &vectors).map_err(engine_failure)
    }

    /// The ids of all pictures as they came with the engine: a ranking's `order` names them by their places here.
    pub fn ids(&self) -> Vec<String> {
        self.engine.pictures().ids().to_vec()
    }

    /// Removes a picture from what is searched.
    #[wasm_bindgen(js_name = removePicture)]
    pub fn remove_picture(&self, id: &str) {
        self.engine.remove_pictures(&[id].into());
    }

    /// Removes many.
    #[wasm_bindgen(js_name = removePictures)]
    pub fn remove_pictures(&self, ids: Vec<String>) {
        self.engine.remove_pictures(&ids.iter().map(String::as_str).collect());
    }

    /// Takes the index of the spoken captions; those that were there before are forgotten.
    #[wasm_bindgen(js_name = bringCaptions)]
    pub fn bring_captions(&self, index: &[u8]) -> Result<(), JsValue> {
        self.engine.bring_captions(index).map_err(engine_failure)
    }

    /// Adds one caption, or puts it in the place of one of the same id: the vector of a ranking that was spoken.
    #[wasm_bindgen(js_name = addCaption)]
    pub fn add_caption(&self, id: String, vector: &[f32]) -> Result<(), JsValue> {
        self.engine.add_caption(id, vector).map_err(engine_failure)
    }

    /// The spoken captions nearest to a picture, best first.
    pub fn describe(&self, picture: &str, count: usize) -> Result<Vec<Ts<Match>>, JsValue> {
        let captions = self.engine.describe(picture, count).map_err(engine_failure)?;
        captions.iter().map(typed).collect()
    }

    /// Log-mel frames of a whole clip, 80 numbers each, to draw.
    #[wasm_bindgen(unchecked_return_type = "Float32Array<ArrayBuffer>")]
    pub fn frames(&self, samples: &[f32], sample_rate: f64) -> Result<Vec<f32>, JsValue> {
        let samples = resample(samples, sample_rate).map_err(engine_failure)?;
        Ok(LogMel::new(Recipe::whisper()).frames(&samples).values)
    }
}

impl WebEngine {
    /// The engine itself, for the other classes and for tests.
    pub fn inner(&self) -> &Engine {
        &self.engine
    }

    fn ranking(&self, answer: &Answer, start: f64) -> Result<Ts<Ranking>, JsValue> {
        typed(&Ranking::of(&self.engine.pictures(), answer, start))
    }
}

impl Ranking {
    /// Ranks an index by a query that was asked at `start`.
    pub(super) fn of(index: &Index, Answer { vector, samples }: &Answer, start: f64) -> Self {
        let ranked = index.ranked(vector);
        let named = ranked.keys.iter().zip(&ranked.scores).take(NAMED);
        Self {
            results: named
                .filter_map(|(&key, &score)| Some(Match { id: index.id(key)?.to_owned(), score }))
                .collect(),
            order: ranked.keys.as_slice().into(),
            scores: ranked.scores.as_slice().into(),
            near: ranked.near,
            sure: ranked.is_sure,
            seconds: *samples as f32 / SAMPLE_RATE as f32,
            milliseconds: js_sys::Date::now() - start,
            vector: vector.as_slice().into(),
        }
    }
}

/// Vectors as the page keeps them, in f16; none where these are no numbers.
fn unpacked(bytes: &[u8]) -> Option<Vec<f32>> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    let numbers: Vec<f32> = pairs.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect();
    numbers.iter().all(|number| number.is_finite()).then_some(numbers)
}

/// A vector as the page keeps it.
pub(super) fn packed(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect()
}

/// One look at a second of nothing, so that the first query does not wait for shaders; the processor has nothing to prepare.
async fn warm_up(chosen: &Chosen, speech: &SpeechNetwork) -> Result<(), JsValue> {
    if chosen.kind == Kind::Gpu {
        speech.embed(&vec![0.0; SAMPLE_RATE]).await.map_err(engine_failure)?;
    }
    Ok(())
}
