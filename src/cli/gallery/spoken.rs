//! An index whose pictures are known by their spoken captions too, and that knows how far it can be trusted.

use std::collections::BTreeMap;
use std::path::Path;

use hearsight::engine::trimmed;
use hearsight::gallery::{Pair, read_pairs};
use hearsight::network::DIMENSIONS;
use hearsight::search::{Calibration, Index};

use super::known::Known;
use crate::cli::held_out::{HELD_OUT, is_held_out};
use crate::cli::work::in_parallel;
use crate::cli::{Failure, audio, files, paths};

/// Weights of the captions beside the picture that are tried.
const WEIGHTS: [f32; 5] = [0.0, 0.2, 0.4, 0.6, 0.8];

/// An answer is right when its picture is among so many: what a visitor sees at a glance.
const FOREMOST: usize = 5;

/// A spoken caption.
struct Spoken {
    /// Number of its picture.
    picture: usize,
    vector: Vec<f32>,
    /// Of a held-out one: the vector of its sound from the end to the beginning, which nobody understands.
    reversed: Option<Vec<f32>>,
}

/// The index of pictures (id, vector), with the training speech of a table. By the captions that the training held out
/// the weight is chosen and the trust calibrated.
pub fn index(
    pictures: &[(String, Vec<f32>)],
    known: &Known,
    table: &Path,
    model: &Path,
) -> Result<Index, Failure> {
    let clips = embed(pictures, known, table, model)?;
    let mut sums = vec![vec![0.0_f32; DIMENSIONS]; pictures.len()];
    for clip in clips.iter().filter(|clip| clip.reversed.is_none()) {
        sums[clip.picture].iter_mut().zip(&clip.vector).for_each(|(sum, v)| *sum += v);
    }
    let joined = |weight: f32| {
        let both = pictures.iter().zip(&sums).map(|((id, picture), captions)| {
            let both = picture.iter().zip(unit(captions)).map(|(p, c)| (1.0 - weight) * p + weight * c);
            (id.clone(), unit(&both.collect::<Vec<f32>>()))
        });
        Index::of(DIMENSIONS, both)
    };
    let asked: Vec<&Spoken> = clips.iter().filter(|clip| clip.reversed.is_some()).collect();
    let found = WEIGHTS.map(|weight| {
        let index = joined(weight);
        let within = |clip: &&&Spoken| is_among(10, clip, &index.scores(&clip.vector));
        let found = asked.iter().filter(within).count();
        println!("captions' weight {weight}: {found} of {} held-out captions within ten", asked.len());
        found
    });
    // The middle one where nothing tells them apart.
    let best =
        (0..WEIGHTS.len()).fold(WEIGHTS.len() / 2, |best, n| if found[n] > found[best] { n } else { best });
    let mut index = joined(WEIGHTS[best]);
    let example = |mut scores: Vec<f32>, right: bool| {
        scores.sort_by(|a, b| b.total_cmp(a));
        (scores, right)
    };
    let mut examples = Vec::new();
    for clip in asked {
        let scores = index.scores(&clip.vector);
        let right = is_among(FOREMOST, clip, &scores);
        examples.push(example(scores, right));
        examples.extend(clip.reversed.iter().map(|reversed| example(index.scores(reversed), false)));
    }
    if let Some(calibration) = Calibration::fit(&examples) {
        index.calibrate(calibration);
    }
    Ok(index)
}

/// The captions of these pictures; the table may have others.
fn embed(
    pictures: &[(String, Vec<f32>)],
    known: &Known,
    table: &Path,
    model: &Path,
) -> Result<Vec<Spoken>, Failure> {
    let folder = files::folder_of(table);
    let mut pairs = read_pairs(&files::read(table)?, Some("train"))?;
    paths::found(folder, &mut pairs)?;
    let number: BTreeMap<&str, usize> = pictures.iter().map(|(id, _)| id.as_str()).zip(0..).collect();
    let picture = |pair| number.get(known.find_one(folder, pair)?.as_str()).copied();
    let captions: Vec<(&Pair, usize)> = pairs
        .iter()
        .filter(|pair| !pair.audio.is_empty())
        .filter_map(|pair| Some((pair, picture(pair)?)))
        .collect();
    let speech = files::speech(model)?;
    in_parallel("spoken captions", &captions, |(pair, picture)| {
        let samples = audio::read(&folder.join(&pair.audio))?;
        let mut part = trimmed(&samples).unwrap_or(&samples).to_vec();
        let vector = pollster::block_on(speech.embed(&part))?;
        part.reverse();
        let reversed = is_held_out(&pair.text, HELD_OUT).then(|| pollster::block_on(speech.embed(&part)));
        Ok(Spoken { picture: *picture, vector, reversed: reversed.transpose()? })
    })
}

/// Whether a clip's picture is among the first `count` of all pictures' scores; ties count against it.
fn is_among(count: usize, clip: &Spoken, scores: &[f32]) -> bool {
    scores.iter().filter(|&&score| score >= scores[clip.picture]).count() <= count
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|v| v / length).collect()
}
