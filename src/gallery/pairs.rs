//! Tab-separated tables: pairs of pictures and clips, captions, credits.

use serde::{Deserialize, de::DeserializeOwned};

/// One row of a pairs table. The same picture or clip may stand in several rows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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

/// What is wrong with a table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A missing column, a row of another length, or not UTF-8.
    #[error("The table cannot be read ({0}). It needs a header line and tab-separated columns.")]
    Unreadable(#[from] csv::Error),
    /// Nothing to do.
    #[error("The table has no rows for split {0:?}. Leave the split out or name one that it has.")]
    NoRows(String),
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
    pairs.retain(|pair| split.is_none_or(|split| pair.split == split));
    if pairs.is_empty() {
        return Err(TableError::NoRows(split.unwrap_or_default().to_owned()));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "image\taudio\ttext\tlanguage\tvoice\tsplit\na.webp\ta.ogg\ta \"dog\"\ten\tv\ttrain\nb.webp\tb.ogg\tcat\ten\tv\tdev\n";

    #[test]
    fn splits_are_kept_apart_and_quotes_are_text() {
        assert_eq!(read_pairs(TABLE.as_bytes(), None).unwrap().len(), 2);
        assert_eq!(read_pairs(TABLE.as_bytes(), Some("train")).unwrap()[0].text, "a \"dog\"");
        assert!(matches!(read_pairs(TABLE.as_bytes(), Some("test")), Err(TableError::NoRows(_))));
    }

    #[test]
    fn a_missing_column_is_named() {
        let error = read_pairs(b"image\ttext\na\tb\n", None).unwrap_err().to_string();
        assert!(error.contains("audio"), "{error}");
    }
}
