//! The reader of word-like units, trained with PyTorch, beside the whole-clip reader of a model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hearsight::engine::SpeechNetwork;
use hearsight::network::{SPELLINGS, UnitReader, Weights};
use serde::Deserialize;

use hearsight_cli::files::FileEntry;
use hearsight_cli::{Failure, files};

/// A speech network with another reader of units.
#[derive(clap::Args)]
pub struct Arguments {
    /// Its tensors (safetensors, f32 or f16), named as the network names them.
    file: PathBuf,
    /// How the units are spelled: a file of the tokenizers library. Without it, as the file of tensors says.
    #[arg(long)]
    pieces: Option<PathBuf>,
    /// Weights of the reader of units and of the whole-clip reader in their sum; without them, those of the file, or 1 and 0.5.
    #[arg(long, num_args = 2, value_names = ["UNITS", "WHOLE"])]
    mix: Option<Vec<f32>>,
    /// Make the student of it, which answers while the rest loads: the reader's frames are those of the encoder's first block.
    #[arg(long, conflicts_with = "mix")]
    student: bool,
    /// Folder of the model, whose speech weights (or student) are written anew.
    #[arg(long, default_value = files::MODEL)]
    model: PathBuf,
}

/// What of a file of the tokenizers library is read.
#[derive(Deserialize)]
struct Tokenizer {
    model: Vocabulary,
}

#[derive(Deserialize)]
struct Vocabulary {
    vocab: BTreeMap<String, usize>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let base = files::read(&arguments.model.join(files::SPEECH))?;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", arguments.file.display());
    let mut reader =
        UnitReader::import(Weights::read(&files::read(&arguments.file)?).map_err(|e| named(&e))?);
    if let Some(mix) = &arguments.mix {
        reader.insert("mix", &[mix.len()], mix.clone());
    }
    if let Some(pieces) = &arguments.pieces {
        let units = reader.shape("meanings").map_err(|e| named(&e))?.first().copied().unwrap_or(0);
        let spellings = spellings(&files::read(pieces)?, units);
        let spellings = spellings.map_err(|error| format!("{}: {error}", pieces.display()))?;
        reader.metadata.insert(SPELLINGS.into(), spellings.join("\n"));
    }
    let (file, part, written, next) = if arguments.student {
        (files::STUDENT, "student", SpeechNetwork::write_student(&base, reader), "")
    } else {
        let written = SpeechNetwork::write_with_reader(&base, reader);
        (files::SPEECH, "speech", written, "; now run `hearsight gallery` for the index")
    };
    let bytes = written.map_err(|e| named(&e))?;
    keep(&arguments.model, part, file, &bytes)?;
    println!("{} holds it, {:.1} MB{next}", arguments.model.join(file).display(), bytes.len() as f64 / 1e6);
    Ok(())
}

/// How each of so many units is spelled.
fn spellings(tokenizer: &[u8], units: usize) -> Result<Vec<String>, Failure> {
    let vocabulary = serde_json::from_slice::<Tokenizer>(tokenizer)?.model.vocab;
    let by_number: BTreeMap<usize, String> =
        vocabulary.into_iter().map(|(piece, number)| (number, piece)).collect();
    if !by_number.keys().copied().eq(0..units) {
        return Err(format!("It has {} pieces, and the reader {units} units.", by_number.len()).into());
    }
    Ok(by_number.into_values().collect())
}

/// Writes a part of a model, and tells the page its new size and checksum where the model has a record.
pub(super) fn keep(model: &Path, part: &str, file: &str, bytes: &[u8]) -> Result<(), Failure> {
    files::write(&model.join(file), bytes)?;
    let path = model.join(files::RECORD);
    if !path.exists() {
        return Ok(());
    }
    let mut record: serde_json::Value = serde_json::from_slice(&files::read(&path)?)?;
    record["files"][part] = serde_json::to_value(FileEntry::new(file, bytes))?;
    files::write(&path, serde_json::to_string_pretty(&record)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_stand_in_the_order_of_their_numbers_and_are_all_there() {
        let tokenizer = br#"{"model": {"type": "BPE", "vocab": {"b": 1, "a": 2, "c": 0}, "merges": []}}"#;
        assert_eq!(spellings(tokenizer, 3).unwrap(), ["c", "b", "a"]);
        let sentence = spellings(tokenizer, 4).unwrap_err().to_string();
        assert_eq!(sentence, "It has 3 pieces, and the reader 4 units.");
        assert!(spellings(b"{}", 0).is_err());
    }
}
