//! A clip on its way to a ranking, for the page that explains it.

use js_sys::Float32Array;
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::failure::engine_failure;
use super::{heard, typed};
use crate::engine::{ShownUnit, Stages};
use crate::search::Match;
use crate::sound::{HOP, SAMPLE_RATE, WINDOW, band_centres};

/// A clip on its way to a ranking: the numbers of every stage.
#[derive(Serialize, Tsify)]
#[tsify(rename = "Stages")]
pub struct StagesReport {
    /// How sound becomes frames.
    recipe: FrameRecipe,
    /// Where in the clip its speech begins, and how long it is, in seconds.
    start: f64,
    seconds: f64,
    /// 80 numbers each, 100 a second.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    frames: Float32Array,
    /// Of the first convolution: those that answer most, low pitch first.
    filters: Vec<Filter>,
    filters_in_all: usize,
    /// For each head its share of each moment.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>[]")]
    attention: js_sys::Array,
    moments_per_second: f64,
    /// The word-like units that were read, with the pictures nearest to them.
    units: Vec<ShownUnit>,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    vector: Float32Array,
    results: Vec<Match>,
    sure: bool,
    /// What each moment adds to the score of the first.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    score_by_moment: Float32Array,
    /// Of the results in their order, and of the clip behind them.
    points: Vec<[f32; 2]>,
    /// Share of the variance that the map keeps, and of each point's neighbours.
    variance_kept: f32,
    neighbours_kept: f32,
}

#[derive(Serialize, Tsify)]
pub struct FrameRecipe {
    sample_rate: usize,
    /// In samples, as `hop` is.
    window: usize,
    hop: usize,
    /// Their middles in Hz.
    bands: Vec<f32>,
}

/// Of the first convolution.
#[derive(Serialize, Tsify)]
pub struct Filter {
    number: usize,
    /// Frames that it sees at once.
    width: usize,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    weights: Float32Array,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    answers: Float32Array,
}

#[wasm_bindgen(js_class = Engine)]
impl WebEngine {
    /// Follows a clip of any sampling rate through the network to the ranking, with the numbers of every stage.
    pub async fn stages(&self, samples: &[f32], sample_rate: f64) -> Result<Ts<StagesReport>, JsValue> {
        let samples = heard(samples, sample_rate)?;
        // Nothing is borrowed while the device is waited for.
        let (speech, pictures) = (self.inner().speech(), self.inner().pictures().clone());
        let stages = Stages::of(&speech, &pictures, &samples).await.map_err(engine_failure)?;
        let seconds = |samples: usize| samples as f64 / SAMPLE_RATE as f64;
        let array = |values: &[f32]| Float32Array::from(values);
        let (results, sure) = stages.ranking;
        typed(&StagesReport {
            recipe: FrameRecipe {
                sample_rate: SAMPLE_RATE,
                window: WINDOW,
                hop: HOP,
                bands: band_centres(stages.frames.bands),
            },
            start: seconds(stages.start),
            seconds: seconds(stages.samples),
            frames: array(&stages.frames.values),
            filters: stages
                .filters
                .iter()
                .map(|filter| Filter {
                    number: filter.number,
                    width: filter.width,
                    weights: array(&filter.weights),
                    answers: array(&filter.answers),
                })
                .collect(),
            filters_in_all: stages.filters_in_all,
            attention: stages.attention.iter().map(|head| array(head)).collect(),
            moments_per_second: stages.moments_per_second,
            units: stages.units,
            vector: array(&stages.vector),
            results,
            sure,
            score_by_moment: array(&stages.score_by_moment),
            points: stages.map.points,
            variance_kept: stages.map.variance_kept,
            neighbours_kept: stages.map.neighbours_kept,
        })
    }
}
