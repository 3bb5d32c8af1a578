//! A lesson in the worker: the page hands in clips and pulls steps, one call after the other.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::failure::{engine_failure, misstarted, to_js};
use super::{given, heard, typed};
use crate::adapt::{Part, TeachProgress, TeachRecipe, teaching_loss};
use crate::adapt::{Plan, Recorded, Role, Wishes};
use crate::engine::{About, Exam, Taught, Teaching};
use crate::search::Match;

#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct TeachOptions {
    /// The weights that ship.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array")]
    speech: Uint8Array,
    /// What was taught to them before.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array | null")]
    taught: JsValue,
    part: Part,
    #[tsify(type = "\"amm\" | \"info-nce\" | \"six-terms\" | \"baseline\"")]
    loss: String,
    learning_rate: f64,
    steps: usize,
    seed: u64,
}

/// A file of something taught, with its record.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct TaughtFile {
    about: About,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array<ArrayBuffer>")]
    file: Uint8Array,
}

/// What the network knew before, and what it knows now.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct BothExams(Exam, Exam);

/// The first pictures before, and now.
#[derive(Serialize, Tsify)]
pub struct BothAnswers(Vec<Match>, Vec<Match>);

/// A lesson as the worker sees it. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Teaching)]
pub struct WebTeaching(Teaching);

#[wasm_bindgen(js_class = Teaching)]
impl WebTeaching {
    /// An empty lesson about the engine's pictures.
    pub fn start(engine: &WebEngine, options: Ts<TeachOptions>) -> Result<WebTeaching, JsValue> {
        let options = options.to_rust().map_err(|error| misstarted(&error))?;
        let recipe = TeachRecipe {
            part: options.part,
            objective: teaching_loss(&options.loss).ok_or_else(|| misstarted(&"unknown loss"))?,
            learning_rate: options.learning_rate,
            steps: options.steps,
            seed: options.seed,
            ..TeachRecipe::default()
        };
        let taught = read(options.taught)?;
        let (speech, device) = (options.speech.to_vec(), engine.inner().device());
        let teaching =
            Teaching::new(&speech, taught.as_ref(), engine.inner().pictures().clone(), recipe, device);
        teaching.map(Self).map_err(engine_failure)
    }

    /// Takes a clip of any sampling rate; view 0 is the clip as it is, others are changed ones.
    pub async fn take(
        &mut self,
        role: Ts<Role>,
        picture: String,
        samples: Vec<f32>,
        sample_rate: f64,
        view: u32,
    ) -> Result<(), JsValue> {
        let role = given(&role)?;
        let samples = heard(&samples, sample_rate)?;
        self.0.take(role, &picture, &samples, view.into()).await.map_err(engine_failure)
    }

    /// Begins the training; gives pairs of pictures that were taught the very same recording.
    #[wasm_bindgen(unchecked_return_type = "[string, string][]")]
    pub async fn begin(&mut self) -> Result<JsValue, JsValue> {
        to_js(&self.0.begin().await.map_err(engine_failure)?)
    }

    /// Does one step.
    pub async fn step(&mut self) -> Result<Ts<TeachProgress>, JsValue> {
        typed(&self.0.step().await.map_err(engine_failure)?)
    }

    /// What the network knew before, and what it knows now.
    pub async fn examine(&mut self) -> Result<Ts<BothExams>, JsValue> {
        let now = self.0.examine().await.map_err(engine_failure)?;
        typed(&BothExams(self.0.first_exam(), now))
    }

    /// The first pictures for a clip of any sampling rate, before and after.
    pub async fn compare(
        &mut self,
        samples: Vec<f32>,
        sample_rate: f64,
        count: usize,
    ) -> Result<Ts<BothAnswers>, JsValue> {
        let samples = heard(&samples, sample_rate)?;
        let [before, now] = self.0.compare(&samples, count).await.map_err(engine_failure)?;
        typed(&BothAnswers(before, now))
    }

    /// What was taught so far. `made` is the time, ISO 8601.
    pub async fn taught(&mut self, name: String, made: String) -> Result<Ts<TaughtFile>, JsValue> {
        file_of(&self.0.taught(&name, &made).await.map_err(engine_failure)?)
    }
}

/// How a lesson of these recordings goes. `captions` are the splits of the gallery's spoken captions, in their order.
#[wasm_bindgen(js_name = planLesson)]
pub fn plan_lesson(
    recordings: Vec<Ts<Recorded>>,
    captions: Vec<String>,
    wishes: Ts<Wishes>,
) -> Result<Ts<Plan>, JsValue> {
    let recordings: Vec<Recorded> = recordings.iter().map(given).collect::<Result<_, _>>()?;
    let captions: Vec<&str> = captions.iter().map(String::as_str).collect();
    typed(&Plan::new(&recordings, &captions, given(&wishes)?))
}

/// Steps of a lesson of so many recordings, where nobody chose.
#[wasm_bindgen(js_name = stepsOf)]
pub fn steps_of(recordings: usize) -> usize {
    crate::adapt::steps_of(recordings)
}

/// Reads a `.hearsight` file.
#[wasm_bindgen(js_name = readTaught)]
pub fn read_taught(file: Vec<u8>) -> Result<Ts<TaughtFile>, JsValue> {
    file_of(&Taught::read(&file).map_err(engine_failure)?)
}

/// The same file under another name.
#[wasm_bindgen(js_name = renameTaught)]
pub fn rename_taught(file: Vec<u8>, name: String) -> Result<Ts<TaughtFile>, JsValue> {
    let mut taught = Taught::read(&file).map_err(engine_failure)?;
    taught.about.name = name;
    file_of(&taught)
}

fn file_of(taught: &Taught) -> Result<Ts<TaughtFile>, JsValue> {
    let file = taught.write().map_err(engine_failure)?;
    typed(&TaughtFile { about: taught.about.clone(), file: file.as_slice().into() })
}

/// What was taught, of a file's bytes or of null.
pub(super) fn read(file: JsValue) -> Result<Option<Taught>, JsValue> {
    let Ok(file) = file.dyn_into::<Uint8Array>() else { return Ok(None) };
    Taught::read(&file.to_vec()).map(Some).map_err(engine_failure)
}
