//! The browser's door: microphone on the page's thread, engine in the worker. Turns browser things into engine requests.

mod archive;
mod device;
mod engine;
mod experiment;
mod failure;
#[cfg(feature = "gpu")]
mod gpu;
mod microphone;
mod pictures;
mod stages;
mod systems;
mod teaching;
#[cfg(feature = "threads")]
mod threads;
mod vgg16;

pub use archive::{
    choose_table, find_paths, is_guessed, is_hidden, is_litter, mend_wav, mix_channels, open_zip, pack,
    read_table, unpack, wav, write_table,
};
pub use engine::{EngineOptions, WebEngine};
pub use experiment::WebExperiment;
#[cfg(feature = "gpu")]
pub use gpu::try_both;
pub use microphone::Microphone;
pub use pictures::WebPictures;
pub use systems::WebSystems;
pub use teaching::{WebTeaching, plan_lesson, read_taught, rename_taught, steps_of};
#[cfg(feature = "threads")]
pub use threads::{help, share_work};
pub use vgg16::WebVgg16;

use std::sync::Once;

use failure::engine_failure;
use serde::{Serialize, de::DeserializeOwned};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::sound::{check_clip, resample};

/// What crosses the boundary as an object whose type TypeScript knows by this type's name.
fn typed<T: Tsify + Serialize>(value: &T) -> Result<Ts<T>, JsValue> {
    value.into_ts().map_err(|error| js_sys::Error::new(&error.to_string()).into())
}

/// Such an object as this type.
fn given<T: Tsify<JsType: Clone> + DeserializeOwned>(value: &Ts<T>) -> Result<T, JsValue> {
    value.to_rust().map_err(|error| js_sys::Error::new(&error.to_string()).into())
}

/// A clip of any sampling rate, checked, at the networks' 16 kHz.
fn heard(samples: &[f32], sample_rate: f64) -> Result<Vec<f32>, JsValue> {
    check_clip(samples, sample_rate).map_err(engine_failure)?;
    resample(samples, sample_rate).map_err(engine_failure)
}

unsafe extern "C" {
    /// Made by the linker: runs the constructors of all crates (burn's GPU compiler registers itself with some).
    fn __wasm_call_ctors();
}

/// Runs by itself in each instance of the page, and is called by the browser tests: panics and shader errors reach the console as text.
#[wasm_bindgen(start)]
pub fn start() {
    static CONSTRUCTORS: Once = Once::new();
    // SAFETY: once, before anything needs them. Where nobody calls the constructors, the linker has every export
    // call them again, which costs milliseconds a call.
    CONSTRUCTORS.call_once(|| unsafe { __wasm_call_ctors() });
    console_error_panic_hook::set_once();
    // A logger that is set already is no failure.
    let _ = console_log::init_with_level(log::Level::Error);
}
