//! Tab-separated tables: pairs of pictures and clips, captions, credits.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// One row of a pairs table. The same picture or clip may stand in several rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// A missing column, a row of another length, or not UTF-8.
    #[error("The table cannot be read ({0}). It needs a header line and tab-separated columns.")]
    Unreadable(#[from] csv::Error),
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

/// Reads a tab-separated table with a header; quotation marks are ordinary characters.
///
/// # Errors
/// [`TableError::Unreadable`] names the line and what is wrong with it.
pub fn read_table<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, TableError> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_reader(bytes);
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

/// Reads a pairs table; with `split` only the rows of that split.
///
/// # Errors
/// [`TableError`] for an unreadable table or one without such rows.
pub fn read_pairs(bytes: &[u8], split: Option<&str>) -> Result<Vec<Pair>, TableError> {
    let mut pairs: Vec<Pair> = read_table(bytes)?;
    if pairs.is_empty() {
        return Err(TableError::NoRows);
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
    if !pairs.iter().any(|pair| pair.split == split) {
        let present: BTreeSet<&str> = pairs.iter().map(|pair| pair.split.as_str()).collect();
        let present = present.into_iter().collect::<Vec<_>>().join(", ");
        return Err(TableError::NoSplit { split: split.to_owned(), present });
    }
    pairs.retain(|pair| pair.split == split);
    Ok(())
}

/// Writes a pairs table that [`read_pairs`] reads.
///
/// # Errors
/// [`TableError::Unwritable`] for a cell with a tab or a line break.
pub fn write_pairs(pairs: &[Pair]) -> Result<Vec<u8>, TableError> {
    let mut table = Vec::new();
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b'\t')
        .quote_style(csv::QuoteStyle::Never)
        .from_writer(&mut table);
    for pair in pairs {
        let cells = [&pair.image, &pair.audio, &pair.text, &pair.language, &pair.voice, &pair.split];
        if let Some(cell) = cells.into_iter().find(|cell| cell.contains(['\t', '\n', '\r'])) {
            return Err(TableError::Unwritable(cell.clone()));
        }
        writer.serialize(pair)?;
    }
    writer.flush().map_err(csv::Error::from)?;
    drop(writer);
    Ok(table)
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
        let error = read_pairs(b"image\ttext\na\tb\n", None).unwrap_err().to_string();
        assert!(error.contains("audio"), "{error}");
    }
}
