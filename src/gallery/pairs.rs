//! Tables of pairs of pictures and clips.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::one_line;
use super::table::{read_table, written};

/// What ends a cell or a row.
const BREAKS: [char; 3] = ['\t', '\n', '\r'];

/// One row of a pairs table. The same picture or clip may stand in several rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Pair {
    /// Path of the picture, relative to the table; empty where a phrase has none.
    #[serde(default)]
    pub image: String,
    /// Path of the clip, relative to the table.
    pub audio: String,
    /// What is said.
    #[serde(default)]
    pub text: String,
    /// Language code.
    #[serde(default)]
    pub language: String,
    /// Who speaks.
    #[serde(default)]
    pub voice: String,
    /// train, dev, test, ...
    #[serde(default)]
    pub split: String,
}

impl Pair {
    /// The picture's file name without folder and extension: its id in a gallery. Empty where there is no picture.
    pub fn image_stem(&self) -> &str {
        Path::new(&self.image).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }
}

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A row of another length, a cell that is no number, a file that is no text.
    #[error(
        "The table cannot be read ({0}). It needs a first line that names its columns, and tabs between them."
    )]
    Unreadable(String),
    /// The first line does not name what is needed.
    #[error(
        "The table has no column {column:?}: its first line says {present:?}. Name the columns there, such as image and audio."
    )]
    NoColumn {
        /// What is missing.
        column: String,
        /// What the first line names.
        present: String,
    },
    /// Nothing to do.
    #[error("The table has no rows. Name another table.")]
    NoRows,
    /// Nothing to do for this split.
    #[error("There are no rows of split {split:?}. Leave the split out or name one of: {present}.")]
    NoSplit {
        /// What was asked for.
        split: String,
        /// What there is.
        present: String,
    },
    /// A cell that would break the table.
    #[error("{0:?} has a tab or a line break and cannot stand in a table. Rename the file or the voice.")]
    Unwritable(String),
}

/// Reads a pairs table; with `split` only the rows of that split.
///
/// # Errors
/// [`TableError`] for an unreadable table or one without such rows.
pub fn read_pairs(bytes: &[u8], split: Option<&str>) -> Result<Vec<Pair>, TableError> {
    let mut pairs: Vec<Pair> = read_table(bytes)?;
    // A row whose cells stand under no name of ours says nothing.
    pairs.retain(|pair| *pair != Pair::default());
    if pairs.is_empty() {
        return Err(TableError::NoRows);
    }
    for pair in &mut pairs {
        for cell in [&mut pair.text, &mut pair.language, &mut pair.voice, &mut pair.split] {
            // A spreadsheet's cell may have several lines.
            if cell.contains(BREAKS) {
                *cell = one_line(cell);
            }
        }
    }
    keep_split(&mut pairs, split)?;
    Ok(pairs)
}

/// Keeps only the rows of a split, or all.
///
/// # Errors
/// [`TableError::NoSplit`] lists the splits that there are.
pub fn keep_split(pairs: &mut Vec<Pair>, split: Option<&str>) -> Result<(), TableError> {
    let Some(split) = split else { return Ok(()) };
    let is_of = |pair: &Pair| pair.split.eq_ignore_ascii_case(split);
    if !pairs.iter().any(is_of) {
        let present: BTreeSet<&str> = pairs.iter().map(|pair| pair.split.as_str()).collect();
        let present = present.into_iter().collect::<Vec<_>>().join(", ");
        return Err(TableError::NoSplit { split: split.to_owned(), present });
    }
    pairs.retain(is_of);
    Ok(())
}

