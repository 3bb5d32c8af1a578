//! How far the answers of an index can be trusted: learned from spoken captions that the training held out.

use std::collections::BTreeMap;
use std::path::Path;

use hearsight::engine::trimmed;
use hearsight::gallery::{Pair, read_pairs};
use hearsight::search::{Calibration, Index};

use super::known::Known;
use crate::held_out::{HELD_OUT, is_held_out};
use crate::work::in_parallel;
use crate::{Failure, audio, files, paths};

/// An answer is right when its picture is among so many: what a visitor sees at a glance.
const FOREMOST: usize = 5;

/// Whether a caption was held out: the index that is asked must not know it.
pub fn holds_out(text: &str) -> bool {
    is_held_out(text, HELD_OUT)
}

/// Asks an index with the held-out captions of a table of training speech; as if it did not have their picture, since visitors
/// say what is not there, too; and with their sound from the end to the beginning, which nobody understands. Nothing where
/// there are none.
pub fn calibration(
    index: &Index,
    known: &Known,
    table: &Path,
    model: &Path,
) -> Result<Option<Calibration>, Failure> {
    let folder = files::folder_of(table);
    let mut pairs = read_pairs(&files::table(table)?, Some("train"))?;
    paths::found(folder, &mut pairs)?;
    let number: BTreeMap<&str, usize> = index.ids().iter().map(String::as_str).zip(0..).collect();
    let held_out = pairs.iter().filter(|pair| holds_out(&pair.text) && !pair.audio.is_empty());
    let picture = |pair| number.get(known.find_one(folder, pair)?.as_str()).copied();
    let asked: Vec<(&Pair, usize)> = held_out.filter_map(|pair| Some((pair, picture(pair)?))).collect();
    let speech = files::speech(model)?;
    let examples = in_parallel("spoken captions", &asked, |&(pair, picture)| {
        let samples = audio::read(&folder.join(&pair.audio))?;
        let mut part = trimmed(&samples).unwrap_or(samples);
        let scores = index.scores(&pollster::block_on(speech.embed(&part))?);
        part.reverse();
        let reversed = index.scores(&pollster::block_on(speech.embed(&part))?);
        let right = is_among_foremost(picture, &scores);
        let mut without = scores.clone();
        without.remove(picture);
        Ok([best_first(scores, right), best_first(without, false), best_first(reversed, false)])
    })?;
    let examples = examples.concat();
    let right = examples.iter().filter(|(_, right)| *right).count();
    println!("{right} of {} held-out captions within {FOREMOST}", asked.len());
    Ok(Calibration::fit(&examples))
}

/// Whether a picture is among the first of all pictures' scores; ties count against it.
fn is_among_foremost(picture: usize, scores: &[f32]) -> bool {
    scores.iter().filter(|&&score| score >= scores[picture]).count() <= FOREMOST
}

fn best_first(mut scores: Vec<f32>, right: bool) -> (Vec<f32>, bool) {
    scores.sort_by(|a, b| b.total_cmp(a));
    (scores, right)
}
