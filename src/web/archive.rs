//! Recordings as files.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use super::failure::{detailed, to_js};
use super::{given, typed};
use crate::gallery::{
    self, ArchiveError, ArchiveFile, MOST_BYTES, MOST_FILES, Pair, Paths, TableError, read_pairs,
};
use crate::sound;

/// A file of an archive.
#[derive(Serialize, Deserialize, Tsify)]
#[tsify(rename = "ArchiveFile")]
pub struct File {
    name: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array<ArrayBuffer>")]
    bytes: Uint8Array,
}

impl File {
    fn of(file: &ArchiveFile) -> Self {
        Self { name: file.name.clone(), bytes: file.bytes.as_slice().into() }
    }
}

fn refused(error: ArchiveError) -> JsValue {
    let (code, details) = match &error {
        ArchiveError::Unreadable(cause) => ("bad-archive", json!({ "cause": cause })),
        ArchiveError::Cut => ("cut-archive", json!({})),
        ArchiveError::Empty => ("empty-archive", json!({})),
        ArchiveError::Other(kind) => ("other-archive", json!({ "kind": kind })),
        ArchiveError::Encrypted => ("encrypted-archive", json!({})),
        ArchiveError::Compression(method) => ("compression-archive", json!({ "method": method })),
        ArchiveError::Unpackable(name) => ("unpackable-name", json!({ "name": name })),
        ArchiveError::TooMuch => {
            ("large-archive", json!({ "files": MOST_FILES, "megabytes": MOST_BYTES >> 20 }))
        }
        ArchiveError::Unwritable(cause) => ("unwritable-recording", json!({ "cause": cause })),
    };
    detailed(code, &error.to_string(), &details)
}

fn bad_table(error: TableError) -> JsValue {
    let (code, details) = match &error {
        TableError::Unreadable(cause) => ("bad-table", json!({ "cause": cause })),
        TableError::NoColumn { column, present } => {
            ("no-column", json!({ "column": column, "present": present }))
        }
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
pub fn pack(files: Vec<Ts<File>>) -> Result<Vec<u8>, JsValue> {
    let files = files.iter().map(|file| {
        let File { name, bytes } = given(file)?;
        Ok(ArchiveFile { name, bytes: bytes.to_vec() })
    });
    let files: Vec<ArchiveFile> = files.collect::<Result<_, JsValue>>()?;
    gallery::pack(&files).map_err(refused)
}

/// The files of a zip.
#[wasm_bindgen]
pub fn unpack(zip: &[u8]) -> Result<Vec<Ts<File>>, JsValue> {
    gallery::unpack(zip).map_err(refused)?.files.iter().map(|file| typed(&File::of(file))).collect()
}

/// A file that stayed in its zip: code and sentence say why.
#[derive(Serialize, Tsify)]
pub struct LeftOut {
    name: String,
    code: &'static str,
    sentence: String,
}

/// What came of a zip.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct OpenedZip {
    #[tsify(type = "ArchiveFile[]")]
    files: Vec<File>,
    left_out: Vec<LeftOut>,
}

/// The files of a zip, and those that stayed in it.
#[wasm_bindgen(js_name = openZip)]
pub fn open_zip(zip: &[u8]) -> Result<Ts<OpenedZip>, JsValue> {
    let unpacked = gallery::unpack(zip).map_err(refused)?;
    let left_out = unpacked.left_out.into_iter().map(|left_out| LeftOut {
        name: left_out.name,
        code: left_out.why.code(),
        sentence: left_out.why.to_string(),
    });
    typed(&OpenedZip { files: unpacked.files.iter().map(File::of).collect(), left_out: left_out.collect() })
}

/// Whether a system made a file for itself: Finder's, Explorer's and the like.
#[wasm_bindgen(js_name = isLitter)]
pub fn is_litter(path: &str) -> bool {
    gallery::is_litter(path)
}

/// Whether a file, or a folder that it lies in, is a system's own or meant to be unseen.
#[wasm_bindgen(js_name = isHidden)]
pub fn is_hidden(path: &str) -> bool {
    gallery::is_hidden(path)
}

/// The names that may be a lesson's table, the likeliest first.
#[wasm_bindgen(js_name = chooseTable)]
pub fn choose_table(names: Vec<String>) -> Vec<String> {
    gallery::tables(names.iter().map(String::as_str)).into_iter().map(str::to_owned).collect()
}

/// Whether a table's letters are a guess, since it is no Unicode text.
#[wasm_bindgen(js_name = isGuessed)]
pub fn is_guessed(table: &[u8]) -> bool {
    gallery::is_guessed(table)
}

/// The file that a cell of a table in a folder means, if there is one: of each cell, in their order.
#[wasm_bindgen(js_name = findPaths, unchecked_return_type = "(string | null)[]")]
pub fn find_paths(names: Vec<String>, folder: &str, cells: Vec<String>) -> Result<JsValue, JsValue> {
    let paths = Paths::of(names.iter().map(String::as_str));
    to_js(&cells.iter().map(|cell| paths.find(folder, cell)).collect::<Vec<_>>())
}

/// One channel of several, which follow one another; where they cancel one another, the loudest. Samples beyond -1..1 are
/// brought into it.
#[wasm_bindgen(js_name = mixChannels, unchecked_return_type = "Float32Array<ArrayBuffer>")]
pub fn mix_channels(planar: &[f32], channels: usize) -> Vec<f32> {
    let length = planar.len() / channels.max(1);
    let interleaved: Vec<f32> =
        (0..length).flat_map(|at| (0..channels).map(move |channel| planar[channel * length + at])).collect();
    let mut mono = sound::mixed(&interleaved, channels);
    sound::into_range(&mut mono);
    mono
}

/// A wav file whose sizes are right, where it is a wav file: what the browser's decoder refuses may only have wrong ones.
#[wasm_bindgen(js_name = mendWav, unchecked_return_type = "Uint8Array<ArrayBuffer> | undefined")]
pub fn mend_wav(bytes: &[u8]) -> Option<Vec<u8>> {
    sound::whole_wav(bytes).map(|wav| wav.file)
}

/// The rows of a table of pairs.
#[wasm_bindgen(js_name = readPairs)]
pub fn read_table(table: &[u8]) -> Result<Vec<Ts<Pair>>, JsValue> {
    read_pairs(table, None).map_err(bad_table)?.iter().map(typed).collect()
}

/// A table of pairs of its rows.
#[wasm_bindgen(js_name = writePairs, unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn write_table(rows: Vec<Ts<Pair>>) -> Result<Vec<u8>, JsValue> {
    let rows: Vec<Pair> = rows.iter().map(given).collect::<Result<_, _>>()?;
    gallery::write_pairs(&rows).map_err(bad_table)
}
