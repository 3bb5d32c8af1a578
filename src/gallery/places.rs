//! Places Audio Captions (Harwath and others, 2018), English: one JSON file a split, to pairs.

use std::collections::HashSet;

use serde::Deserialize;

use super::Pair;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    /// Folder of the pictures, as its authors had it.
    pub image_base_path: Option<String>,
    /// Folder of the clips, as its authors had it.
    pub audio_base_path: Option<String>,
    /// Rows in the file's order, with paths relative to these folders.
    pub pairs: Vec<Pair>,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum PlacesError {
    /// Not JSON, or not of this form.
    #[error("This is not the JSON of Places Audio Captions ({0}). Take the file from the download again.")]
    Unreadable(#[from] serde_json::Error),
    /// No rows.
    #[error("The JSON has no rows under \"data\". Take the file from the download again.")]
    NoData,
    /// A row that names no clip or no picture.
    #[error("Row {row} of \"data\"{uttid} has no \"{field}\". Add it or remove the row.")]
    NoField {
        /// Counted from 1.
        row: usize,
        /// The row's own name, in brackets, where it has one.
        uttid: String,
        /// "wav" or "image".
        field: &'static str,
    },
}

#[derive(Deserialize)]
struct File {
    image_base_path: Option<String>,
    audio_base_path: Option<String>,
    #[serde(default)]
    data: Vec<Row>,
}

/// Every field may be absent or null.
#[derive(Deserialize)]
struct Row {
    uttid: Option<String>,
    speaker: Option<String>,
    asr_text: Option<String>,
    wav: Option<String>,
    image: Option<String>,
}

/// Reads a file; all its rows are of one split. A row that stands there twice counts once.
///
/// # Errors
/// [`PlacesError`] names the row and what it lacks.
pub fn read_places(bytes: &[u8], split: &str) -> Result<Places, PlacesError> {
    let file: File = serde_json::from_slice(bytes)?;
    let (mut pairs, mut seen) = (Vec::with_capacity(file.data.len()), HashSet::new());
    for (row, entry) in (1..).zip(file.data) {
        let lacks = |field| {
            let uttid = entry.uttid.as_ref().map(|uttid| format!(" ({uttid})")).unwrap_or_default();
            PlacesError::NoField { row, uttid, field }
        };
        let audio = entry.wav.filter(|wav| !wav.is_empty()).ok_or_else(|| lacks("wav"))?;
        let image = entry.image.filter(|image| !image.is_empty()).ok_or_else(|| lacks("image"))?;
        if seen.insert((image.clone(), audio.clone())) {
            pairs.push(Pair {
                image,
                audio,
                text: super::one_line(&entry.asr_text.unwrap_or_default()),
                language: "en".to_owned(),
                voice: entry.speaker.unwrap_or_default(),
                split: split.to_owned(),
            });
        }
    }
    if pairs.is_empty() {
        return Err(PlacesError::NoData);
    }
    Ok(Places { image_base_path: file.image_base_path, audio_base_path: file.audio_base_path, pairs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(json: &str) -> String {
        read_places(json.as_bytes(), "val").unwrap_err().to_string()
    }

    #[test]
    fn rows_become_pairs() {
        let json = r#"{"audio_base_path": "/a", "data": [
            {"uttid": "u1", "speaker": "s", "asr_text": "a\tsmall\nroom", "wav": "1.wav", "image": "a/abbey/1.jpg"},
            {"uttid": "u1", "speaker": "s", "asr_text": "again", "wav": "1.wav", "image": "a/abbey/1.jpg"},
            {"speaker": null, "wav": "2.wav", "image": "a/abbey/1.jpg"}]}"#;
        let places = read_places(json.as_bytes(), "val").unwrap();
        assert_eq!((places.image_base_path, places.audio_base_path), (None, Some("/a".to_owned())));
        assert_eq!(places.pairs.len(), 2);
        assert_eq!(places.pairs[0].text, "a small room");
        assert_eq!((places.pairs[1].voice.as_str(), places.pairs[1].split.as_str()), ("", "val"));
    }

    #[test]
    fn what_a_row_lacks_is_named() {
        assert!(sentence("[]").contains("not the JSON of Places"));
        assert!(sentence(r#"{"data": []}"#).contains("no rows under \"data\""));
        assert!(sentence("{}").contains("no rows under \"data\""));
        let row =
            sentence(r#"{"data": [{"wav": "1.wav", "image": "1.jpg"}, {"uttid": "u2", "image": "2.jpg"}]}"#);
        assert!(row.contains("Row 2 of \"data\" (u2) has no \"wav\""), "{row}");
        let row = sentence(r#"{"data": [{"wav": "1.wav"}]}"#);
        assert!(row.contains("Row 1 of \"data\" has no \"image\""), "{row}");
    }
}
