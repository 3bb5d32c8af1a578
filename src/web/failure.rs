//! Failures as JavaScript errors: `name` is the code, `message` the English sentence, `details` what is in it.

use serde::Serialize;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use crate::engine::{EngineError, readable};

/// An `Error` with a code and a sentence.
pub fn failure(code: &str, sentence: &str) -> JsValue {
    detailed(code, sentence, &json!({}))
}

/// One whose sentence has numbers or names in it, by which the page says it in the visitor's language.
pub fn detailed(code: &str, sentence: &str, details: &Value) -> JsValue {
    let error = js_sys::Error::new(&readable(sentence));
    error.set_name(code);
    let mut details = details.clone();
    for detail in details.as_object_mut().into_iter().flat_map(|details| details.values_mut()) {
        if let Value::String(text) = detail {
            *text = readable(text).into_owned();
        }
    }
    if let Ok(details) = to_js(&details) {
        // An `Error` that nobody froze takes a property.
        let _ = js_sys::Reflect::set(&error, &"details".into(), &details);
    }
    error.into()
}

/// An engine's failure as an `Error`.
pub fn engine_failure(error: impl Into<EngineError>) -> JsValue {
    let error = error.into();
    detailed(error.code(), &error.to_string(), &error.details())
}

/// Options that make no sense.
pub fn misstarted(problem: &dyn std::fmt::Display) -> JsValue {
    let cause = problem.to_string();
    detailed(
        "engine-misstarted",
        &format!("The engine was started wrongly: {cause}"),
        &json!({ "cause": cause }),
    )
}

/// A plain object of any value.
pub fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(JsValue::from)
}
