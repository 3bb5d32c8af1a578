//! Failures as JavaScript errors: `name` is the code, `message` the sentence.

use wasm_bindgen::JsValue;

use crate::engine::EngineError;

/// An `Error` with a code and a sentence.
pub fn failure(code: &str, sentence: &str) -> JsValue {
    let error = js_sys::Error::new(sentence);
    error.set_name(code);
    error.into()
}

/// An engine's failure as an `Error`.
pub fn engine_failure(error: impl Into<EngineError>) -> JsValue {
    let error = error.into();
    failure(error.code(), &error.to_string())
}
