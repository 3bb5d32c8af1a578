//! An index whose pictures are known by what is written about them too: each vector leans on the sentence embeddings of the
//! picture's captions. They are needed while the index is built; what is searched holds vectors only.

use std::collections::BTreeMap;
use std::path::Path;

use hearsight::gallery::read_table;
use hearsight::network::DIMENSIONS;
use hearsight::search::Index;
use serde::Deserialize;

use crate::{Failure, files};

/// How far a vector leans: 0 is the picture alone, 1 its captions alone.
const LEAN: f32 = 0.5;

/// A row of captions.tsv.
#[derive(Deserialize)]
struct Row {
    id: String,
    split: String,
    text: String,
}

/// The train captions of pictures.
pub struct Captions {
    /// Number of the picture, text and sentence embedding of each.
    said: Vec<(usize, String, Vec<f32>)>,
}

impl Captions {
    /// Reads a table of captions (id, n, split, text) and a file of sentence embeddings.
    pub fn read(pictures: &[(String, Vec<f32>)], table: &Path, texts: &Path) -> Result<Self, Failure> {
        let rows: Vec<Row> =
            read_table(&files::table(table)?).map_err(|error| format!("{}: {error}", table.display()))?;
        let (embeddings, number_of) = files::sentence_embeddings(texts)?;
        let picture_of: BTreeMap<&str, usize> = pictures.iter().map(|(id, _)| id.as_str()).zip(0..).collect();
        let mut said = Vec::new();
        for Row { id, text, .. } in rows.into_iter().filter(|row| row.split == "train") {
            let Some(&picture) = picture_of.get(id.as_str()) else { continue };
            let number = number_of.get(&text).ok_or_else(|| {
                format!(
                    "{}: no embedding of {text:?}. Make the file anew with {}.",
                    texts.display(),
                    table.display()
                )
            })?;
            let embedding = embeddings[number * DIMENSIONS..][..DIMENSIONS].to_vec();
            said.push((picture, text, embedding));
        }
        Ok(Self { said })
    }

    /// The index of these pictures (id, vector), leaning on the captions that `counts`; a picture without one stays as it is.
    pub fn index(&self, pictures: &[(String, Vec<f32>)], counts: impl Fn(&str) -> bool) -> Index {
        let mut sums = vec![vec![0.0; DIMENSIONS]; pictures.len()];
        for (picture, _, embedding) in self.said.iter().filter(|(_, text, _)| counts(text)) {
            sums[*picture].iter_mut().zip(embedding).for_each(|(sum, v)| *sum += v);
        }
        let leaning = pictures.iter().zip(sums).map(|((id, picture), captions)| {
            let both = picture.iter().zip(unit(&captions)).map(|(p, c)| (1.0 - LEAN) * p + LEAN * c);
            (id.clone(), unit(&both.collect::<Vec<f32>>()))
        });
        Index::of(DIMENSIONS, leaning)
    }
}

/// At length one; nothing stays nothing.
fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|v| v / length).collect()
}
