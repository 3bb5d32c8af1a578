//! The poster's picture network in the worker: a checkpoint handed in piece by piece, then features of pictures.

use std::cell::RefCell;
use std::rc::Rc;

use burn::tensor::Device;
use js_sys::Float32Array;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::WebEngine;
use super::failure::{engine_failure, failure};
use super::typed;
use crate::engine::Vgg16Features;
use crate::picture::Pixels;
use crate::poster::{Piece, Vgg16Header, Vgg16Loader};

/// Bytes of a piece. Each is copied into wasm's memory once and let go, so they are small beside fc1 (205 MB).
const PIECE: usize = 16 << 20;

/// VGG16 up to fc2 as the worker sees it. Every failure is an `Error` whose `name` is a code.
#[wasm_bindgen(js_name = Vgg16)]
pub struct WebVgg16 {
    device: Device,
    state: RefCell<State>,
}

/// How far the visitor has come.
enum State {
    Empty,
    Loading(Vgg16Loader),
    Ready(Rc<Vgg16Features>),
}

#[wasm_bindgen(js_class = Vgg16)]
impl WebVgg16 {
    /// A place for the network on the engine's device.
    #[wasm_bindgen(constructor)]
    pub fn new(engine: &WebEngine) -> WebVgg16 {
        Self { device: engine.inner().device().clone(), state: RefCell::new(State::Empty) }
    }

    /// Begins with the first MiB of a safetensors file of `size` bytes; what was loaded before is let go. Gives
    /// what to hand in.
    pub fn begin(&self, header: &[u8], size: f64) -> Result<Vec<Ts<Piece>>, JsValue> {
        *self.state.borrow_mut() = State::Empty;
        let header = Vgg16Header::read(header, size as u64).map_err(engine_failure)?;
        let loader = Vgg16Loader::new(header.tensors()).map_err(engine_failure)?;
        *self.state.borrow_mut() = State::Loading(loader);
        header.pieces(PIECE).iter().map(typed).collect()
    }

    /// Takes a piece. The pieces of a tensor come in their order.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), JsValue> {
        match &mut *self.state.borrow_mut() {
            State::Loading(loader) => loader.push(name, bytes).map_err(engine_failure),
            _ => Err(not_loaded()),
        }
    }

    /// Puts the network together from the pieces.
    pub fn finish(&self) -> Result<(), JsValue> {
        let State::Loading(loader) = self.state.replace(State::Empty) else { return Err(not_loaded()) };
        let features = Vgg16Features::new(loader, &self.device).map_err(engine_failure)?;
        *self.state.borrow_mut() = State::Ready(Rc::new(features));
        Ok(())
    }

    /// fc2 after ReLU of a picture file: 4096 numbers.
    #[wasm_bindgen(unchecked_return_type = "Float32Array<ArrayBuffer>")]
    pub async fn features(&self, picture: &[u8]) -> Result<Float32Array, JsValue> {
        let features = match &*self.state.borrow() {
            State::Ready(features) => Rc::clone(features),
            _ => return Err(not_loaded()),
        };
        let pixels = Pixels::imagenet(picture).map_err(engine_failure)?;
        let vector = features.of(&pixels).await.map_err(engine_failure)?;
        Ok(vector.as_slice().into())
    }
}

fn not_loaded() -> JsValue {
    failure("no-vgg16", "VGG16 is not loaded. Choose the checkpoint first.")
}
