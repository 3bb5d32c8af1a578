//! The browser's door: microphone on the page's thread, engine in the worker. Turns browser things into engine requests.

mod device;
mod engine;
mod failure;
mod microphone;

pub use engine::WebEngine;
pub use microphone::Microphone;

use wasm_bindgen::prelude::wasm_bindgen;

unsafe extern "C" {
    /// Made by the linker: runs the constructors of all crates (burn's GPU compiler registers itself with some).
    fn __wasm_call_ctors();
}

/// Runs once in each instance: panics and shader errors reach the console as text.
#[wasm_bindgen(start)]
fn start() {
    // SAFETY: nothing has run before. Where nobody calls the constructors, the linker has every export call them
    // again, which costs milliseconds a call.
    unsafe { __wasm_call_ctors() };
    console_error_panic_hook::set_once();
    // A logger that is set already is no failure.
    let _ = console_log::init_with_level(log::Level::Error);
}
