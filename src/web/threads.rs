//! Threads that share the networks' work: helpers, each a worker with an instance of the program on the same memory.

use std::mem::forget;
use std::sync::{Mutex, PoisonError};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

/// Helpers that have not come yet. Whoever computes does not wait for them, and does their part until then.
static AWAITED: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

/// Has the calling thread share its work with so many helpers, each of which is to call [`help`].
///
/// # Errors
/// When it does so already.
#[wasm_bindgen(js_name = shareWork)]
pub fn share_work(helpers: usize) -> Result<(), JsValue> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(helpers + 1)
        .use_current_thread()
        .spawn_handler(|helper| {
            AWAITED.lock().unwrap_or_else(PoisonError::into_inner).push(helper);
            Ok(())
        })
        .build()
        .map_err(|error| js_sys::Error::new(&error.to_string()))?;
    // It lasts as long as the program.
    forget(pool);
    Ok(())
}

/// Helps, and never comes back.
#[wasm_bindgen]
pub fn help() {
    let helper = AWAITED.lock().unwrap_or_else(PoisonError::into_inner).pop();
    if let Some(helper) = helper {
        helper.run();
    }
}
