//! The visitor's own pictures, looked at in the worker.

use std::cell::RefCell;
use std::rc::Rc;

use burn::tensor::Device;
use js_sys::{Float32Array, Uint8Array};
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::engine::packed;
use super::failure::{engine_failure, failure};
use super::{heard, typed};
use crate::engine::{EngineError, GRID, MOMENTS_PER_SECOND, PictureNetwork, trimmed_from};
use crate::network::{SIDE, Weights};
use crate::picture::{COPY, Pixels, Taken, is_cut, pixels_and_copies, taken};
use crate::search::Matchmap;
use crate::sound::SAMPLE_RATE;

/// A picture with its place in the shared space.
#[derive(Serialize, Tsify)]
pub struct OwnPicture {
    id: String,
    title: String,
    width: u32,
    height: u32,
    /// The copy that is shown, a JPEG.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array<ArrayBuffer>")]
    copy: Uint8Array,
    /// Its place in the shared space.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    vector: Float32Array,
    placed: Placed,
}

/// A picture's place in the shared space, as it is kept, and what its file says besides.
#[derive(Serialize, Tsify)]
pub struct Placed {
    /// 384 numbers in f16, as `addPictures` takes them.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array<ArrayBuffer>")]
    packed: Uint8Array,
    /// Whether the file ends before its picture does: what is missing is grey.
    cut: bool,
    /// When it was taken, by the clock of the camera: `2026-11-29T12:00:00`.
    taken: Option<String>,
    /// Where: latitude and longitude in degrees.
    place: Option<[f64; 2]>,
}

/// Why a picture answers a clip: a number for each moment and region, which add up to the score.
#[derive(Serialize, Tsify)]
pub struct Explanation {
    moments: usize,
    /// Regions along a side of the picture.
    side: usize,
    /// Where in the clip the moments begin, and how long each is, in seconds.
    start: f64,
    step: f64,
    /// `moments * side * side` numbers that add up to the score: moment by moment, row by row.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    values: Float32Array,
    score: f32,
}

/// The picture network as the worker sees it. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Pictures)]
pub struct WebPictures {
    /// None where pictures are looked at and nothing is searched.
    engine: Option<WebEngine>,
    network: RefCell<Option<Rc<PictureNetwork>>>,
}

#[wasm_bindgen(js_class = Pictures)]
impl WebPictures {
    /// A place for the network on the engine's device.
    #[wasm_bindgen(constructor)]
    pub fn new(engine: &WebEngine) -> WebPictures {
        Self { engine: Some(engine.clone()), network: RefCell::new(None) }
    }

    /// A place for the network on the processor, without an engine: all but `why` can be asked.
    #[wasm_bindgen(js_name = withoutEngine)]
    pub fn without_engine() -> WebPictures {
        Self { engine: None, network: RefCell::new(None) }
    }

    /// Takes the weights of the picture network.
    pub fn bring(&self, weights: Vec<u8>) -> Result<(), JsValue> {
        let misfit = |error| engine_failure(EngineError::Weights(error));
        let read = Weights::read(&weights).map_err(misfit)?;
        // Wasm gives no memory back: file and network are never there together.
        drop(weights);
        let processor = Device::flex();
        let device = self.engine.as_ref().map_or(&processor, |engine| engine.inner().device());
        *self.network.borrow_mut() = Some(Rc::new(PictureNetwork::of(&read, device).map_err(misfit)?));
        Ok(())
    }

    /// Looks at a picture file. The copy of it is so many pixels long at most, 640 where nothing is said.
    pub async fn see(
        &self,
        id: String,
        title: String,
        file: &[u8],
        longest: Option<u32>,
    ) -> Result<Ts<OwnPicture>, JsValue> {
        let network = self.network()?;
        let longest = longest.unwrap_or(COPY);
        let (pixels, [copy]) = pixels_and_copies(file, SIDE, [longest]).map_err(engine_failure)?;
        let vector = network.embed(&pixels).await.map_err(engine_failure)?;
        typed(&OwnPicture {
            id,
            title,
            width: copy.width,
            height: copy.height,
            copy: copy.jpeg.as_slice().into(),
            placed: Placed::of(&vector, file),
            vector: vector.as_slice().into(),
        })
    }

    /// The place of a picture that the browser decoded, upright: four bytes a pixel; what else is to be known is read from its file.
    pub async fn place(
        &self,
        rgba: Vec<u8>,
        width: u32,
        height: u32,
        file: &[u8],
    ) -> Result<Ts<Placed>, JsValue> {
        let network = self.network()?;
        let pixels = Pixels::of_rgba(rgba, width, height, SIDE);
        let pixels = pixels.map_err(|error| engine_failure(EngineError::Picture(error)))?;
        typed(&Placed::of(&network.embed(&pixels).await.map_err(engine_failure)?, file))
    }

    /// A vector as it is kept: in f16, as `addPictures` takes it.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn pack(&self, vector: &[f32]) -> Vec<u8> {
        packed(vector)
    }

    /// Why a picture of the index (its id and its file) answers a clip of any sampling rate.
    pub async fn why(
        &self,
        picture: &str,
        file: &[u8],
        samples: &[f32],
        sample_rate: f64,
    ) -> Result<Ts<Explanation>, JsValue> {
        let network = self.network()?;
        // Without an engine no picture is known.
        let unknown = || engine_failure(EngineError::UnknownPhotograph);
        let engine = self.engine.as_ref().ok_or_else(unknown)?.inner();
        let samples = heard(samples, sample_rate)?;
        let (from, speech) = trimmed_from(&samples).map_err(engine_failure)?;
        let pixels = Pixels::decode(file, SIDE).map_err(engine_failure)?;
        let moments = engine.speech().shares(&speech).await.map_err(engine_failure)?;
        let regions = network.shares(&pixels).await.map_err(engine_failure)?;
        let indexed = engine.vector(picture).map_err(engine_failure)?;
        let map = Matchmap::indexed(&moments, &regions, &indexed);
        typed(&Explanation {
            moments: map.moments,
            side: GRID,
            start: from as f64 / SAMPLE_RATE as f64,
            step: 1.0 / MOMENTS_PER_SECOND,
            values: map.values.as_slice().into(),
            score: map.score(),
        })
    }
}

impl Placed {
    fn of(vector: &[f32], file: &[u8]) -> Self {
        let Taken { date, place } = taken(file);
        Self { packed: packed(vector).as_slice().into(), cut: is_cut(file), taken: date, place }
    }
}

impl WebPictures {
    /// The network. Nothing is borrowed while the device is waited for.
    fn network(&self) -> Result<Rc<PictureNetwork>, JsValue> {
        let missing = || failure("no-picture-network", "The picture network is missing. Reload the page.");
        self.network.borrow().clone().ok_or_else(missing)
    }
}