/// Writes a pairs table that [`read_pairs`] reads.
///
/// # Errors
/// [`TableError::Unwritable`] for a cell with a tab or a line break.
pub fn write_pairs(pairs: &[Pair]) -> Result<Vec<u8>, TableError> {
    let mut table = "image\taudio\ttext\tlanguage\tvoice\tsplit\n".to_owned();
    for pair in pairs {
        let cells = [&pair.image, &pair.audio, &pair.text, &pair.language, &pair.voice, &pair.split];
        if let Some(cell) = cells.into_iter().find(|cell| cell.contains(BREAKS)) {
            return Err(TableError::Unwritable(cell.clone()));
        }
        table += &cells.map(|cell| written(cell)).join("\t");
        table.push('\n');
    }
    Ok(table.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "image\taudio\ttext\tlanguage\tvoice\tsplit\na.webp\ta.ogg\ta \"dog\"\ten\tv\ttrain\nb.webp\tb.ogg\tcat\ten\tv\tdev\n";

    #[test]
    fn splits_are_kept_apart_and_quotes_are_text() {
        assert_eq!(read_pairs(TABLE.as_bytes(), None).unwrap().len(), 2);
        assert_eq!(read_pairs(TABLE.as_bytes(), Some("train")).unwrap()[0].text, "a \"dog\"");
        let absent = read_pairs(TABLE.as_bytes(), Some("test")).unwrap_err().to_string();
        assert!(absent.contains("dev, train"), "{absent}");
        let header = TABLE.lines().next().unwrap();
        assert!(matches!(read_pairs(header.as_bytes(), None), Err(TableError::NoRows)));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut pairs = read_pairs(TABLE.as_bytes(), None).unwrap();
        assert_eq!(write_pairs(&pairs).unwrap(), TABLE.as_bytes());
        pairs[0].voice = "a\tb".to_owned();
        assert!(matches!(write_pairs(&pairs), Err(TableError::Unwritable(_))));
    }

    #[test]
    fn a_missing_column_is_named() {
        for table in [&b"image\ttext\na\tb\n"[..], b"a.jpg\ta.wav\n", b"a.jpg\ta.wav\nb.jpg\tb.wav\n"] {
            let error = read_pairs(table, None).unwrap_err().to_string();
            assert!(error.contains("no column \"audio\""), "{error}");
        }
        let spreadsheet = read_pairs(b"PK\x03\x04....", None).unwrap_err().to_string();
        assert!(spreadsheet.contains("CSV UTF-8"), "{spreadsheet}");
    }

    #[test]
    fn tables_of_spreadsheets_are_read() {
        let plain = read_pairs(TABLE.as_bytes(), None).unwrap();
        let wide = |to: fn(u16) -> [u8; 2], text: &str| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
        let again = [
            format!("\u{feff}{}", TABLE.replace('\n', "\r\n")).into_bytes(),
            TABLE.replace('\n', "\r").into_bytes(),
            TABLE.replace('\t', ";").into_bytes(),
            TABLE.replace('\t', ",").into_bytes(),
            TABLE.replace("image\taudio", "Image \t AUDIO").into_bytes(),
            TABLE.replace('\n', "\t\n").into_bytes(),
            TABLE.replacen('\n', "\n# a remark\n\n\t\t\t\n", 1).into_bytes(),
            TABLE.replace("a.webp", "\"a.webp\"").replace("a \"dog\"", "\"a \"\"dog\"\"\"").into_bytes(),
            wide(u16::to_le_bytes, &format!("\u{feff}{TABLE}")),
            wide(u16::to_be_bytes, &format!("\u{feff}{TABLE}")),
            wide(u16::to_le_bytes, TABLE),
        ];
        for table in again {
            assert_eq!(read_pairs(&table, None).unwrap(), plain, "{}", String::from_utf8_lossy(&table));
        }
        let pasted = TABLE.replacen("audio", "\u{feff}audio ", 1);
        assert_eq!(read_pairs(pasted.as_bytes(), None).unwrap(), plain);
        assert_eq!(read_pairs(b"audio\tTEXT\nsch\xf6n.ogg\t\x80\n", None).unwrap()[0].audio, "schön.ogg");
        let twice = read_pairs(b"audio\taudio\na\ta\n", None).unwrap();
        assert_eq!(twice[0].audio, "a");
        for wrong in ["audio\taudio\na\tb\n", "audio\na.ogg\tb.ogg\n"] {
            assert!(read_pairs(wrong.as_bytes(), None).unwrap_err().to_string().contains("line 2"));
        }
        let lines = read_pairs(b"audio\ttext\na.ogg\t\"one\ntwo\"\nb.ogg\t\n", None).unwrap();
        assert_eq!([&*lines[0].text, &*lines[1].audio], ["one two", "b.ogg"]);
        assert_eq!(read_pairs(TABLE.as_bytes(), Some("DEV")).unwrap().len(), 1);
    }
}
