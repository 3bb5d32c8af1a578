//! The losses as an experiment in the worker: the page pulls steps and looks.

use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::failure::{engine_failure, misstarted};
use super::typed;
use crate::adapt::teaching_loss;
use crate::engine::{Experiment, PULLED, Pairing};

/// One loss at work on a few pairs of the gallery.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ExperimentOptions {
    #[tsify(type = "\"baseline\" | \"six-terms\"")]
    loss: String,
    learning_rate: f64,
    /// The same seed has the same pairs, weights and batches.
    seed: u64,
    /// Ids of spoken captions, each with that of its picture.
    #[tsify(type = "[string, string][]")]
    pairs: Vec<Pairing>,
}

#[derive(Serialize, Tsify)]
#[tsify(rename = "ExperimentStep")]
pub struct Step {
    step: usize,
    loss: f32,
}

/// What an experiment has pulled together so far.
#[derive(Serialize, Tsify)]
#[tsify(rename = "Pulled")]
pub struct Report {
    /// Training pairs; as many are held out.
    pairs: usize,
    /// The map: a point for each caption, then one for each picture in the same order.
    points: Vec<[f32; 2]>,
    variance_kept: f32,
    neighbours_kept: f32,
    /// Share of captions whose picture is nearest, of the training pairs and of those held out.
    found: f32,
    held_out_found: f32,
    /// Mean cosine of a training caption with its picture, and with the others.
    own: f32,
    others: f32,
}

/// One loss at work, as the worker sees it. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Experiment)]
pub struct WebExperiment(Experiment);

#[wasm_bindgen(js_class = Experiment)]
impl WebExperiment {
    /// Pairs of the engine's spoken captions (brought before) and its pictures.
    pub fn start(engine: &WebEngine, options: Ts<ExperimentOptions>) -> Result<WebExperiment, JsValue> {
        let options = options.to_rust().map_err(|error| misstarted(&error))?;
        let objective = teaching_loss(&options.loss).ok_or_else(|| misstarted(&"unknown loss"))?;
        let (captions, pictures) = (engine.inner().captions(), engine.inner().pictures());
        let (rate, seed) = (options.learning_rate, options.seed);
        let experiment = Experiment::new(&captions, &pictures, &options.pairs, objective, rate, seed);
        experiment.map(Self).map_err(engine_failure)
    }

    /// Does one step: `{step, loss}`.
    pub async fn step(&mut self) -> Result<Ts<Step>, JsValue> {
        let (step, loss) = self.0.step().await.map_err(engine_failure)?;
        typed(&Step { step, loss })
    }

    /// The space as it is, as a map and in figures.
    pub async fn look(&mut self) -> Result<Ts<Report>, JsValue> {
        let pulled = self.0.look().await.map_err(engine_failure)?;
        typed(&Report {
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
