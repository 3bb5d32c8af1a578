//! The losses as an experiment in the worker: the page pulls steps and looks.

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::engine::{misstarted, to_js};
use super::failure::engine_failure;
use crate::engine::{Experiment, PULLED, Pairing};
use crate::learn::teaching_loss;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    loss: String,
    learning_rate: f64,
    seed: u64,
    /// Ids of spoken captions, each with that of its picture.
    pairs: Vec<Pairing>,
}

#[derive(Serialize)]
struct Step {
    step: usize,
    loss: f32,
}

#[derive(Serialize)]
struct Report {
    pairs: usize,
    /// Of the captions, then of their pictures.
    points: Vec<[f32; 2]>,
    variance_kept: f32,
    neighbours_kept: f32,
    found: f32,
    held_out_found: f32,
    own: f32,
    others: f32,
}

/// One loss at work, as the worker sees it. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Experiment)]
pub struct WebExperiment(Experiment);

#[wasm_bindgen(js_class = Experiment)]
impl WebExperiment {
    /// Pairs of the engine's spoken captions (brought before) and its pictures.
    pub fn start(
        engine: &WebEngine,
        #[wasm_bindgen(unchecked_param_type = "ExperimentOptions")] options: JsValue,
    ) -> Result<WebExperiment, JsValue> {
        let options: Options = serde_wasm_bindgen::from_value(options).map_err(|error| misstarted(&error))?;
        let objective = teaching_loss(&options.loss).ok_or_else(|| misstarted(&"unknown loss"))?;
        let (captions, pictures) = (engine.captions(), engine.pictures());
        let (rate, seed) = (options.learning_rate, options.seed);
        let experiment = Experiment::new(&captions, &pictures, &options.pairs, objective, rate, seed);
        experiment.map(Self).map_err(engine_failure)
    }

    /// Does one step: `{step, loss}`.
    #[wasm_bindgen(unchecked_return_type = "{ step: number; loss: number }")]
    pub async fn step(&mut self) -> Result<JsValue, JsValue> {
        let (step, loss) = self.0.step().await.map_err(engine_failure)?;
        to_js(&Step { step, loss })
    }

    /// The space as it is, as a map and in figures.
    #[wasm_bindgen(unchecked_return_type = "Pulled")]
    pub async fn look(&mut self) -> Result<JsValue, JsValue> {
        let pulled = self.0.look().await.map_err(engine_failure)?;
        to_js(&Report {
            pairs: PULLED,
            points: pulled.map.points,
            variance_kept: pulled.map.variance_kept,
            neighbours_kept: pulled.map.neighbours_kept,
            found: pulled.found,
            held_out_found: pulled.held_out_found,
            own: pulled.own,
            others: pulled.others,
        })
    }
}
