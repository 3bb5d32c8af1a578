//! The browser's door: microphone on the page's thread, engine in the worker. Turns browser things into engine requests.

mod device;
mod engine;
mod failure;
mod microphone;

pub use engine::WebEngine;
pub use microphone::Microphone;

use wasm_bindgen::prelude::wasm_bindgen;

/// Runs once in each instance: panics and shader errors reach the console as text.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
    // A logger that is set already is no failure.
    let _ = console_log::init_with_level(log::Level::Error);
}
