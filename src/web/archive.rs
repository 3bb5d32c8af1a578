//! Recordings as files.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wasm_bindgen::prelude::*;

use super::engine::to_js;
use super::failure::detailed;
use crate::gallery::{self, ArchiveError, ArchiveFile, MOST_BYTES, MOST_FILES, Pair, TableError, read_pairs};

#[derive(Serialize, Deserialize)]
struct File {
    name: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    bytes: Uint8Array,
}

fn refused(error: ArchiveError) -> JsValue {
    let (code, details) = match &error {
        ArchiveError::Unreadable(cause) => ("bad-archive", json!({ "cause": cause })),
        ArchiveError::TooMuch => {
            ("large-archive", json!({ "files": MOST_FILES, "megabytes": MOST_BYTES >> 20 }))
        }
        ArchiveError::Unwritable(cause) => ("unwritable-recording", json!({ "cause": cause })),
    };
    detailed(code, &error.to_string(), &details)
}

fn bad_table(error: TableError) -> JsValue {
    let (code, details) = match &error {
        TableError::Unreadable(cause) => ("bad-table", json!({ "cause": cause.to_string() })),
        // Without a split that was asked for, there are no rows at all.
        TableError::NoRows | TableError::NoSplit { .. } => ("empty-table", json!({})),
        TableError::Unwritable(name) => ("unwritable-name", json!({ "name": name })),
    };
    detailed(code, &error.to_string(), &details)
}

/// A wav file of a mono clip.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn wav(samples: &[f32], sample_rate: u32) -> Result<Vec<u8>, JsValue> {
    gallery::wav(samples, sample_rate).map_err(refused)
}

/// A zip of files.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn pack(
    #[wasm_bindgen(unchecked_param_type = "ArchiveFile[]")] files: JsValue,
) -> Result<Vec<u8>, JsValue> {
    let files: Vec<File> = serde_wasm_bindgen::from_value(files)?;
    let files: Vec<ArchiveFile> =
        files.into_iter().map(|file| ArchiveFile { name: file.name, bytes: file.bytes.to_vec() }).collect();
    gallery::pack(&files).map_err(refused)
}

/// The files of a zip.
#[wasm_bindgen(unchecked_return_type = "ArchiveFile[]")]
pub fn unpack(zip: &[u8]) -> Result<JsValue, JsValue> {
    let files = gallery::unpack(zip).map_err(refused)?;
    let files = files.into_iter().map(|file| File { name: file.name, bytes: file.bytes.as_slice().into() });
    to_js(&files.collect::<Vec<_>>())
}

/// The rows of a table of pairs.
#[wasm_bindgen(js_name = readPairs, unchecked_return_type = "Row[]")]
pub fn read_table(table: &[u8]) -> Result<JsValue, JsValue> {
    to_js(&read_pairs(table, None).map_err(bad_table)?)
}

/// A table of pairs of its rows.
#[wasm_bindgen(js_name = writePairs, unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn write_table(
    #[wasm_bindgen(unchecked_param_type = "Row[]")] rows: JsValue,
) -> Result<Vec<u8>, JsValue> {
    let rows: Vec<Pair> = serde_wasm_bindgen::from_value(rows)?;
    gallery::write_pairs(&rows).map_err(bad_table)
}
