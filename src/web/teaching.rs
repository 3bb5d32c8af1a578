//! A lesson in the worker: the page hands in clips and pulls steps, one call after the other.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::engine::{misstarted, to_js};
use super::failure::engine_failure;
use super::heard;
use crate::engine::{About, Role, Taught, Teaching};
use crate::learn::{Part, TeachRecipe, teaching_loss};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    speech: Uint8Array,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    taught: JsValue,
    part: Part,
    loss: String,
    learning_rate: f64,
    steps: usize,
    seed: u64,
}

/// A file of something taught, with its record.
#[derive(Serialize)]
struct TaughtFile<'a> {
    about: &'a About,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    file: Uint8Array,
}

/// A lesson as the worker sees it. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Teaching)]
pub struct WebTeaching(Teaching);

#[wasm_bindgen(js_class = Teaching)]
impl WebTeaching {
    /// An empty lesson about the engine's pictures.
    pub fn start(
        engine: &WebEngine,
        #[wasm_bindgen(unchecked_param_type = "TeachOptions")] options: JsValue,
    ) -> Result<WebTeaching, JsValue> {
        let options: Options = serde_wasm_bindgen::from_value(options).map_err(|error| misstarted(&error))?;
        let recipe = TeachRecipe {
            part: options.part,
            objective: teaching_loss(&options.loss).ok_or_else(|| misstarted(&"unknown loss"))?,
            learning_rate: options.learning_rate,
            steps: options.steps,
            seed: options.seed,
            ..TeachRecipe::default()
        };
        let taught = read(options.taught)?;
        let (speech, device) = (options.speech.to_vec(), engine.burn_device());
        let teaching = Teaching::new(&speech, taught.as_ref(), engine.pictures(), recipe, device);
        teaching.map(Self).map_err(engine_failure)
    }

    /// Takes a clip of any sampling rate; view 0 is the clip as it is, others are changed ones.
    pub async fn take(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Role")] role: JsValue,
        picture: String,
        samples: Vec<f32>,
        sample_rate: f64,
        view: u32,
    ) -> Result<(), JsValue> {
        let role: Role = serde_wasm_bindgen::from_value(role)?;
        let samples = heard(&samples, sample_rate)?;
        self.0.take(role, &picture, &samples, view.into()).await.map_err(engine_failure)
    }

    /// Begins the training; gives pairs of pictures that were taught the very same recording.
    #[wasm_bindgen(unchecked_return_type = "[string, string][]")]
    pub async fn begin(&mut self) -> Result<JsValue, JsValue> {
        to_js(&self.0.begin().await.map_err(engine_failure)?)
    }

    /// Does one step.
    #[wasm_bindgen(unchecked_return_type = "{ step: number; loss: number }")]
    pub async fn step(&mut self) -> Result<JsValue, JsValue> {
        to_js(&self.0.step().await.map_err(engine_failure)?)
    }

    /// What the network knew before, and what it knows now.
    #[wasm_bindgen(unchecked_return_type = "[Exam, Exam]")]
    pub async fn examine(&mut self) -> Result<JsValue, JsValue> {
        let now = self.0.examine().await.map_err(engine_failure)?;
        to_js(&[self.0.first_exam(), now])
    }

    /// The first pictures for a clip of any sampling rate, before and after.
    #[wasm_bindgen(unchecked_return_type = "[Match[], Match[]]")]
    pub async fn compare(
        &mut self,
        samples: Vec<f32>,
        sample_rate: f64,
        count: usize,
    ) -> Result<JsValue, JsValue> {
        let samples = heard(&samples, sample_rate)?;
        to_js(&self.0.compare(&samples, count).await.map_err(engine_failure)?)
    }

    /// What was taught so far. `made` is the time, ISO 8601.
    #[wasm_bindgen(unchecked_return_type = "TaughtFile")]
    pub async fn taught(&mut self, name: String, made: String) -> Result<JsValue, JsValue> {
        file_of(&self.0.taught(&name, &made).await.map_err(engine_failure)?)
    }
}

/// Reads a `.hearsight` file.
#[wasm_bindgen(js_name = readTaught, unchecked_return_type = "TaughtFile")]
pub fn read_taught(file: Vec<u8>) -> Result<JsValue, JsValue> {
    file_of(&Taught::read(&file).map_err(engine_failure)?)
}

/// The same file under another name.
#[wasm_bindgen(js_name = renameTaught, unchecked_return_type = "TaughtFile")]
pub fn rename_taught(file: Vec<u8>, name: String) -> Result<JsValue, JsValue> {
    let mut taught = Taught::read(&file).map_err(engine_failure)?;
    taught.about.name = name;
    file_of(&taught)
}

fn file_of(taught: &Taught) -> Result<JsValue, JsValue> {
    let file = taught.write().map_err(engine_failure)?;
    to_js(&TaughtFile { about: &taught.about, file: file.as_slice().into() })
}

/// What was taught, of a file's bytes or of null.
pub(super) fn read(file: JsValue) -> Result<Option<Taught>, JsValue> {
    let Ok(file) = file.dyn_into::<Uint8Array>() else { return Ok(None) };
    Taught::read(&file.to_vec()).map(Some).map_err(engine_failure)
}
